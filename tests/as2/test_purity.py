"""The core of AS2 is usable alone: it brings no server, no database, no client and no event loop along."""

import subprocess
import sys

FOREIGN = ("aiohttp", "asyncio", "httptools", "sqlalchemy", "sqlite3", "starlette", "uvicorn", "uvloop")


def test_importing_the_core_loads_no_module_that_touches_the_world() -> None:
    program = "import sys, acuse.as2; print('\\n'.join(sys.modules))"

    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()

    assert "acuse.as2.inbound" in loaded
    assert [] == [name for name in loaded if name.split(".")[0] in FOREIGN]
    assert [] == [name for name in loaded if name.startswith(("acuse.services", "acuse.web", "acuse.storage"))]
