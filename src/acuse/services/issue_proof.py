"""The proof of a notice: what is stored about it, put together as a PDF. It may be asked for at any time, and grows."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from acuse.evidence import ProofSheet, write_proof
from acuse.mime import CHUNK
from acuse.ports import NoticeView, Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof, and what tells it from an earlier one of the same notice."""

    pdf: bytes
    facts: int
    """How many facts it holds."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.pdf).hexdigest()


def issue_proof(ports: Ports, view: NoticeView) -> Proof:
    """The proof as far as facts go now; the same facts give the same bytes. Raises StorageFailed."""
    journal = ports.views.notices.journal(view.notice.id)
    sheet = ProofSheet(
        title=f"Proof of certified e-mail {view.notice.public_id}",
        summary=_summary(view),
        hashes=_hashes(ports, view),
        journal=journal,
    )
    return Proof(pdf=write_proof(sheet), facts=len(journal))


def _summary(view: NoticeView) -> list[tuple[str, str]]:
    notice, sending, sender = view.notice, view.sending, view.sender
    assured = f"validated by {sender.assurance}" if sender.assurance else "not validated"
    way = "by mail" if notice.delivery == "direct" else "on our page; the mail only tells of it"
    rows = [
        ("Notice", notice.public_id),
        ("Sender", f"{sender.name} <{sender.address}>, {assured}"),
        ("Recipient", f"{notice.recipient.name} <{notice.recipient.address}>"),
        ("Subject", notice.subject),
        ("The sender's reference", sending.reference or "–"),
        ("Handed over", way),
        ("Accepted from its sender", _moment(notice.created_at)),
        ("Way of our mail", notice.passage.value.replace("_", " ")),
        ("Acts on our page", notice.reading.value),
    ]
    if notice.failure is not None:
        rows.append(("Why it failed", notice.failure.value.replace("_", " ")))
    if notice.expires_at is not None:
        rows.append(("To be accepted until", _moment(notice.expires_at)))
    return rows


def _hashes(ports: Ports, view: NoticeView) -> list[tuple[str, str]]:
    rows = [("The call", view.sending.request_sha256)] if view.sending.request_sha256 else []
    rows += [(f"{file.filename} ({file.content_type}, {file.size} bytes)", file.sha256) for file in view.attachments]
    if view.notice.message_blob_id is not None:
        digest, reader = hashlib.sha256(), ports.blobs.source(view.notice.message_blob_id).open()
        while piece := reader.read(CHUNK):
            digest.update(piece)
        rows.append(("The mail, byte for byte", digest.hexdigest()))
    return rows


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
