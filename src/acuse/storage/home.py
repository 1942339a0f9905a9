"""The home of a gateway: the folder with everything that must survive.

Rule: one gateway per home. The lock is an `flock` on a file that stays where it is: it falls with the process that
holds it, however that dies, and nobody has to judge whether a process id in a file is still alive.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import msgspec

from acuse.errors import HomeBusy, HomeMissing, StorageFailed

_LOCK_TRIES = 5
_LOCK_PAUSE = 0.02
"""Seconds. Whoever asks whether a gateway runs holds the lock for an instant; that must not keep one from starting."""


class RunningGateway(TypedDict):
    """Who holds the lock of a home."""

    pid: int
    url: str
    has_engine: bool
    """Whether it sends. Without, what is to be sent waits for a process that does."""


@dataclass(frozen=True, slots=True)
class Home:
    """A folder that belongs to one gateway, readable by its user alone."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / "acuse.db"

    @property
    def master_key(self) -> Path:
        return self.path / "master.key"

    @property
    def blobs(self) -> Path:
        """Large bodies, in folders by the last two digits of their id."""
        return self.path / "blobs"

    @property
    def staging(self) -> Path:
        """Bytes on their way in or out; nothing in it survives a start."""
        return self.path / "staging"

    @property
    def mailbox(self) -> Path:
        """Mail that was captured instead of sent."""
        return self.path / "mailbox"

    @property
    def lock_file(self) -> Path:
        return self.path / "gateway.lock"

    def create(self) -> None:
        """Make the folders where they are missing, with mode 700. Raises StorageFailed."""
        try:
            for folder in (self.path, self.blobs, self.staging):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            raise StorageFailed(f"The home {self.path} cannot be made: {error.strerror}.") from error

    def require(self) -> None:
        """Raises HomeMissing unless a database is here."""
        if not self.database.is_file():
            raise HomeMissing(home=str(self.path))

    @contextmanager
    def lock(self, url: str, *, has_engine: bool = True) -> Iterator[None]:
        """Be the gateway of this home, reachable at `url`, until the block ends; `has_engine` tells whether it sends.
        Raises HomeBusy.
        """
        handle = os.open(self.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not _take(handle):
                raise HomeBusy(home=str(self.path), **_owner(handle))
            os.ftruncate(handle, 0)
            owner = RunningGateway(pid=os.getpid(), url=url, has_engine=has_engine)
            os.pwrite(handle, msgspec.json.encode(owner), 0)
            yield
        finally:
            os.close(handle)

    def running(self) -> RunningGateway | None:
        """The gateway that holds the lock now, or None. Does not disturb it."""
        try:
            handle = os.open(self.lock_file, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _owner(handle)
        else:
            return None
        finally:
            os.close(handle)


def _take(handle: int) -> bool:
    for attempt in range(_LOCK_TRIES):
        if attempt:
            time.sleep(_LOCK_PAUSE)
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    return False


def _owner(handle: int) -> RunningGateway:
    try:
        return msgspec.json.decode(os.pread(handle, 4096, 0), type=RunningGateway)
    except msgspec.DecodeError:
        return RunningGateway(pid=0, url="", has_engine=True)  # it took the lock an instant ago and has not written yet


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: without this a renamed file may be gone after a power failure."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
