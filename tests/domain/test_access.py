"""API keys and what they allow."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from acuse.domain.access import ApiKey, Mode, Scope, key_digest, key_text, parse_networks, parse_scopes
from acuse.errors import AddressNotAllowed, ApiKeyExpired, InsufficientScope, InvalidInput

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = ApiKey(
    id=UUID(int=1),
    handle=1,
    account_id=UUID(int=2),
    tenant_id=None,
    name="ERP",
    mode=Mode.LIVE,
    scopes=frozenset({Scope.READ}),
    hint="pk_live_ab",
    digest=b"",
    created_at=NOW,
    expires_at=NOW + timedelta(days=1),
)


OTHER_DIGEST = key_digest("pk_live_other")


@pytest.mark.parametrize("held", list(Scope))
@pytest.mark.parametrize("wanted", list(Scope))
def test_key_allows_its_own_scopes_and_admin_allows_all(held: Scope, wanted: Scope) -> None:
    key = replace(KEY, scopes=frozenset({held}))

    if held in (wanted, Scope.ADMIN):
        key.require(wanted)
    else:
        with pytest.raises(InsufficientScope) as refused:
            key.require(wanted)
        assert {"required_scope": wanted.value, "current_scopes": [held.value]} == refused.value.details


def test_key_ends_at_the_very_moment_that_it_names() -> None:
    end = NOW + timedelta(days=1)

    KEY.admit(KEY.digest, address=None, now=end - timedelta(microseconds=1))
    with pytest.raises(ApiKeyExpired):
        KEY.admit(KEY.digest, address=None, now=end)
    replace(KEY, expires_at=None).admit(KEY.digest, address=None, now=NOW + timedelta(days=9999))


def test_replaced_text_holds_until_its_moment_and_the_new_one_goes_on() -> None:
    rotated = replace(KEY, replaced_digest=OTHER_DIGEST, replaced_until=NOW)

    rotated.admit(OTHER_DIGEST, address=None, now=NOW - timedelta(microseconds=1))
    rotated.admit(KEY.digest, address=None, now=NOW)
    with pytest.raises(ApiKeyExpired) as refused:
        rotated.admit(OTHER_DIGEST, address=None, now=NOW)
    assert {"expired_at": NOW} == refused.value.details


@pytest.mark.parametrize(
    ("networks", "address", "is_admitted"),
    [
        ([], None, True),
        ([], "192.0.2.1", True),
        (["192.0.2.0/24"], "192.0.2.255", True),
        (["192.0.2.0/24"], "192.0.3.0", False),
        (["192.0.2.7"], "192.0.2.7", True),
        (["192.0.2.7"], "192.0.2.8", False),
        (["2001:db8::/32"], "2001:db8:1::9", True),
        (["2001:db8::/32"], "192.0.2.1", False),
        (["192.0.2.0/24"], "::ffff:192.0.2.9", True),
        (["192.0.2.0/24"], "::ffff:192.0.3.9", False),
        (["10.0.0.0/8", "::1"], "::1", True),
        (["0.0.0.0/0", "::/0"], None, False),
        (["0.0.0.0/0", "::/0"], "unix:", False),
    ],
)
def test_key_is_used_from_its_networks_alone(networks: list[str], address: str | None, is_admitted: bool) -> None:
    key = replace(KEY, networks=parse_networks(networks))

    if is_admitted:
        key.admit(KEY.digest, address=address, now=NOW)
    else:
        with pytest.raises(AddressNotAllowed) as refused:
            key.admit(KEY.digest, address=address, now=NOW)
        assert {"client_ip": address} == refused.value.details


ADMIN = replace(KEY, scopes=frozenset({Scope.ADMIN}), expires_at=None)
TENANT = UUID(int=3)


@pytest.mark.parametrize(
    ("giver", "wanted", "exceeded"),
    [
        ({}, {}, []),
        ({}, {"tenant_id": TENANT, "mode": Mode.TEST, "scopes": frozenset(Scope), "networks": ["::1"]}, []),
        ({"tenant_id": TENANT}, {"tenant_id": TENANT}, []),
        ({"tenant_id": TENANT}, {"tenant_id": UUID(int=4)}, ["tenant_id"]),
        ({"tenant_id": TENANT}, {"tenant_id": None}, ["tenant_id"]),
        ({"mode": Mode.TEST}, {"mode": Mode.LIVE}, ["mode"]),
        ({"mode": Mode.TEST}, {"mode": Mode.TEST}, []),
        ({"scopes": frozenset({Scope.READ, Scope.WRITE})}, {"scopes": frozenset({Scope.READ})}, []),
        ({"scopes": frozenset({Scope.READ})}, {"scopes": frozenset({Scope.READ, Scope.WRITE})}, ["scopes"]),
        ({"expires_at": NOW}, {"expires_at": NOW}, []),
        ({"expires_at": NOW}, {"expires_at": NOW + timedelta(microseconds=1)}, ["expires_at"]),
        ({"expires_at": NOW}, {"expires_at": None}, ["expires_at"]),
        ({"networks": ["10.0.0.0/8", "::/0"]}, {"networks": ["10.1.0.0/16", "::1"]}, []),
        ({"networks": ["10.0.0.0/8"]}, {"networks": ["0.0.0.0/0"]}, ["allowed_ips"]),
        ({"networks": ["10.0.0.0/8"]}, {"networks": ["10.1.0.0/16", "::1"]}, ["allowed_ips"]),
        ({"networks": ["10.0.0.0/8"]}, {"networks": []}, ["allowed_ips"]),
        ({"expires_at": NOW, "mode": Mode.TEST}, {}, ["mode", "expires_at"]),
    ],
)
def test_a_key_gives_no_more_than_it_has(giver: dict[str, Any], wanted: dict[str, Any], exceeded: list[str]) -> None:
    one, other = (
        replace(ADMIN, **{**changes, "networks": parse_networks(changes.get("networks", []))})
        for changes in (giver, wanted)
    )

    if not exceeded:
        one.require_no_more(other)
        return
    with pytest.raises(InsufficientScope) as refused:
        one.require_no_more(other)
    limits = refused.value.details["limits"]
    assert isinstance(limits, dict)
    assert exceeded == list(limits)


@pytest.mark.parametrize(
    ("ruler", "other", "is_governed"),
    [
        ({}, {}, True),
        ({}, {"tenant_id": TENANT, "mode": Mode.TEST}, True),
        ({}, {"account_id": UUID(int=9)}, False),
        ({"tenant_id": TENANT}, {"tenant_id": TENANT}, True),
        ({"tenant_id": TENANT}, {"tenant_id": UUID(int=4)}, False),
        ({"tenant_id": TENANT}, {}, False),
        ({"mode": Mode.TEST}, {"mode": Mode.TEST}, True),
        ({"mode": Mode.TEST}, {}, False),
    ],
)
def test_a_key_governs_those_within_its_reach(ruler: dict[str, Any], other: dict[str, Any], is_governed: bool) -> None:
    assert is_governed == replace(ADMIN, **ruler).governs(replace(ADMIN, **other))


def test_networks_are_read_once_each_and_in_order() -> None:
    found = parse_networks(["::1", " 10.1.2.3/8", "10.0.0.0/8", "192.0.2.7"])

    assert ["10.0.0.0/8", "192.0.2.7/32", "::1/128"] == [str(network) for network in found]


@pytest.mark.parametrize("texts", [["10.0.0.0/33"], ["example.com"], [""], [f"10.0.0.{n}" for n in range(51)]])
def test_what_is_no_network_or_too_many_is_refused(texts: list[str]) -> None:
    with pytest.raises(InvalidInput, match="allowed_ips"):
        parse_networks(texts)


def test_text_of_a_key_names_its_mode_and_only_its_digest_is_kept() -> None:
    text = key_text(Mode.TEST, "SECRET")

    assert "pk_test_SECRET" == text
    assert "tk_live_SECRET" == key_text(Mode.LIVE, "SECRET", is_tenants=True)
    assert hashlib.sha256(b"pk_test_SECRET").digest() == key_digest(text)
    assert key_digest("pk_test_\udcff") != key_digest("pk_test_")


def test_scopes_are_read_by_name() -> None:
    assert {Scope.READ, Scope.WRITE} == parse_scopes([" READ", "write", ""])


@pytest.mark.parametrize("names", [[], [""], ["everything"], ["read", "reed"]])
def test_unknown_scopes_are_refused_with_the_known_ones(names: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_scopes(names)

    assert {"scopes": "choose from read, write, delete, admin"} == refused.value.fields
