"""Telling ahead that certificates end."""

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from acuse.cms import self_signed
from acuse.domain.connection import Credentials
from acuse.domain.event import CertificateNotice
from acuse.domain.keyring import expiry_warning
from acuse.domain.partner import Terms
from acuse.ports import HeldCertificate
from acuse.services.deliver_event import begin_event_delivery, settle_event_delivery
from acuse.services.manage_certificates import Serving, add_certificate, generate_key_pair, retire_certificate
from acuse.services.manage_partners import add_partner
from acuse.services.manage_webhooks import EndpointWish, add_endpoint
from acuse.services.recall_event import recall_event
from acuse.services.warn_of_expiry import warn_of_expiry
from acuse.web.api.event_objects import delivery_object, event_body
from acuse.web.api.objects import certificate_object
from tests.services.conftest import Neighbours
from tests.services.house import House
from tests.services.test_webhooks import OK, URL, due

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def acme(neighbours: Neighbours) -> House:
    """The certificates of ACME and GLOBEX end at the same second, in two years."""
    return neighbours.meet()[0]


def end_of(house: House) -> datetime:
    return house.certificate.not_valid_after_utc


def told(house: House, *, after: int = 0) -> list[tuple[str, str, int]]:
    """Kind, certificate and days of the events about certificates."""
    told = []
    for published in house.ports.views.webhooks.events(house.space, after=after, limit=100):
        view = recall_event(house.ports, published)
        if isinstance(view.subject, HeldCertificate) and isinstance(view.event.state, CertificateNotice):
            kind = view.event.kind.value.removeprefix("certificate.")
            told.append((kind, view.subject.entry.public_id, view.event.state.days))
    return told


@pytest.mark.parametrize(
    ("left", "warning"),
    [
        (60 * DAY + HOUR, None),
        (60 * DAY, 60),
        (30 * DAY + HOUR, 60),
        (30 * DAY, 30),
        (14 * DAY, 14),
        (7 * DAY, 7),
        (DAY + HOUR, 7),
        (DAY, 1),
        (timedelta(), 1),
        (-HOUR, 0),
    ],
)
def test_a_warning_begins_when_its_days_are_left(left: timedelta, warning: int | None) -> None:
    now = datetime.fromisoformat("2026-11-20T12:00Z")

    assert warning == expiry_warning(now + left, now=now)


def test_each_warning_is_told_once_for_our_certificate_and_for_the_partners(acme: House) -> None:
    acme.world.present = end_of(acme) - 61 * DAY
    while acme.world.now() < end_of(acme) + 2 * DAY:
        warn_of_expiry(acme.ports)
        acme.world.advance(6 * HOUR)

    expected = [("expiring", 60), ("expiring", 30), ("expiring", 14), ("expiring", 7), ("expiring", 1), ("expired", 0)]
    for number in ("cert_000001", "cert_000002"):
        assert expected == [(kind, days) for kind, name, days in told(acme) if name == number]


def test_after_a_long_sleep_the_nearest_warning_is_told_and_none_twice(acme: House) -> None:
    acme.world.present = end_of(acme) - 59 * DAY
    assert 2 == warn_of_expiry(acme.ports)
    acme.world.present = end_of(acme) - 5 * DAY

    assert 2 == warn_of_expiry(acme.ports)
    assert 0 == warn_of_expiry(acme.ports)

    assert [59, 59, 5, 5] == [days for _, _, days in told(acme)]


def test_what_expired_while_nobody_was_here_is_told_as_expired_alone(acme: House) -> None:
    acme.world.present = end_of(acme) + 400 * DAY

    warn_of_expiry(acme.ports)

    assert [("expired", "cert_000001", 0), ("expired", "cert_000002", 0)] == told(acme)


def test_a_retired_certificate_is_not_warned_of(acme: House) -> None:
    for held in acme.ports.views.held_certificates():
        retire_certificate(acme.ports, held.entry.id)
    acme.world.present = end_of(acme) - DAY

    assert 0 == warn_of_expiry(acme.ports)


def test_a_certificate_that_comes_in_late_is_warned_of_at_once(acme: House) -> None:
    assert acme.partner
    now = acme.world.now()
    short = self_signed("short", not_before=now, not_after=now + 10 * DAY).certificate
    add_certificate(acme.ports, acme.partner, short, Serving())

    warn_of_expiry(acme.ports)

    assert [("expiring", "cert_000003", 10)] == told(acme)


def credentials_for(house: House, *, days: int) -> Credentials:
    now = house.world.now()
    pair = self_signed("acme.test", not_before=now - DAY, not_after=now + days * DAY)
    return Credentials(
        client_certificate=pair.certificate.public_bytes(Encoding.PEM).decode(),
        client_key=pair.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    )


@pytest.fixture
def shown(neighbours: Neighbours) -> House:
    """ACME shows the server of GLOBEX a client certificate that ends in 20 days."""
    acme = neighbours.acme
    add_partner(
        acme.ports,
        space=acme.space,
        name="Globex",
        as2_id="GLOBEX",
        url="https://globex.test/as2",
        certificates=[neighbours.globex.certificate],
        terms=Terms(),
        url_is_vouched=False,
        credentials=credentials_for(acme, days=20),
    )
    return acme


def test_the_end_of_our_client_certificate_is_told_like_that_of_every_other(shown: House) -> None:
    assert [1, 0] == [warn_of_expiry(shown.ports), warn_of_expiry(shown.ports)]
    shown.world.advance(21 * DAY)
    assert 1 == warn_of_expiry(shown.ports)

    [ours] = [held for held in shown.ports.views.held_certificates() if held.entry.is_for_server]
    assert [("expiring", ours.entry.public_id, 20), ("expired", ours.entry.public_id, 0)] == told(shown)
    listed = certificate_object(ours, now=shown.world.now())
    assert ("client", "CN=acme.test") == (listed["usage"], listed["subject"])


def test_a_client_certificate_that_is_shown_no_more_is_not_warned_of(shown: House) -> None:
    warn_of_expiry(shown.ports)
    shown.execute("UPDATE partner SET sealed_credentials = NULL")
    shown.world.advance(21 * DAY)

    assert 0 == warn_of_expiry(shown.ports)

    [entry] = [held.entry for held in shown.ports.views.held_certificates() if held.entry.is_for_server]
    assert entry.is_retired(shown.world.now())


def test_nothing_is_written_when_there_is_nothing_to_tell(acme: House) -> None:
    assert 0 == warn_of_expiry(acme.ports)
    assert [] == told(acme)


def test_a_warning_reaches_a_webhook_with_its_certificate(acme: House) -> None:
    endpoint = add_endpoint(
        acme.ports, EndpointWish(url=URL, events=("certificate.expiring",)), space=acme.space, url_is_vouched=False
    )
    acme.world.present = end_of(acme) - 30 * DAY
    warn_of_expiry(acme.ports)

    bodies = []
    for job in due(acme):
        attempt = begin_event_delivery(acme.ports, job.subject_id, event_body)
        assert attempt
        bodies.append(json.loads(attempt.body))
        settle_event_delivery(acme.ports, attempt, OK)

    assert ["certificate.expiring"] * 2 == [body["event"] for body in bodies]
    assert [("identity", None, 30), ("partner", "prt_000001", 30)] == sorted(
        (body["data"]["type"], body["data"]["partner_id"], body["data"]["days"]) for body in bodies
    )
    log = acme.ports.views.webhooks.deliveries(endpoint.id, limit=10, offset=0).rows
    assert {("cert_000001", None, "delivered"), ("cert_000002", None, "delivered")} == {
        (shown["certificate_id"], shown["message_id"], shown["state"]) for shown in map(delivery_object, log)
    }


def test_a_partner_that_uses_its_next_certificate_is_told_of_once(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    assert acme.partner
    acme.send(acme.accept(), globex)
    following = generate_key_pair(globex.ports, globex.station, Serving()).entry
    add_certificate(acme.ports, acme.partner, following.x509_certificate, Serving())
    assert [] == told(acme)

    for _ in range(2):
        acme.send(acme.accept(), globex)

    assert [("first_used", "cert_000003", 730)] == told(acme)
    assert [("first_used", "cert_000003", 730)] == told(globex), "ACME encrypts to it"


def test_what_was_told_survives_with_the_certificate(acme: House) -> None:
    acme.world.present = end_of(acme) - DAY
    warn_of_expiry(acme.ports)

    with closing(sqlite3.connect(acme.home.database)) as driver:
        assert [(1,), (1,)] == driver.execute("SELECT told_days FROM certificate").fetchall()
