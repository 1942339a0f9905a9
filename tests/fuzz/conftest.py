"""Key pairs of the parties, made once."""

from datetime import timedelta

import pytest

from acuse.cms import Curve, KeyPair, self_signed
from tests.as2.handmade import NOW


def _pair(name: str, curve: Curve | None = None) -> KeyPair:
    return self_signed(name, curve=curve, not_before=NOW - timedelta(days=30), not_after=NOW + timedelta(days=700))


@pytest.fixture(scope="session")
def ours() -> KeyPair:
    return _pair("ours")


@pytest.fixture(scope="session")
def theirs() -> KeyPair:
    return _pair("theirs")


@pytest.fixture(scope="session")
def curved() -> KeyPair:
    """On a curve: other algorithms, other structures."""
    return _pair("curved", Curve.P256)
