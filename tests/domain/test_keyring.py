"""Which certificate serves when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from acuse.cms import KeyPair, self_signed
from acuse.domain.keyring import Certificate, Use, active_certificates

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def pair() -> KeyPair:
    """Valid from an hour before noon to an hour after it."""
    return self_signed("acme", not_before=NOON - HOUR, not_after=NOON + HOUR)


@pytest.fixture
def entry(pair: KeyPair) -> Certificate:
    return Certificate(
        id=UUID(int=1),
        handle=1,
        tenant_id=UUID(int=2),
        owner_id=UUID(int=3),
        name="acme",
        uses=frozenset(Use),
        x509_certificate=pair.certificate,
        key_pair=pair,
        active_from=NOON - 2 * HOUR,
        active_until=None,
        created_at=NOON,
        updated_at=NOON,
    )


@pytest.mark.parametrize(
    ("hours", "is_active"),
    [(-1.001, False), (-1, True), (0, True), (1, True), (1.001, False)],
)
def test_certificate_serves_within_its_own_validity(entry: Certificate, hours: float, is_active: bool) -> None:
    assert is_active is entry.is_active(NOON + hours * HOUR)


@pytest.mark.parametrize(
    ("minutes", "is_active"),
    [(-31, False), (-30, True), (0, True), (29, True), (30, False)],
)
def test_certificate_serves_within_its_activation(entry: Certificate, minutes: int, is_active: bool) -> None:
    narrow = replace(entry, active_from=NOON - HOUR / 2, active_until=NOON + HOUR / 2)

    assert is_active is narrow.is_active(NOON + timedelta(minutes=minutes))


def test_newest_comes_first_and_all_active_ones_are_there(entry: Certificate) -> None:
    old = replace(entry, handle=1, active_from=NOON - 3 * HOUR)
    new = replace(entry, handle=3, active_from=NOON - HOUR)
    same_moment = replace(entry, handle=2, active_from=NOON - HOUR)
    future = replace(entry, handle=4, active_from=NOON + timedelta(seconds=1))
    ended = replace(entry, handle=5, active_until=NOON)

    active = active_certificates([same_moment, old, future, new, ended], Use.SIGNING, now=NOON)

    assert (new, same_moment, old) == active


def test_only_those_for_the_use_are_taken(entry: Certificate) -> None:
    signing = replace(entry, handle=2, uses=frozenset({Use.SIGNING}))
    encryption = replace(entry, handle=3, uses=frozenset({Use.ENCRYPTION}))

    assert (signing, entry) == active_certificates([entry, signing, encryption], Use.SIGNING, now=NOON)
    assert (encryption, entry) == active_certificates([entry, signing, encryption], Use.ENCRYPTION, now=NOON)
    assert () == active_certificates([signing], Use.ENCRYPTION, now=NOON)
