"""The server's own TLS, whose certificate is replaced while it runs.

Rule: a certificate that cannot be loaded never takes the place of one that can.
"""

import asyncio
import logging
import ssl
from pathlib import Path

from acuse.errors import OperationError

logger = logging.getLogger("acuse.web.tls")

_EVERY_SECONDS = 1.0


class TLSUnusable(OperationError):
    """The TLS certificate or its key cannot be loaded. Check --tls-certificate and --tls-key."""

    code = "TLS_UNUSABLE"


class ServerTLS:
    """A context for the server and the files it was made from."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Raises TLSUnusable."""
        self._certificate = certificate
        self._key = key
        self._seen = self._stamp()
        self.context = self._load(_context())

    async def watch(self, *, every: float = _EVERY_SECONDS) -> None:
        """Load the files again whenever they change; new connections get the new certificate. Runs until cancelled."""
        while True:
            await asyncio.sleep(every)
            self.reload_if_changed()

    def reload_if_changed(self) -> None:
        """One look at the files."""
        try:
            stamp = self._stamp()
            if stamp == self._seen:
                return
            self._seen = stamp
            self._load(_context())  # a trial: a context that failed to load is left in pieces
            self._load(self.context)
        except TLSUnusable as problem:
            fields = {"file": str(self._certificate), "problem": problem.message}
            logger.warning("tls certificate not loaded", extra={"fields": fields})
        else:
            logger.info("tls certificate loaded", extra={"fields": {"file": str(self._certificate)}})

    def _load(self, context: ssl.SSLContext) -> ssl.SSLContext:
        try:
            context.load_cert_chain(self._certificate, self._key)
        except OSError as problem:  # ssl.SSLError too
            raise self._unusable(problem) from problem
        return context

    def _stamp(self) -> tuple[object, ...]:
        try:
            stats = (self._certificate.stat(), self._key.stat())
        except OSError as problem:
            raise self._unusable(problem) from problem
        return tuple((stat.st_mtime_ns, stat.st_size, stat.st_ino) for stat in stats)

    def _unusable(self, problem: OSError) -> TLSUnusable:
        return TLSUnusable(f"Cannot load {self._certificate} with {self._key}: {_reason(problem)}.")


def _reason(problem: OSError) -> str:
    if not isinstance(problem, ssl.SSLError):
        missing = f"{problem.filename}: " if problem.filename else ""
        return f"{missing}{problem.strerror}"
    if problem.reason == "KEY_VALUES_MISMATCH":
        return "the key belongs to another certificate"
    # OpenSSL names no reason when it finds nothing to read.
    return problem.reason or "the one must hold a certificate and the other a private key, both as PEM"


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context
