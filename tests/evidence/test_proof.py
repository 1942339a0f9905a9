"""The proof: honest about what it is, the same for the same facts, and unmoved by what others wrote into it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from acuse.evidence import Entry, Fact, FactKind, ProofSheet, Strength, append, write_proof
from acuse.evidence.proof import told

TRANSPORT = {
    "server": "mx.example.net",
    "address": "192.0.2.7",
    "tls": {"version": "TLSv1.3"},
    "captured": False,
}


def entry(reason: str = "250 2.0.0 Ok: queued") -> Entry:
    return append(
        Fact(
            id=UUID(int=1),
            kind=FactKind.RELAY_TO_NON_ERDS,
            at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            strength=Strength.REMOTE_SERVER,
            message="ntc_000001",
            reasons=(reason,),
            details={"transport": TRANSPORT},
        )
    )


def sheet(**changes: object) -> ProofSheet:
    fields: dict[str, object] = {
        "title": "Proof of certified e-mail ntc_000001",
        "summary": [("Recipient", "Żółć Ελένη Юрий <a@example.net>")],
        "hashes": [("The call", "ab" * 32)],
        "journal": (entry(),),
    }
    return ProofSheet(**{**fields, **changes})  # type: ignore[arg-type]


def test_the_same_facts_give_the_same_bytes_and_another_fact_gives_others() -> None:
    assert write_proof(sheet()) == write_proof(sheet())
    assert write_proof(sheet()) != write_proof(sheet(journal=(entry("250 other"),)))


def test_a_servers_words_are_told_as_its_words() -> None:
    record = {"EventReasons": ["250 2.0.0 Ok: queued"], "transport": TRANSPORT}

    assert [
        "The server mx.example.net (192.0.2.7) answered: 250 2.0.0 Ok: queued",
        "The connection was encrypted with TLSv1.3.",
    ] == told(record)


@pytest.mark.parametrize(
    ("transport", "last"),
    [
        ({**TRANSPORT, "tls": {"version": None}}, "The connection was not encrypted."),
        ({"captured": True}, "Kept in the captured mailbox of this gateway; no server was contacted."),
        ({"server": None, "address": None}, "No server was reached."),
    ],
)
def test_what_did_not_happen_is_not_told_as_if_it_had(transport: dict[str, object], last: str) -> None:
    assert last == told({"EventReasons": ["x"], "transport": transport})[-1]


@pytest.mark.parametrize(
    "text",
    [
        "<b>not bold",
        "</para><para>",
        "&amp; & &#x41;",
        "<img src='http://example.com/x'/>",
        "عربى 漢字 \U0001f600",
        "x" * 5000,
    ],
)
def test_no_text_from_outside_breaks_the_page(text: str) -> None:
    proof = write_proof(sheet(summary=[(text, text)], journal=(entry(text),)))

    assert proof.startswith(b"%PDF-")
    assert b"http://example.com" not in proof


def test_a_journal_of_any_length_finds_its_pages() -> None:
    assert write_proof(sheet(journal=(entry(),) * 200)).count(b"/Type /Page\n") > 3
