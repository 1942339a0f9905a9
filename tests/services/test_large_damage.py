"""A large message with one flipped bit at its very end: by then nearly all of it lies in the home, and none is given.

Rule: the receiver streams, so the files are written before the last byte is judged. What is written must be gone when
that byte is wrong, and no event may tell of a file.
"""

import pytest

from acuse import as2
from acuse.as2 import Compression
from acuse.domain.message import Transmission
from acuse.domain.partner import Terms
from acuse.mime import Headers, Literal
from tests.services.conftest import Neighbours
from tests.services.house import House, bytes_of

MIB = 1 << 20
_LINE = b"QTY+21:48'\n"


def payload(size: int) -> bytes:
    return (_LINE * (size // len(_LINE) + 1))[:size]


def assert_damage_at_the_end_releases_nothing(sender: House, receiver: House, content: bytes, *, at: bytes) -> None:
    """Send `content` with a bit flipped where `at` last begins, or in the last byte, and see what becomes of it."""
    attempt = sender.begin(sender.accept(content))
    body = bytearray(bytes_of(attempt.body))
    body[body.rindex(at) if at else -1] ^= 1

    answer = receiver.take(attempt.headers, bytes(body))

    [view] = receiver.inbound()
    receipt = as2.read_receipt(Headers(answer.headers), Literal(answer.body), [receiver.certificate])
    assert not receipt.disposition.is_positive
    assert (Transmission.FAILED, ()) == (view.message.transmission, view.attachments)
    assert "received" not in receiver.events()
    # The request is kept as it came, for whoever looks into it; no file of its content is, staged or kept.
    assert view.message.wire is not None
    assert [view.message.wire.blob_id.hex] == [path.name for path in receiver.files()]


@pytest.mark.slow
def test_large_encrypted_message_with_a_flipped_bit_in_its_last_block_releases_nothing(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()

    assert_damage_at_the_end_releases_nothing(acme, globex, payload(64 * MIB), at=b"")


def test_large_signed_message_with_a_flipped_bit_in_its_last_line_releases_nothing(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(encrypt=None, demand_encrypted=False, compression=Compression.NONE))

    assert_damage_at_the_end_releases_nothing(acme, globex, payload(4 * MIB), at=_LINE)
