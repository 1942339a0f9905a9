"""The other party of the benchmarks: its identity, the messages that it sends, and what it makes of receipts.

It speaks AS2 with the library of acuse, so that both products meet exactly the same bytes. What judges the receipts is
the openssl command.
"""

import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from acuse import as2, cms, mime
from benchmarks import documents

SIZE = 10 * 1024
"""Bytes of a small message's payload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A request that is ready to be sent."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    mic: str

    @property
    def message_id(self) -> str:
        return dict(self.headers)["Message-ID"]


def make_identity(name: str) -> cms.KeyPair:
    """An RSA-2048 key and its certificate."""
    now = datetime.now(UTC)
    return cms.self_signed(name, not_before=now - timedelta(days=1), not_after=now + timedelta(days=365))


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def write_messages(
    count: int, *, sender: cms.KeyPair, sender_id: str, recipient: x509.Certificate, recipient_id: str
) -> list[Posted]:
    """Messages of 10 KB, signed with SHA-256, encrypted with AES-128-CBC, asking for a signed synchronous receipt."""
    payload = documents.order(SIZE)
    agreement = as2.Agreement(our_id=sender_id, their_id=recipient_id)
    posted = []
    for _ in range(count):
        token = uuid.uuid4().hex
        prepared = as2.prepare(
            [
                as2.OutgoingAttachment(
                    filename=f"{token}.edi", content_type="application/edi-x12", source=mime.Literal(payload)
                )
            ],
            agreement,
            message_id=f"<{token}@benchmark.test>",
            boundary=token,
            signer=sender,
            recipients=[recipient],
            scratch=_no_scratch,
            subject="Order",
            now=datetime.now(UTC),
        )
        body = mime.read_all(prepared.body.open(), limit=1 << 20)
        posted.append(Posted(headers=prepared.headers, body=body, mic=prepared.exchange.mics[cms.Digest.SHA256]))
    return posted


def _no_scratch() -> mime.Scratch:
    raise AssertionError("nothing is compressed here")


def check_answer(posted: Posted, body: bytes) -> None:
    """Raises RuntimeError unless the receipt is positive and names our MIC."""
    text = body.decode("latin-1").lower().replace(" ", "").replace("\r\n\t", "")
    if "processed\r\n" not in text and "processed\n" not in text:
        raise RuntimeError(f"a receipt is not positive: {body[:2000]!r}")
    if posted.mic not in body.decode("latin-1"):
        raise RuntimeError("a receipt names another message integrity check")


def check_receipt(posted: Posted, content_type: str, body: bytes, certificate: bytes) -> None:
    """Raises RuntimeError unless `check_answer` finds nothing, and openssl holds the signature for good."""
    check_answer(posted, body)
    with tempfile.TemporaryDirectory() as name:
        entity, trusted = Path(name, "receipt"), Path(name, "certificate.pem")
        entity.write_bytes(f"MIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\r\n".encode() + body)
        trusted.write_bytes(certificate)
        arguments = ("-inform", "SMIME", "-in", str(entity), "-CAfile", str(trusted), "-certfile", str(trusted))
        flags = ("-nointern", "-noverify", "-purpose", "any", "-out", "/dev/null")
        done = subprocess.run(
            ["openssl", "cms", "-verify", *arguments, *flags], capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise RuntimeError(f"openssl does not verify a receipt: {done.stderr}")


class MemoryStage:
    """A place for received bytes, as `as2.receive` wants it."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes, /) -> object:
        self.data += data
        return None

    def source(self) -> mime.Source:
        return mime.Literal(bytes(self.data))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """What answers messages: decrypts, verifies, and signs a receipt."""

    identity: cms.KeyPair
    partners: dict[str, x509.Certificate]

    def answer(self, fields: tuple[tuple[str, str], ...], body: bytes) -> as2.WrittenReceipt:
        """The receipt for a request; negative for what is not as agreed."""
        envelope = as2.open_envelope(mime.Headers(fields))
        agreement = as2.Agreement(our_id=envelope.as2_to, their_id=envelope.as2_from)
        arrival = as2.receive(
            envelope,
            mime.Literal(body),
            agreement,
            keys=[self.identity],
            certificates=[self.partners[envelope.as2_from]],
            stage=MemoryStage,
        )
        token = uuid.uuid4().hex
        return as2.write_receipt(
            envelope,
            disposition=arrival.disposition,
            mic=arrival.mic,
            text=arrival.reason,
            signer=self.identity,
            digest=cms.Digest.SHA256,
            message_id=f"<{token}@benchmark.test>",
            boundary=token,
            reporting_ua="benchmark",
            now=datetime.now(UTC),
        )
