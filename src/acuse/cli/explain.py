"""`acuse explain`: what each layer of a message or a receipt is, and what is wrong with it.

Rule: a file needs no home and no gateway; an id is looked up in the home. Whatever the bytes are, they are explained as
far as they can be read, and the exit code says whether that was all the way.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acuse.cli.explained import explanation_object, extract, print_explanation
from acuse.cli.options import Command, json_option
from acuse.cli.output import print_json
from acuse.cli.session import open_session
from acuse.cli.spools import Spool, Spools
from acuse.errors import CoreError, MessageNotFound

if TYPE_CHECKING:
    from acuse.as2.capture import Capture
    from acuse.as2.explanation import Explanation, Tools
    from acuse.cms import KeyPair

_ID = re.compile(r"msg_(\d{1,18})")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(cls=Command)
@click.argument("what", metavar="FILE|ID")
@click.option("--key", type=_FILE, help="Our private key, in PEM, to decrypt with.")
@click.option("--certificate", type=_FILE, help="The certificate of that key.")
@click.option(
    "--partner-certificate",
    "partner_certificates",
    type=_FILE,
    multiple=True,
    help="Who may have signed: PEM or DER; may be repeated.",
)
@click.option("--message", type=_FILE, help="The raw message that the receipt in FILE is about.")
@click.option("--extract", "folder", type=click.Path(file_okay=False, path_type=Path), help="Write the files there.")
@json_option
def explain(
    what: str,
    key: Path | None,
    certificate: Path | None,
    partner_certificates: tuple[Path, ...],
    message: Path | None,
    folder: Path | None,
    *,
    as_json: bool,
) -> int:
    """Explain a raw HTTP message or receipt, or a stored message such as msg_000001."""
    number = None if Path(what).exists() else _ID.fullmatch(what)
    with Spools() as spools:
        if number:
            return _stored(int(number[1]), spools, folder, as_json=as_json)
        if not Path(what).is_file():
            raise MessageNotFound(f"'{what}' is neither a file nor the id of a message.")
        tools = _tools(spools, key, certificate, partner_certificates)
        capture, explanation = _explained(Path(what), tools)
        if message is not None:
            sent_by_us = _tools(
                spools, key, certificate, (*partner_certificates, *([certificate] if certificate else []))
            )
            explanation.compare(_explained(message, sent_by_us)[1])
        return _tell(capture, explanation, folder, as_json=as_json)


def _stored(number: int, spools: Spools, folder: Path | None, *, as_json: bool) -> int:
    """A message of the home, opened with the keys of its station; and its receipt."""
    from acuse.as2.capture import Capture
    from acuse.mime import Headers
    from acuse.services.explain_message import explain_message, explain_receipt

    with open_session() as session:
        view = session.ports.views.message(session.space, number)
        if view.message.wire is None:
            raise MessageNotFound(f"{view.message.public_id} was not built yet: there are no bytes to explain.")
        wire = view.message.wire
        explanation = explain_message(session.ports, view, scratch=spools.new)
        receipt = explain_receipt(session.ports, view, scratch=spools.new)
        body = session.ports.blobs.source(wire.blob_id)
        capture = Capture(start_line="", headers=Headers(wire.headers), body=body, remarks=())
        return _tell(capture, explanation, folder, as_json=as_json, receipt=receipt)


def _tell(
    capture: "Capture",
    explanation: "Explanation[Spool]",
    folder: Path | None,
    *,
    as_json: bool,
    receipt: "Explanation[Spool] | None" = None,
) -> int:
    written = extract(explanation, folder) if folder else []
    if as_json:
        shown = explanation_object(capture, explanation, written)
        print_json({**shown, "receipt": explanation_object(None, receipt, [])} if receipt else shown)
    else:
        print_explanation(capture, explanation, written)
        if receipt:
            click.echo("\nits receipt\n")
            print_explanation(None, receipt, [])
    return 1 if explanation.is_broken else 0


def _explained(file: Path, tools: "Tools[Spool]") -> "tuple[Capture, Explanation[Spool]]":
    from acuse.as2.capture import Capture, read_capture
    from acuse.as2.examination import explain as explain_message
    from acuse.as2.explanation import Explanation
    from acuse.mime import Headers, Literal

    with file.open("rb") as reader:
        try:
            capture = read_capture(reader, tools.scratch)
        except CoreError as error:
            finding = f"This does not begin like an HTTP message: {error.message}"
            broken: Explanation[Spool] = Explanation(findings=[finding], is_broken=True)
            return Capture(start_line="", headers=Headers(), body=Literal(b""), remarks=()), broken
    explanation = explain_message(capture.headers, capture.body, tools)
    explanation.findings[:0] = capture.remarks
    return capture, explanation


def _tools(spools: Spools, key: Path | None, certificate: Path | None, partners: Sequence[Path]) -> "Tools[Spool]":
    from acuse.as2.explanation import Tools
    from acuse.cms import load_certificate

    certificates = []
    for file in partners:
        try:
            certificates.append(load_certificate(file.read_bytes()))
        except CoreError as error:
            raise click.ClickException(f"{file}: {error.message}") from error
    keys = [_key_pair(key, certificate)] if key else []
    return Tools(keys=keys, certificates=certificates, scratch=spools.new)


def _key_pair(key: Path, certificate: Path | None) -> "KeyPair":
    """The key with its certificate, which may stand in the same file."""
    from cryptography.hazmat.primitives.serialization import Encoding

    from acuse.cms import load_certificate
    from acuse.cms.key_files import load_key_pair

    data = key.read_bytes()
    try:
        if certificate is not None:
            data += b"\n" + load_certificate(certificate.read_bytes()).public_bytes(Encoding.PEM)
        return load_key_pair(data)
    except CoreError as error:
        hint = "" if certificate else " Give its certificate with --certificate."
        raise click.ClickException(f"{key}: {error.message}{hint}") from error
