"""The desk of a gateway elsewhere: the API, through the client package."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acuse.cli.desk import Listed, Object
from acuse.cli.options import RemoteGateway
from acuse_client import Acuse, AcuseClientError

if TYPE_CHECKING:
    from acuse.domain.message import Direction
    from acuse.web.api.status import Status


class RemoteDesk:
    """What the key may see of a gateway."""

    def __init__(self, acuse: Acuse) -> None:
        self.acuse = acuse

    def messages(self, direction: "Direction", status: "Status | None", *, limit: int) -> Listed:
        """See Desk."""
        filters = {"direction": direction.value, "status": status and status.value}
        page = self.acuse.messages.page(per_page=min(limit, 100), **filters)
        rows = page.rows if limit <= 100 else islice(self.acuse.messages.list(**filters), limit)
        return Listed(rows=[dict(row) for row in rows], total=page.total)

    def resend(self, name: str) -> Object:
        """See Desk."""
        return dict(self.acuse.messages.get(self.acuse.messages.resend(name)["id"]))

    def retry(self, name: str, *, is_forced: bool) -> Object:
        """See Desk."""
        return dict(self.acuse.messages.get(self.acuse.messages.retry(name, force=is_forced)["id"]))

    def cancel(self, name: str) -> Object:
        """See Desk."""
        return dict(self.acuse.messages.get(self.acuse.messages.cancel(name)["id"]))

    def partners(self) -> Sequence[Object]:
        """See Desk."""
        return [self.acuse.partners.get(row["id"]) for row in self.acuse.partners.list()]

    def endpoints(self) -> Sequence[Object]:
        """See Desk."""
        return list(self.acuse.webhooks.list())

    def outlook(self) -> str:
        """See Desk."""
        return "the gateway is sending it"

    def message(self, name: str) -> Object:
        """A message with its timeline."""
        return {**self.acuse.messages.get(name), "timeline": self.acuse.messages.timeline(name)}

    def download(self, name: str, target: Path) -> int:
        """Write the payload to a file; returns its bytes."""
        return self.acuse.messages.download(name, target)

    def partner_id(self, name: str) -> str:
        """The id of the partner with this AS2 identifier, or this id."""
        for row in self.acuse.partners.list():
            if name in (row["id"], row["as2_id"]):
                return str(row["id"])
        raise click.ClickException(f"There is no partner '{name}'. 'acuse partner list' shows those that exist.")


@contextmanager
def open_remote(gateway: RemoteGateway) -> Iterator[RemoteDesk]:
    """A connection to it. Whatever the client raises becomes the line that the command ends with."""
    if not gateway.api_key:
        raise click.UsageError("--gateway needs a key: set ACUSE_API_KEY")
    try:
        with Acuse(gateway.url, gateway.api_key) as acuse:
            yield RemoteDesk(acuse)
    except AcuseClientError as error:
        raise click.ClickException(str(error)) from error
