"""Certified e-mail at the command line: senders, credits, notices, their proof, and the mails that were captured."""

import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell


@pytest.fixture
def office(shell: Shell) -> Shell:
    """A home that may send from avisos@example.com and has 100 credits."""
    assert 0 == shell("sender", "add", "avisos@example.com", "--name", "Avisos").code
    assert 0 == shell("credits", "grant", "100").code
    return shell


def send(shell: Shell, *more: str | Path) -> list[dict[str, object]]:
    shown: list[dict[str, object]] = shell(
        "notice", "send", "--to", "Ana Pérez <ana@example.net>", "--subject", "Para {{nombre}}", "--text", "Hola.",
        *more, "--json",
    ).json  # fmt: skip
    return shown


def test_a_sender_of_the_operator_may_be_used_at_once_and_is_removed(office: Shell) -> None:
    (shown,) = office("sender", "list", "--json").json
    assert ("snd_000001", "avisos@example.com", "operator") == (shown["id"], shown["address"], shown["assurance"])
    assert "avisos@example.com" in office("sender", "list").output

    assert 0 == office("sender", "remove", "avisos@example.com").code
    assert [] == office("sender", "list", "--json").json
    assert "There is no sender" in office("sender", "remove", "snd_000001").refusal


def test_credits_are_given_taken_back_and_shown(office: Shell) -> None:
    assert {"balance": 100.0, "per_notice": 9.0} == office("credits", "--json").json
    assert {"balance": 94.5, "per_notice": 9.0} == office("credits", "grant", "--json", "--", "-5.5").json
    assert "94.5" in office("credits").output
    assert "not a number of credits" in office("credits", "grant", "1.234").misuse
    assert office("credits", "grant", "--", "-1000").refusal


def test_a_mail_that_was_waited_for_is_captured_and_proved(office: Shell, tmp_path: Path) -> None:
    file = tmp_path / "contrato.pdf"
    file.write_bytes(b"%PDF-1.7")
    (made,) = send(office, file, "--variable", "x=1", "--wait")

    assert ("ntc_000001", "delivered", "Para Ana Pérez") == (made["id"], made["status"], made["subject"])
    (mail,) = office("mailbox", "--json").json
    assert ("ana@example.net", "Para Ana Pérez") == (mail["to"], mail["subject"])
    text = office("mailbox", "1").output
    assert "Hola." in text
    assert "[contrato.pdf, application/pdf]" in text
    proof = tmp_path / "proof.pdf"
    assert "not sealed" in office("notice", "proof", "ntc_000001", "--out", proof).output
    assert proof.read_bytes().startswith(b"%PDF-")
    shown = office("notice", "show", "1", "--json").json
    assert ["SubmissionAcceptance", "RelayToNonERDS", "RelayToNonERDS"] == [
        entry["record"]["ERDSEventId"].rpartition("/")[2] for entry in shown["journal"]
    ]
    assert "RelayToNonERDS" in office("notice", "show", "ntc_000001").output


def test_a_scheduled_notice_is_listed_and_cancelled(office: Shell) -> None:
    send(office, "--at", "2099-01-01 10:00", "--acceptance-days", "3", "--reference", "r")

    assert "scheduled" in office("notice", "list").output
    assert "is cancelled" in office("notice", "cancel", "ntc_000001").output
    assert ["cancelled"] == [entry["status"] for entry in office("notice", "list", "--json").json]
    assert office("notice", "cancel", "ntc_000001").refusal


@pytest.mark.parametrize(
    "arguments", [["--text", "a", "--text-file", __file__], ["--variable", "x", "--text", "a"], []]
)
def test_a_line_that_says_too_much_or_too_little_is_not_read(office: Shell, arguments: list[str]) -> None:
    assert office("notice", "send", "--to", "a@example.net", "--subject", "s", *arguments).misuse


def test_what_cannot_be_sent_is_told(shell: Shell, office: Shell) -> None:
    assert "nobody" in office("notice", "send", "--to", "nobody", "--subject", "s", "--text", "t").refusal
    assert "'ntc_x' is not the id" in office("notice", "show", "ntc_x").refusal
    assert "there are 0 captured mails" in shell("mailbox", "1").refusal


def test_without_a_sender_there_is_nothing_to_send_from(shell: Shell) -> None:
    arguments = ["notice", "send", "--to", "a@example.net", "--subject", "s", "--text", "t"]

    assert "no validated sender" in shell(*arguments).refusal


def test_a_credential_for_mensatek_brings_what_its_program_needs(shell: Shell) -> None:
    made = shell(
        "key", "create", "--dialect", "mensatek", "--sender", "a@example.com", "--credits", "50",
        "--report-url", "http://127.0.0.1:9/r", "--report-format", "form", "--report-user", "u",
        "--report-password", "p", "--json",
    ).json  # fmt: skip

    assert made["user"].startswith("api_")
    assert made["token"].startswith("mk_live_")
    assert ["a@example.com"] == [entry["address"] for entry in shell("sender", "list", "--json").json]
    assert 50 == shell("credits", "--json").json["balance"]
    (endpoint,) = shell("webhook", "list", "--json").json
    assert ("http://127.0.0.1:9/r", "mensatek") == (endpoint["url"], endpoint["format"])
    assert "Basic" not in json.dumps(endpoint)
    shell("key", "create", "--dialect", "mensatek", "--sender", "A@example.com", "--json")
    assert 1 == len(shell("sender", "list", "--json").json)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--dialect", "mft", "--sender", "a@example.com"],
        ["--dialect", "mensatek", "--report-user", "u"],
        ["--dialect", "mensatek", "--credits", "x"],
    ],
)
def test_options_that_do_not_go_together_make_no_credential(shell: Shell, arguments: list[str]) -> None:
    assert shell("key", "create", *arguments).misuse
    assert ["first key"] == [entry["name"] for entry in shell("key", "list", "--json").json]
