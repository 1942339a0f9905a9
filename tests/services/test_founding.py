"""Founding a home: whole, or not at all."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from acuse.bootstrap import Gateway, open_gateway
from acuse.config import Settings
from acuse.domain.access import Scope, key_digest
from acuse.errors import AlreadyExists, InvalidInput
from acuse.services.found_home import check_founding, found_home

URL = "https://as2.example.com"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with open_gateway(Settings.load({"home": tmp_path / "home"}, {}), create=True) as gateway:
        yield gateway


def alter(gateway: Gateway, statement: str) -> None:
    with closing(sqlite3.connect(gateway.home.database)) as other:
        other.execute(statement)
        other.commit()


def test_a_home_is_founded_with_account_station_and_key(gateway: Gateway) -> None:
    founded = found_home(gateway.ports, name="Acme", as2_id="ACME", url=f"{URL}/")

    key = gateway.ports.views.key(key_digest(founded.api_key))
    assert founded.account == gateway.ports.views.account()
    assert ("ACME", f"{URL}/as2") == (founded.station.as2_id, founded.station.receive_url)
    assert key is not None
    assert (founded.account.id, None, frozenset(Scope)) == (key.account_id, key.tenant_id, key.scopes)
    assert founded.api_key not in repr(founded)


def test_when_the_key_cannot_be_written_nothing_is_and_founding_succeeds_later(gateway: Gateway) -> None:
    alter(gateway, "CREATE TRIGGER no_keys BEFORE INSERT ON api_key BEGIN SELECT RAISE(ABORT, 'no'); END")

    with pytest.raises(IntegrityError):
        found_home(gateway.ports, name="Acme", as2_id="ACME", url=URL)

    assert gateway.ports.views.account() is None
    alter(gateway, "DROP TRIGGER no_keys")
    assert 1 == found_home(gateway.ports, name="Acme", as2_id="ACME", url=URL).station.handle


def test_a_home_is_not_founded_twice(gateway: Gateway) -> None:
    found_home(gateway.ports, name="Acme", as2_id="ACME", url=URL)

    with pytest.raises(AlreadyExists):
        found_home(gateway.ports, name="Globex", as2_id="GLOBEX", url=URL)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"name": ""}, "name"),
        ({"as2_id": "ACMÉ"}, "as2_id"),
        ({"url": "http://127.0.0.1:0"}, "url"),
    ],
)
def test_what_cannot_be_founded_is_refused_before_anything_is_written(
    gateway: Gateway, wanted: dict[str, str], field: str
) -> None:
    given = {"name": "Acme", "as2_id": "ACME", "url": URL, **wanted}

    for refuse in (lambda: check_founding(**given), lambda: found_home(gateway.ports, **given)):
        with pytest.raises(InvalidInput) as refused:
            refuse()
        assert [field] == list(refused.value.fields)
    assert gateway.ports.views.account() is None
