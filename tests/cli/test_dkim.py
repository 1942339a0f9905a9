"""`acuse dkim`."""

from tests.cli.shell import Shell


def test_a_key_is_made_once_and_its_record_shown_again(shell: Shell) -> None:
    made = shell("dkim", "create", "Example.com", "--json").json

    assert made == shell("dkim", "show", "example.com", "--json").json
    assert f"{made['selector']}._domainkey.example.com" == made["record_name"]
    assert made["record_text"].startswith("v=DKIM1; k=rsa; p=MII")
    shown = shell("dkim", "show", "example.com").output
    pieces = shown.partition("IN TXT ( ")[2].split('"')[1::2]
    assert made["record_text"] == "".join(pieces)
    assert all(len(piece) <= 255 for piece in pieces)
    assert [{"domain": "example.com"}] == shell("dkim", "list", "--json").json


def test_a_domain_without_a_key_and_a_bad_domain_are_told(shell: Shell) -> None:
    assert "No key yet" in shell("dkim", "list").output
    assert "acuse dkim create" in shell("dkim", "show", "example.com").refusal
    assert "domain" in shell("dkim", "create", "no domain").refusal
