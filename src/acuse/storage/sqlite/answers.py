"""The answers of idempotency keys on SQLite.

Rule: a key is taken by one row. Only an answer that is over gives its row to another.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from acuse.domain.access import Mode
from acuse.domain.account import Space
from acuse.domain.idempotency import KEPT_FOR, KeptAnswer
from acuse.errors import RequestUnderWay
from acuse.storage import tables
from acuse.storage.columns import micros, moment
from acuse.storage.sqlite.statements import columns, insert

_NAMES = [column.name for column in tables.kept_answer.c if column.name != "number"]
_CHANGES = ", ".join(f"{name} = excluded.{name}" for name in ("request_digest", "status", "body", "created_at"))
KEEP_ANSWER = f"""
    {insert(tables.kept_answer, _NAMES)}
    ON CONFLICT (tenant_id, mode, route, key) DO UPDATE SET {_CHANGES} WHERE created_at <= :over_before
"""
FIND_ANSWER = f"""
    SELECT {columns(tables.kept_answer, "a")} FROM kept_answer a
    WHERE a.tenant_id = ? AND a.mode = ? AND a.route = ? AND a.key = ? AND a.account_id = ?
"""  # noqa: S608 - the names come from the table definition
FORGET_ANSWERS = """
    DELETE FROM kept_answer WHERE number IN (
        SELECT number FROM kept_answer WHERE created_at <= ? ORDER BY created_at LIMIT ?
    )
"""


class AnswerRows:
    """`ports.Answers`."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver

    def add(self, answer: KeptAnswer) -> None:
        row = {
            "account_id": answer.space.account_id.bytes,
            "tenant_id": answer.space.tenant_id.bytes,
            "mode": answer.space.mode,
            "route": answer.route,
            "key": answer.key,
            "request_digest": answer.request_digest,
            "status": answer.status,
            "body": answer.body,
            "created_at": micros(answer.created_at),
            "over_before": micros(answer.created_at - KEPT_FOR),
        }
        if self._driver.execute(KEEP_ANSWER, row).rowcount != 1:
            raise RequestUnderWay

    def forget(self, before: datetime, *, limit: int) -> int:
        return self._driver.execute(FORGET_ANSWERS, (micros(before), limit)).rowcount


def found_by(space: Space, route: str, key: str) -> tuple[object, ...]:
    """The parameters of FIND_ANSWER."""
    return space.tenant_id.bytes, space.mode, route, key, space.account_id.bytes


def read_answer(row: Sequence[Any]) -> KeptAnswer:
    _, account_id, tenant_id, mode, route, key, request_digest, status, body, created_at = row
    return KeptAnswer(
        space=Space(account_id=UUID(bytes=account_id), tenant_id=UUID(bytes=tenant_id), mode=Mode(mode)),
        route=route,
        key=key,
        request_digest=request_digest,
        status=status,
        body=body,
        created_at=moment(created_at),
    )
