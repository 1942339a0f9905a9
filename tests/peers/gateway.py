"""A real gateway process in a home of its own, seen through nothing but its command line and its HTTP API."""

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.peers import wire
from tests.peers.pyas2 import Station
from tests.peers.waiting import wait_until
from tests.peers.wire import Reply

COMMAND = (sys.executable, "-m", "acuse.cli")
ROOT = Path(__file__).parents[2]
SOURCES = os.pathsep.join([str(ROOT / "src"), str(ROOT / "packages" / "acuse-client" / "src")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A command that ended."""

    code: int
    output: str
    errors: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.errors or self.output
        return json.loads(self.output)


def run_acuse(*arguments: str, environment: Mapping[str, str], timeout: float = 60) -> Finished:
    """Run `acuse ARGUMENTS` with exactly these ACUSE_ settings."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        env=_full(environment),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Finished(code=done.returncode, output=done.stdout, errors=done.stderr)


def _full(environment: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ACUSE_")}
    return {**inherited, "PYTHONPATH": SOURCES, **environment}


class Gateway:
    """Made with a fresh home and one station; not running before `start`."""

    def __init__(self, folder: Path, *, as2_id: str) -> None:
        self.as2_id = as2_id
        self.port = wire.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._move_to(folder)
        self.init = self.cli("init", "--name", as2_id, "--as2-id", as2_id, "--url", self.url, "--json").json
        self.api_key: str = self.init["api_key"]

    def _move_to(self, folder: Path) -> None:
        self.home = folder / "home"
        self._environment = {"ACUSE_HOME": str(self.home)}
        self._log = folder / "gateway.log"
        self._process: subprocess.Popen[bytes] | None = None

    def copied_to(self, folder: Path) -> "Gateway":
        """The same home in another folder, for the same port: cheaper than making it anew. Only one may run."""
        assert self._process is None
        copied = copy.copy(self)
        copied._move_to(folder)
        shutil.copytree(self.home, copied.home)
        return copied

    # ── The process ───────────────────────────────────────────────────────────────────────────────────────────────────

    def start(self, *, within: Mapping[str, str] = {}) -> None:
        """Serve, `within` an environment; returns once GET /health answers 200."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*COMMAND, "serve", "--host", "127.0.0.1", "--port", str(self.port)],
                env=_full({**self._environment, **within}),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(self._is_ready, timeout=30, what="GET /health = 200")

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"the gateway ended at once:\n{self.log}"
        try:
            return wire.request("GET", f"{self.url}/health", timeout=5).status == 200
        except OSError:
            return False

    def kill(self) -> None:
        """SIGKILL: no handler of ours runs."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def wait_for_death(self) -> None:
        """Until somebody else has killed it."""
        assert self._process is not None
        self._process.wait(timeout=30)

    def restart(self) -> None:
        """Start again after `kill`, on the same home and port."""
        self.start()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL if it takes too long. Prints the log, which pytest shows for failed tests."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None
        print(f"── log of {self.as2_id} ──\n{self.log}")  # noqa: T201

    @property
    def pid(self) -> int:
        """Of the process, while it runs."""
        assert self._process is not None
        assert self._process.poll() is None, f"the gateway has ended:\n{self.log}"
        return self._process.pid

    @property
    def log(self) -> str:
        """What the process has written so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    # ── The command line ──────────────────────────────────────────────────────────────────────────────────────────────

    def cli(self, *arguments: str, timeout: float = 60) -> Finished:
        """Run `acuse ARGUMENTS` on this home."""
        return run_acuse(*arguments, environment=self._environment, timeout=timeout)

    def add_partner(self, *options: str, as2_id: str, url: str, certificate: bytes) -> dict[str, Any]:
        """`acuse partner add`, with further options as they are written there. Returns the API's object."""
        file = self.home.parent / f"{as2_id}.pem"
        file.write_bytes(certificate)
        identity = ["--as2-id", as2_id, "--name", as2_id, "--url", url, "--certificate", str(file)]
        partner: dict[str, Any] = self.cli("partner", "add", *identity, *options, "--json").json
        return partner

    # ── The API ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def api(
        self, method: str, path: str, *, body: object = None, key: str | None = None, headers: Mapping[str, str] = {}
    ) -> Reply:
        """Call the native API with this gateway's key, or with another `key` ("" for none)."""
        key = self.api_key if key is None else key
        sent = dict(headers)
        if key:
            sent["Authorization"] = f"Bearer {key}"
        if body is not None and not isinstance(body, bytes):
            sent.setdefault("Content-Type", "application/json")
            body = json.dumps(body).encode()
        return wire.request(method, self.url + path, headers=sent, body=body)

    def send(self, body: Mapping[str, object]) -> dict[str, Any]:
        """POST /v1/messages; the message object of a 202."""
        reply = self.api("POST", "/v1/messages", body=body)
        assert reply.status == 202, (reply.status, reply.body)
        message: dict[str, Any] = reply.json["data"]
        return message

    def message(self, message_id: str) -> dict[str, Any]:
        """GET /v1/messages/{id}"""
        reply = self.api("GET", f"/v1/messages/{message_id}")
        assert reply.status == 200, (reply.status, reply.body)
        message: dict[str, Any] = reply.json["data"]
        return message

    def messages(self, **filters: str) -> list[dict[str, Any]]:
        """GET /v1/messages, the first hundred."""
        query = "&".join(f"{name}={value}" for name, value in {"per_page": "100", **filters}.items())
        reply = self.api("GET", f"/v1/messages?{query}")
        assert reply.status == 200, (reply.status, reply.body)
        rows: list[dict[str, Any]] = reply.json["data"]
        return rows

    def payload(self, message_id: str) -> Reply:
        """GET /v1/messages/{id}/payload"""
        reply = self.api("GET", f"/v1/messages/{message_id}/payload")
        assert reply.status == 200, (reply.status, reply.body)
        return reply

    def inbound(self, wire_id: str) -> list[dict[str, Any]]:
        """The inbound messages with this Message-ID, brackets or not."""
        wanted = wire_id.strip("<>")
        return [row for row in self.messages(direction="inbound") if row["message_id"].strip("<>") == wanted]

    def wait_for_end(self, message_id: str, *, timeout: float = 20) -> dict[str, Any]:
        """The message object once an outbound message is delivered or failed."""

        def ended() -> dict[str, Any] | None:
            message = self.message(message_id)
            return message if message["status"] in ("delivered", "failed") else None

        return wait_until(ended, timeout=timeout, what=f"the end of {message_id}")

    # ── As partners see it ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def receive_url(self) -> str:
        url: str = self.init["station"]["receive_url"]
        return url

    @property
    def certificate(self) -> bytes:
        pem: str = self.init["station"]["certificate"]
        return pem.encode()

    @property
    def station(self) -> Station:
        return Station(as2_id=self.as2_id, url=self.receive_url, certificate=self.certificate)


def multipart_form(fields: Sequence[tuple[str, str]], files: Sequence[tuple[str, str, bytes]]) -> tuple[str, bytes]:
    """A multipart/form-data body: `files` are (field, file name, content). Returns its Content-Type too."""
    boundary = "form-5b1c"
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields]
    parts += [
        f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'.encode()
        + b"Content-Type: application/octet-stream\r\n\r\n"
        + content
        for name, filename, content in files
    ]
    body = b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body
