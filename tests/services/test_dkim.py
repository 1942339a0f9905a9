"""DKIM keys by domain: made, shown as a record, used for what is sent, and checked by a verifier that is not ours."""

from collections.abc import Iterator
from pathlib import Path

import dkim
import pytest

from acuse.errors import InvalidInput
from acuse.mime import read_all
from acuse.services.begin_notice import begin_notice
from acuse.services.manage_dkim import DKIMKeyMissing, create_dkim_key, dkim_record, find_dkim_key
from tests.services.test_notices import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "home")
    yield office
    office.house.database.close()


def sent(office: Office) -> bytes:
    (notice,) = office.send().notices
    begun = begin_notice(office.ports, notice.id)
    assert begun is not None
    return read_all(begun.message.open(), limit=1 << 20)


def is_signed(message: bytes, *records: tuple[str, str]) -> bool:
    known = {f"{name}.".encode(): text.encode() for name, text in records}
    return bool(dkim.verify(message, dnsfunc=lambda name, **_: known.get(name)))


@pytest.mark.parametrize("domain", ["example.com", "localhost.localdomain"])
def test_mail_is_signed_by_the_domain_of_its_sender_or_else_by_ours(office: Office, domain: str) -> None:
    create_dkim_key(office.ports, "other.example")
    assert not is_signed(sent(office))
    if domain == "example.com":
        key = create_dkim_key(office.ports, domain)
    else:
        office.ports = office.with_domain("gateway.example")
        key = create_dkim_key(office.ports, "gateway.example")

    message = sent(office)
    assert is_signed(message, dkim_record(key))
    assert not is_signed(message.replace(b"Para Ana", b"Para Eva"), dkim_record(key))


def test_a_new_key_takes_the_place_of_the_old_one_under_another_selector(office: Office) -> None:
    first, second = (create_dkim_key(office.ports, "Exámple.com") for _ in range(2))
    assert second == find_dkim_key(office.ports, "xn--exmple-qta.com")
    assert first.selector != second.selector
    assert is_signed(sent(office)) is False
    assert ("xn--exmple-qta.com",) == office.ports.views.notices.dkim_domains()


def test_a_key_lies_sealed_in_the_store(office: Office) -> None:
    key = create_dkim_key(office.ports, "example.com")
    secret = key.private_key.splitlines()[2]
    assert not any(secret in path.read_bytes() for path in office.house.home.path.glob("acuse.db*"))


def test_a_domain_that_is_none_or_has_no_key_is_told(office: Office) -> None:
    with pytest.raises(InvalidInput):
        create_dkim_key(office.ports, "no domain")
    with pytest.raises(DKIMKeyMissing):
        find_dkim_key(office.ports, "example.com")
