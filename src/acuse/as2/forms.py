"""The forms in which products sign the same content.

RFC 8551 section 3.1.1 wants content to be canonical before it is signed, and products differ in what they make of that.
Most sign what they send. What was received is therefore hashed exactly as it came; only where a signature does not
hold over it are the other forms tried, all of them in one more pass.

Rule: what is delivered is what was signed. A signature that holds over none of the forms is refused as before; where
it holds over another form of the content, that form is read instead of what was transmitted (`as_signed`). Two forms
cannot be read, because their headers say something else; they apply only to bytes that nobody could have signed as
they are. Otherwise somebody on the way could have a genuine signature vouch for other bytes.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum

from acuse.as2.formation import (
    AsReceived,
    Body,
    Decoded,
    Form,
    FormInapplicable,
    LineEnds,
    Unfolded,
    WithExtraBreak,
    WithoutLastBreak,
)
from acuse.cms import AnyDigest
from acuse.mime import CHUNK, PieceReader, Reader


class SignedForm(StrEnum):
    """What a signature was made over, compared with what was transmitted."""

    AS_RECEIVED = "as_received"
    LINE_ENDS = "line_ends"
    """Every bare line feed as CRLF."""
    UNFOLDED = "unfolded"
    """The part's header lines unfolded."""
    WITHOUT_LAST_BREAK = "without_last_break"
    WITH_EXTRA_BREAK = "with_extra_break"
    DECODED = "decoded"
    """The body out of its base64."""
    BODY = "body"
    """The body without the part's headers, where it has no transfer encoding and is no further layer."""


REREAD = frozenset(
    {SignedForm.LINE_ENDS, SignedForm.UNFOLDED, SignedForm.WITHOUT_LAST_BREAK, SignedForm.WITH_EXTRA_BREAK}
)
"""The forms that are read instead of what was transmitted."""


class FormedHashes:
    """Digests of one signed part in several forms, computed while it passes by. Fits `mime.Hash`."""

    def __init__(self, *, digests: Collection[AnyDigest], forms: Collection[SignedForm]) -> None:
        self.digests = frozenset(digests)
        ordered = [form for form in SignedForm if form in forms]
        self._computed = {form: _Computed(_FORMS[form](), self.digests) for form in ordered}

    def update(self, data: bytes, /) -> None:
        for computed in self._computed.values():
            computed.update(data)

    def results(self) -> Iterator[tuple[SignedForm, Mapping[AnyDigest, bytes]]]:
        """The digests in each form that applies, as received first. To be asked for once, at the end."""
        for form, computed in self._computed.items():
            if (hashed := computed.finish()) is not None:
                yield form, hashed


def as_signed(reader: Reader, form: SignedForm) -> Reader:
    """The content in that form, over which a signature was found to hold."""
    return reader if form is SignedForm.AS_RECEIVED else PieceReader(_pieces(reader, _FORMS[form]()))


def _pieces(reader: Reader, form: Form) -> Iterator[bytes]:
    while piece := reader.read(CHUNK):
        yield form.feed(piece)
    yield form.end()


class _Computed:
    """One form under each digest; gives up when the content has no such form."""

    def __init__(self, form: Form, digests: Collection[AnyDigest]) -> None:
        self._form: Form | None = form
        self._hashes = {digest: hashlib.new(digest.value) for digest in digests}

    def update(self, data: bytes) -> None:
        if self._form is not None:
            try:
                self._add(self._form.feed(data))
            except FormInapplicable:
                self._form = None

    def finish(self) -> Mapping[AnyDigest, bytes] | None:
        if self._form is None:
            return None
        try:
            self._add(self._form.end())
        except FormInapplicable:
            return None
        return {digest: computed.digest() for digest, computed in self._hashes.items()}

    def _add(self, data: bytes) -> None:
        for computed in self._hashes.values():
            computed.update(data)


_FORMS: Mapping[SignedForm, type[Form]] = {
    SignedForm.AS_RECEIVED: AsReceived,
    SignedForm.LINE_ENDS: LineEnds,
    SignedForm.UNFOLDED: Unfolded,
    SignedForm.WITHOUT_LAST_BREAK: WithoutLastBreak,
    SignedForm.WITH_EXTRA_BREAK: WithExtraBreak,
    SignedForm.DECODED: Decoded,
    SignedForm.BODY: Body,
}
ALL_FORMS = frozenset(SignedForm)
