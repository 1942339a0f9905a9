"""Messages put together by hand: every byte that is hashed stands in the test, not in the code under test.

Only the cryptography itself comes from `acuse.cms`, which has tests of its own against openssl.
"""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from acuse import as2
from acuse.as2 import Agreement, Arrival, Envelope
from acuse.cms import AnyCipher, AnyDigest, Cipher, Digest, KeyPair, WeakKeys, compress, encrypt, sign
from acuse.mime import Headers, Literal, Source, read_all

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
LIMIT = 1 << 30
EDI = b"ISA*00*          *00*          ~\r\nIEA*1*000000001~\r\n"
OPTIONS = "signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, sha-256"
LENIENT = Agreement(our_id="ACME", their_id="Globex", demand_signed=False, demand_encrypted=False)
STRICT = Agreement(our_id="ACME", their_id="Globex")


class Memory:
    """A scratch, and a stage, in memory."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes, /) -> None:
        self.pieces.append(bytes(data))

    def source(self) -> Source:
        return Literal(self.data)

    @property
    def data(self) -> bytes:
        return b"".join(self.pieces)


def entity(body: bytes, *lines: str, line_end: bytes = b"\r\n") -> bytes:
    """A MIME entity: header lines, a blank line, the body."""
    head = lines or ("Content-Type: application/edi-x12", "Content-Transfer-Encoding: binary")
    return b"".join(line.encode() + line_end for line in head) + line_end + body


def related(*parts: bytes, boundary: str = "several") -> bytes:
    """multipart/related (RFC 6362)."""
    delimiter = f"--{boundary}".encode()
    inside = b"".join(delimiter + b"\r\n" + part + b"\r\n" for part in parts)
    head = f'Content-Type: multipart/related; type="application/edi-x12"; boundary="{boundary}"'
    return entity(inside + delimiter + b"--\r\n", head)


def signed(
    whole: bytes, by: KeyPair, *, digest: AnyDigest = Digest.SHA256, micalg: str | None = None, boundary: str = "sig"
) -> bytes:
    """multipart/signed with the signature in base64."""
    hashed = hashlib.new(digest.value, whole).digest()
    signature = sign(hashed, by, digest, signing_time=NOW, allow=list(WeakKeys))
    return with_signature(whole, signature, micalg=micalg or digest.micalg, boundary=boundary)


def with_signature(
    whole: bytes, signature: bytes, *, micalg: str = "sha-256", epilogue: bytes = b"", boundary: str = "sig"
) -> bytes:
    part = entity(
        b64encode(signature), "Content-Type: application/pkcs7-signature", "Content-Transfer-Encoding: base64"
    )
    delimiter = f"--{boundary}".encode()
    inside = b"\r\n".join((delimiter, whole, delimiter, part, delimiter + b"--", epilogue))
    head = f'multipart/signed; protocol="application/pkcs7-signature"; micalg={micalg}; boundary="{boundary}"'
    return entity(inside, f"Content-Type: {head}")


def compressed(whole: bytes, *, encoding: str = "binary") -> bytes:
    return _pkcs7("compressed-data", bytes_of(compress(Literal(whole), Memory())), encoding)


def encrypted(
    whole: bytes,
    to: KeyPair,
    *,
    encoding: str = "binary",
    cipher: AnyCipher = Cipher.AES128_CBC,
    kind: str = "enveloped-data",
) -> bytes:
    return _pkcs7(kind, envelope_of(whole, to, cipher=cipher), encoding)


def envelope_of(whole: bytes, to: KeyPair, *, cipher: AnyCipher = Cipher.AES128_CBC) -> bytes:
    """The EnvelopedData alone."""
    return bytes_of(encrypt(Literal(whole), [to.certificate], cipher, allow=list(WeakKeys)))


def _pkcs7(kind: str, content: bytes, encoding: str) -> bytes:
    body = b64encode(content) if encoding == "base64" else content
    return entity(
        body,
        f"Content-Type: application/pkcs7-mime; smime-type={kind}; name=smime.p7m",
        f"Content-Transfer-Encoding: {encoding}",
    )


def lines_of_base64(data: bytes) -> bytes:
    text = b64encode(data)
    return b"".join(text[start : start + 64] + b"\r\n" for start in range(0, len(text), 64))


def bytes_of(source: Source) -> bytes:
    return read_all(source.open(), limit=LIMIT)


def open_message(whole: bytes, **headers: str) -> tuple[Envelope, Source]:
    """A request whose HTTP headers are those of the outermost entity; `headers` by names with underscores."""
    head, _, body = whole.partition(b"\r\n\r\n")
    lines = [line.split(": ", 1) for line in head.decode().split("\r\n")]
    given = {"AS2-From": "Globex", "AS2-To": "ACME", "Message-ID": "<1@globex>", **dict(lines)}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    return as2.open_envelope(Headers(tuple(given.items()))), Literal(body)


@dataclass(frozen=True, kw_only=True)
class Station:
    """Who receives: with which keys, knowing which certificates of the partner, on which terms."""

    keys: Sequence[KeyPair]
    knows: Sequence[KeyPair]
    agreement: Agreement = LENIENT
    limits: as2.Limits = field(default_factory=as2.Limits)
    stages: list[Memory] = field(default_factory=list)

    def receive(self, whole: bytes, **headers: str) -> Arrival[Memory]:
        return self.take(*open_message(whole, **headers))

    def take(self, envelope: Envelope, body: Source) -> Arrival[Memory]:
        return as2.receive(
            envelope,
            body,
            self.agreement,
            keys=self.keys,
            certificates=[pair.certificate for pair in self.knows],
            stage=self._stage,
            limits=self.limits,
        )

    def _stage(self) -> Memory:
        self.stages.append(Memory())
        return self.stages[-1]


def outcome(arrival: Arrival[Memory]) -> str:
    """The disposition without its mode."""
    return str(arrival.disposition).partition("; ")[2]


def mic(covered: bytes, digest: str = "sha256") -> str:
    """The expected value, by hashlib and base64 alone."""
    return b64encode(hashlib.new(digest, covered).digest()).decode()
