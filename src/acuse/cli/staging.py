"""From files on the disk to a message of the gateway, in pieces: memory does not grow with the files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from acuse.cli.content_types import content_type_of
from acuse.cli.session import Session
from acuse.errors import InvalidInput
from acuse.mime import CHUNK

if TYPE_CHECKING:
    from acuse.as2 import MDNMode
    from acuse.domain.partner import Partner
    from acuse.domain.station import Station
    from acuse.ports import MessageView, Ports
    from acuse.services.accept_message import OutgoingFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to send, and to whom. A None means: as agreed with the partner, or as the file's name says."""

    station: "Station"
    partner: "Partner"
    paths: Sequence[Path]
    subject: str | None = None
    content_type: str | None = None
    compress: bool | None = None
    encrypt: bool | None = None
    sign: bool | None = None
    mdn: "MDNMode | None" = None


def accept_files(session: Session, wish: Wish, *, advance: Callable[[int], None]) -> "MessageView":
    """Copy the files into the home and have them sent; `advance` hears of every piece.

    Raises OSError for a file that cannot be read, and whatever `accept_message` raises.
    """
    from acuse.services.accept_message import SendMessage, accept_message

    files: list[OutgoingFile] = []
    try:
        files.extend(
            _stage(session.ports, path, wish.content_type or content_type_of(path), advance) for path in wish.paths
        )
    except BaseException:
        for file in files:
            file.stage.discard()
        raise
    command = SendMessage(
        space=session.space,
        partner_id=wish.partner.id,
        files=tuple(files),
        station_id=wish.station.id,
        subject=wish.subject,
        compress=wish.compress,
        encrypt=wish.encrypt,
        sign=wish.sign,
        mdn=wish.mdn,
    )
    return accept_message(session.ports, command)


def _stage(ports: "Ports", path: Path, content_type: str, advance: Callable[[int], None]) -> "OutgoingFile":
    from acuse.services.accept_message import OutgoingFile

    stage = ports.blobs.stage()
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                stage.write(piece)
                advance(len(piece))
        if stage.size == 0:
            raise InvalidInput(fields={str(path): "is empty, there is nothing to send"})
    except BaseException:
        stage.discard()
        raise
    return OutgoingFile(filename=path.name, content_type=content_type, stage=stage)
