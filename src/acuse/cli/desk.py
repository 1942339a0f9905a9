"""What commands do that works on the home of this machine and through the API of another gateway alike.

Rule: both desks give the objects of the API, so a command prints the same, wherever the gateway is. A command that
needs more than a desk opens a session, which is there for a home alone.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import click

from acuse.cli.options import gateway_of
from acuse.cli.session import Session, open_session
from acuse.cli.waiting import what_now

if TYPE_CHECKING:
    from acuse.domain.message import Direction
    from acuse.web.api.status import Status

Object = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The newest messages, and how many there are."""

    rows: Sequence[Object]
    total: int


class Desk(Protocol):
    """Messages are named by their public ids. Everything raises AcuseError or ClickException."""

    def messages(self, direction: "Direction", status: "Status | None", *, limit: int) -> Listed:
        """The newest messages of a direction, with this status of the API."""

    def resend(self, name: str) -> Object:
        """The new message."""

    def retry(self, name: str, *, is_forced: bool) -> Object:
        """The message, which is tried again."""

    def cancel(self, name: str) -> Object:
        """The message, which is cancelled."""

    def partners(self) -> Sequence[Object]:
        """The partners."""

    def endpoints(self) -> Sequence[Object]:
        """The webhooks."""

    def outlook(self) -> str:
        """What becomes of a message that was just queued."""


class HomeDesk:
    """A home of this machine."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def messages(self, direction: "Direction", status: "Status | None", *, limit: int) -> Listed:
        """See Desk."""
        from acuse.ports import MessageFilter
        from acuse.web.api.objects import message_object
        from acuse.web.api.status import states_with

        wanted = MessageFilter(direction=direction, states=None if status is None else states_with(status, None))
        page = self._session.ports.views.messages(self._session.space, wanted, limit=limit, offset=0)
        return Listed(rows=[message_object(view, detail=False) for view in page.rows], total=page.total)

    def resend(self, name: str) -> Object:
        """See Desk."""
        from acuse.services.resend_message import resend_message
        from acuse.web.api.objects import message_object

        view = resend_message(self._session.ports, self._session.message(name).message.id)
        return message_object(view, detail=True)

    def retry(self, name: str, *, is_forced: bool) -> Object:
        """See Desk."""
        from acuse.services.retry_message import retry_message
        from acuse.web.api.objects import message_object

        view = retry_message(self._session.ports, self._session.message(name).message.id, is_forced=is_forced)
        return message_object(view, detail=True)

    def cancel(self, name: str) -> Object:
        """See Desk."""
        from acuse.services.cancel_message import cancel_message
        from acuse.web.api.objects import message_object

        view = cancel_message(self._session.ports, self._session.message(name).message.id)
        return message_object(view, detail=True)

    def partners(self) -> Sequence[Object]:
        """See Desk."""
        from acuse.web.api.partner_objects import partner_object

        views, now = self._session.ports.views, self._session.ports.world.now()
        return [partner_object(views.partner_view(entry.id), now=now) for entry in views.partners(self._session.space)]

    def endpoints(self) -> Sequence[Object]:
        """See Desk."""
        from acuse.web.api.event_objects import endpoint_object

        return [endpoint_object(entry) for entry in self._session.ports.views.webhooks.endpoints(self._session.space)]

    def outlook(self) -> str:
        """See Desk."""
        return what_now(self._session)


@contextmanager
def open_desk() -> Iterator[Desk]:
    """The desk of the command that runs: that of --gateway where it is given, else that of its home."""
    gateway = gateway_of(click.get_current_context())
    if gateway is None:
        with open_session() as session:
            yield HomeDesk(session)
        return
    from acuse.cli.remote import open_remote

    with open_remote(gateway) as desk:
        yield desk
