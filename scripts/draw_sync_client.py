"""Make `acuse_client/_sync` from `acuse_client/_async`, word by word: `python scripts/draw_sync_client.py`.

Rule: the client for asyncio is the one that is written by hand; the other is the same program without its waiting
words, so that the two cannot come to differ. A test keeps it current.
"""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_PACKAGE = _ROOT / "packages" / "acuse-client" / "src" / "acuse_client"
SOURCE, TARGET = _PACKAGE / "_async", _PACKAGE / "_sync"

_WORDS = (
    (r"\b(?:async|await) ", ""),
    (r"\basyncio\b", "time"),
    (r"\bimport time\nimport time\n", "import time\n"),
    (r"\b_async\b", "_sync"),
    (r"\b__a(enter|exit)__", r"__\1__"),
    (r"\ba(close|read|iter_bytes)\b", r"\1"),
    (r"\basynccontextmanager\b", "contextmanager"),
    (r"\bhttpx\.AsyncClient\b", "httpx.Client"),
    (r"\bAsync([A-Z]\w*)", r"\1"),
)
_PREFACE = "# Made from _async by scripts/draw_sync_client.py: change it there.\n"
_INIT = '"""The client that waits for each answer, made from `_async`."""\n'


def draw() -> Mapping[str, str]:
    """The text of each file by its name."""
    drawn = {path.name: _PREFACE + _without_waiting(path.read_text(encoding="utf-8")) for path in SOURCE.glob("*.py")}
    return {**{name: _formatted(text) for name, text in drawn.items()}, "__init__.py": _INIT}


def _without_waiting(text: str) -> str:
    for pattern, replacement in _WORDS:
        text = re.sub(pattern, replacement, text)
    return text


def _formatted(text: str) -> str:
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check", "--select", "I", "--fix"], ["format"]):
        line = [*ruff, *command, "--quiet", "--stdin-filename", str(TARGET / "any.py"), "-"]
        text = subprocess.run(line, input=text, capture_output=True, text=True, check=True).stdout
    return text


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for file, content in draw().items():
        (TARGET / file).write_text(content, encoding="utf-8")
