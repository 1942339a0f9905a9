"""Where the bytes of a message lie, so that people can look at them with their own tools."""

from typing import TYPE_CHECKING

from acuse.cli.session import Session

if TYPE_CHECKING:
    from uuid import UUID


def place_of(session: Session, blob_id: "UUID") -> str:
    """The path of a large blob, or the row of a small one in the database of the home."""
    from acuse.storage.files import blob_path

    home = session.gateway.home
    path = blob_path(home, blob_id)
    return str(path) if path.is_file() else f"{home.database}, table blob, id x'{blob_id.hex}'"
