"""The words of this API and ours: reading its fields under all of their names, and writing its objects.

English and Spanish names are both read and both written. An id is an integer, and may be written as text. Times are
those of the clock in Madrid, without a zone, as the documented service writes them.

Rule: nothing is decided here. A field that is null or left out is not given; nothing is guessed.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import TypeVar
from zoneinfo import ZoneInfo

from acuse.as2 import MDNMode
from acuse.cms import AnyCipher, AnyDigest, Cipher, DecrepitCipher, DecrepitDigest, Digest
from acuse.domain.mark import MessageMark
from acuse.domain.message import Attachment, Direction, Message, ReceiptState, Transmission
from acuse.domain.partner import Partner, Terms
from acuse.domain.station import Station
from acuse.errors import InvalidInput
from acuse.ports import HeldCertificate, MessageView
from acuse.web.dialects.as2expert.errors import FieldMissing

T = TypeVar("T")

MADRID = ZoneInfo("Europe/Madrid")
INBOX, SENT = "inbox", "sent"
_NUMBER = re.compile(r"[0-9]{1,18}")
_FLAGS: Mapping[object, bool] = {"true": True, "1": True, "false": False, "0": False}
_BLANKS = re.compile(r"[\r\n]+")
LONGEST = 255
MOST_FILES = 100

RECEIPTS: Mapping[int, tuple[MDNMode, bool]] = {
    0: (MDNMode.NONE, False),
    1: (MDNMode.SYNC, False),
    2: (MDNMode.SYNC, True),
    3: (MDNMode.ASYNC, False),
    4: (MDNMode.ASYNC, True),
}
"""Which receipt is asked for, and whether it is to be signed, by this API's number."""
CIPHERS: Mapping[int, AnyCipher | None] = {
    0: None,
    1: DecrepitCipher.DES_EDE3_CBC,
    2: Cipher.AES128_CBC,
    3: Cipher.AES192_CBC,
    4: Cipher.AES256_CBC,
}
DIGESTS: Mapping[int, AnyDigest | None] = {
    0: None,
    1: DecrepitDigest.SHA1,
    2: Digest.SHA256,
    3: Digest.SHA384,
    4: Digest.SHA512,
}
_CONTENT_TYPES: Mapping[str, str] = {
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".xml": "application/xml",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
    ".edi": "application/edifact",
    ".x12": "application/edi-x12",
}
_UNTYPED = "application/octet-stream"


class Given:
    """What the body of a call says."""

    def __init__(self, fields: Mapping[str, object]) -> None:
        self._fields = fields

    def value(self, *names: str) -> object:
        """What stands under the first of these names that has something."""
        return next((self._fields[name] for name in names if self._fields.get(name) is not None), None)

    def whole(self, *names: str) -> int | None:
        """A number from 0, written as a number or as text. Raises InvalidInput."""
        value = self.value(*names)
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            return int(value)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**18):
            return value
        raise InvalidInput(fields={names[0]: "must be an integer"})

    def number(self, *names: str) -> int:
        """The same where it is required. Raises FieldMissing."""
        value = self.whole(*names)
        if value is None:
            raise FieldMissing(names[0])
        return value

    def within(self, name: str, *, default: int, least: int, most: int) -> int:
        """A number between two others. Raises InvalidInput."""
        value = self.whole(name)
        if value is None:
            return default
        if not least <= value <= most:
            raise InvalidInput(fields={name: f"must be from {least} to {most}"})
        return value

    def text(self, *names: str, longest: int = LONGEST) -> str | None:
        """One line; empty is not given. Raises InvalidInput."""
        value = self.value(*names)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) > longest or not value.isprintable():
            raise InvalidInput(fields={names[0]: f"must be a text of one line, up to {longest} characters"})
        return value

    def required_text(self, *names: str, longest: int = LONGEST) -> str:
        """The same where it is required. Raises FieldMissing."""
        value = self.text(*names, longest=longest)
        if value is None:
            raise FieldMissing(names[0])
        return value

    def flag(self, *names: str) -> bool | None:
        """true or false, 1 or 0. Raises InvalidInput."""
        value = self.value(*names)
        if value is None or isinstance(value, bool):
            return value
        text = str(value).lower()
        if isinstance(value, int | str) and text in _FLAGS:
            return _FLAGS[text]
        raise InvalidInput(fields={names[0]: "must be true or false"})

    def texts(self, *names: str) -> tuple[str, ...] | None:
        """A list of texts. Raises InvalidInput."""
        value = self.value(*names)
        if value is None:
            return None
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            return tuple(value)
        raise InvalidInput(fields={names[0]: "must be a list of texts"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFile:
    """One file to send."""

    filename: str
    content: bytes

    @property
    def content_type(self) -> str:
        """By the beginning of an interchange, else by the extension of the name."""
        if self.content.startswith((b"UNA", b"UNB")):
            return "application/edifact"
        if self.content.startswith(b"ISA"):
            return "application/edi-x12"
        return _CONTENT_TYPES.get(PurePath(self.filename).suffix.lower(), _UNTYPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendWish:
    """What `/messages/send` is asked for. A None means: as agreed with the partner."""

    partner: int
    station: int | None
    subject: str
    files: tuple[GivenFile, ...]
    encrypt: bool | None
    sign: bool | None
    compress: bool | None


def read_send(given: Given) -> SendWish:
    """Raises FieldMissing and InvalidInput."""
    partner = given.number("partner", "socio")
    station = given.whole("station", "estacion")
    files = _files(given)
    return SendWish(
        partner=partner,
        station=station,
        subject=given.text("subject", "asunto") or files[0].filename,
        files=files,
        encrypt=given.flag("encrypt", "cifrar"),
        sign=given.flag("sign", "firmar"),
        compress=given.flag("compress", "comprimir"),
    )


def _files(given: Given) -> tuple[GivenFile, ...]:
    uploads = given.value("uploads")
    if uploads is None:
        name = given.required_text("file_name", "fichero_nombre")
        return (_file(name, given.value("file_content", "fichero_contenido"), field="file_content"),)
    if not isinstance(uploads, list) or not 1 <= len(uploads) <= MOST_FILES:
        raise InvalidInput(fields={"uploads": f"must be a list of 1 to {MOST_FILES} files"})
    if given.value("file_name", "file_content", "fichero_nombre", "fichero_contenido") is not None:
        raise InvalidInput(fields={"uploads": "send either uploads or file_name and file_content"})
    return tuple(_upload(entry, f"uploads.{index}") for index, entry in enumerate(uploads))


def _upload(entry: object, path: str) -> GivenFile:
    if not isinstance(entry, dict):
        raise InvalidInput(fields={path: "must be an object with filename and content"})
    name = Given({f"{path}.filename": entry.get("filename")}).required_text(f"{path}.filename")
    return _file(name, entry.get("content"), field=f"{path}.content")


def _file(name: str, content: object, *, field: str) -> GivenFile:
    if content is None:
        raise FieldMissing(field)
    try:
        if not isinstance(content, str):
            raise ValueError
        data = b64decode(_BLANKS.sub("", content), validate=True)
    except (Base64Error, ValueError):
        raise InvalidInput(fields={field: "must be base64"}) from None
    if not data:
        raise InvalidInput(fields={field: "must not be empty"})
    return GivenFile(filename=name, content=data)


def read_terms(given: Given) -> Terms:
    """The terms of a new partner; what is not said is as usual. Raises InvalidInput."""
    usual = Terms()
    receipt = _coded(given, "mdn", RECEIPTS)
    mdn, mdn_signed = (usual.mdn, usual.mdn_signed) if receipt is None else receipt
    sign = usual.sign if given.value("signature", "firma") is None else _coded(given, "signature", DIGESTS, "firma")
    encrypt = (
        usual.encrypt
        if given.value("encryption", "encriptacion") is None
        else _coded(given, "encryption", CIPHERS, "encriptacion")
    )
    return Terms(sign=sign, encrypt=encrypt, mdn=mdn, mdn_signed=mdn_signed)


def _coded(given: Given, name: str, codes: Mapping[int, T], *aliases: str) -> T | None:
    code = given.whole(name, *aliases)
    if code is None:
        return None
    if code not in codes:
        raise InvalidInput(fields={name: f"must be one of {', '.join(map(str, codes))}"})
    return codes[code]


@contextmanager
def in_these_words(**names: str) -> Iterator[None]:
    """Name the fields that an error is about as this API does: `url="endpoint_url"`."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(fields={names.get(name, name): text for name, text in error.fields.items()}) from error


# ── What is written ───────────────────────────────────────────────────────────────────────────────────────────────────


def local_time(moment: datetime | None) -> str | None:
    """`2026-11-21 13:05:00`, on the clock of Madrid."""
    return None if moment is None else moment.astimezone(MADRID).strftime("%Y-%m-%d %H:%M:%S")


def bare(wire_id: str) -> str:
    """The Message-ID without its brackets."""
    return wire_id.removeprefix("<").removesuffix(">")


def sent_object(view: MessageView) -> dict[str, object]:
    """What `/messages/send` answers with."""
    message = view.message
    return {
        "id": message.handle,
        "message_id": message.handle,
        "message_as2_id": bare(message.wire_id),
        "station": view.station.handle,
        "files_count": len(view.attachments),
    }


def mdn_word(message: Message) -> str:
    """What became of the transmission and of the receipt, in one word or two."""
    match message.transmission:
        case Transmission.RECEIVED:
            return "ok"
        case Transmission.CANCELLED:
            return "error: cancelled"
        case Transmission.FAILED:
            return "error"
        case Transmission.TRANSMITTED:
            return _of_receipt(message)
        case _:
            return "pending"


def _of_receipt(message: Message) -> str:
    match message.receipt:
        case ReceiptState.POSITIVE:
            return "ok"
        case ReceiptState.NEGATIVE:
            return f"error: {_modifier(message)}"
        case ReceiptState.INVALID:
            return "error"
        case ReceiptState.TIMEOUT:
            return "timeout"
        case ReceiptState.NOT_REQUESTED:
            return "none"
        case _:
            return "pending"


def _modifier(message: Message) -> str:
    """What the partner's disposition says behind its slash: `decryption-failed`."""
    disposition = str(message.problem.details.get("disposition", "")) if message.problem else ""
    return disposition.rpartition(";")[2].rpartition(":")[2].strip() or "refused"


def folder_of(message: Message, mark: MessageMark | None) -> str:
    """Where it lies: where it was filed, else where its direction puts it."""
    if mark is not None and mark.folder is not None:
        return mark.folder
    return INBOX if message.direction is Direction.INBOUND else SENT


def message_object(view: MessageView, mark: MessageMark | None) -> dict[str, object]:
    """A message in a list."""
    message = view.message
    is_incoming, is_read = message.direction is Direction.INBOUND, mark is not None and mark.is_read
    told = local_time(message.created_at)
    return {
        "id": message.handle,
        "message_id": bare(message.wire_id),
        "idmensaje": bare(message.wire_id),
        "asunto": message.subject,
        "subject": message.subject,
        "entrante": is_incoming,
        "incoming": is_incoming,
        "fecha": told,
        "date": told,
        "mdn": mdn_word(message),
        "socio": view.partner.handle,
        "partner": view.partner.handle,
        "socio_nombre": view.partner.name,
        "partner_name": view.partner.name,
        "estacion": view.station.handle,
        "station": view.station.handle,
        "station_name": view.station.name,
        "folder": folder_of(message, mark),
        "leido": is_read,
        "read": is_read,
    }


def message_detail(view: MessageView, mark: MessageMark | None) -> dict[str, object]:
    """One message with its files."""
    message, files = view.message, view.attachments
    return {
        **message_object(view, mark),
        "file_name": files[0].filename if files else None,
        "files_count": len(files),
        "bytes": message.size,
        "encrypted": message.is_encrypted,
        "signed": message.is_signed,
        "compressed": message.is_compressed,
        "attempts": message.attempts,
        "error": message.problem.message if message.problem else None,
        "mdn_text": view.receipt.text if view.receipt else None,
    }


def file_object(entry: Attachment) -> dict[str, object]:
    """A file of a message, without its bytes."""
    return {
        "id": entry.position,
        "file_id": entry.position,
        "filename": entry.filename,
        "file_name": entry.filename,
        "content_type": entry.content_type,
        "size": entry.size,
        "sha256": entry.sha256,
    }


def station_object(station: Station) -> dict[str, object]:
    """A station in a list."""
    return {
        "id": station.handle,
        "station_id": station.handle,
        "nombre": station.name,
        "name": station.name,
        "as2id": station.as2_id,
        "as2_id": station.as2_id,
        "email": station.email,
    }


def partner_object(partner: Partner, station: Station) -> dict[str, object]:
    """A partner, with the station that it belongs to."""
    terms = partner.terms
    return {
        "id": partner.handle,
        "partner_id": partner.handle,
        "station_id": station.handle,
        "nombre": partner.name,
        "name": partner.name,
        "as2id": partner.as2_id,
        "as2_id": partner.as2_id,
        "email": partner.email,
        "url": partner.url,
        "endpoint_url": partner.url,
        "mdn": _code(RECEIPTS, (terms.mdn, terms.mdn_signed and terms.mdn is not MDNMode.NONE)),
        "encryption": _code(CIPHERS, terms.encrypt),
        "signature": _code(DIGESTS, terms.sign),
        "encriptacion": terms.encrypt and terms.encrypt.value,
        "firma": terms.sign and terms.sign.value,
        "activo": partner.active,
        "active": partner.active,
    }


def _code(codes: Mapping[int, object], value: object) -> int | None:
    """The number of a value; None for what this API has no number for."""
    return next((code for code, known in codes.items() if known == value), None)


def certificate_object(held: HeldCertificate) -> dict[str, object]:
    """A certificate, of a station or of a partner."""
    x509, owner = held.entry.x509_certificate, held.owner
    names = x509.subject.rfc4514_string()
    common = next((str(part.value) for part in x509.subject if part.rfc4514_attribute_name == "CN"), names)
    is_stations = isinstance(owner, Station)
    return {
        "id": held.entry.handle,
        "certificate_id": held.entry.handle,
        "email": owner.email,
        "commonname": common,
        "commonName": common,
        "subject": names,
        "serial": f"{x509.serial_number:x}",
        "validitystart": local_time(x509.not_valid_before_utc),
        "validityend": local_time(x509.not_valid_after_utc),
        "station": owner.handle if is_stations else None,
        "station_id": owner.handle if is_stations else None,
        "station_name": owner.name if is_stations else None,
        "partner": None if is_stations else owner.handle,
        "partner_name": None if is_stations else owner.name,
    }
