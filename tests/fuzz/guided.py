"""Fuzzing guided by coverage: `python -m tests.fuzz.guided TARGET [libFuzzer options]`, with atheris installed.

atheris is of the dependency group `fuzz` and of no lock file: it is large, and made for Linux and macOS only. libFuzzer
watches time and memory (`-timeout`, `-rss_limit_mb`); what it finds becomes a vector.
"""

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["acuse.mime", "acuse.cms", "acuse.as2"]):
    from acuse import as2
    from acuse.as2.capture import read_capture
    from acuse.as2.examination import explain
    from acuse.as2.explanation import Tools
    from acuse.cms import Cipher, Digest, KeyPair, compress, decompress, decrypt, read_signature, self_signed, sign
    from acuse.errors import CoreError
    from acuse.mime import Headers, Literal, MediaType, decode_transfer, filename_of, open_entity, read_all, read_parts

from tests.as2 import handmade

LIMIT = 1 << 20
OPTIONS = ["-max_len=16384", "-timeout=10", "-rss_limit_mb=1024"]
_NOW = handmade.NOW


def _pair(name: str) -> KeyPair:
    return self_signed(name, not_before=_NOW - timedelta(days=1), not_after=_NOW + timedelta(days=1))


OURS, THEIRS = _pair("ours"), _pair("theirs")
_STATION = handmade.Station(
    keys=[OURS], knows=[THEIRS], limits=as2.Limits(expanded_size=LIMIT, attachments=20), agreement=handmade.LENIENT
)


def mime(data: bytes) -> None:
    """An entity, and the parts of it."""
    entity = open_entity(Literal(data).open())
    filename_of(entity.headers)
    kind = MediaType.parse(entity.headers.get("Content-Type") or "text/plain")
    content = decode_transfer(entity.body, entity.headers.get("Content-Transfer-Encoding"))
    for part in read_parts(content, kind.get("boundary") or "", max_parts=50):
        open_entity(part)


def signature(data: bytes) -> None:
    read_signature(data).verify({digest: bytes(32) for digest in Digest}, [THEIRS.certificate])


def envelope(data: bytes) -> None:
    read_all(decrypt(Literal(data).open(), [OURS]), limit=LIMIT)


def compression(data: bytes) -> None:
    read_all(decompress(Literal(data).open(), limit=LIMIT), limit=2 * LIMIT)


def message(data: bytes) -> None:
    """Headers, blank line, body: `receive` itself must raise nothing."""
    head, _, body = data.partition(b"\r\n\r\n")
    opened = as2.open_envelope(Headers((*Headers.parse(head), ("AS2-From", "a"), ("AS2-To", "b"))))
    if not as2.is_receipt(opened, Literal(body)):
        _STATION.stages.clear()
        _STATION.take(opened, Literal(body))


def receipt(data: bytes) -> None:
    head, _, body = data.partition(b"\r\n\r\n")
    as2.read_receipt(Headers.parse(head), Literal(body), [THEIRS.certificate], keys=[OURS])


def explanation(data: bytes) -> None:
    """A capture of either."""
    capture = read_capture(Literal(data).open(), handmade.Memory)
    explain(
        capture.headers,
        capture.body,
        Tools(keys=[OURS], certificates=[THEIRS.certificate], scratch=handmade.Memory),
    )


def _seeds() -> Mapping[str, Sequence[bytes]]:
    """Valid inputs of each target to begin with."""
    plain = handmade.entity(handmade.EDI)
    several = handmade.related(plain, plain)
    made = sign(bytes(32), THEIRS, Digest.SHA256, signing_time=_NOW)
    signed = handmade.signed(several, THEIRS)
    packed = handmade.bytes_of(compress(Literal(plain), handmade.Memory()))
    asked, _ = handmade.open_message(plain)
    written = [
        as2.write_receipt(
            asked,
            disposition=as2.disposition.PROCESSED,
            mic=as2.Mic("AAA=", "sha-256"),
            text="text",
            signer=signer,
            digest=Digest.SHA256,
            message_id="<m@acme>",
            boundary="b",
            reporting_ua="acuse",
            now=_NOW,
        )
        for signer in (None, THEIRS)
    ]
    receipts = [Headers(receipt.headers).encode() + receipt.body for receipt in written]
    messages = [several, signed, handmade.compressed(signed), handmade.encrypted(signed, OURS)]
    chunked = b"POST /as2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n1\r\na\r\n0\r\n\r\n"
    return {
        "mime": [plain, several, signed],
        "signature": [made],
        "envelope": [handmade.envelope_of(plain, OURS), handmade.envelope_of(b"", OURS, cipher=Cipher.AES256_GCM)],
        "compression": [packed],
        "message": messages,
        "receipt": receipts,
        "explanation": [*messages, *receipts, chunked],
    }


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (mime, signature, envelope, compression, message, receipt, explanation)
}


def main(name: str, options: Sequence[str]) -> None:
    """Fuzz one target until the options say stop."""
    target = TARGETS[name]

    def attempt(data: bytes) -> None:
        try:
            target(data)
        except CoreError:
            return

    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(_seeds()[name]):
            Path(corpus, str(number)).write_bytes(seed)
        atheris.Setup([name, *OPTIONS, *options, corpus], attempt)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
