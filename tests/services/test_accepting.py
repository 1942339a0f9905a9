"""Accepting a message: what is impossible is refused now, and a refusal leaves nothing behind."""

from datetime import timedelta

import pytest

from acuse.as2 import MDNMode
from acuse.domain.message import Transmission
from acuse.domain.partner import Terms
from acuse.errors import (
    AcuseError,
    CertificateExpired,
    InvalidContentType,
    InvalidInput,
    PartnerNotFound,
    StationNotFound,
    StorageFailed,
)
from acuse.services.accept_message import OutgoingFile, SendMessage, accept_message
from acuse.services.begin_attempt import begin_attempt
from tests.services.conftest import Neighbours
from tests.services.house import House

BIG = bytes(100_000)


def assert_refused(house: House, command: SendMessage, error: type[AcuseError]) -> AcuseError:
    with pytest.raises(error) as refused:
        accept_message(house.ports, command)
    assert (0, 0, 0, []) == (house.count("message"), house.count("blob"), house.count("job"), house.files())
    return refused.value


def test_accepted_message_has_everything_durable(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()

    message = acme.accept(b"one", BIG, metadata={"order": 7}, headers=(("X-Order", "7"),))

    view = acme.view(message)
    assert message == view.message
    assert (1, "msg_000001", 100_003, "multipart/related") == (
        message.handle,
        message.public_id,
        message.size,
        message.content_type,
    )
    assert [b"one", BIG] == acme.payloads(view)
    assert ({"order": 7}, (("X-Order", "7"),)) == (view.message.metadata, view.message.custom_headers)
    assert ["queued"] == acme.events()


def test_message_ids_are_unique_and_end_in_our_host(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()

    ids = [acme.accept().wire_id for _ in range(3)]

    assert 3 == len(set(ids))
    assert all(wire_id.startswith("<MSG_20261120_120000_") and wire_id.endswith("@acme.example>") for wire_id in ids)


def test_unknown_station_or_partner_is_refused(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    stranger = neighbours.world.new_id()

    assert_refused(acme, acme.command(BIG, station_id=stranger), StationNotFound)
    assert_refused(acme, acme.command(BIG, partner_id=stranger), PartnerNotFound)


@pytest.mark.parametrize("content_type", ["", "text", "text/", "/plain", "text/plain\r\nX: y", "text/pläin", "a/b c"])
def test_content_type_that_is_none_is_refused(neighbours: Neighbours, content_type: str) -> None:
    acme, _ = neighbours.meet()
    file = OutgoingFile(filename="a", content_type=content_type, stage=acme.stage(BIG))

    assert_refused(acme, acme.command(files=(file,)), InvalidContentType)


@pytest.mark.parametrize("wishes", [{"subject": ""}, {"subject": "a\nb"}, {"subject": "x" * 256}, {"files": ()}])
def test_bad_fields_are_refused(neighbours: Neighbours, wishes: dict[str, object]) -> None:
    acme, _ = neighbours.meet()

    assert_refused(acme, acme.command(**wishes), InvalidInput)


def test_empty_file_is_refused(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()

    assert_refused(acme, acme.command(b"", BIG), InvalidInput)


def test_expired_certificate_is_refused_before_anything_is_promised(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    neighbours.world.present = globex.certificate.not_valid_after_utc + timedelta(days=1)

    refusal = assert_refused(acme, acme.command(BIG), CertificateExpired)

    assert acme.certificate.not_valid_after_utc == refusal.details["expired_at"]


def test_certificate_that_expires_while_the_message_waits_makes_it_fail(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    message = acme.accept(scheduled_at=neighbours.world.now() + timedelta(days=800))
    neighbours.world.present = globex.certificate.not_valid_after_utc + timedelta(days=1)

    assert begin_attempt(acme.ports, message.id) is None

    failed = acme.message(message)
    assert Transmission.FAILED is failed.transmission
    assert failed.problem
    assert "CERTIFICATE_EXPIRED" == failed.problem.code
    assert ["queued", "failed"] == acme.events()


def test_message_without_layers_needs_no_certificate(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(sign=None, encrypt=None, mdn=MDNMode.NONE))
    neighbours.world.present = globex.certificate.not_valid_after_utc + timedelta(days=1)

    assert acme.begin(acme.accept()).message.wire


@pytest.mark.parametrize("body", [b"small", BIG])
def test_nothing_is_promised_or_left_behind_when_the_database_cannot_write(neighbours: Neighbours, body: bytes) -> None:
    acme, _ = neighbours.meet()
    acme.execute("ALTER TABLE event RENAME TO lost")

    assert_refused(acme, acme.command(body), StorageFailed)


def test_failed_beginning_leaves_no_built_message_behind(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    message = acme.accept(BIG)
    files = acme.files()
    acme.execute("ALTER TABLE event RENAME TO lost")

    with pytest.raises(StorageFailed):
        begin_attempt(acme.ports, message.id)
    acme.execute("ALTER TABLE lost RENAME TO event")

    assert (files, Transmission.QUEUED) == (acme.files(), acme.message(message).transmission)
    assert acme.begin(message)
