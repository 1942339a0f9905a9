"""The server's own TLS, whose certificate is replaced while it runs.

Rule: a certificate that cannot be loaded never takes the place of one that can.
"""

import asyncio
import logging
import ssl
from pathlib import Path

logger = logging.getLogger("acuse.web.tls")

_EVERY_SECONDS = 1.0


class ServerTLS:
    """A context for the server and the files it was made from."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Raises OSError or ssl.SSLError when the files cannot be used."""
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
        except OSError as problem:  # ssl.SSLError too
            logger.warning("tls certificate not loaded", extra={"fields": {"problem": str(problem)}})
        else:
            logger.info("tls certificate loaded", extra={"fields": {"file": str(self._certificate)}})

    def _load(self, context: ssl.SSLContext) -> ssl.SSLContext:
        context.load_cert_chain(self._certificate, self._key)
        return context

    def _stamp(self) -> tuple[object, ...]:
        stats = (self._certificate.stat(), self._key.stat())
        return tuple((stat.st_mtime_ns, stat.st_size, stat.st_ino) for stat in stats)


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context
