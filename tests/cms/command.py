"""The `openssl cms` command with any of its options."""

import subprocess
import tempfile
from pathlib import Path


def openssl(arguments: str, **files: bytes) -> bytes:
    """What the command prints, run in a folder with these files; the test fails when it refuses."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        done = subprocess.run(["openssl", *arguments.split()], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout
