"""Where everything lies that must survive a crash: rows, large bodies and sealed secrets, in one home folder."""

from acuse.storage.blobs import DiskBlobs
from acuse.storage.home import Home, RunningGateway
from acuse.storage.secrets import MasterKey
from acuse.storage.sqlite.database import SQLiteDatabase
from acuse.storage.stage import INLINE_LIMIT

__all__ = ["INLINE_LIMIT", "DiskBlobs", "Home", "MasterKey", "RunningGateway", "SQLiteDatabase"]
