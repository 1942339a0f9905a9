"""The fields of a certificate that is brought in, as JSON or as a form whose field `certificate` is a file.

Rule: what a file holds is found out by reading it, never by its name; nothing that is in it stands in an answer.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial

from cryptography.hazmat.primitives.serialization import Encoding

from acuse.cms import CmsError
from acuse.cms.key_files import KeyFile, load_key_file
from acuse.cms.requests import KEY_SIZES, Subject
from acuse.domain.keyring import Use, fitting_uses
from acuse.errors import InvalidContentType, InvalidInput, PayloadTooLarge
from acuse.mime import read_all
from acuse.services.manage_certificates import LONGEST_VALIDITY, Serving
from acuse.web.api.calls import Call
from acuse.web.asgi import body_pieces, header
from acuse.web.shared.fields import EitherSpelling, FieldReader
from acuse.web.shared.form import Form, read_form
from acuse.web.shared.json_body import parse_object, read_json
from acuse.web.spool import BodyTooLarge, Spool

LARGEST_FILE = 256 * 1024
"""Bytes of a file of certificates; a whole chain has a few thousand."""
LONGEST_PASSWORD = 1024
_FILE_FIELDS = ("certificate", "file")
_PEM_MARK = "-----BEGIN"
_USES = {"signing": (Use.SIGNING,), "encryption": (Use.ENCRYPTION,), "both": tuple(Use)}
_NAMES = {"use": "usage"}
"""The API's names of what the services and the command line call otherwise."""


class Usage(StrEnum):
    """What a certificate is for, in one word."""

    SIGNING = "signing"
    ENCRYPTION = "encryption"
    BOTH = "both"

    @property
    def uses(self) -> tuple[Use, ...]:
        """The same as the domain has it."""
        return _USES[self.value]


class _Type(StrEnum):
    """Whose a certificate is, or, as older clients have it, what it is for."""

    IDENTITY = "identity"
    PARTNER = "partner"
    SIGNING = "signing"
    ENCRYPTION = "encryption"


class _Owner(StrEnum):
    """Whose it is, as older clients say it."""

    IDENTITY = "identity"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A certificate to be brought in."""

    is_partners: bool
    partner_id: str | None
    station_id: str | None
    file: KeyFile = field(repr=False)
    serving: Serving


async def read_given(call: Call) -> Mapping[str, object]:
    """The fields of the body; a file of a form is bytes. Raises InvalidInput, InvalidContentType, PayloadTooLarge."""
    content_type = header(call.scope, b"content-type") or ""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/json":
        return parse_object(await read_json(call))
    if media_type != "multipart/form-data":
        raise InvalidContentType("Send application/json or multipart/form-data.", content_type=media_type)

    def new_spool() -> Spool:
        return Spool(call.ports.blobs.stage(), limit=LARGEST_FILE, lanes=call.lanes)

    try:
        form = await read_form(
            body_pieces(call.scope, call.receive),
            content_type,
            limit=2 * LARGEST_FILE,
            new_spool=new_spool,
            file_fields=_FILE_FIELDS,
        )
    except BodyTooLarge:
        raise PayloadTooLarge(max_size_bytes=LARGEST_FILE) from None
    return await call.lanes.run(partial(_fields_of, form))


def read_certificate_upload(given: Mapping[str, object], *, is_partners: bool | None = None) -> Upload:
    """What is to be brought in; `is_partners` where the path tells whose it is. Raises InvalidInput."""
    fields = EitherSpelling(given)
    kind, owner, usage = fields.choice("type", _Type), fields.choice("owner", _Owner), fields.choice("usage", Usage)
    if usage is None and kind in (_Type.SIGNING, _Type.ENCRYPTION):
        usage = Usage(kind.value)
    partner_id, station_id = fields.text("partner_id"), fields.text("station_id")
    if is_partners is None:
        says_partner = kind is _Type.PARTNER or owner is _Owner.PARTNER
        is_partners = says_partner or partner_id is not None
        fields.value("partner_id", required=says_partner)
        if partner_id is not None and (kind is _Type.IDENTITY or owner is _Owner.IDENTITY):
            fields.refuse("partner_id", "An identity is ours; leave this out, or say the type 'partner'.")
    if is_partners and station_id is not None:
        fields.refuse("station_id", "The certificate is a partner's; leave this out.")
    name, active_from, active_until = fields.text("name"), fields.moment("active_from"), fields.moment("active_until")
    file = _file(fields, is_partners=is_partners)
    fields.finish()
    assert file is not None
    uses = tuple(fitting_uses(file.certificate)) if usage is None else usage.uses
    serving = Serving(uses=uses, name=name, active_from=active_from, active_until=active_until)
    return Upload(is_partners=is_partners, partner_id=partner_id, station_id=station_id, file=file, serving=serving)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWish:
    """A key pair to be made for a station."""

    subject: Subject
    key_size: int
    validity_days: int
    station_id: str | None
    name: str | None
    usage: Usage
    active_from: datetime | None


def read_key_wish(given: Mapping[str, object]) -> KeyWish:
    """What is to be made, signed by itself or by an authority. Raises InvalidInput."""
    fields = EitherSpelling(given)
    subject = Subject(
        common_name=fields.text("common_name", required=True) or "",
        organization=fields.text("organization", required=True),
        organizational_unit=fields.text("organizational_unit"),
        locality=fields.text("locality"),
        state=fields.text("state"),
        country=fields.text("country", required=True),
        email=fields.text("email"),
    )
    key_size = fields.number("key_size") or KEY_SIZES[0]
    if key_size not in KEY_SIZES:
        fields.refuse("key_size", f"Must be one of {', '.join(map(str, KEY_SIZES))}.")
    days = fields.whole("validity_days", default=365, least=1, most=LONGEST_VALIDITY.days)
    wish = KeyWish(
        subject=subject,
        key_size=key_size,
        validity_days=days,
        station_id=fields.text("station_id"),
        name=fields.text("name"),
        usage=fields.choice("usage", Usage) or Usage.BOTH,
        active_from=fields.moment("active_from"),
    )
    fields.finish()
    return wish


@contextmanager
def in_words_of_the_request(given: Mapping[str, object]) -> Iterator[None]:
    """What a service says about a field is said with the name that the request has for it."""
    try:
        yield
    except InvalidInput as error:
        fields = EitherSpelling(given)
        for name, why in error.fields.items():
            fields.refuse(_NAMES.get(name, name), why)
        raise InvalidInput(fields=fields.problems) from error


def _fields_of(form: Form) -> Mapping[str, object]:
    try:
        files = [read_all(upload.stage.source().open(), limit=LARGEST_FILE) for upload in form.uploads]
    finally:
        form.discard()
    given: dict[str, object] = {name: value or None for name, value in form.fields.items()}
    return {**given, "certificate": files[0]} if files else given


def _file(fields: FieldReader, *, is_partners: bool) -> KeyFile | None:
    """What the file holds, with the private key that was given beside it; None when something is wrong with either."""
    data, key = _bytes(fields), _lines(fields, "private_key", longest=LARGEST_FILE)
    password = _lines(fields, "password", longest=LONGEST_PASSWORD)
    secret = None if password is None else password.encode()
    file = _loaded(fields, "certificate", data, secret)
    if file is not None and key is not None:
        certificates = file.certificate.public_bytes(Encoding.PEM) + file.chain_pem.encode()
        file = _loaded(fields, "private_key", certificates + key.encode(), secret)
    if file is not None and is_partners and file.private_key is not None:
        field_name = "certificate" if key is None else "private_key"
        fields.refuse(field_name, "A partner's private key is never kept. Send its certificate alone.")
    return file


def _loaded(fields: FieldReader, name: str, data: bytes | None, password: bytes | None) -> KeyFile | None:
    if data is None:
        return None
    try:
        file = load_key_file(data, password=password)
        file.key_pair  # noqa: B018 - a key of which no use can be made raises here
    except CmsError as error:
        fields.refuse(name, error.message)
        return None
    return file


def _bytes(fields: FieldReader) -> bytes | None:
    """A file as it is; in JSON PEM as text, and anything else in base64."""
    value = fields.value("certificate", required=True)
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, str) and len(value) <= LARGEST_FILE:
        if _PEM_MARK in value:
            return value.encode()
        try:
            return base64.b64decode("".join(value.split()), validate=True)
        except (binascii.Error, ValueError):
            pass
    fields.refuse("certificate", "Must be a certificate in PEM, or a file in base64.")
    return None


def _lines(fields: FieldReader, name: str, *, longest: int) -> str | None:
    """A text of any number of lines."""
    value = fields.value(name)
    if value is None or (isinstance(value, str) and 1 <= len(value) <= longest):
        return value
    fields.refuse(name, f"Must be a string of 1 to {longest} characters.")
    return None
