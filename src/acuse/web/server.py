"""The HTTP server of a process: uvicorn with our bounds, our TLS and our way to stop.

Rule: when it is asked to stop it takes no new connection, lets running requests end, and returns to whoever started it.
"""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from acuse.errors import OperationError
from acuse.web.app import WebApp, build_app
from acuse.web.options import DRAIN_SECONDS, WebOptions
from acuse.web.protocol import BoundedProtocol
from acuse.web.tls import ServerTLS, TLSUnusable

__all__ = ["ListenFailed", "Server", "TLSUnusable", "WebApp", "build_app", "make_server", "open_listener", "run_server"]

_BACKLOG = 2048


class ListenFailed(OperationError):
    """The gateway cannot listen on its address. Choose another --host or --port, or stop what listens there."""

    code = "LISTEN_FAILED"


async def run_server(
    app: WebApp, options: WebOptions, *, started: Callable[[], None], stopping: Callable[[], None] = lambda: None
) -> None:
    """Serve until SIGTERM or SIGINT, when `stopping` is called; `started` is called once connections are taken.

    A second SIGINT does not wait for running requests. `app` is closed at the end. Raises ListenFailed or TLSUnusable
    before `started`.
    """
    watch: asyncio.Task[None] | None = None
    try:
        tls = load_tls(options)
        with open_listener(options) as listener:
            watch = asyncio.create_task(tls.watch()) if tls else None
            await make_server(app, options, tls=tls, started=started, stopping=stopping).serve(sockets=[listener])
    finally:
        if watch is not None:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
        app.close()


def open_listener(options: WebOptions) -> socket.socket:
    """The listening socket; raises ListenFailed."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    try:
        return socket.create_server((options.host, options.port), family=family, backlog=_BACKLOG)
    except OSError as problem:
        shown = f"{options.host}:{options.port}"
        reason = problem.strerror or str(problem)
        raise ListenFailed(f"Cannot listen on {shown}: {reason}. Choose another --host or --port.") from problem


def make_server(
    app: ASGIApp,
    options: WebOptions,
    *,
    tls: ServerTLS | None = None,
    started: Callable[[], None] = lambda: None,
    stopping: Callable[[], None] = lambda: None,
) -> "Server":
    """A server that is ready to serve on a socket."""
    context = tls.context if tls else None
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        headers=[("server", "acuse")],
        proxy_headers=bool(options.trusted_proxy),
        forwarded_allow_ips=[str(network) for network in options.trusted_proxy],
        timeout_keep_alive=30,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        backlog=_BACKLOG,
        ssl_context_factory=(lambda *_: context) if context else None,
    )
    return Server(config, started=started, stopping=stopping)


class Server(uvicorn.Server):
    """uvicorn's server, which tells when it starts and is asked to stop, and leaves the process alive when it stops."""

    def __init__(self, config: uvicorn.Config, *, started: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell_started = started
        self._tell_stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._tell_started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; at a second SIGINT, at once."""
        is_first = not self.should_exit
        super().handle_exit(sig, frame)
        if is_first:
            self._tell_stopping()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal, without raising it again afterwards: the caller still has to close its home."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        signals = (signal.SIGTERM, signal.SIGINT)
        for number in signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)


def load_tls(options: WebOptions) -> ServerTLS | None:
    """The TLS of the settings, None without; raises TLSUnusable."""
    if options.tls_certificate is None or options.tls_key is None:
        return None
    return ServerTLS(options.tls_certificate, options.tls_key)
