"""`acuse station` and `acuse key`."""

import hashlib

import pytest
from cryptography import x509

from acuse.bootstrap import open_gateway
from acuse.config import Settings
from acuse.domain.access import key_digest
from tests.cli.shell import Shell


def test_add_and_show_and_list_print_the_same_object(shell: Shell) -> None:
    added = shell("station", "add", "--name", "Warehouse", "--as2-id", "ACME-2", "--json").json

    assert "stn_000002" == added["id"]
    assert "Warehouse" == added["name"]
    assert added == shell("station", "show", "stn_000002", "--json").json
    assert added == shell("station", "show", "ACME-2", "--json").json
    assert [added] == [entry for entry in shell("station", "list", "--json").json if entry["id"] == "stn_000002"]
    assert x509.load_pem_x509_certificate(added["certificate"].encode()).subject.rfc4514_string() == "CN=ACME-2"


def test_a_second_station_is_reached_where_the_first_one_is(fresh_shell: Shell) -> None:
    fresh_shell("init", "--name", "Acme", "--as2-id", "ACME", "--url", "https://as2.example.com:8443/edi")

    added = fresh_shell("station", "add", "--as2-id", "ACME-2", "--json").json

    assert "https://as2.example.com:8443/edi/as2" == added["receive_url"]


def test_a_second_station_may_be_reached_elsewhere(shell: Shell) -> None:
    added = shell("station", "add", "--as2-id", "ACME-2", "--url", "https://two.example.com", "--json").json

    assert "https://two.example.com/as2" == added["receive_url"]


def test_people_see_a_table_and_the_certificate(shell: Shell) -> None:
    listed, shown = shell("station", "list"), shell("station", "show")

    assert ["id", "AS2", "id", "name", "receives", "at"] == listed.output.splitlines()[0].split()[:6]
    assert "stn_000001" in listed.output
    assert "-----BEGIN CERTIFICATE-----" in shown.output


def test_the_same_as2_id_is_refused(shell: Shell) -> None:
    assert "exists already" in shell("station", "add", "--as2-id", "ACME").refusal


@pytest.mark.parametrize("name", ["NOBODY", "stn_000009", ""])
def test_an_unknown_station_is_refused(shell: Shell, name: str) -> None:
    assert "'acuse station list' shows those that exist" in shell("station", "show", name).refusal


def test_a_station_is_moved_and_renamed(shell: Shell) -> None:
    before = shell("station", "show", "--json").json

    changed = shell("station", "set", "ACME", "--url", "https://new.example.com", "--name", "Acme, Ltd", "--json").json

    assert {
        **before,
        "receive_url": "https://new.example.com/as2",
        "name": "Acme, Ltd",
        "updated_at": changed["updated_at"],
    } == changed
    assert changed == shell("station", "show", "--json").json


def test_what_is_not_named_stays_as_it_was(shell: Shell) -> None:
    before = shell("station", "show", "--json").json

    renamed = shell("station", "set", "stn_000001", "--name", "Acme, Ltd", "--json").json

    assert {**before, "name": "Acme, Ltd", "updated_at": renamed["updated_at"]} == renamed


def test_a_change_of_a_station_that_changes_nothing_is_a_misuse(shell: Shell) -> None:
    assert "Give --url, --name, --as2-id, --email or --default." in shell("station", "set", "ACME").misuse


def test_another_station_becomes_the_default_one_and_the_first_is_deleted_unless_it_is_needed(shell: Shell) -> None:
    shell("station", "add", "--as2-id", "ACME-2", "--email", "edi@acme.example")
    chosen = shell("station", "set", "ACME-2", "--default", "--json").json

    assert (True, "edi@acme.example") == (chosen["default"], chosen["email"])
    assert ["stn_000002", "stn_000001"] == [entry["id"] for entry in shell("station", "list", "--json").json]
    assert {"id": "stn_000001", "deleted": True} == shell("station", "delete", "ACME", "--json").json
    assert ["stn_000002"] == [entry["id"] for entry in shell("station", "list", "--json").json]


def test_an_unknown_station_is_not_changed(shell: Shell) -> None:
    refusal = shell("station", "set", "NOBODY", "--url", "https://new.example.com").refusal

    assert "'acuse station list' shows those that exist" in refusal


def test_a_key_is_made_with_what_was_asked_for(shell: Shell) -> None:
    made = shell(
        *("key", "create", "--mode", "test", "--scopes", "write,read", "--name", "ERP", "--expires", "2199-12-31"),
        "--json",
    ).json

    assert made.pop("api_key").startswith("pk_test_")
    assert made["hint"].startswith("pk_test_")
    assert {
        "id": "key_000002",
        "dialect": "native",
        "username": None,
        "token_id": None,
        "hint": made["hint"],
        "mode": "test",
        "scopes": ["read", "write"],
        "name": "ERP",
        "tenant_id": None,
        "allowed_ips": [],
        "expires_at": "2199-12-31T00:00:00.000000Z",
        "previous_expires_at": None,
        "last_used_at": None,
        "last_used_ip": None,
        "created_at": made["created_at"],
    } == made


def test_a_key_of_one_tenant_is_bound_to_its_networks(shell: Shell) -> None:
    made = shell(
        *("key", "create", "--mode", "live", "--scopes", "read", "--tenant", "tnt_000001"),
        *("--allow-from", "10.0.0.0/8, ::1", "--json"),
    ).json

    assert made["api_key"].startswith("tk_live_")
    assert ("tnt_000001", ["10.0.0.0/8", "::1/128"]) == (made["tenant_id"], made["allowed_ips"])
    assert "10.0.0.0/8, ::1/128" in shell("key", "list").output


def test_a_rotated_key_has_a_new_text_beside_the_old_one(shell: Shell) -> None:
    old = shell("key", "create", "--mode", "live", "--scopes", "read", "--json").json

    rotated = shell("key", "rotate", old["id"], "--grace", "2", "--json").json

    assert old["api_key"] != rotated["api_key"]
    assert (old["id"], old["created_at"]) == (rotated["id"], rotated["created_at"])
    assert rotated["previous_expires_at"] is not None
    with open_gateway(Settings.load({"home": shell.home}, {})) as gateway:
        found = [gateway.ports.views.key(key_digest(made["api_key"])) for made in (old, rotated)]
    assert found[0] == found[1] is not None
    assert "old text until" in shell("key", "rotate", old["id"]).output


@pytest.mark.parametrize(
    "arguments", [["key_000009"], ["ERP"], ["key_000001", "--grace", "-1"], ["1", "--grace", "721"]]
)
def test_a_rotation_that_cannot_be_is_refused(shell: Shell, arguments: list[str]) -> None:
    assert "" != shell("key", "rotate", *arguments).refusal


def test_only_the_digest_of_a_key_is_kept(shell: Shell) -> None:
    text = shell("key", "create", "--mode", "live", "--scopes", "admin", "--json").json["api_key"]

    with open_gateway(Settings.load({"home": shell.home}, {})) as gateway:
        key = gateway.ports.views.key(hashlib.sha256(text.encode()).digest())
    stored = b"".join(path.read_bytes() for path in shell.home.glob("acuse.db*"))
    assert key is not None
    assert text.encode() not in stored


def test_a_key_for_people_is_shown_once(shell: Shell) -> None:
    ended = shell("key", "create", "--mode", "live", "--scopes", "admin")

    assert 0 == ended.code
    assert "(shown this once)" in ended.output


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--mode", "live", "--scopes", "root"], "choose from read, write, delete, admin"),
        (["--mode", "live", "--scopes", ""], "choose from read, write, delete, admin"),
        (["--mode", "live", "--scopes", "read", "--expires", "2020-01-01"], "a time in the future"),
        (["--mode", "live", "--scopes", "read", "--name", ""], "1 to 255 characters"),
        (["--mode", "live", "--scopes", "read", "--allow-from", "everywhere"], "addresses or networks"),
        (["--mode", "live", "--scopes", "read", "--tenant", "tnt_000009"], "no tenant 'tnt_000009'"),
    ],
)
def test_a_bad_key_is_refused(shell: Shell, options: list[str], reason: str) -> None:
    assert reason in shell("key", "create", *options).refusal


@pytest.mark.parametrize(
    "options",
    [
        ["--scopes", "read"],
        ["--mode", "live"],
        ["--mode", "dead", "--scopes", "read"],
        ["--mode", "live", "--scopes", "read", "--expires", "soon"],
    ],
)
def test_a_key_that_cannot_be_read_is_misuse(shell: Shell, options: list[str]) -> None:
    assert "See 'acuse key create --help'." in shell("key", "create", *options).misuse


def test_keys_are_listed_without_their_text(shell: Shell) -> None:
    text = shell("key", "create", "--mode", "test", "--scopes", "read", "--name", "ERP", "--json").json["api_key"]

    listed, table = shell("key", "list", "--json"), shell("key", "list").output

    assert ["key_000001", "key_000002"] == [entry["id"] for entry in listed.json]
    assert ("ERP", "test", ["read"], None) == tuple(
        listed.json[1][name] for name in ("name", "mode", "scopes", "expires_at")
    )
    assert text.startswith(listed.json[1]["hint"])
    assert text not in listed.output
    assert "ERP" in table
    assert text not in table


def test_a_revoked_key_is_forgotten(shell: Shell) -> None:
    text = shell("key", "create", "--mode", "live", "--scopes", "admin", "--json").json["api_key"]

    assert "key_000002" == shell("key", "revoke", "key_000002", "--json").json["id"]

    with open_gateway(Settings.load({"home": shell.home}, {})) as gateway:
        assert gateway.ports.views.key(hashlib.sha256(text.encode()).digest()) is None
    assert ["key_000001"] == [entry["id"] for entry in shell("key", "list", "--json").json]


def test_a_key_of_as2expert_is_a_token_that_reads_and_writes(shell: Shell) -> None:
    made = shell("key", "create", "--dialect", "as2expert", "--json").json

    assert made["token"].startswith("ae_live_")
    assert ("as2expert", ["read", "write"], "live") == (made["dialect"], made["scopes"], made["mode"])
    assert {"api_key", "password"}.isdisjoint(made)


def test_a_key_of_mft_is_a_user_with_a_password_and_a_token(shell: Shell) -> None:
    made = shell("key", "create", "--dialect", "mft", "--username", "ana@example.com", "--json").json
    another = shell("key", "create", "--dialect", "mft", "--scopes", "admin", "--json").json

    assert "ana@example.com" == made["username"]
    assert another["username"] not in (None, "", made["username"])
    assert 4 == len({made["username"], made["password"], made["token_id"], made["token_secret"]})
    with open_gateway(Settings.load({"home": shell.home}, {})) as gateway:
        found = gateway.ports.views.access_of_user("ana@example.com")
        by_token = gateway.ports.views.access_of_token(made["token_id"])
        assert gateway.ports.views.access_of_user("ANA@example.com") is None
        assert gateway.ports.views.access_of_token(made["token_secret"]) is None
    assert found is not None
    assert found == by_token
    assert found.key.login is not None
    assert found.key.login.belongs_to("ana@example.com", made["password"].encode())
    assert not found.key.login.belongs_to("ana@example.com", another["password"].encode())
    assert key_digest(made["token_secret"]) == found.key.digest
    assert made["password"] not in repr(found)
    assert made["token_secret"] not in repr(found)


def test_the_texts_of_a_user_are_shown_for_people(shell: Shell) -> None:
    output = shell("key", "create", "--dialect", "mft", "--username", "ana").output

    for label in ("user", "password", "token id", "token secret"):
        assert label in output


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--dialect", "as2expert", "--username", "ana"], "only a credential of the dialects mft and mensatek"),
        (["--dialect", "mft", "--username", "a:b"], "none of them a colon"),
        (["--dialect", "mft", "--username", "a" * 256], "1 to 255 printable characters"),
        (["--dialect", "mft", "--username", "taken"], "'taken' exists already"),
    ],
)
def test_a_bad_user_is_refused(shell: Shell, options: list[str], reason: str) -> None:
    shell("key", "create", "--dialect", "mft", "--username", "taken")

    assert reason in shell("key", "create", *options).refusal


@pytest.mark.parametrize("name", ["key_000009", "ERP", ""])
def test_an_unknown_key_is_not_revoked(shell: Shell, name: str) -> None:
    assert "" != shell("key", "revoke", name).refusal
    assert ["key_000001"] == [entry["id"] for entry in shell("key", "list", "--json").json]
