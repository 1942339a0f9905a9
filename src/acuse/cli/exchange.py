"""One exchange of the demo: a sample document goes from one station to the other, and what happened is told.

Rule: nothing is claimed that was not looked up afterwards in what both sides stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

import click

from acuse.cli.output import milliseconds, print_facts, size
from acuse.cli.places import place_of
from acuse.cli.session import Session
from acuse.cli.staging import Wish, accept_files
from acuse.cli.terms import wrapping_words
from acuse.cli.waiting import explain, is_success, wait_until_settled

if TYPE_CHECKING:
    from acuse.domain.message import Wire
    from acuse.ports import MessageView

_PATIENCE = timedelta(seconds=30)
"""For one exchange, which takes a few hundredths of a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A document of the demo."""

    title: str
    filename: str
    sender: str
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Both ends of an exchange, as they are stored."""

    sample: Sample
    sent: "MessageView"
    received: "MessageView | None"
    is_identical: bool

    @property
    def is_proved(self) -> bool:
        """The receipt is signed, verified and positive, and the file arrived as it was."""
        receipt = self.sent.receipt
        is_confirmed = is_success(self.sent.message) and receipt is not None and receipt.is_verified
        return is_confirmed and self.is_identical


def run_exchange(session: Session, sample: Sample) -> Exchange:
    """Send the sample, wait for its receipt and find what arrived on the other side."""
    with as_file(files("acuse.web.api.samples") / sample.filename) as path:
        wish = Wish(
            station=session.station(sample.sender),
            partner=session.partner(sample.recipient),
            paths=[path],
            subject=sample.title,
        )
        original = path.read_bytes()
        accepted = accept_files(session, wish, advance=lambda _: None)
    sent = wait_until_settled(session, accepted.message.handle, timeout=_PATIENCE)
    received = session.ports.views.inbound(
        station_id=session.station(sample.recipient).id,
        partner_id=session.partner(sample.sender).id,
        wire_id=sent.message.wire_id,
    )
    is_identical = _is_identical(session, original, received)
    return Exchange(sample=sample, sent=sent, received=received, is_identical=is_identical)


def print_exchange(session: Session, number: int, exchange: Exchange) -> None:
    """Tell step by step what happened."""
    sample, message = exchange.sample, exchange.sent.message
    click.echo()
    click.secho(f"{number}. {sample.title}, {sample.sender} to {sample.recipient}", bold=True)
    click.echo()
    if exchange.received is None or message.wire is None or exchange.sent.receipt is None:
        click.secho(f"   {message.public_id} {explain(exchange.sent)}", fg="red")
        return
    print_facts([*_way_out(session, exchange.sent), *_way_back(exchange), *_raw(session, exchange)], indent=3)


def _way_out(session: Session, sent: "MessageView") -> Iterator[tuple[str, object]]:
    message, partner, file = sent.message, sent.partner, sent.attachments[0]
    assert message.wire is not None
    on_the_wire = session.ports.blobs.source(message.wire.blob_id).size
    yield "accepted", f"{file.filename}, {file.content_type}, {size(file.size)}"
    yield "", f"{message.public_id}, Message-ID {message.wire_id}"
    yield "wrapped", wrapping_words(partner.terms)
    yield "", f"{size(file.size)} became {size(on_the_wire)} on the wire"
    yield "sent", f"to {partner.url}, {_tries(message.attempts)}"


def _way_back(exchange: Exchange) -> Iterator[tuple[str, object]]:
    message, received, receipt = exchange.sent.message, exchange.received, exchange.sent.receipt
    assert received is not None
    assert receipt is not None
    assert message.exchange is not None
    digest = message.exchange.digest
    made_by = exchange.sent.partner.as2_id
    yield "received", f"by {made_by} as {received.message.public_id}, {size(received.message.size)}"
    yield "", _verdict("the same file, byte for byte", is_true=exchange.is_identical, otherwise="NOT the same file")
    yield "receipt", receipt.disposition
    yield "", _verdict(f"signed by {made_by}, verified", is_true=receipt.is_verified, otherwise="NOT verified")
    mic, returned = message.exchange.mics[digest], receipt.received_content_mic or "none"
    is_equal = returned.partition(",")[0].strip() == mic
    yield "MIC sent", f"{mic}, {digest.micalg}"
    yield "MIC returned", f"{returned}   ({_verdict('equal', is_true=is_equal, otherwise='NOT equal')})"
    yield "took", f"{milliseconds(message.created_at, message.delivered_at or message.updated_at)} in all"
    if message.first_attempt_at and message.sent_at:
        yield (
            "",
            (
                f"{milliseconds(message.created_at, message.first_attempt_at)} until the attempt began, "
                f"{milliseconds(message.first_attempt_at, message.sent_at)} until the partner had answered"
            ),
        )


def _raw(session: Session, exchange: Exchange) -> Iterator[tuple[str, object]]:
    sent, received = exchange.sent, exchange.received
    assert sent.message.wire is not None
    assert sent.receipt is not None
    assert received is not None
    yield "raw bytes", f"sent       {_place(session, sent.message.wire)}"
    if received.message.wire:
        yield "", f"received   {_place(session, received.message.wire)}"
    yield "", f"receipt    {_place(session, sent.receipt.wire)}"


def _place(session: Session, wire: "Wire") -> str:
    return place_of(session, wire.blob_id).removeprefix(f"{session.gateway.home.path}/")


def _tries(attempts: int) -> str:
    return "first attempt" if attempts == 1 else f"{attempts} attempts"


def _verdict(text: str, *, is_true: bool, otherwise: str) -> str:
    return text if is_true else otherwise


def _is_identical(session: Session, original: bytes, received: "MessageView | None") -> bool:
    if received is None or len(received.attachments) != 1:
        return False
    with session.ports.blobs.open(received.attachments[0].blob_id) as file:
        return file.read() == original
