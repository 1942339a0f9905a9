"""What the kernel knows of a process: its processor time and the most memory that it ever had."""

import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(process_id: int) -> float:
    """Processor time in user and kernel mode, of the process and of its living descendants."""
    _, _, fields = Path(f"/proc/{process_id}/stat").read_text("ascii").rpartition(")")
    user, system = fields.split()[11:13]
    own = (int(user) + int(system)) / _TICKS
    children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text("ascii").split()
    return own + sum(cpu_seconds(int(child)) for child in children)


def peak_memory(process_id: int) -> float:
    """The largest resident set that the process ever had, in MB."""
    status = Path(f"/proc/{process_id}/status").read_text("ascii")
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(line.split()[1]) * 1024 / 1e6


class MemoryWatch:
    """Looks at a process of short life until it ends; `peak` is the last that was seen, in MB."""

    def __init__(self, process_id: int) -> None:
        self.peak = 0.0
        self._process_id = process_id
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.is_set():
            try:
                self.peak = max(self.peak, peak_memory(self._process_id))
            except OSError:
                return
            time.sleep(0.02)
