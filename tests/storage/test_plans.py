"""The hot statements find their rows by an index, however many there are."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from acuse.domain.account import Space
from acuse.domain.message import Direction, ReceiptState, Transmission
from acuse.ports import MessageFilter
from acuse.storage import MasterKey, SQLiteDatabase
from acuse.storage.lists import count_messages, select_messages
from acuse.storage.sqlite import answers
from acuse.storage.sqlite import statements as sql
from acuse.storage.sqlite import webhook_statements as webhook_sql
from tests.contracts.storage.samples import NOON, Clock, Ids

SPACE = Space(account_id=Ids(1)(), tenant_id=Ids(2)())
HOT = [
    "SAVE_MESSAGE",
    "GET_MESSAGE",
    "FIND_INBOUND",
    "FIND_OUTBOUND",
    "ATTACHMENTS",
    "FIRST_RECEIPT",
    "TELLING_RECEIPT",
    "RECEIPT",
    "TIMELINE",
    "VIEW_BY_ID",
    "VIEW_BY_HANDLE",
    "INBOUND_EXISTS",
    "VIEW_INBOUND",
    "FILE_RECEIVED",
    "OVERDUE",
    "RELATION",
    "RELATION_BY_ID",
    "STATION_NAMED",
    "CERTIFICATES",
    "KEY",
    "TENANTS",
    "STATIONS",
    "PARTNER",
    "FIND_BLOB",
    "ANY_DUE",
    "CLAIM_DUE",
    "CANCEL_JOB",
    "FINISH_JOB",
]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("plans") / "acuse.db"
    SQLiteDatabase.open(path, master_key=MasterKey(b"k" * 32), now=Clock().now).close()
    with closing(sqlite3.connect(path)) as driver:
        yield driver


def plan(driver: sqlite3.Connection, statement: str) -> list[str]:
    bare = re.sub(r":\w+", "?", statement)
    rows = driver.execute(f"EXPLAIN QUERY PLAN {bare}", [None] * bare.count("?")).fetchall()
    return [row[3] for row in rows]


@pytest.mark.parametrize("name", HOT)
def test_a_hot_statement_scans_no_table_and_sorts_no_large_result(driver: sqlite3.Connection, name: str) -> None:
    steps = plan(driver, getattr(sql, name))

    assert [step for step in steps if step.startswith("SCAN") and "json_each" not in step] == []
    assert name in ("TELLING_RECEIPT", "CERTIFICATES", "RELATION", "STATION_NAMED", "FIRST_RECEIPT") or not _sorts(
        steps
    )


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("FIND_INBOUND", "message_inbound"),
        ("VIEW_INBOUND", "message_inbound"),
        ("FIND_OUTBOUND", "message_outbound"),
        ("OVERDUE", "message_overdue"),
        ("FILE_RECEIVED", "attachment_by_filename"),
        ("ANY_DUE", "COVERING INDEX job_due"),
        ("CLAIM_DUE", "COVERING INDEX job_due"),
    ],
)
def test_a_hot_statement_uses_the_index_that_was_made_for_it(driver: sqlite3.Connection, name: str, index: str) -> None:
    assert any(index in step for step in plan(driver, getattr(sql, name)))


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (MessageFilter(), "message_newest"),
        (MessageFilter(direction=Direction.INBOUND), "message_of_direction"),
        (MessageFilter(created_from=NOON), "message_newest"),
        (MessageFilter(search="x"), "message_newest"),
        (MessageFilter(content_type="text/plain"), "message_of_type"),
        (MessageFilter(is_signed=False), "message_signed"),
        (MessageFilter(is_encrypted=True), "message_encrypted"),
        (MessageFilter(has_problem=True), "message_with_problem"),
        (MessageFilter(partner_id=Ids(3)()), "message_of_partner"),
    ],
)
def test_a_list_walks_an_index_from_the_newest_on(
    driver: sqlite3.Connection, wanted: MessageFilter, index: str
) -> None:
    statement = str(select_messages(SPACE, wanted, limit=10, offset=0).compile())

    steps = plan(driver, statement)

    assert any(f"USING INDEX {index}" in step for step in steps)
    assert not _sorts(steps)


def test_a_list_of_several_states_walks_the_index_once_for_each(driver: sqlite3.Connection) -> None:
    states = ((Transmission.FAILED, ReceiptState.PENDING, False), (Transmission.FAILED, ReceiptState.TIMEOUT, False))
    statement = str(select_messages(SPACE, MessageFilter(states=states), limit=10, offset=0).compile())

    walks = [step for step in plan(driver, statement) if "INDEX message_by_state" in step]

    assert len(walks) == 2
    assert all("receipt_is_late=?" in walk for walk in walks)


@pytest.mark.parametrize("wanted", [MessageFilter(), MessageFilter(direction=Direction.INBOUND, is_signed=True)])
def test_messages_of_a_kind_are_counted_without_reading_one(driver: sqlite3.Connection, wanted: MessageFilter) -> None:
    steps = " ".join(plan(driver, str(count_messages(SPACE, wanted).compile())))

    assert "SEARCH message_count USING PRIMARY KEY (tenant_id=? AND mode=?" in steps
    assert "message USING" not in steps


def test_messages_of_a_time_are_counted_in_an_index_alone_and_not_without_end(driver: sqlite3.Connection) -> None:
    statement = str(count_messages(SPACE, MessageFilter(created_from=NOON, created_to=NOON)).compile())

    assert "SEARCH message USING COVERING INDEX message_newest" in " ".join(plan(driver, statement))
    assert "LIMIT" in statement


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("SUBSCRIPTIONS", "webhook_endpoint_of_tenant"),
        ("FIRST_PENDING", "webhook_delivery_pending"),
        ("GET_DELIVERY", "sqlite_autoindex_webhook_delivery_1"),
        ("SAVE_DELIVERY", "sqlite_autoindex_webhook_delivery_1"),
        ("DELIVERIES", "sqlite_autoindex_webhook_delivery_2"),
        ("EVENTS_AFTER", "event_of_tenant"),
        ("EVENT", "INTEGER PRIMARY KEY"),
    ],
)
def test_a_statement_about_webhooks_walks_an_index_in_its_order(
    driver: sqlite3.Connection, name: str, index: str
) -> None:
    steps = plan(driver, getattr(webhook_sql, name))

    assert any(index in step for step in steps)
    assert [step for step in steps if step.startswith("SCAN") and "json_each" not in step] == []
    assert not _sorts(steps)


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (answers.FIND_ANSWER, "sqlite_autoindex_kept_answer_1"),
        (answers.FORGET_ANSWERS, "COVERING INDEX kept_answer_oldest"),
    ],
)
def test_a_statement_about_kept_answers_walks_an_index(driver: sqlite3.Connection, statement: str, index: str) -> None:
    steps = plan(driver, statement)

    assert any(index in step for step in steps)
    assert not [step for step in steps if step.startswith("SCAN") and index not in step]
    assert not _sorts(steps)


def _sorts(steps: list[str]) -> bool:
    return any("TEMP B-TREE" in step for step in steps)
