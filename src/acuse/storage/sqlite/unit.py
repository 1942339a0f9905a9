"""A unit of work on SQLite: everything that a decision may write.

Rule: a unit lives for one transaction, on the thread whose turn it is to write. It keeps nothing that a rolled back
transaction would make wrong, except the jobs to be started after the commit, which fall with it.
"""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from acuse.as2.identifiers import bare_message_id
from acuse.domain.account import Space
from acuse.domain.event import Event
from acuse.domain.message import Attachment, Direction, Message, Receipt
from acuse.domain.partner import Partner
from acuse.domain.station import Station
from acuse.domain.timeline import TimelineStep
from acuse.errors import AlreadyExists, MessageNotFound
from acuse.ports import Blob, Handle
from acuse.storage.columns import json_text
from acuse.storage.directory import DirectoryRows
from acuse.storage.rows import (
    attachment_row,
    message_row,
    read_attachment,
    read_message,
    read_receipt,
    receipt_row,
)
from acuse.storage.sqlite import statements as sql
from acuse.storage.sqlite.answers import AnswerRows
from acuse.storage.sqlite.clearing import clear_test_data
from acuse.storage.sqlite.connections import Link
from acuse.storage.sqlite.jobs import UnitJobs
from acuse.storage.sqlite.marks import MarkRows
from acuse.storage.sqlite.notices import NoticeRows
from acuse.storage.sqlite.sessions import SessionRows
from acuse.storage.sqlite.strays import StrayRows
from acuse.storage.sqlite.webhook_statements import ADD_EVENT
from acuse.storage.sqlite.webhooks import WebhookRows
from acuse.storage.vault import Vault
from acuse.storage.webhook_rows import event_row


class MessageRows:
    """`ports.Messages`."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver

    def add(self, message: Message, attachments: Sequence[Attachment]) -> None:
        try:
            self._driver.execute(sql.ADD_MESSAGE, message_row(message))
        except sqlite3.IntegrityError as error:
            if "message.wire_key" not in str(error):
                raise
            raise AlreadyExists(f"The Message-ID {message.wire_id} came from this partner before.") from error
        self._driver.executemany(sql.ADD_ATTACHMENT, [attachment_row(message.id, file) for file in attachments])

    def get(self, message_id: UUID) -> Message:
        message = self._find(sql.GET_MESSAGE, message_id.bytes)
        if message is None:
            raise MessageNotFound
        return message

    def attachments(self, message_id: UUID) -> tuple[Attachment, ...]:
        return tuple(read_attachment(row) for row in self._driver.execute(sql.ATTACHMENTS, (message_id.bytes,)))

    def save(self, message: Message) -> None:
        if self._driver.execute(sql.SAVE_MESSAGE, message_row(message)).rowcount != 1:
            raise MessageNotFound

    def open_of_partner(self, partner: Partner) -> tuple[Message, ...]:
        return self._open(sql.OPEN_OF_PARTNER, partner)

    def open_of_station(self, station: Station) -> tuple[Message, ...]:
        return self._open(sql.OPEN_OF_STATION, station)

    def _open(self, statement: str, owner: Partner | Station) -> tuple[Message, ...]:
        one = owner.tenant_id.bytes, owner.id.bytes
        return tuple(read_message(row) for row in self._driver.execute(statement, (*one, *one)))

    def find_inbound(self, *, station_id: UUID, partner_id: UUID, wire_id: str) -> Message | None:
        return self._find(sql.FIND_INBOUND, station_id.bytes, partner_id.bytes, bare_message_id(wire_id))

    def find_outbound(self, *, station_id: UUID, partner_id: UUID, wire_id: str) -> Message | None:
        return self._find(sql.FIND_OUTBOUND, station_id.bytes, partner_id.bytes, bare_message_id(wire_id))

    def clear_test_data(self, space: Space) -> tuple[int, tuple[Blob, ...]]:
        return clear_test_data(self._driver, space)

    def add_receipt(self, receipt: Receipt) -> None:
        self._driver.execute(sql.ADD_RECEIPT, receipt_row(receipt))

    def count_receipts(self, message_id: UUID, direction: Direction) -> int:
        count: int = self._driver.execute(sql.COUNT_RECEIPTS, (message_id.bytes, direction)).fetchone()[0]
        return count

    def tell(self, message_id: UUID, steps: Sequence[TimelineStep]) -> None:
        if steps:
            self._driver.execute(sql.TELL, (message_id.bytes, json_text(steps)))

    def get_receipt(self, message_id: UUID, direction: Direction) -> Receipt | None:
        row = self._driver.execute(sql.FIRST_RECEIPT, (message_id.bytes, direction)).fetchone()
        return None if row is None else read_receipt(row)

    def _find(self, statement: str, *parameters: bytes | str) -> Message | None:
        row = self._driver.execute(statement, parameters).fetchone()
        return None if row is None else read_message(row)


class BlobRows:
    """`ports.BlobRows`."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver

    def add(self, blob: Blob) -> None:
        row = {"id": blob.id.bytes, "size": blob.size, "sha256": blob.sha256, "data": blob.inline}
        self._driver.execute(sql.ADD_BLOB, row)


class SQLiteUnit:
    """`ports.Unit`. `is_heard` tells whether somebody in this process starts jobs at once."""

    def __init__(self, link: Link, vault: Vault, *, is_heard: bool, now: Callable[[], datetime]) -> None:
        self.driver = link.driver
        self.messages = MessageRows(link.driver)
        self.directory = DirectoryRows(link.core, vault)
        self.blobs = BlobRows(link.driver)
        self.jobs = UnitJobs(link.driver, is_heard=is_heard, now=now)
        self.webhooks = WebhookRows(link.driver, vault)
        self.notices = NoticeRows(link.driver, vault, now=now)
        self.sessions = SessionRows(link.driver)
        self.strays = StrayRows(link.driver)
        self.answers = AnswerRows(link.driver)
        self.marks = MarkRows(link.driver)

    def publish(self, event: Event) -> int:
        position = self.driver.execute(ADD_EVENT, event_row(event)).lastrowid
        assert position is not None
        return position

    def next_handle(self, account_id: UUID, kind: Handle) -> int:
        last: int = self.driver.execute(sql.NEXT_HANDLE, (account_id.bytes, kind)).fetchall()[0][0]
        return last
