"""`acuse stray-receipts`: receipts that were posted for nothing we sent, and their bytes."""

import re
from pathlib import Path

import click

from acuse.cli.options import Command, json_option
from acuse.cli.output import print_json, print_table
from acuse.cli.session import open_session
from acuse.errors import ReceiptNotFound

_ID = re.compile(r"rcp_(\d{1,18})")


@click.command("stray-receipts", cls=Command)
@click.argument("name", metavar="[ID]", required=False)
@click.option("--raw", type=click.Path(dir_okay=False, path_type=Path), help="Write one as it came to this file.")
@json_option
def stray_receipts(name: str | None, raw: Path | None, *, as_json: bool) -> None:
    """List receipts for nothing we sent, the newest first; or write one to a file, for 'acuse explain'."""
    from acuse.domain.stray import KEPT_STRAYS
    from acuse.web.api.strays import stray_receipt_object

    if (name is None) != (raw is None):
        raise click.UsageError("an ID and --raw go together")
    with open_session() as session:
        if name is not None and raw is not None:
            number = _ID.fullmatch(name)
            if number is None:
                raise ReceiptNotFound
            raw.write_bytes(session.ports.views.strays.get(session.space, int(number[1])).captured)
            return
        found = session.ports.views.strays.newest(session.space, limit=2 * KEPT_STRAYS)
    if as_json:
        print_json([stray_receipt_object(receipt) for receipt in found])
        return
    print_table(
        ("id", "time (UTC)", "from", "to", "verified", "about", "reason"),
        [
            (
                entry.public_id,
                entry.created_at,
                entry.from_as2_id,
                entry.to_as2_id,
                entry.is_verified,
                entry.original_message_id,
                entry.reason,
            )
            for entry in found
        ],
        when_empty="No receipt came that is for nothing.",
    )
