"""A real gateway behind a real server on a loopback port, in this process."""

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
import uvloop

from acuse.bootstrap import Gateway, open_gateway
from acuse.config import Role, Settings
from acuse.domain.access import Mode, Scope
from acuse.domain.account import Space, Tenant
from acuse.domain.message import Message
from acuse.domain.partner import Partner, Terms
from acuse.ports import MessageFilter
from acuse.services.manage_accounts import create_account
from acuse.services.manage_keys import create_key
from acuse.services.manage_partners import add_partner
from acuse.services.manage_stations import add_station
from acuse.services.manage_tenants import add_tenant
from acuse.web.app import WebApp, build_app
from acuse.web.server import make_server, open_listener
from tests.peers.waiting import wait_until
from tests.web.client import Client

StartServer = Callable[..., Client]


class World:
    """A gateway with an account, the station ACME, the partner GLOBEX and a key for everything."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.ports = gateway.ports
        account = self.ports.views.account()
        assert account is not None
        self.account = account
        (self.tenant,) = self.ports.views.tenants(account.id)
        self.space = Space(account_id=account.id, tenant_id=self.tenant.id)
        (self.station,) = self.ports.views.stations(self.space)
        (self.partner,) = self.ports.views.partners(self.space)
        self.key = self.new_key(*Scope)

    def new_partner(self, as2_id: str, terms: Terms) -> Partner:
        """One more partner, with the same certificate."""
        certificates = [entry.x509_certificate for entry in self.ports.views.certificates(self.partner.id)]
        return add_partner(
            self.ports,
            space=self.space,
            name=as2_id.title(),
            as2_id=as2_id,
            url=self.partner.url,
            certificates=certificates,
            terms=terms,
            url_is_vouched=True,
        )

    def new_tenant(self, name: str) -> Tenant:
        return add_tenant(self.ports, self.account.id, name=name)

    def new_key(self, *scopes: Scope, mode: Mode = Mode.LIVE, tenant: Tenant | None = None) -> str:
        _, text = create_key(
            self.ports,
            account_id=self.account.id,
            tenant_id=tenant.id if tenant else None,
            name="a key",
            mode=mode,
            scopes=frozenset(scopes),
        )
        return text

    def message(self, public_id: str) -> Message:
        """A message as it is stored."""
        return self.ports.views.message(self.space, int(public_id.partition("_")[2])).message

    def save(self, message: Message) -> None:
        self.ports.units.run(lambda unit: unit.messages.save(message))

    @property
    def staged_files(self) -> list[Path]:
        """Bodies on their way in."""
        return list(self.gateway.home.staging.iterdir())

    @property
    def message_count(self) -> int:
        return self.ports.views.messages(self.space, MessageFilter(), limit=1, offset=0).total


def logged_request(caplog: pytest.LogCaptureFixture) -> dict[str, object]:
    """The fields of the one request in the log, which is written after its answer went out."""

    def found() -> list[dict[str, object]]:
        return [getattr(record, "fields", {}) for record in list(caplog.records) if record.msg == "request"]

    (fields,) = wait_until(found, what="a line in the log")
    return fields


@pytest.fixture(scope="session")
def founded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home to copy: making key pairs takes its time."""
    home = tmp_path_factory.mktemp("founded") / "home"
    with open_gateway(Settings(home=home), create=True) as gateway:
        ports = gateway.ports
        account, tenant = create_account(ports, name="Acme")
        space = Space(account_id=account.id, tenant_id=tenant.id)
        station = add_station(ports, space=space, name="Acme", as2_id="ACME", url="http://127.0.0.1:8080")
        add_partner(
            ports,
            space=space,
            name="Globex",
            as2_id="GLOBEX",
            url="http://127.0.0.1:9/as2",
            certificates=[entry.x509_certificate for entry in ports.views.certificates(station.id)],
            terms=Terms(),
            url_is_vouched=True,
        )
        database = gateway.home.database
    with closing(sqlite3.connect(database)) as driver:
        # Tests count events from the first one that they cause; the founding told of a partner.
        driver.executescript("DELETE FROM event; DELETE FROM sqlite_sequence WHERE name = 'event';")
    return home


@pytest.fixture
def world(founded_home: Path, tmp_path: Path) -> Iterator[World]:
    with _world(founded_home, tmp_path / "home") as world:
        yield world


@pytest.fixture(scope="module")
def shared_world(founded_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One gateway for all tests of a module that do not mind what the others did."""
    with _world(founded_home, tmp_path_factory.mktemp("shared") / "home") as world:
        yield world


@pytest.fixture(scope="module")
def shared_client(shared_world: World) -> Iterator[Client]:
    options = Settings(port=0, max_json_body=200_000)
    app = build_app(shared_world.ports, options)
    with serving(app, options) as port:
        yield Client(port, key=shared_world.key)
    app.close()


@pytest.fixture
def start(world: World) -> Iterator[StartServer]:
    """Starts the faces on a free port; gives a client that knows the full-scope key."""
    with ExitStack() as running:

        def start_server(*, app: WebApp | None = None, role: Role = Role.ALL, **settings: object) -> Client:
            options = Settings(port=0, role=role, **settings)  # type: ignore[arg-type]
            chosen = app or build_app(world.ports, options)
            running.callback(chosen.close)
            port = running.enter_context(serving(chosen, options))
            return Client(port, key=world.key)

        yield start_server


@pytest.fixture
def client(start: StartServer) -> Client:
    return start()


@contextmanager
def _world(founded: Path, home: Path) -> Iterator[World]:
    shutil.copytree(founded, home)
    with open_gateway(Settings(home=home)) as gateway:
        yield World(gateway)


@contextmanager
def serving(app: WebApp, options: Settings) -> Iterator[int]:
    listener = open_listener(options)
    started = threading.Event()
    server = make_server(app, options, started=started.set)
    thread = threading.Thread(target=lambda: uvloop.run(server.serve(sockets=[listener])))
    thread.start()
    try:
        assert started.wait(10)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
