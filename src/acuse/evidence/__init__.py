"""Facts and their journal: what was observed about a message, in a form that anybody can check without us.

A fact is written once, in canonical JSON, and carries the hash of the fact before it: a journal in which one byte was
changed, or from which one fact is missing, no longer fits together. Pure functions of bytes and values: no clock, no
ids, no database.
"""

from acuse.evidence.canonical import NotCanonical, canonical_json
from acuse.evidence.fact import SCHEMA, URI, Fact, FactKind, Strength
from acuse.evidence.journal import FIRST, Entry, JournalBroken, append, check, entry_hash
from acuse.evidence.proof import NOT_SEALED, ProofSheet, write_proof

__all__ = [
    "FIRST",
    "NOT_SEALED",
    "SCHEMA",
    "URI",
    "Entry",
    "Fact",
    "FactKind",
    "JournalBroken",
    "NotCanonical",
    "ProofSheet",
    "Strength",
    "append",
    "canonical_json",
    "check",
    "entry_hash",
    "write_proof",
]
