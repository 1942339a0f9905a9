"""Turns: one request at a time for each message, and none for ever."""

import asyncio

import pytest

from acuse.web.turns import TurnNotReached, Turns


async def test_blocks_of_one_key_run_one_after_the_other_and_of_two_at_once() -> None:
    turns, steps = Turns(patience=5), list[str]()
    second_may_go = asyncio.Event()

    async def work(key: str, name: str) -> None:
        async with turns.turn(key):
            steps.append(f"{name} begins")
            if name == "first":
                await second_may_go.wait()
            steps.append(f"{name} ends")

    first = asyncio.create_task(work("a", "first"))
    second = asyncio.create_task(work("a", "second"))
    await asyncio.create_task(work("b", "other"))
    second_may_go.set()
    await asyncio.gather(first, second)

    assert ["first begins", "other begins", "other ends", "first ends", "second begins", "second ends"] == steps


async def test_who_waits_too_long_is_told_and_leaves_the_others_their_turn() -> None:
    turns = Turns(patience=0.01)

    async with turns.turn("a"):
        with pytest.raises(TurnNotReached):
            async with turns.turn("a"):
                raise AssertionError

    async with turns.turn("a"):
        pass


async def test_block_that_fails_gives_its_turn_back() -> None:
    turns = Turns(patience=0.01)

    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            async with turns.turn("a"):
                raise ValueError("broken")
