"""Other processes on the same files, which a test can kill."""

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def start_python(script: str, *arguments: object) -> "subprocess.Popen[str]":
    """A Python that runs `script` with these arguments, to talk with over its standard input and output."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{_ROOT / 'src'}{os.pathsep}{_ROOT}"},
    )
