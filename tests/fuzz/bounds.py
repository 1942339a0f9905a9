"""How much each example may cost, and how many examples there are.

`make test` tries a few examples, always the same; `make fuzz` sets FUZZ_EXAMPLES and tries that many new ones.
"""

import os
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, settings

_ASKED_FOR = int(os.environ.get("FUZZ_EXAMPLES", "0"))
CPU_SECONDS = 3.0
"""For inputs of some kilobytes, and with the measuring of memory: a hundred times what they take."""
MEMORY = 48 * 1024 * 1024


def fuzzed(few: int) -> Callable[[Any], Any]:
    """Settings of a test: `few` examples in the ordinary run."""
    return settings(
        max_examples=_ASKED_FOR or few,
        derandomize=not _ASKED_FOR,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


@contextmanager
def bounded() -> Iterator[None]:
    """The block takes neither long nor much memory."""
    is_ours = not tracemalloc.is_tracing()
    if is_ours:
        tracemalloc.start()
    tracemalloc.reset_peak()
    before, started = tracemalloc.get_traced_memory()[0], time.process_time()
    try:
        yield
        taken, peak = time.process_time() - started, tracemalloc.get_traced_memory()[1] - before
    finally:
        if is_ours:
            tracemalloc.stop()
    assert taken < CPU_SECONDS, f"{taken:.1f} s"
    assert peak < MEMORY, f"{peak} bytes"
