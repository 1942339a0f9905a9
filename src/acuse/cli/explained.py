"""An explanation as JSON, as a tree for people, and its files in a folder.

Rule: a name that a partner gave never leads anywhere: it is reduced to harmless characters, and a file that exists is
never written over.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acuse.cli.output import print_facts, print_table, size
from acuse.cli.spools import Spool
from acuse.mime import copy

if TYPE_CHECKING:
    from cryptography import x509

    from acuse.as2.capture import Capture
    from acuse.as2.explanation import Explanation, Layer

_UNSAFE = re.compile(r"[^\w.+-]+")
_LONGEST_NAME = 100


def explanation_object(
    capture: "Capture | None", explanation: "Explanation[Spool]", written: Sequence[Path]
) -> dict[str, object]:
    """An explanation, as `acuse explain --json` prints it."""
    receipt, signature = explanation.receipt, explanation.signature
    return {
        "kind": _kind(explanation),
        "start_line": (capture and capture.start_line) or None,
        "layers": [_layer(layer) for layer in explanation.layers],
        "signature": signature
        and {
            "verified": signature.is_verified,
            "digest": signature.digest,
            "form": signature.form,
            "reason": signature.reason or None,
            "certificate": _certificate(signature.certificate),
        },
        "mic": str(explanation.mic) if explanation.mic else None,
        "attachments": [
            {"filename": file.filename, "content_type": file.content_type, "size": file.size, "sha256": file.sha256}
            for file in explanation.attachments
        ],
        "extracted": [str(path) for path in written],
        "disposition": str(receipt.disposition) if receipt else None,
        "original_message_id": receipt.original_message_id or None if receipt else None,
        "findings": explanation.findings,
    }


def print_explanation(capture: "Capture | None", explanation: "Explanation[Spool]", written: Sequence[Path]) -> None:
    """Print a tree of the layers, and below it what else is known."""
    for depth, layer in enumerate(explanation.layers):
        branch = "   " * (depth - 1) + "└─ " if depth else ""
        facts = [layer.algorithm, size(layer.size), layer.content_type.partition(";")[0] or None]
        if layer.certificate:
            facts.append(_words(layer.certificate))
        click.echo(
            f"{branch}{click.style(layer.kind.value, bold=True)}   " + _printable("   ".join(filter(None, facts)))
        )
    click.echo()
    print_facts(_facts(capture, explanation))
    if explanation.attachments:
        click.echo("\nfiles")
        print_table(
            ("  ", "name", "type", "bytes", "sha-256"),
            [("", file.filename, file.content_type, file.size, file.sha256) for file in explanation.attachments],
            when_empty="",
        )
    for path in written:
        click.echo(f"  written to {path}")
    if explanation.findings:
        click.echo("\nfindings")
        for finding in explanation.findings:
            click.echo(f"  - {_printable(finding)}")


def extract(explanation: "Explanation[Spool]", folder: Path) -> list[Path]:
    """Write the files into a folder, each under a name of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for position, file in enumerate(explanation.attachments, start=1):
        for name in _names(file.filename, position):
            try:
                with (folder / name).open("xb") as output:
                    copy(file.place.source().open(), output.write)
            except FileExistsError:
                continue
            written.append(folder / name)
            break
    return written


def _names(told: str | None, position: int) -> Iterator[str]:
    """The name that the partner gave, made harmless; then the same with numbers."""
    last = re.split(r"[/\\]", told or "")[-1]
    name = _UNSAFE.sub("_", last).strip("._")[-_LONGEST_NAME:].lstrip("._-") or f"file-{position}"
    yield name
    stem, dot, suffix = name.rpartition(".")
    for number in count(2):
        yield f"{stem}-{number}.{suffix}" if dot else f"{name}-{number}"


def _facts(capture: "Capture | None", explanation: "Explanation[Spool]") -> Iterator[tuple[str, object]]:
    receipt, signature = explanation.receipt, explanation.signature
    yield "kind", _kind(explanation)
    if capture:
        yield "request", capture.start_line or None
        for name in ("AS2-From", "AS2-To", "Message-ID"):
            yield name, capture.headers.get(name)
    if signature:
        good = f"verified, {signature.digest}, form {signature.form}"
        yield "signature", good if signature.is_verified else f"not verified: {signature.reason}"
    yield "MIC", explanation.mic
    if receipt:
        yield "disposition", receipt.disposition
        yield "about", receipt.original_message_id or None
        yield "text", " ".join(receipt.text.split()) or None


def _kind(explanation: "Explanation[Spool]") -> str:
    return "mdn" if any(layer.kind == "receipt" for layer in explanation.layers) else "message"


def _layer(layer: "Layer") -> dict[str, object]:
    return {
        "kind": layer.kind.value,
        "algorithm": layer.algorithm,
        "bytes": layer.size,
        "content_type": layer.content_type,
        "certificate": _certificate(layer.certificate),
    }


def _certificate(certificate: "x509.Certificate | None") -> dict[str, object] | None:
    from acuse.as2.signature_doctor import subject_of
    from acuse.cms import fingerprint

    if certificate is None:
        return None
    return {"subject": subject_of(certificate), "fingerprint": fingerprint(certificate)}


def _words(certificate: "x509.Certificate") -> str:
    from acuse.as2.signature_doctor import subject_of
    from acuse.cms import fingerprint

    return f"{subject_of(certificate)} ({fingerprint(certificate)[:16]}…)"


def _printable(text: str) -> str:
    """What a partner wrote must not reach into the reader's terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
