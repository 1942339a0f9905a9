"""Waiting for a condition, with a deadline: the only place in the tests where time passes on purpose."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T | None], *, timeout: float = 10.0, what: str = "the condition") -> T:
    """The first truthy value of `condition`; AssertionError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} did not come true within {timeout} s"
        pause.wait(0.02)
    return value
