"""The documentation's own sample programs, run unchanged but for URL, token and ids; what they send arrives."""

import json
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from tests.dialects.as2expert.conftest import Expert

SAMPLES = Path(__file__).parent / "samples"
HOST = "https://free.as2expert.com/api/v1"
_IN_CI = os.environ.get("CI") == "true"


def sample(expert: Expert, name: str, **changes: str) -> str:
    """A sample with the ids of this gateway."""
    text = (SAMPLES / name).read_text()
    text = text.replace("54", str(expert.station), 1).replace("94", str(expert.partner), 1)
    for old, new in {HOST: expert.base_url, **changes}.items():
        text = text.replace(old, new)
    return text


def run(command: list[str], folder: Path, **environment: str) -> Any:
    """What a program prints, as JSON."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout)


def require(program: str) -> str:
    found = shutil.which(program)
    if found is None and not _IN_CI:
        pytest.skip(f"there is no {program} here")
    assert found, f"{program} is needed"
    return found


def run_python(expert: Expert, name: str, folder: Path) -> Any:
    """A sample in Python, after what the page has set up before it."""
    begin = f'import base64, requests\nBASE_URL = "{expert.base_url}"\n'
    begin += f'headers = {{"Authorization": "Bearer {expert.token}", "Content-Type": "application/json"}}\n'
    file = folder / name.removesuffix(".txt")
    file.write_text(begin + sample(expert, name) + "\nprint(response.text)\n")
    return run([sys.executable, str(file)], folder)


@pytest.mark.parametrize("content", [b"Invoice\n", b"\x00" * 70_000])
def test_python_sends_one_file(expert: Expert, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "document.txt").write_bytes(content)

    answer = run_python(expert, "send_one.py.txt", tmp_path)

    assert "Message sent" == answer["msg"]
    arrived = expert.arrived(answer["data"]["message_as2_id"])
    assert (False, False, "Invoice #001") == (arrived["encrypted"], arrived["signed"], arrived["subject"])
    assert [("invoice.txt", len(content))] == [(file["filename"], file["bytes"]) for file in arrived["attachments"]]


def test_python_sends_several_files(expert: Expert, tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"doc{number}.txt").write_text(f"document {number}")

    answer = run_python(expert, "send_several.py.txt", tmp_path)

    arrived = expert.arrived(answer["data"]["message_as2_id"])
    assert (2, True) == (answer["data"]["files_count"], arrived["signed"])
    assert ["doc1.txt", "doc2.txt"] == [file["filename"] for file in arrived["attachments"]]


def test_curl_sends_one_file(expert: Expert, tmp_path: Path) -> None:
    require("curl")
    content = b64encode(b"by curl").decode()
    script = sample(expert, "send_one.sh.txt", BASE64_FILE_CONTENT_HERE=content)

    answer = run(["sh", "-c", script], tmp_path, API_TOKEN=expert.token)

    arrived = expert.arrived(answer["data"]["message_as2_id"])
    assert [("invoice.txt", 7)] == [(file["filename"], file["bytes"]) for file in arrived["attachments"]]


def test_javascript_sends_several_files(expert: Expert, tmp_path: Path) -> None:
    node = require("node")
    uploads = [{"filename": f"d{number}.txt", "content": b64encode(b"x" * number).decode()} for number in (1, 2, 3)]
    program = tmp_path / "send.mjs"
    text = sample(expert, "send_several.mjs.txt", YOUR_TOKEN=expert.token)
    program.write_text(f"const uploads = {json.dumps(uploads)};\n{text}\nconsole.log(await response.text());\n")

    answer = run([node, str(program)], tmp_path)

    arrived = expert.arrived(answer["data"]["message_as2_id"])
    assert [1, 2, 3] == [file["bytes"] for file in arrived["attachments"]]
