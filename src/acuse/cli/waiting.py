"""Waiting for what becomes of a message, and saying it in a few words.

Where no gateway runs on the home, this process does the work itself while it waits.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from acuse.cli.session import Session
from acuse.errors import HomeBusy

if TYPE_CHECKING:
    from acuse.domain.message import Message
    from acuse.ports import MessageView

_PAUSE = 0.05
"""Seconds between two looks at the message."""


NO_ENGINE = "the gateway on this home runs without an engine: it leaves when one with role all or worker runs"


def is_worked(session: Session) -> bool:
    """Whether a gateway runs on the home."""
    return session.gateway.home.running() is not None


def is_without_engine(session: Session) -> bool:
    """Whether a gateway runs on the home that sends nothing."""
    running = session.gateway.home.running()
    return running is not None and not running["has_engine"]


def what_now(session: Session) -> str:
    """What becomes of a message that was just queued."""
    if is_without_engine(session):
        return NO_ENGINE
    if is_worked(session):
        return "the gateway is sending it"
    return "it leaves when a gateway runs on this home: acuse serve"


def wait_until_settled(session: Session, handle: int, *, timeout: timedelta | None) -> "MessageView":
    """The message once nothing more will be done for it. Fails when `timeout` passes before, and at once when the
    gateway that runs on the home sends nothing.
    """

    def is_settled() -> bool:
        return session.ports.views.message(session.space, handle).message.is_settled

    seconds = None if timeout is None else timeout.total_seconds()
    if not _work(session, is_settled, seconds):
        _check_that_it_is_sent(session, handle)
        _watch(is_settled, seconds)
    view = session.ports.views.message(session.space, handle)
    if not view.message.is_settled:
        raise click.ClickException(
            f"{view.message.public_id} is not settled after {seconds:g} s: {_state_words(view.message)}. "
            f"It goes on while a gateway runs; see 'acuse show {view.message.public_id}'."
        )
    return view


def wait_until(session: Session, is_done: Callable[[], bool], *, timeout: timedelta) -> bool:
    """Have the home's work done, by the gateway that runs on it or by this process. False when `timeout` passes."""
    seconds = timeout.total_seconds()
    if not _work(session, is_done, seconds):
        _watch(is_done, seconds)
    return is_done()


def _check_that_it_is_sent(session: Session, handle: int) -> None:
    message = session.ports.views.message(session.space, handle).message
    if not message.is_settled and is_without_engine(session):
        raise click.ClickException(f"{message.public_id} is kept; {NO_ENGINE}.")


def is_success(message: "Message") -> bool:
    """Whether the partner confirmed the message: with a positive receipt, nothing less."""
    from acuse.domain.message import ReceiptState, Transmission

    return message.transmission is Transmission.TRANSMITTED and message.receipt is ReceiptState.POSITIVE


def explain(view: "MessageView") -> str:
    """What became of a settled message, for people."""
    from acuse.domain.message import ReceiptState

    message, partner = view.message, view.partner.as2_id
    match message.receipt:
        case ReceiptState.POSITIVE:
            kind = "signed and verified" if view.receipt and view.receipt.is_verified else "unsigned"
            return f"delivered: the receipt of {partner} is positive ({kind})"
        case ReceiptState.NEGATIVE if view.receipt:
            return f"was refused by {partner}: {view.receipt.disposition}"
        case _ if message.problem:
            return f"was not delivered: {message.problem.message.rstrip('.')}"
        case _:
            return f"was not delivered ({message.transmission}, receipt {message.receipt})"


def _state_words(message: "Message") -> str:
    state = message.transmission.value.replace("_", " ")
    return f"{state}, {message.problem.message.rstrip('.')}" if message.problem else state


def _work(session: Session, is_settled: Callable[[], bool], timeout: float | None) -> bool:
    """Be the gateway of the home until the message is settled. False when another one is."""
    from acuse.bootstrap import work_until

    if is_worked(session):
        return False
    try:
        work_until(session.gateway, is_settled, timeout)
    except HomeBusy:  # a gateway started between the two lines above
        return False
    return True


def _watch(is_settled: Callable[[], bool], timeout: float | None) -> None:
    deadline = None if timeout is None else time.monotonic() + timeout
    while not is_settled() and (deadline is None or time.monotonic() < deadline):
        time.sleep(_PAUSE)
