"""django-pyas2, the gateway in Python that is in use, in an environment of its own.

Rule: it runs with the better settings that were found for it, behind gunicorn with two workers.
"""

import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from acuse import cms
from benchmarks.gateway import free_port
from benchmarks.parties import pem

ENVIRONMENT = Path(__file__).parents[1] / ".bench-venv"
_PYTHON = ENVIRONMENT / "bin" / "python"
_SITE = Path(__file__).parent / "django_site"
_PACKAGES = ("django-pyas2==1.2.3", "gunicorn", "setuptools<81")


def install() -> None:
    """Make the peers' environment, once."""
    if not (ENVIRONMENT / "bin" / "gunicorn").exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        subprocess.run([str(_PYTHON), "-m", "pip", "install", "--quiet", *_PACKAGES], check=True)


def versions() -> dict[str, str]:
    """The versions that were measured."""
    names = ("django-pyas2", "pyas2lib", "Django", "gunicorn")
    script = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    command = [str(_PYTHON), "-c", script, *names]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return dict(zip(names, found, strict=True))


class DjangoPyas2:
    """A context manager: it serves inside the block."""

    def __init__(self, folder: Path, *, identity: cms.KeyPair, other: cms.KeyPair, counterpart: str) -> None:
        self._folder = folder / "django-pyas2"
        (self._folder / "files").mkdir(parents=True)
        self.port = free_port()
        self.receive_url = f"http://127.0.0.1:{self.port}/pyas2/as2receive"
        self._environment = {**os.environ, "PEER_HOME": str(self._folder), "PYTHONPATH": str(_SITE)}
        key, own, theirs = (self._folder / name for name in ("key.pem", "own.pem", "other.pem"))
        key.write_bytes(
            identity.private_key.private_bytes(
                Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"benchmark")
            )
        )
        own.write_bytes(pem(identity.certificate))
        theirs.write_bytes(pem(other.certificate))
        self._run("prepare", str(key), str(own), str(theirs), counterpart)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process_id(self) -> int:
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> "DjangoPyas2":
        command = [str(ENVIRONMENT / "bin" / "gunicorn"), "--workers", "2", "--bind", f"127.0.0.1:{self.port}"]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--env", "DJANGO_SETTINGS_MODULE=settings", "django.core.wsgi:get_wsgi_application()"],
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(self.receive_url, timeout=5).close()
            except OSError:
                time.sleep(0.1)
            else:
                return self
        raise RuntimeError(f"the peer did not start:\n{(self._folder / 'log').read_text()}")

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(30)

    def send(self, file: bytes, count: int) -> float:
        """Milliseconds of processor time for each message sent, in a process that was started before."""
        path = self._folder / "files" / "order.edi"
        path.write_bytes(file)
        return float(self._run("send", "order.edi", str(count)))

    def _run(self, *arguments: str) -> str:
        command = [str(_PYTHON), str(_SITE / "peer.py"), *arguments]
        done = subprocess.run(command, env=self._environment, check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"the peer failed: {done.stderr}")
        return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
