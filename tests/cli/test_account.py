"""`acuse account` and `acuse tenant`."""

import pytest

from tests.cli.shell import Shell


def test_an_account_is_shown_and_changed(shell: Shell) -> None:
    before = shell("account", "show", "--json").json

    after = shell("account", "set", "--name", "Acme, Ltd", "--slug", "acme-2", "--plan", "starter", "--json").json

    assert ("enterprise", 1) == (before["plan_type"], before["tenants_count"])
    limits = {"payload_bytes": 100 << 20, "concurrency": 10, "rate_per_minute": 300, "burst": 60}
    changes = {"name": "Acme, Ltd", "slug": "acme-2", "plan_type": "starter", "limits": limits}
    assert {**before, **changes, "updated_at": after["updated_at"]} == after
    assert after == shell("account", "show", "--json").json
    assert "starter" in shell("account", "show").output


def test_a_change_of_the_account_that_changes_nothing_is_a_misuse(shell: Shell) -> None:
    assert "Give --name, --slug or --plan." in shell("account", "set").misuse
    assert "golden" in shell("account", "set", "--plan", "golden").misuse


@pytest.mark.parametrize(("option", "value"), [("--name", ""), ("--slug", "A B")])
def test_a_bad_change_of_the_account_is_refused(shell: Shell, option: str, value: str) -> None:
    assert "" != shell("account", "set", option, value).refusal


def test_a_tenant_is_added_listed_and_removed(shell: Shell) -> None:
    made = shell("tenant", "add", "--name", "Second", "--json").json

    assert ("tnt_000002", "second") == (made["id"], made["slug"])
    assert made == shell("tenant", "list", "--json").json[1]
    assert "tnt_000002" in shell("tenant", "list").output
    key = shell("key", "create", "--mode", "live", "--scopes", "read", "--tenant", "tnt_000002", "--json").json
    assert "The tenant is not empty" in shell("tenant", "remove", "tnt_000002").refusal
    shell("key", "revoke", key["id"])
    assert "tnt_000002 is removed." in shell("tenant", "remove", "tnt_000002").output
    assert ["tnt_000001"] == [entry["id"] for entry in shell("tenant", "list", "--json").json]


@pytest.mark.parametrize("name", ["tnt_000009", "Second", ""])
def test_an_unknown_tenant_is_not_removed(shell: Shell, name: str) -> None:
    assert "'acuse tenant list' shows those that exist" in shell("tenant", "remove", name).refusal
