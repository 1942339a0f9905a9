"""Time, ids and tokens of this machine."""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from uuid import RFC_4122

import pytest

from acuse.transports.world import SystemWorld


@pytest.mark.rfc(9562, "5.7")
def test_ids_are_uuids_of_version_7_in_the_order_of_time() -> None:
    world = SystemWorld()

    before = time.time_ns() // 1_000_000
    ids = [world.new_id() for _ in range(10_000)]
    after = time.time_ns() // 1_000_000

    milliseconds = [each.int >> 80 for each in ids]
    assert {(7, RFC_4122)} == {(each.version, each.variant) for each in ids}
    assert sorted(milliseconds) == milliseconds
    assert before <= milliseconds[0] <= milliseconds[-1] <= after
    assert 10_000 == len(set(ids))


def test_threads_that_draw_at_once_get_different_ids() -> None:
    world = SystemWorld()

    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _: [world.new_id() for _ in range(2000)], range(8)))

    assert 16_000 == len({each for ids in drawn for each in ids})


def test_every_random_bit_of_an_id_changes() -> None:
    ids = [SystemWorld().new_id().int for _ in range(200)]

    changing = 0
    for each in ids:
        changing |= each ^ ids[0]
    random_bits = (1 << 80) - 1 & ~(0xF << 76) & ~(0x3 << 62)
    assert random_bits == changing & random_bits


def test_tokens_are_letters_and_digits_with_more_than_a_hundred_random_bits() -> None:
    tokens = {SystemWorld().new_token() for _ in range(2000)}

    [length] = {len(token) for token in tokens}
    assert 2000 == len(tokens)
    assert all(token.isalnum() and token.isascii() for token in tokens)
    assert 100 < sum(math.log2(len({token[place] for token in tokens})) for place in range(length))


def test_present_is_in_utc_and_moves_on() -> None:
    world = SystemWorld()

    first, second = world.now(), world.now()

    assert UTC is first.tzinfo
    assert timedelta() <= second - first < timedelta(minutes=1)


def test_jitter_lies_between_zero_and_one() -> None:
    drawn = [SystemWorld().jitter() for _ in range(200)]

    assert all(0 <= each < 1 for each in drawn)
    assert len(set(drawn)) > 190
