"""Reading `multipart/form-data` while it arrives (RFC 7578): files go into stages, fields stay in memory.

Rule: a file is never held whole, and nothing of a form that is refused or breaks off is kept.
"""

from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from acuse.errors import InvalidInput
from acuse.ports import Stage
from acuse.web.spool import BodyTooLarge, Spool

FILE_FIELDS = ("file", "payload")
LARGEST_FIELD = 64 * 1024
MOST_PARTS = 100

_PLAIN_ENCODINGS = (b"", b"binary", b"8bit", b"7bit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file of the form, its bytes staged."""

    filename: str | None
    content_type: str | None
    stage: Stage


@dataclass(slots=True, kw_only=True)
class Form:
    """What a form held."""

    fields: dict[str, str] = field(default_factory=dict)
    uploads: list[Upload] = field(default_factory=list)

    def discard(self) -> None:
        """Forget the files."""
        for upload in self.uploads:
            upload.stage.discard()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """What stands above a part."""

    name: str
    filename: str | None
    content_type: str | None


async def read_form(
    pieces: AsyncIterator[bytes],
    content_type: str,
    *,
    limit: int,
    new_spool: Callable[[], Spool],
    file_fields: Collection[str] | None = FILE_FIELDS,
    longest_field: int = LARGEST_FIELD,
) -> Form:
    """The whole form, whose files stand in `file_fields`; None: every part is a file, whatever its name.

    Other fields may have `longest_field` bytes each.
    Raises InvalidInput, BodyTooLarge after `limit` bytes, ClientGone and what a spool raises.
    """
    reader = _FormReader(_boundary(content_type), new_spool, file_fields, longest_field)
    size = 0
    try:
        async for piece in pieces:
            size += len(piece)
            if size > limit:
                raise BodyTooLarge
            await reader.feed(piece)
        return reader.finish()
    except FormParserError as problem:
        await reader.discard()
        raise InvalidInput(fields={"body": f"Is not a well-formed multipart/form-data: {problem}"}) from problem
    except BaseException:
        await reader.discard()
        raise


def _boundary(content_type: str) -> bytes:
    _, options = parse_options_header(content_type)
    if not options.get(b"boundary"):
        raise InvalidInput(fields={"body": "The Content-Type of the request has no boundary."})
    return options[b"boundary"]


class _HeadReader:
    """Puts the header fields of a part together from the parser's pieces."""

    def __init__(self) -> None:
        self._name, self._value = b"", b""
        self._fields: dict[bytes, bytes] = {}

    def take_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def take_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def end_field(self) -> None:
        self._fields[self._name.strip().lower()] = self._value.strip()
        self._name, self._value = b"", b""

    def finish(self) -> _Head:
        """The head of the part whose header fields have ended."""
        fields, self._fields = self._fields, {}
        _, options = parse_options_header(fields.get(b"content-disposition"))
        if not options.get(b"name"):
            raise FormParserError("a part has no name")
        name = _text(options[b"name"], "a name")
        # RFC 7578 section 4.7: senders should not use it any more; to ignore it would alter the file.
        if fields.get(b"content-transfer-encoding", b"").lower() not in _PLAIN_ENCODINGS:
            raise FormParserError(f"the part {name} has a Content-Transfer-Encoding")
        filename = options.get(b"filename")
        content_type = fields.get(b"content-type")
        return _Head(
            name=name,
            filename=_text(filename, "a file name") if filename is not None else None,
            content_type=_text(content_type, "a content type") if content_type else None,
        )


class _FormReader:
    """The parser pushes events while it is fed; they are carried out afterwards, because writing may have to wait."""

    def __init__(
        self,
        boundary: bytes,
        new_spool: Callable[[], Spool],
        file_fields: Collection[str] | None,
        longest_field: int,
    ) -> None:
        self._new_spool = new_spool
        self._file_fields = file_fields
        self._longest_field = longest_field
        self._form = Form()
        self._head: _Head | None = None
        self._spool: Spool | None = None
        self._value = bytearray()
        self._events: list[_Head | bytes | None] = []
        self._is_complete = False
        head = _HeadReader()
        self._parser = MultipartParser(
            boundary,
            {
                "on_header_field": head.take_name,
                "on_header_value": head.take_value,
                "on_header_end": head.end_field,
                "on_headers_finished": lambda: self._events.append(head.finish()),
                "on_part_data": lambda data, start, end: self._events.append(data[start:end]),
                "on_part_end": lambda: self._events.append(None),
                "on_end": self._complete,
            },
        )

    async def feed(self, piece: bytes) -> None:
        """Take the next bytes of the body."""
        self._parser.write(piece)
        events, self._events = self._events, []
        for event in events:
            if isinstance(event, _Head):
                self._begin(event)
            elif event is None:
                await self._end()
            elif self._spool is not None:
                await self._spool.write(event)
            else:
                self._extend(event)

    def finish(self) -> Form:
        """The form, which belongs to the caller from now on."""
        if not self._is_complete:
            raise FormParserError("it ends before its last boundary")
        return self._form

    async def discard(self) -> None:
        """Forget the files, the unfinished one too."""
        if self._spool is not None:
            await self._spool.discard()
        self._form.discard()

    def _complete(self) -> None:
        self._is_complete = True

    def _begin(self, head: _Head) -> None:
        if len(self._form.fields) + len(self._form.uploads) >= MOST_PARTS:
            raise InvalidInput(fields={"body": f"Has more than {MOST_PARTS} parts."})
        fields = self._file_fields
        is_place = fields is None or head.name in fields
        if fields and head.filename is not None and not is_place:
            told = " or ".join(f"'{name}'" for name in fields)
            raise InvalidInput(fields={head.name: f"Files are sent in the fields {told}."})
        self._head = head
        self._spool = self._new_spool() if is_place else None

    def _extend(self, data: bytes) -> None:
        assert self._head is not None
        self._value += data
        if len(self._value) > self._longest_field:
            raise InvalidInput(fields={self._head.name: f"Must not be larger than {self._longest_field} bytes."})

    async def _end(self) -> None:
        head = self._head
        assert head is not None
        if self._spool is None:
            self._form.fields[head.name] = _text(bytes(self._value), f"the field {head.name}")
            self._value.clear()
            return
        stage = await self._spool.finish()
        self._spool = None
        filename = head.filename or None
        self._form.uploads.append(Upload(filename=filename, content_type=head.content_type, stage=stage))


def _text(data: bytes, what: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise FormParserError(f"{what} is not UTF-8") from None
