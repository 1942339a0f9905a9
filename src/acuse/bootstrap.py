"""The one place that wires a gateway: settings in, a home with everything attached to its ports out."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import uvloop

from acuse import __version__
from acuse.config import LogFormat, Settings
from acuse.delivery.embedded import EmbeddedRunner
from acuse.delivery.handlers import handlers
from acuse.delivery.notices import notice_handlers
from acuse.domain.access import Mode
from acuse.domain.credit import UNIT
from acuse.domain.post import PostOffice, Route
from acuse.ports import Mailer, Ports
from acuse.postbox import open_postbox
from acuse.services.expire_notices import expire_notices
from acuse.services.expire_receipts import expire_receipts
from acuse.services.forget_answers import forget_answers
from acuse.services.settle_notice import settle_handed_over
from acuse.services.warn_of_expiry import warn_of_expiry
from acuse.storage import DiskBlobs, Home, MasterKey, SQLiteDatabase
from acuse.telemetry import configure_logging
from acuse.transports.captured import CapturedMailbox
from acuse.transports.http import HTTPTransport
from acuse.transports.smtp import DirectMailer, Login, NameService, SmarthostMailer
from acuse.transports.world import SystemWorld
from acuse.web.rendering import event_body, webhook_test_body
from acuse.web.server import build_app, run_server

PRODUCT = f"acuse/{__version__}"
_ENGINE_THREADS = 8
_RECEIPT_SWEEP_SECONDS = 1.0
_ANSWER_SWEEP_SECONDS = 60.0
_CERTIFICATE_SWEEP_SECONDS = 3600.0
_INDEX_SWEEP_SECONDS = 1.0
_NOTICE_SWEEP_SECONDS = 1.0
_WATCH_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """An open home, with its parts joined."""

    settings: Settings
    home: Home
    database: SQLiteDatabase
    blobs: DiskBlobs
    ports: Ports


@contextmanager
def open_gateway(settings: Settings, *, create: bool = False) -> Iterator[Gateway]:
    """Open the home of these settings; with `create`, make what is missing of it.

    Raises HomeMissing, MasterKeyWrong, SchemaTooNew, StorageFailed.
    """
    home, world = Home(settings.home), SystemWorld()
    if create:
        home.create()
    else:
        home.require()
    master_key = _master_key(settings, home.master_key, create=create)
    database = SQLiteDatabase.open(home.database, master_key=master_key, now=world.now)
    try:
        blobs = DiskBlobs(home, database, new_id=world.new_id)
        ports = Ports(
            units=database,
            views=database.views,
            blobs=blobs,
            world=world,
            signing_keys=master_key,
            reporting_ua=PRODUCT,
            post=_post_office(settings, master_key),
        )
        yield Gateway(settings=settings, home=home, database=database, blobs=blobs, ports=ports)
    finally:
        database.close()


def _master_key(settings: Settings, path: Path, *, create: bool) -> MasterKey:
    if settings.master_key:
        return MasterKey.parse(settings.master_key.reveal())
    return MasterKey.create(path) if create and not path.exists() else MasterKey.load(path)


def serve(settings: Settings, *, started: Callable[[Gateway], None], stopping: Callable[[], None]) -> None:
    """Run a gateway until a signal stops it; `started` is called once it answers, `stopping` at the signal. Raises
    HomeBusy beside `open_gateway`'s.
    """
    configure_logging(level=settings.log_level, as_json=settings.log_format is LogFormat.JSON)
    with open_gateway(settings) as gateway, gateway.home.lock(settings.url, has_engine=settings.role.has_engine):
        gateway.blobs.clean_staging()
        _run(_serve(gateway, started=lambda: started(gateway), stopping=stopping))


def work_until(gateway: Gateway, is_done: Callable[[], bool], timeout: float | None) -> None:
    """Do the home's work in this process until `is_done` or `timeout` seconds passed. Raises HomeBusy."""

    async def watch() -> None:
        while not await asyncio.to_thread(is_done):
            await asyncio.sleep(_WATCH_SECONDS)

    async def work() -> None:
        async with _engine(gateway):
            try:
                await asyncio.wait_for(watch(), timeout)
            except TimeoutError:
                return

    with gateway.home.lock(""):
        _run(work())


async def _serve(gateway: Gateway, *, started: Callable[[], None], stopping: Callable[[], None]) -> None:
    settings = gateway.settings
    with closing(build_app(gateway.ports, settings)) as app:
        async with _engine(gateway) if settings.role.has_engine else nullcontext():
            # What is loaded by now stays for good: the collector need not look at it again and again.
            gc.collect()
            gc.freeze()
            await run_server(app, settings, started=started, stopping=stopping)


@asynccontextmanager
async def _engine(gateway: Gateway) -> AsyncIterator[None]:
    """The embedded engine, at work until the block ends; what is under way then gets a few seconds to end."""
    stopping = asyncio.Event()
    ports = gateway.ports
    async with HTTPTransport(
        user_agent=PRODUCT, allow_private_networks=gateway.settings.allow_private_networks
    ) as transport:
        with ThreadPoolExecutor(_ENGINE_THREADS, "engine") as threads:
            runner = EmbeddedRunner(
                gateway.database.jobs,
                ports.world,
                {
                    **handlers(ports, transport, threads, render=event_body, render_test=webhook_test_body),
                    **notice_handlers(ports, _mailers(gateway), threads),
                },
                periodic=[
                    (_RECEIPT_SWEEP_SECONDS, partial(expire_receipts, ports)),
                    (_INDEX_SWEEP_SECONDS, gateway.database.index_messages),
                    (_ANSWER_SWEEP_SECONDS, partial(forget_answers, ports)),
                    (_CERTIFICATE_SWEEP_SECONDS, partial(warn_of_expiry, ports)),
                    (_NOTICE_SWEEP_SECONDS, partial(settle_handed_over, ports)),
                    (_NOTICE_SWEEP_SECONDS, partial(expire_notices, ports)),
                ],
            )
            async with _postbox(gateway, threads):
                running = asyncio.create_task(runner.run(stopping))
                try:
                    yield
                finally:
                    stopping.set()
                    await running


def _postbox(gateway: Gateway, threads: Executor) -> AbstractAsyncContextManager[object]:
    settings = gateway.settings
    if not settings.postbox_port:
        return nullcontext()
    return open_postbox(gateway.ports, threads, host=settings.postbox_host, port=settings.postbox_port)


def _post_office(settings: Settings, master_key: MasterKey) -> PostOffice:
    return PostOffice(
        route=settings.mail,
        domain=settings.mail_domain,
        page_url=settings.url,
        return_path_key=master_key.derive("return path"),
        credits_per_notice=settings.notice_credits * UNIT,
        bounce_wait=timedelta(minutes=settings.bounce_wait),
        operator=settings.operator,
    )


def _mailers(gateway: Gateway) -> Mapping[Mode, Mailer]:
    """The way of the mail of each mode: nothing of test mode leaves."""
    captured = CapturedMailbox(gateway.home.mailbox)
    return {Mode.TEST: captured, Mode.LIVE: _live_mailer(gateway) or captured}


def _live_mailer(gateway: Gateway) -> Mailer | None:
    settings, now = gateway.settings, gateway.ports.world.now
    match settings.mail:
        case Route.CAPTURE:
            return None
        case Route.DIRECT:
            return DirectMailer(
                names=NameService(settings.mail_resolver),
                hello=settings.mail_domain,
                now=now,
                port=settings.mail_port,
                allow_private_networks=settings.allow_private_networks,
            )
        case Route.SMARTHOST:
            password = settings.smarthost_password
            return SmarthostMailer(
                host=settings.smarthost_host,
                port=settings.smarthost_port,
                hello=settings.mail_domain,
                now=now,
                tls=settings.smarthost_tls,
                login=Login(user=settings.smarthost_user, password=password.reveal() if password else "")
                if settings.smarthost_user
                else None,
            )


def _run(work: Coroutine[object, object, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)
