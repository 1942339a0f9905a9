"""Certified e-mail on SQLite: `ports.Notices` inside a unit, `ports.NoticeViews` outside of it."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from acuse.domain.account import Space
from acuse.domain.credit import CreditsExhausted, LedgerEntry
from acuse.domain.message import Attachment
from acuse.domain.notice import Notice, Sending
from acuse.domain.sender import Sender
from acuse.domain.visit import Visit
from acuse.errors import AlreadyExists, NoticeNotFound, SenderNotFound
from acuse.evidence import FIRST, Entry, Fact, append
from acuse.mail import DKIMKey
from acuse.ports import IncomingReport, Link, NoticeFilter, NoticePage, NoticeView
from acuse.storage import notice_tables as tables
from acuse.storage.columns import micros
from acuse.storage.notice_rows import (
    attachment_row,
    dkim_row,
    ledger_row,
    link_row,
    notice_row,
    read_attachment,
    read_dkim,
    read_link,
    read_notice,
    read_report,
    read_sender,
    read_sending,
    read_visit,
    report_row,
    sender_row,
    sending_row,
    visit_row,
)
from acuse.storage.rows import Row
from acuse.storage.sqlite import notice_statements as sql
from acuse.storage.sqlite.connections import Link as Connection
from acuse.storage.sqlite.connections import Readers
from acuse.storage.vault import Vault

_NOTICE_END = len(tables.notice.c)


class NoticeRows:
    """`ports.Notices` on the connection of a unit."""

    def __init__(self, driver: sqlite3.Connection, vault: Vault, *, now: Callable[[], datetime]) -> None:
        self._driver = driver
        self._vault = vault
        self._now = now

    def add_sending(self, sending: Sending, attachments: Sequence[Attachment]) -> None:
        self._driver.execute(sql.ADD_SENDING, sending_row(sending))
        self._driver.executemany(sql.ADD_ATTACHMENT, [attachment_row(sending.id, file) for file in attachments])

    def add(self, notice: Notice, *, reference: str | None = None) -> None:
        self._driver.execute(sql.ADD_NOTICE, notice_row(notice, reference, self._vault))

    def get(self, notice_id: UUID) -> Notice:
        row = self._driver.execute(sql.GET_NOTICE, (notice_id.bytes,)).fetchone()
        if row is None:
            raise NoticeNotFound
        return read_notice(row, self._vault)

    def save(self, notice: Notice) -> None:
        if self._driver.execute(sql.SAVE_NOTICE, notice_row(notice, None, self._vault)).rowcount != 1:
            raise NoticeNotFound

    def record(self, notice: Notice, fact: Fact) -> Notice:
        last = self._driver.execute(sql.LAST_FACT, (notice.id.bytes,)).fetchone()
        position, previous = (1, FIRST) if last is None else (last[0] + 1, last[1])
        entry = append(fact, previous=previous)
        row = {"notice_id": notice.id.bytes, "position": position, "record": entry.record, "hash": entry.hash}
        self._driver.execute(sql.ADD_FACT, row)
        return notice.with_facts(position)

    def add_link(self, link: Link) -> None:
        self._driver.execute(sql.ADD_LINK, link_row(link))

    def remove_link(self, digest: bytes) -> bool:
        return self._driver.execute(sql.REMOVE_LINK, (digest,)).rowcount == 1

    def visit(self, notice_id: UUID) -> Visit:
        return read_visit(notice_id, self._driver.execute(sql.VISIT, (notice_id.bytes,)).fetchone(), self._vault)

    def save_visit(self, visit: Visit) -> None:
        self._driver.execute(sql.SAVE_VISIT, visit_row(visit, self._vault))

    def add_sender(self, sender: Sender) -> None:
        try:
            self._driver.execute(sql.ADD_SENDER, sender_row(sender))
        except sqlite3.IntegrityError as error:
            if "sender.address" not in str(error):
                raise
            raise AlreadyExists(f"There is a sender {sender.address} already.") from error

    def get_sender(self, sender_id: UUID) -> Sender:
        row = self._driver.execute(sql.GET_SENDER, (sender_id.bytes,)).fetchone()
        if row is None:
            raise SenderNotFound
        return read_sender(row)

    def save_sender(self, sender: Sender) -> None:
        if self._driver.execute(sql.SAVE_SENDER, sender_row(sender)).rowcount != 1:
            raise SenderNotFound

    def remove_sender(self, sender_id: UUID) -> None:
        if self._driver.execute(sql.REMOVE_SENDER, (micros(self._now()), sender_id.bytes)).rowcount != 1:
            raise SenderNotFound

    def book(self, entry: LedgerEntry) -> int:
        self._driver.execute(sql.ADD_ENTRY, ledger_row(entry))
        changed = self._driver.execute(sql.CHANGE_BALANCE, (entry.account_id.bytes, entry.effect)).fetchall()
        balance: int = changed[0][0]
        if balance < 0 and entry.effect < 0:
            raise CreditsExhausted
        return balance

    def add_report(self, report: IncomingReport) -> None:
        self._driver.execute(sql.ADD_REPORT, report_row(report))

    def reports(self, notice_id: UUID) -> tuple[IncomingReport, ...]:
        return tuple(read_report(row) for row in self._driver.execute(sql.REPORTS, (notice_id.bytes,)).fetchall())

    def add_dkim_key(self, key: DKIMKey) -> None:
        self._driver.execute(sql.ADD_DKIM_KEY, dkim_row(key, self._vault))


class SQLiteNoticeViews:
    """`ports.NoticeViews`. Reads from any thread."""

    def __init__(self, readers: Readers, vault: Vault) -> None:
        self._readers = readers
        self._vault = vault

    def page(self, space: Space, wanted: NoticeFilter, *, limit: int, offset: int) -> NoticePage:
        chosen = {
            "passage": wanted.passage,
            "reading": wanted.reading,
            "address": wanted.address,
            "reference": wanted.reference,
        }
        names = tuple(name for name, value in chosen.items() if value is not None)
        scope = (*_scope(space), *(chosen[name] for name in names))
        with self._readers.snapshot() as link:
            rows = link.driver.execute(sql.listed(names), (*scope, limit, offset)).fetchall()
            total: int = link.driver.execute(sql.counted(names), scope).fetchone()[0]
            return NoticePage(rows=tuple(self._view(link, row) for row in rows), total=total)

    def notice(self, space: Space, handle: int) -> NoticeView:
        return self._one(sql.VIEW_BY_HANDLE, space.account_id.bytes, handle, space.tenant_id.bytes, space.mode)

    def notice_by_id(self, notice_id: UUID) -> NoticeView:
        return self._one(sql.VIEW_BY_ID, notice_id.bytes)

    def journal(self, notice_id: UUID) -> tuple[Entry, ...]:
        return tuple(Entry(record=record, hash=hash_) for record, hash_ in self._all(sql.JOURNAL, notice_id.bytes))

    def link(self, digest: bytes) -> Link | None:
        rows = self._all(sql.LINK, digest)
        return read_link(rows[0]) if rows else None

    def visit(self, notice_id: UUID) -> Visit:
        rows = self._all(sql.VISIT, notice_id.bytes)
        return read_visit(notice_id, rows[0] if rows else None, self._vault)

    def senders(self, space: Space) -> tuple[Sender, ...]:
        return tuple(read_sender(row) for row in self._all(sql.SENDERS, space.tenant_id.bytes, space.account_id.bytes))

    def sender(self, space: Space, handle: int) -> Sender:
        rows = self._all(sql.SENDER, space.account_id.bytes, handle, space.tenant_id.bytes)
        if not rows:
            raise SenderNotFound
        return read_sender(rows[0])

    def reports(self, notice_id: UUID) -> tuple[IncomingReport, ...]:
        return tuple(read_report(row) for row in self._all(sql.REPORTS, notice_id.bytes))

    def dkim_key(self, domain: str) -> DKIMKey | None:
        rows = self._all(sql.DKIM_KEY, domain)
        return read_dkim(rows[0], self._vault) if rows else None

    def dkim_domains(self) -> tuple[str, ...]:
        return tuple(row[0] for row in self._all(sql.DKIM_DOMAINS))

    def balance(self, account_id: UUID) -> int:
        rows = self._all(sql.BALANCE, account_id.bytes)
        return rows[0][0] if rows else 0

    def settling(self, now: datetime, *, limit: int) -> tuple[UUID, ...]:
        return tuple(UUID(bytes=row[0]) for row in self._all(sql.SETTLING, micros(now), limit))

    def expiring(self, now: datetime, *, limit: int) -> tuple[UUID, ...]:
        return tuple(UUID(bytes=row[0]) for row in self._all(sql.EXPIRING, micros(now), limit))

    def _one(self, statement: str, *parameters: bytes | int | str) -> NoticeView:
        with self._readers.snapshot() as link:
            row = link.driver.execute(statement, parameters).fetchone()
            if row is None:
                raise NoticeNotFound
            return self._view(link, row)

    def _view(self, link: Connection, row: Row) -> NoticeView:
        notice = read_notice(row[:_NOTICE_END], self._vault)
        files = link.driver.execute(sql.ATTACHMENTS, (notice.sending_id.bytes,)).fetchall()
        return NoticeView(
            notice=notice,
            sending=read_sending(row[-1]),
            sender=read_sender(row[_NOTICE_END:-1]),
            attachments=tuple(read_attachment(file) for file in files),
        )

    def _all(self, statement: str, *parameters: bytes | int | str) -> list[Row]:
        with self._readers.link() as link:
            return link.driver.execute(statement, parameters).fetchall()


def _scope(space: Space) -> tuple[bytes, str, bytes]:
    return space.tenant_id.bytes, space.mode, space.account_id.bytes
