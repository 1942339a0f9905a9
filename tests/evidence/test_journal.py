"""The journal of a message: it fits together, and no longer does once anything in it was changed."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from acuse.evidence import Entry, Fact, FactKind, JournalBroken, NotCanonical, Strength, append, check, entry_hash

NOON = datetime(2026, 3, 29, 12, 0, 0, 123_999, tzinfo=UTC)


def fact(number: int, **changes: object) -> Fact:
    made = Fact(
        id=UUID(int=number),
        kind=FactKind.RELAY_TO_NON_ERDS,
        at=NOON + timedelta(seconds=number),
        strength=Strength.REMOTE_SERVER,
        message="ntc_000007",
        reasons=("250 2.0.0 Ok: queued",),
        details={"transport": {"mx": "mx.example.net", "port": 25}},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def journal(length: int) -> list[Entry]:
    entries: list[Entry] = []
    for number in range(1, length + 1):
        entries.append(append(fact(number), previous=entries[-1].hash) if entries else append(fact(number)))
    return entries


def test_a_record_says_what_happened_when_and_after_what() -> None:
    first = append(fact(0))
    assert {
        "version": 1,
        "EvidenceIdentifier": "00000000-0000-0000-0000-000000000000",
        "ERDSEventId": "http://uri.etsi.org/19522/Event/RelayToNonERDS",
        "EventTime": "2026-03-29T12:00:00.123Z",
        "EventReasons": ["250 2.0.0 Ok: queued"],
        "MessageIdentifier": "ntc_000007",
        "strength": 2,
        "previous": "0" * 64,
        "transport": {"mx": "mx.example.net", "port": 25},
    } == json.loads(first.record)


def test_the_time_is_written_in_utc_whatever_its_zone() -> None:
    madrid_in_summer = NOON.astimezone(timezone(timedelta(hours=2)))
    assert append(fact(0)) == append(fact(0, at=madrid_in_summer))


def test_an_untouched_journal_counts_its_facts() -> None:
    assert [0, 1, 4] == [check(journal(length)) for length in (0, 1, 4)]


def test_a_changed_record_is_found() -> None:
    entries = journal(4)
    entries[1] = replace(entries[1], record=entries[1].record.replace(b"250", b"251"))
    with pytest.raises(JournalBroken, match="at fact 2: its hash"):
        check(entries)


def test_a_changed_record_with_a_fitting_hash_breaks_the_next_one() -> None:
    entries = journal(4)
    entries[1] = append(fact(2, reasons=("251",)), previous=entries[0].hash)
    with pytest.raises(JournalBroken, match="at fact 3: it does not follow"):
        check(entries)


@pytest.mark.parametrize("order", [(1, 2, 3), (0, 2, 3), (0, 2, 1, 3), (0, 1, 1, 2, 3)])
def test_missing_swapped_and_doubled_facts_are_found(order: tuple[int, ...]) -> None:
    entries = journal(4)
    with pytest.raises(JournalBroken, match="does not follow"):
        check(entries[number] for number in order)


def test_another_spelling_of_a_record_is_no_record() -> None:
    spaced = json.dumps(json.loads(append(fact(1)).record)).encode()
    with pytest.raises(JournalBroken, match="not canonical"):
        check([Entry(record=spaced, hash=entry_hash(spaced))])


def test_details_without_a_canonical_form_are_refused() -> None:
    with pytest.raises(NotCanonical):
        append(fact(1, details={"seconds": 0.5}))


def test_details_cannot_pass_for_what_every_record_says() -> None:
    record = json.loads(append(fact(1, details={"previous": "f" * 64, "strength": 5, "note": "kept"})).record)
    assert ("0" * 64, 2, "kept") == (record["previous"], record["strength"], record["note"])
