"""Two parties in one process, each with a real home; what goes over the wire between them is carried by hand."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from uuid import UUID

from cryptography import x509

from acuse.domain.account import Account, Space
from acuse.domain.message import Direction, Message
from acuse.domain.partner import Partner, Terms
from acuse.mime import Source, read_all
from acuse.ports import HTTPReply, MessageFilter, MessageView, Ports, Stage
from acuse.services.accept_message import OutgoingFile, SendMessage, accept_message
from acuse.services.begin_attempt import Attempt, begin_attempt
from acuse.services.manage_accounts import create_account
from acuse.services.manage_partners import add_partner
from acuse.services.manage_stations import add_station
from acuse.services.receive_message import Answer, receive
from acuse.services.settle_attempt import settle_attempt
from acuse.storage import DiskBlobs, Home, MasterKey, SQLiteDatabase
from acuse.storage.columns import moment
from acuse.testing import FixedWorld

LIMIT = 1 << 30
INVOICE = b"UNB+UNOA:1+GLOBEX+ACME'\nUNZ+1'\n"


class House:
    """A gateway with one station, in a new home or one that was there, and what a test wants to do and see there."""

    def __init__(self, folder: Path, as2_id: str, world: FixedWorld) -> None:
        self.home = Home(folder)
        self.home.create()
        key = MasterKey(b"k" * 32)
        self.database = SQLiteDatabase.open(self.home.database, master_key=key, now=world.now)
        blobs = DiskBlobs(self.home, self.database, new_id=world.new_id)
        self.world = world
        self.ports = Ports(units=self.database, views=self.database.views, blobs=blobs, world=world, signing_keys=key)
        self.as2_id = as2_id
        account = self.ports.views.account() or self._found()
        self.space = Space(account_id=account.id, tenant_id=self.ports.views.tenants(account.id)[0].id)
        [self.station] = self.ports.views.stations(self.space)
        self.partner: Partner | None = None

    def _found(self) -> Account:
        """Fill a home that is new."""
        account, tenant = create_account(self.ports, name=self.as2_id)
        space = Space(account_id=account.id, tenant_id=tenant.id)
        url = f"https://{self.as2_id.lower()}.example"
        add_station(self.ports, space=space, name=self.as2_id, as2_id=self.as2_id, url=url)
        return account

    @property
    def certificate(self) -> x509.Certificate:
        return self.ports.views.certificates(self.station.id)[0].x509_certificate

    def meet(self, other: "House", terms: Terms, *, certificate: x509.Certificate | None = None) -> None:
        """Make `other` our partner."""
        self.partner = add_partner(
            self.ports,
            space=self.space,
            name=other.as2_id,
            as2_id=other.as2_id,
            url=other.station.receive_url,
            certificates=[certificate or other.certificate],
            terms=terms,
            url_is_vouched=False,
        )

    # ── Doing ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def stage(self, data: bytes) -> Stage:
        stage = self.ports.blobs.stage()
        stage.write(data)
        return stage

    def command(self, *bodies: bytes, **wishes: object) -> SendMessage:
        assert self.partner
        files = tuple(
            OutgoingFile(filename=f"{number}.edi", content_type="application/edifact", stage=self.stage(body))
            for number, body in enumerate(bodies or (INVOICE,), start=1)
        )
        fields: dict[str, object] = {"space": self.space, "partner_id": self.partner.id, "files": files, **wishes}
        return SendMessage(**fields)  # type: ignore[arg-type]

    def accept(self, *bodies: bytes, **wishes: object) -> Message:
        return accept_message(self.ports, self.command(*bodies, **wishes)).message

    def begin(self, message: Message) -> Attempt:
        attempt = begin_attempt(self.ports, message.id)
        assert attempt
        return attempt

    def take(self, headers: Sequence[tuple[str, str]], body: bytes, *, station: str | None = None) -> Answer:
        """What the web face does with a request."""
        return receive(self.ports, headers, self.stage(body), station=station)

    def send(self, message: Message, other: "House") -> Attempt:
        """One whole attempt, which arrives."""
        attempt = self.begin(message)
        settle_attempt(self.ports, attempt, carried(attempt, other))
        return attempt

    # ── Seeing ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def view(self, message: Message | UUID) -> MessageView:
        return self.ports.views.message_by_id(message.id if isinstance(message, Message) else message)

    def message(self, message: Message) -> Message:
        return self.view(message).message

    def inbound(self) -> tuple[MessageView, ...]:
        wanted = MessageFilter(direction=Direction.INBOUND)
        rows = self.ports.views.messages(self.space, wanted, limit=100, offset=0).rows
        return tuple(self.view(row.message) for row in rows)

    def read(self, blob_id: UUID) -> bytes:
        return bytes_of(self.ports.blobs.source(blob_id))

    def payloads(self, view: MessageView) -> list[bytes]:
        return [self.read(attachment.blob_id) for attachment in view.attachments]

    def events(self) -> list[str]:
        """What was told of messages and certificates, in order."""
        rows = self._rows("SELECT kind FROM event WHERE kind NOT LIKE 'partner.%' ORDER BY position")
        return [row[0].removeprefix("message.") for row in rows]

    def jobs(self) -> list[tuple[str, datetime]]:
        """Kind and time of what is still to be done."""
        rows = self._rows("SELECT kind, due_at FROM job WHERE claimed_at IS NULL ORDER BY due_at")
        return [(kind, moment(due_at)) for kind, due_at in rows]

    def count(self, table: str) -> int:
        return int(self._rows(f"SELECT count(*) FROM {table}")[0][0])

    def files(self) -> list[Path]:
        """Whatever lies in the home as a file of its own, staged or kept."""
        return [path for folder in (self.home.staging, self.home.blobs) for path in folder.rglob("*") if path.is_file()]

    def execute(self, statement: str) -> None:
        """Do something to the database that the gateway would not."""
        with closing(sqlite3.connect(self.home.database)) as connection:
            connection.execute(statement)
            connection.commit()

    def _rows(self, statement: str) -> list[tuple[str, int]]:
        with closing(sqlite3.connect(self.home.database)) as connection:
            return connection.execute(statement).fetchall()


def bytes_of(source: Source) -> bytes:
    return read_all(source.open(), limit=LIMIT)


def carried(attempt: Attempt, other: House) -> HTTPReply:
    """What the other side answers to this attempt."""
    return reply_of(other.take(attempt.headers, bytes_of(attempt.body)))


def reply_of(answer: Answer) -> HTTPReply:
    return HTTPReply(status=answer.status, headers=answer.headers, body=answer.body)
