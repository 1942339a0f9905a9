"""The core of AS2 is usable alone: it brings no server, no database, no client and no event loop along."""

import os
import subprocess
import sys
from pathlib import Path

from acuse import as2

FOREIGN = ("aiohttp", "asyncio", "httptools", "sqlalchemy", "sqlite3", "starlette", "uvicorn", "uvloop")


def test_importing_the_core_loads_no_module_that_touches_the_world() -> None:
    program = "import sys, acuse.as2; print('\\n'.join(sys.modules))"

    environment = {**os.environ, "PYTHONPATH": str(Path(as2.__file__).parents[2])}

    printed = subprocess.run(
        [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True
    )
    loaded = printed.stdout.split()

    assert "acuse.as2.inbound" in loaded
    assert [] == [name for name in loaded if name.split(".")[0] in FOREIGN]
    assert [] == [name for name in loaded if name.startswith(("acuse.services", "acuse.web", "acuse.storage"))]
