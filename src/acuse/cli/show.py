"""`acuse show`: everything that is known of one message, and its payload."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from acuse.cli.options import Command, gateway_of, json_option
from acuse.cli.output import print_facts, print_json, print_table, size
from acuse.cli.places import place_of
from acuse.cli.session import Session, open_session

if TYPE_CHECKING:
    from uuid import UUID

    from acuse.cli.options import RemoteGateway
    from acuse.domain.message import Attachment
    from acuse.domain.timeline import TimelineStep
    from acuse.ports import MessageView

_UNSAFE = re.compile(r"[^\w.+-]+")


@click.command(cls=Command)
@click.argument("name", metavar="ID")
@click.option(
    "--payload",
    metavar="FILE",
    help="Write what was sent to FILE; '-' is standard output. A folder, for several files.",
)
@json_option
def show(name: str, payload: str | None, *, as_json: bool) -> None:
    """Show a message by its id, such as msg_000001."""
    from acuse.web.api.objects import message_object
    from acuse.web.api.timeline import step_object, timeline_of

    if gateway := gateway_of(click.get_current_context()):
        _show_remote(gateway, name, payload, as_json=as_json)
        return
    with open_session() as session:
        view = session.message(name)
        if payload is not None:
            _write_payload(session, view, payload)
        elif as_json:
            steps = [step_object(step) for step in timeline_of(session.ports, view)]
            print_json({**message_object(view, detail=True), "timeline": steps})
        else:
            _print(session, view)


def _show_remote(gateway: "RemoteGateway", name: str, payload: str | None, *, as_json: bool) -> None:
    from acuse.cli.remote import open_remote

    if payload == "-" or (payload is None and not as_json):
        raise click.UsageError("of a remote gateway there is --json, or --payload with a file")
    with open_remote(gateway) as desk:
        if payload is None:
            print_json(desk.message(name))
        else:
            click.echo(f"{payload}   {size(desk.download(name, Path(payload)))}", err=True)


def _print(session: Session, view: "MessageView") -> None:
    from acuse.web.api.timeline import timeline_of

    message = view.message
    print_facts(_message_facts(view))
    click.echo("\nreceipt")
    print_facts(_receipt_facts(view), indent=2)
    click.echo("\ncertificates")
    print_facts(_certificate_facts(session, view), indent=2)
    click.echo("\nfiles")
    print_table(
        ("  ", "name", "type", "bytes", "sha-256"),
        [("", file.filename, file.content_type, file.size, file.sha256) for file in view.attachments],
        when_empty="  none",
    )
    click.echo("\ntimeline")
    print_table(
        ("  ", "time", "step", "bytes", "algorithm", "certificate", "ms", "outcome"),
        [("", *_step_cells(step)) for step in timeline_of(session.ports, view)],
        when_empty="  nothing was told",
    )
    click.echo("\nraw bytes")
    print_facts(_raw_facts(session, view), indent=2)
    if message.wire:
        click.echo("\nheaders on the wire")
        print_facts(message.wire.headers, indent=2)


def _message_facts(view: "MessageView") -> Iterator[tuple[str, object]]:
    from acuse.web.api.objects import message_object

    message, shown = view.message, message_object(view, detail=True)
    yield "id", message.public_id
    yield "status", f"{shown['status']}   ({message.transmission.value.replace('_', ' ')})"
    yield "direction", message.direction.value
    yield "from", shown["from_as2_id"]
    yield "to", shown["to_as2_id"]
    yield "subject", message.subject
    yield "Message-ID", message.wire_id
    yield "size", size(message.size)
    yield "wrapped", _layers(view)
    yield "signed form", message.form.value.replace("_", " ") if message.form else None
    yield "repeats", message.repeats or None
    yield "resend of", shown["resend_of"]
    yield "resent as", ", ".join(f"msg_{handle:06d}" for handle in message.resent_as) or None
    yield "created", message.created_at
    yield "sent", message.sent_at
    yield "delivered", message.delivered_at
    yield "attempts", message.attempts or None
    yield "next attempt", message.next_attempt_at
    if message.problem:
        yield "problem", f"{message.problem.code}: {message.problem.message}"
        yield "advice", message.problem.details.get("advice")


def _step_cells(step: "TimelineStep") -> tuple[object, ...]:
    milliseconds = None if step.duration is None else f"{step.duration / 1000:.1f}"
    certificate = step.certificate and f"{step.certificate[:16]}…"
    at = f"{step.at:%H:%M:%S.%f}"
    return at, step.name.value, step.size, step.algorithm, certificate, milliseconds, step.outcome


def _layers(view: "MessageView") -> str:
    from acuse.domain.message import Direction

    message, terms = view.message, view.partner.terms
    is_ours = message.direction is Direction.OUTBOUND
    digest = message.exchange.digest if message.exchange else terms.sign
    layers = (
        ("compressed", message.is_compressed, None),
        ("signed", message.is_signed, digest),
        ("encrypted", message.is_encrypted, terms.encrypt),
    )
    words = [f"{word} {name}" if is_ours and name else word for word, is_used, name in layers if is_used]
    return ", ".join(words) or "plain"


def _receipt_facts(view: "MessageView") -> Iterator[tuple[str, object]]:
    message, receipt = view.message, view.receipt
    yield "state", f"{message.receipt.value.replace('_', ' ')}{' (late)' if message.receipt_is_late else ''}"
    yield "asked for", message.mdn.value
    if message.exchange:
        yield "MIC sent", f"{message.exchange.mics[message.exchange.digest]}, {message.exchange.digest.micalg}"
    if receipt is None:
        return
    yield "MIC returned", receipt.received_content_mic or "none"
    yield "disposition", receipt.disposition
    yield "signed", receipt.is_signed
    yield "verified", receipt.is_verified
    yield "made by", receipt.reporting_ua
    yield "text", " ".join(receipt.text.split()) or None
    yield "time", receipt.created_at


def _certificate_facts(session: Session, view: "MessageView") -> Iterator[tuple[str, object]]:
    used = view.message.certificates
    held = {each.entry.fingerprint: each for each in session.ports.views.held_certificates(session.space)}
    roles = (
        ("signed with", used.signer),
        ("encrypted to", used.recipient),
        ("receipt signed with", used.receipt_signer),
    )
    for label, fingerprint in roles:
        found = fingerprint and held.get(fingerprint)
        if found:
            yield label, f"{found.entry.public_id} of {found.owner.as2_id}, until {found.entry.expires_at:%Y-%m-%d}"
        else:
            yield label, fingerprint or "none"


def _raw_facts(session: Session, view: "MessageView") -> Iterator[tuple[str, object]]:
    places: list[tuple[str, UUID]] = [(f"file {file.position}", file.blob_id) for file in view.attachments]
    if view.message.wire:
        places.append(("message", view.message.wire.blob_id))
    if view.receipt:
        places.append(("receipt", view.receipt.wire.blob_id))
    for label, blob_id in places:
        yield label, place_of(session, blob_id)


def _write_payload(session: Session, view: "MessageView", target: str) -> None:
    if not view.attachments:
        raise click.ClickException(f"{view.message.public_id} has no payload: it could not be read.")
    if target == "-":
        for file in view.attachments:
            _copy(session, file, sys.stdout.buffer)
        return
    path = Path(target)
    is_folder = len(view.attachments) > 1 or path.is_dir()
    if is_folder:
        path.mkdir(exist_ok=True)
    for file in view.attachments:
        place = path / _safe_name(file) if is_folder else path
        with place.open("wb") as output:
            _copy(session, file, output)
        click.echo(f"{place}   {size(file.size)}", err=True)


def _copy(session: Session, file: "Attachment", output: BinaryIO) -> None:
    from acuse.mime import CHUNK

    reader = session.ports.blobs.source(file.blob_id).open()
    while piece := reader.read(CHUNK):
        output.write(piece)


def _safe_name(file: "Attachment") -> str:
    """A name of our own: what the partner called it must not lead anywhere else in the file system."""
    told = _UNSAFE.sub("_", file.filename or "").strip("._")[-100:]
    return f"{file.position:02d}-{told or 'file'}"
