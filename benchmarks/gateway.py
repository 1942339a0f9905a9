"""A gateway of ours as its users have it: a process, a command line and an HTTP API on a home of its own."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "acuse.cli")
_SOURCES = Path(__file__).parents[1] / "src"
_START_LIMIT = 30.0


class Gateway:
    """Made with a fresh home and one station. A context manager: `acuse serve` runs inside the block."""

    def __init__(self, folder: Path, *, as2_id: str, environment: Mapping[str, str] | None = None) -> None:
        self.home = folder / as2_id
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{as2_id}.log"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ACUSE_")}
        self.environment = {**inherited, "PYTHONPATH": str(_SOURCES), "ACUSE_HOME": str(self.home)}
        self._for_serving = {**self.environment, **(environment or {})}
        made = json.loads(self.cli("init", "--name", as2_id, "--as2-id", as2_id, "--url", self.url, "--json"))
        self.api_key: str = made["api_key"]
        self.receive_url: str = made["station"]["receive_url"]
        self.certificate: bytes = made["station"]["certificate"].encode("ascii")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def database(self) -> Path:
        return self.home / "acuse.db"

    @property
    def process_id(self) -> int:
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> "Gateway":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(90)

    def start(self) -> None:
        """Serve, and return once it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*COMMAND, "serve", "--port", str(self.port)], env=self._for_serving, stdout=log, stderr=log
            )
        deadline = time.monotonic() + _START_LIMIT
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/health", timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"the gateway did not start:\n{self.log.read_text('utf-8')}")

    def restart(self, environment: Mapping[str, str]) -> None:
        """End the process as an operator does, and serve again within this environment."""
        self.__exit__()
        self._for_serving = {**self.environment, **environment}
        self.start()

    def kill(self) -> None:
        """End the process without a word, as a power failure would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def cli(self, *arguments: str) -> str:
        """What `acuse ARGUMENTS` prints; raises when it fails."""
        done = subprocess.run([*COMMAND, *arguments], env=self.environment, check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"acuse {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def add_partner(self, *terms: str, as2_id: str, url: str, certificate: bytes) -> str:
        """The public id of a new partner."""
        file = self.home.parent / f"{as2_id}-of-{self.home.name}.pem"
        file.write_bytes(certificate)
        identity = ("--as2-id", as2_id, "--name", as2_id, "--url", url, "--certificate", str(file))
        made: str = json.loads(self.cli("partner", "add", *identity, *terms, "--json"))["id"]
        return made

    def get(self, path: str) -> Any:
        """The JSON of an API call."""
        with self.open(path) as answer:
            return json.load(answer)

    def open(self, path: str) -> Any:
        """The answer of an API call, to be read in pieces."""
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self.api_key}"})
        return urllib.request.urlopen(request)


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
