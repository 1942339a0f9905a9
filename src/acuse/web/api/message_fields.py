"""The fields of a message to send: what a client may write, in JSON and in a form alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from acuse.as2 import MDNMode
from acuse.domain.custom_headers import check_headers
from acuse.domain.message import Priority
from acuse.domain.simulation import Behaviour
from acuse.web.shared.fields import FieldReader

LARGEST_METADATA = 16 * 1024
"""Bytes of the metadata, written as JSON."""
ALWAYS_BINARY = ("application/pdf", "application/zip", "image/png", "image/jpeg")
"""Types that no text can be: in JSON they need `encoding: base64`."""


class Encoding(StrEnum):
    """How JSON holds the payload."""

    UTF_8 = "utf-8"
    BASE64 = "base64"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Everything about a message but its bytes. A None means: as agreed with the partner."""

    partner_id: str
    station_id: str | None
    content_type: str
    subject: str | None
    priority: Priority
    compress: bool | None
    encrypt: bool | None
    sign: bool | None
    mdn: MDNMode | None
    scheduled_at: datetime | None
    headers: tuple[tuple[str, str], ...]
    metadata: Mapping[str, object]
    simulate: Behaviour | None


def read_wish(fields: FieldReader, *, now: datetime) -> Wish:
    """Everything but the payload; raises InvalidInput or InvalidAS2Headers.

    `fields` may have problems already: they are raised together with those found here.
    """
    partner_id = fields.text("partner_id", required=True)
    station_id = fields.text("station_id")
    content_type = fields.text("content_type", required=True)
    headers = fields.mapping("headers")
    subject = fields.text("subject")
    priority = fields.choice("priority", Priority)
    compress, encrypt, sign = fields.flag("compress"), fields.flag("encrypt"), fields.flag("sign")
    mdn = fields.choice("mdn_mode", MDNMode)
    scheduled_at = _future(fields, now)
    metadata = _metadata(fields)
    simulate = fields.choice("simulate", Behaviour)
    fields.finish()
    assert partner_id is not None
    assert content_type is not None
    return Wish(
        partner_id=partner_id,
        station_id=station_id,
        content_type=content_type,
        subject=subject,
        priority=priority or Priority.NORMAL,
        compress=compress,
        encrypt=encrypt,
        sign=sign,
        mdn=mdn,
        scheduled_at=scheduled_at,
        headers=check_headers(headers),
        metadata=metadata,
        simulate=simulate,
    )


def read_payload(fields: FieldReader, *, content_type: object, size: int) -> tuple[str | None, Encoding | None]:
    """The file name of a JSON payload and how its content of `size` bytes is written. What is wrong is noted in
    `fields`.
    """
    given = fields.mapping("payload")
    if "payload" in fields.problems:
        return None, None
    payload = FieldReader(given, prefix="payload.", problems=fields.problems)
    content = payload.value("content", required=True)
    encoding = payload.choice("encoding", Encoding)
    if content is not None and size == 0:
        payload.refuse("content", "Must be a string that is not empty.")
    is_binary = str(content_type).partition(";")[0].strip().lower() in ALWAYS_BINARY
    if content is not None and is_binary and encoding is not Encoding.BASE64:
        payload.refuse("encoding", "This content type is binary: encode the content in base64 and say so here.")
    return payload.text("filename"), encoding


def _future(fields: FieldReader, now: datetime) -> datetime | None:
    # The documented service's own client writes it so; to pass over it would send at once what was to wait.
    name = "scheduled_at" if fields.value("scheduled_at") is not None else "scheduledAt"
    moment = fields.moment(name)
    if moment is not None and moment <= now:
        fields.refuse(name, "Must be in the future.")
    return moment


def _metadata(fields: FieldReader) -> Mapping[str, object]:
    metadata = fields.mapping("metadata")
    if len(msgspec.json.encode(metadata)) > LARGEST_METADATA:
        fields.refuse("metadata", f"Must not be larger than {LARGEST_METADATA} bytes.")
    return metadata
