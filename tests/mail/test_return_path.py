"""Return paths: they name their message, and only we can make one."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mail import read_return_path, return_path

MESSAGE = UUID("019309a2-7c1e-7b3a-8f00-0123456789ab")
KEY = b"k" * 32


@given(st.uuids())
def test_an_address_of_ours_names_its_message_in_any_case(message: UUID) -> None:
    address = return_path(message, key=KEY, domain="bounce.example.com")
    assert 64 >= len(address.partition("@")[0])
    assert message == read_return_path(address, key=KEY) == read_return_path(address.upper(), key=KEY)


def test_every_changed_character_is_noticed() -> None:
    address = return_path(MESSAGE, key=KEY, domain="bounce.example.com")
    local, _, domain = address.partition("@")
    for position in range(len(local)):
        changed = local[:position] + ("a" if local[position] != "a" else "b") + local[position + 1 :]
        assert None is read_return_path(f"{changed}@{domain}", key=KEY), changed


@pytest.mark.parametrize(
    "address", ["", "@", "b+@x", "b+.@x", "b+a.b@x", "postmaster@x", "b+\u0131.x@x", "b+" + "a" * 5000 + ".a@x"]
)
def test_any_other_address_names_nothing(address: str) -> None:
    assert None is read_return_path(address, key=KEY)


def test_another_key_names_nothing() -> None:
    assert None is read_return_path(return_path(MESSAGE, key=KEY, domain="x.example"), key=b"another key")
