"""The services that manage accounts, stations, partners and keys, on a real home with a clock of our own."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from acuse.bootstrap import open_gateway
from acuse.cms import self_signed
from acuse.config import Settings
from acuse.domain.access import Mode, Scope, key_digest
from acuse.domain.account import Space
from acuse.domain.keyring import Use
from acuse.domain.partner import Terms
from acuse.errors import AlreadyExists, InvalidInput
from acuse.ports import Ports
from acuse.services.manage_accounts import create_account
from acuse.services.manage_keys import create_key
from acuse.services.manage_partners import add_partner
from acuse.services.manage_stations import StationChange, add_station, change_station

NOW = datetime(2026, 11, 20, 9, 30, 15, 123456, tzinfo=UTC)


@dataclass
class StillWorld:
    """A world where the clock stands, and where names are counted."""

    count: int = 0

    def now(self) -> datetime:
        return NOW

    def new_id(self) -> UUID:
        self.count += 1
        return UUID(int=self.count)

    def new_token(self) -> str:
        self.count += 1
        return f"TOKEN{self.count:019d}"

    def jitter(self) -> float:
        return 0.0


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[Ports]:
    with open_gateway(Settings.load({"home": tmp_path / "home"}, {}), create=True) as gateway:
        yield replace(gateway.ports, world=StillWorld())


@pytest.fixture
def space(ports: Ports) -> Space:
    account, tenant = create_account(ports, name="Acme")
    return Space(account_id=account.id, tenant_id=tenant.id)


def test_an_account_comes_with_a_tenant(ports: Ports) -> None:
    account, tenant = create_account(ports, name="  Acme ")

    assert ("Acme", 1, NOW) == (account.name, account.handle, account.created_at)
    assert account == ports.views.account()
    assert (tenant,) == ports.views.tenants(account.id)


def test_a_home_has_one_account(ports: Ports) -> None:
    create_account(ports, name="Acme")

    with pytest.raises(AlreadyExists):
        create_account(ports, name="Globex")


def test_a_station_comes_with_a_key_pair_for_two_years(ports: Ports, space: Space) -> None:
    station = add_station(ports, space=space, name="Acme", as2_id="ACME", url="https://as2.example.com/")

    (certificate,) = ports.views.certificates(station.id)
    assert (station,) == ports.views.stations(space)
    assert "https://as2.example.com/as2" == station.receive_url
    assert frozenset(Use) == certificate.uses
    assert certificate.key_pair is not None
    assert isinstance(certificate.key_pair.private_key, RSAPrivateKey)
    assert 2048 == certificate.key_pair.private_key.key_size
    assert NOW.replace(microsecond=0) + timedelta(days=730) == certificate.x509_certificate.not_valid_after_utc


def test_a_new_certificate_is_good_for_a_partner_whose_clock_is_behind(ports: Ports, space: Space) -> None:
    station = add_station(ports, space=space, name="Acme", as2_id="ACME", url="https://as2.example.com")

    (certificate,) = ports.views.certificates(station.id)
    assert certificate.x509_certificate.not_valid_before_utc <= NOW - timedelta(minutes=30)
    assert certificate.is_active(NOW)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", {"name": " "}),
        ("as2_id", {"as2_id": "ACMÉ"}),
        ("url", {"url": "as2.example.com"}),
    ],
)
def test_a_bad_station_is_refused_by_field_and_not_made(
    ports: Ports, space: Space, field: str, values: dict[str, str]
) -> None:
    wanted = {"name": "Acme", "as2_id": "ACME", "url": "https://as2.example.com", **values}

    with pytest.raises(InvalidInput) as refused:
        add_station(ports, space=space, **wanted)  # type: ignore[arg-type]

    assert [field] == list(refused.value.fields)
    assert () == ports.views.stations(space)


def test_a_partner_keeps_each_certificate_once_for_both_uses(ports: Ports, space: Space) -> None:
    first, second = (
        self_signed(name, not_before=NOW, not_after=NOW + timedelta(days=9)).certificate for name in ("one", "two")
    )

    partner = add_partner(
        ports,
        space=space,
        name="Globex",
        as2_id="GLOBEX",
        url="https://globex.example.com/as2",
        certificates=[first, second, first],
        terms=Terms(),
        url_is_vouched=False,
    )

    certificates = ports.views.certificates(partner.id)
    assert [first, second] == [certificate.x509_certificate for certificate in certificates]
    assert [frozenset(Use)] * 2 == [certificate.uses for certificate in certificates]
    assert [None, None] == [certificate.key_pair for certificate in certificates]
    assert (partner,) == ports.views.partners(space)
    assert (True, False, NOW) == (partner.active, partner.url_is_vouched, partner.created_at)


def test_one_expired_certificate_beside_a_valid_one_is_no_reason_to_refuse(ports: Ports, space: Space) -> None:
    old = self_signed("old", not_before=NOW - timedelta(days=9), not_after=NOW - timedelta(days=1)).certificate
    new = self_signed("new", not_before=NOW, not_after=NOW + timedelta(days=9)).certificate

    def add(as2_id: str, *, with_new: bool) -> None:
        add_partner(
            ports,
            space=space,
            name=as2_id,
            as2_id=as2_id,
            url="https://globex.example.com/as2",
            certificates=[old, new] if with_new else [old],
            terms=Terms(),
            url_is_vouched=True,
        )

    add("WITH-NEW", with_new=True)
    with pytest.raises(InvalidInput, match="expired on 2026-11-19; ask the partner for its current one"):
        add("OLD-ALONE", with_new=False)


def test_a_key_is_stored_without_its_text(ports: Ports, space: Space) -> None:
    key, text = create_key(
        ports,
        account_id=space.account_id,
        tenant_id=space.tenant_id,
        name="ERP",
        mode=Mode.TEST,
        scopes=[Scope.READ],
        expires_at=NOW + timedelta(seconds=1),
    )

    assert text.startswith("tk_test_TOKEN")
    assert len(text) >= len("tk_test_") + 32
    assert text.startswith(key.hint)
    assert len(key.hint) < 16
    assert key == ports.views.key(key_digest(text))


@pytest.mark.parametrize(
    ("field", "values"),
    [("scopes", {"scopes": []}), ("expires_at", {"expires_at": NOW}), ("name", {"name": "\n"})],
)
def test_a_bad_key_is_refused_by_field(ports: Ports, space: Space, field: str, values: dict[str, object]) -> None:
    wanted: dict[str, object] = {"name": "ERP", "mode": Mode.LIVE, "scopes": [Scope.READ], **values}

    with pytest.raises(InvalidInput) as refused:
        create_key(ports, account_id=space.account_id, tenant_id=None, **wanted)  # type: ignore[arg-type]

    assert [field] == list(refused.value.fields)


def test_a_station_is_moved_and_renamed_and_stays_the_same_otherwise(ports: Ports, space: Space) -> None:
    station = add_station(ports, space=space, name="Acme", as2_id="ACME", url="https://as2.example.com")

    moved = change_station(ports, station.id, StationChange(receive_url="https://new.example.com:8443/edi/as2"))
    renamed = change_station(ports, moved.id, StationChange(name=" Acme, Ltd "))

    assert replace(station, receive_url="https://new.example.com:8443/edi/as2") == moved
    assert replace(moved, name="Acme, Ltd") == renamed
    assert (renamed,) == ports.views.stations(space)


@pytest.mark.parametrize(
    ("field", "value"), [("name", " "), ("receive_url", "as2.example.com"), ("as2_id", "\u00e9"), ("email", "nobody")]
)
def test_a_bad_change_of_a_station_is_refused_by_field_and_not_made(
    ports: Ports, space: Space, field: str, value: str
) -> None:
    station = add_station(ports, space=space, name="Acme", as2_id="ACME", url="https://as2.example.com")

    with pytest.raises(InvalidInput) as refused:
        change_station(ports, station.id, StationChange(**{field: value}))  # type: ignore[arg-type]

    assert [field] == list(refused.value.fields)
    assert (station,) == ports.views.stations(space)
