"""API keys and what they allow."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from acuse.domain.access import ApiKey, Mode, Scope, key_digest, key_text, parse_scopes
from acuse.errors import ApiKeyExpired, InsufficientScope, InvalidInput

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


@pytest.mark.parametrize("held", list(Scope))
@pytest.mark.parametrize("wanted", list(Scope))
def test_key_allows_its_own_scopes_and_admin_allows_all(held: Scope, wanted: Scope) -> None:
    key = replace(KEY, scopes=frozenset({held}))

    if held in (wanted, Scope.ADMIN):
        key.require(wanted, now=NOW)
    else:
        with pytest.raises(InsufficientScope) as refused:
            key.require(wanted, now=NOW)
        assert {"required_scope": wanted.value, "current_scopes": [held.value]} == refused.value.details


def test_key_ends_at_the_very_moment_that_it_names() -> None:
    end = NOW + timedelta(days=1)

    KEY.require(Scope.READ, now=end - timedelta(microseconds=1))
    with pytest.raises(ApiKeyExpired):
        KEY.require(Scope.READ, now=end)
    replace(KEY, expires_at=None).require(Scope.READ, now=NOW + timedelta(days=9999))


def test_text_of_a_key_names_its_mode_and_only_its_digest_is_kept() -> None:
    text = key_text(Mode.TEST, "SECRET")

    assert "pk_test_SECRET" == text
    assert hashlib.sha256(b"pk_test_SECRET").digest() == key_digest(text)
    assert key_digest("pk_test_\udcff") != key_digest("pk_test_")


def test_scopes_are_read_by_name() -> None:
    assert {Scope.READ, Scope.WRITE} == parse_scopes([" READ", "write", ""])


@pytest.mark.parametrize("names", [[], [""], ["everything"], ["read", "reed"]])
def test_unknown_scopes_are_refused_with_the_known_ones(names: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_scopes(names)

    assert {"scopes": "choose from read, write, delete, admin"} == refused.value.fields
