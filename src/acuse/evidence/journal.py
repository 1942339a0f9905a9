"""The journal of one message: its facts, each holding the hash of the one before.

The hash is SHA-256 over 0x00 and the canonical record, which is the leaf hash of RFC 9162 section 2.1.1: the same value
can stand in a Merkle tree over all journals without being computed anew.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from acuse.errors import CoreError
from acuse.evidence.canonical import canonical_json
from acuse.evidence.fact import Fact

FIRST = "0" * 64
"""What the first fact of a message names as the one before it."""


class JournalBroken(CoreError):
    """The journal does not fit together: a fact was changed, removed or put in."""

    code = "JOURNAL_BROKEN"

    def __init__(self, *, position: int, problem: str) -> None:
        super().__init__(f"The journal is broken at fact {position}: {problem}.", position=position)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A fact as it is kept: the bytes that were hashed, and their hash in hex."""

    record: bytes
    hash: str


def entry_hash(record: bytes) -> str:
    """The hash of a record, in hex (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x00" + record).hexdigest()


def append(fact: Fact, *, previous: str = FIRST) -> Entry:
    """The entry of a fact behind the entry with the hash `previous`. Raises NotCanonical for details without a form."""
    record = canonical_json(fact.record(previous=previous))
    return Entry(record=record, hash=entry_hash(record))


def check(entries: Iterable[Entry]) -> int:
    """How many facts the journal holds; raises JournalBroken at the first that does not fit, counted from 1."""
    previous, position = FIRST, 0
    for position, entry in enumerate(entries, start=1):
        if entry_hash(entry.record) != entry.hash:
            raise JournalBroken(position=position, problem="its hash is that of another record")
        if _previous_of(entry.record, position) != previous:
            raise JournalBroken(position=position, problem="it does not follow the fact before it")
        previous = entry.hash
    return position


def _previous_of(record: bytes, position: int) -> object:
    try:
        value = json.loads(record)
        # Two spellings of one record would be two hashes of one fact.
        if isinstance(value, dict) and canonical_json(value) == record:
            return value.get("previous")
    except (ValueError, RecursionError, CoreError):
        pass
    raise JournalBroken(position=position, problem="its record is not canonical JSON")
