"""Bringing in certificates, setting when they serve, and taking them out of use."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from acuse.cms import KeyPair, dump_private_key, self_signed
from acuse.cms.key_files import load_key_pair
from acuse.domain.keyring import Certificate, CertificateState, Use
from acuse.domain.message import ReceiptState
from acuse.domain.partner import Terms
from acuse.errors import AlreadyExists, CertificateNotFound, InvalidInput
from acuse.services.manage_certificates import (
    LONGEST_VALIDITY,
    Serving,
    add_certificate,
    add_key_pair,
    generate_key_pair,
    retire_certificate,
    set_activation,
)
from acuse.web.api.objects import certificate_object
from tests.services.conftest import Neighbours
from tests.services.house import House

DAY = timedelta(days=1)


@pytest.fixture
def acme(neighbours: Neighbours) -> House:
    return neighbours.meet()[0]


@pytest.fixture
def next_pair(neighbours: Neighbours) -> KeyPair:
    now = neighbours.world.now()
    return self_signed("globex.example", not_before=now - DAY, not_after=now + 90 * DAY)


def held(house: House) -> list[tuple[str, str, bool]]:
    """Number, owner and whether the private key is there, of all certificates."""
    every = house.ports.views.held_certificates(house.space)
    return [(each.entry.public_id, each.owner.as2_id, each.entry.key_pair is not None) for each in every]


def stored(house: House, entry: Certificate) -> Certificate:
    [found] = [each.entry for each in house.ports.views.held_certificates() if each.entry.id == entry.id]
    return found


def test_a_partners_certificate_is_added_beside_the_old_one(acme: House, next_pair: KeyPair) -> None:
    assert acme.partner
    now = acme.world.now()
    serving = Serving(uses={Use.SIGNING}, name="2027", active_from=now + DAY, active_until=now + 9 * DAY)

    made = add_certificate(acme.ports, acme.partner, next_pair.certificate, serving)

    assert [("cert_000001", "ACME", True), ("cert_000002", "GLOBEX", False), ("cert_000003", "GLOBEX", False)] == held(
        acme
    )
    assert stored(acme, made.entry) == made.entry
    assert (acme.partner, "2027", frozenset({Use.SIGNING})) == (made.owner, made.entry.name, made.entry.uses)
    assert (now + DAY, now + 9 * DAY) == (made.entry.active_from, made.entry.active_until)
    assert next_pair.certificate == made.entry.x509_certificate


def test_a_stations_key_pair_is_added_with_its_private_key(acme: House, next_pair: KeyPair) -> None:
    made = add_key_pair(acme.ports, acme.station, next_pair, Serving())

    kept = stored(acme, made.entry).key_pair
    assert kept is not None
    assert dump_private_key(kept.private_key) == dump_private_key(next_pair.private_key)
    assert (frozenset(Use), "ACME") == (made.entry.uses, made.entry.name)


def test_the_next_key_pair_is_valid_now_and_for_its_time_after_the_activation(acme: House) -> None:
    now = acme.world.now()

    made = generate_key_pair(acme.ports, acme.station, Serving(active_from=now + 14 * DAY), validity=100 * DAY).entry

    assert made.x509_certificate.not_valid_before_utc <= now
    assert now + 114 * DAY == made.expires_at
    assert [CertificateState.PENDING, CertificateState.ACTIVE] == [made.state(now), made.state(now + 14 * DAY)]


@pytest.mark.parametrize("validity", [timedelta(), LONGEST_VALIDITY + DAY])
def test_a_key_pair_for_no_time_or_for_ever_is_refused(acme: House, validity: timedelta) -> None:
    with pytest.raises(InvalidInput, match="days: 1 to 3660"):
        generate_key_pair(acme.ports, acme.station, Serving(), validity=validity)


def test_the_same_certificate_is_refused_until_it_is_retired(acme: House, next_pair: KeyPair) -> None:
    assert acme.partner
    first = add_certificate(acme.ports, acme.partner, next_pair.certificate, Serving()).entry

    with pytest.raises(AlreadyExists, match=r"GLOBEX has this certificate already: cert_000003\."):
        add_certificate(acme.ports, acme.partner, next_pair.certificate, Serving(uses={Use.SIGNING}))
    retire_certificate(acme.ports, first.id)

    assert "cert_000004" == add_certificate(acme.ports, acme.partner, next_pair.certificate, Serving()).entry.public_id


def test_an_expired_certificate_is_refused_with_its_day(acme: House) -> None:
    assert acme.partner
    now = acme.world.now()
    old = self_signed("old", not_before=now - 9 * DAY, not_after=now - DAY).certificate

    with pytest.raises(InvalidInput, match=r"certificate: expired on 2026-11-19"):
        add_certificate(acme.ports, acme.partner, old, Serving())


@pytest.mark.parametrize(
    ("wish", "field"),
    [({"uses": ()}, "usage"), ({"active_until": "now"}, "active_until"), ({"name": "\n"}, "name")],
)
def test_a_bad_wish_is_refused_by_field(acme: House, next_pair: KeyPair, wish: dict[str, object], field: str) -> None:
    assert acme.partner
    wish = {name: acme.world.now() if value == "now" else value for name, value in wish.items()}

    with pytest.raises(InvalidInput) as refused:
        add_certificate(acme.ports, acme.partner, next_pair.certificate, Serving(**wish))  # type: ignore[arg-type]

    assert [field] == list(refused.value.fields)


def test_a_certificate_is_retired_once(acme: House) -> None:
    [entry] = acme.ports.views.certificates(acme.station.id)

    retired = retire_certificate(acme.ports, entry.id)
    acme.world.advance(DAY)
    again = retire_certificate(acme.ports, entry.id)

    assert CertificateState.RETIRED is retired.state(acme.world.now())
    assert retired == again == stored(acme, entry)
    assert acme.world.now() - DAY == retired.active_until == retired.updated_at


def test_the_time_that_a_certificate_serves_can_be_changed(acme: House) -> None:
    [entry] = acme.ports.views.certificates(acme.station.id)
    now = acme.world.advance(DAY)

    set_activation(acme.ports, entry.id, active_from=now + DAY, active_until=None)

    assert (now + DAY, None, now) == (
        stored(acme, entry).active_from,
        stored(acme, entry).active_until,
        stored(acme, entry).updated_at,
    )
    with pytest.raises(InvalidInput, match="active_until: a time after the activation"):
        set_activation(acme.ports, entry.id, active_from=now, active_until=now)


def test_an_unknown_certificate_cannot_be_changed(acme: House) -> None:
    with pytest.raises(CertificateNotFound):
        retire_certificate(acme.ports, acme.station.id)


def test_a_partner_that_is_only_verified_may_have_a_certificate_for_signing_alone(
    neighbours: Neighbours, next_pair: KeyPair
) -> None:
    acme, _ = neighbours.meet(Terms(encrypt=None, demand_encrypted=False))
    assert acme.partner

    made = add_certificate(acme.ports, acme.partner, next_pair.certificate, Serving(uses={Use.SIGNING}))

    assert frozenset({Use.SIGNING}) == stored(acme, made.entry).uses


@pytest.mark.filterwarnings("ignore:Parsed a serial number:cryptography.utils.CryptographyDeprecationWarning")
@pytest.mark.usefixtures("openssl_is_there")
@pytest.mark.parametrize("serial", ["0", "-7"])
def test_a_partner_whose_certificate_has_an_odd_serial_number_exchanges_messages(
    neighbours: Neighbours, tmp_path: Path, serial: str
) -> None:
    acme, globex = neighbours.meet()
    key, file = tmp_path / "key.pem", tmp_path / "odd.pem"
    subject = ["-subj", "/C=ES/O=*.globex.example/CN=Globex, S.A.", "-days", "3000", "-set_serial", serial]
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        str(key),
        "-out",
        str(file),
        *subject,
    ]
    subprocess.run(made, check=True, capture_output=True)
    odd = load_key_pair(key.read_bytes() + file.read_bytes())
    neighbours.world.present = odd.certificate.not_valid_before_utc + DAY
    add_key_pair(globex.ports, globex.station, odd, Serving())
    assert acme.partner

    added = add_certificate(acme.ports, acme.partner, odd.certificate, Serving())
    acme.send(message := acme.accept(), globex)

    sent = acme.message(message)
    assert ReceiptState.POSITIVE is sent.receipt
    assert (added.entry.fingerprint, added.entry.fingerprint) == (
        sent.certificates.recipient,
        sent.certificates.receipt_signer,
    )
    assert format(int(serial), "x") == certificate_object(added, now=acme.world.now())["serial_number"]
