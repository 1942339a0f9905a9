"""The content of a message as one: its file, or its files together.

Several files are one multipart, in the form in which AS2 carries them (RFC 6362), with boundaries made from their
hashes, so that it is the same each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from acuse.as2.outbound import OutgoingAttachment, payload_entity
from acuse.as2.quirks import Quirks
from acuse.domain.message import Attachment
from acuse.mime import Source
from acuse.ports import Blobs
from acuse.web.shared.download import Stored, safe_content_type, version_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """Bytes and what they are."""

    source: Source
    content_type: str
    version: str
    """Tells one content from another; the SHA-256 of a single file."""


def payload_of(blobs: Blobs, attachments: Sequence[Attachment]) -> Payload:
    """The content of a message that has one file or more. Raises StorageFailed."""
    if len(attachments) == 1:
        (only,) = attachments
        return Payload(source=Stored.of(blobs, only.blob_id), content_type=only.content_type, version=only.sha256)
    version = version_of(*((entry.filename, entry.content_type, entry.sha256) for entry in attachments))
    entity = payload_entity(
        [
            OutgoingAttachment(
                filename=entry.filename,
                content_type=safe_content_type(entry.content_type),
                source=Stored.of(blobs, entry.blob_id),
            )
            for entry in attachments
        ],
        version[:40],
        Quirks(),
    )
    return Payload(source=entity.body, content_type=entity.headers.get("Content-Type") or "", version=version)
