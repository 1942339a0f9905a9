"""A slow disk for one process: a library that makes its writes and flushes wait, loaded before everything else."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")


def compiler() -> str | None:
    """A C compiler, where there is one."""
    return shutil.which("cc") or shutil.which("gcc")


def slow_disk(folder: Path, *, sync_us: int = 0, bytes_a_second: int = 0) -> Mapping[str, str]:
    """The environment in which a process has a disk that is this slow. The library is built into `folder`."""
    library = folder / "slow_disk.so"
    command = compiler()
    assert command is not None, "there is no C compiler"
    subprocess.run([command, "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl", "-lpthread"], check=True)
    return {
        "LD_PRELOAD": str(library),
        "SLOW_DISK_SYNC_US": str(sync_us),
        "SLOW_DISK_BYTES_S": str(bytes_a_second),
    }
