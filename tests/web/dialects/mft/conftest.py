"""Two gateways that know each other, the first with a program of MFT Gateway's in front of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from acuse.config import Settings
from acuse.domain.access import Mode, Scope
from acuse.domain.dialect import Dialect
from acuse.domain.partner import Terms
from acuse.services.issue_credential import issue_credential
from acuse.testing import FixedWorld
from acuse.web.app import build_app
from tests.services.house import House
from tests.web.client import Client
from tests.web.conftest import serving
from tests.web.dialects.mft.desk import Desk

NAMES = ("ACME", "GLOBEX")


@pytest.fixture(scope="session")
def fresh_homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Homes with nothing but their stations: keys are costly to make."""
    folder, world = tmp_path_factory.mktemp("homes"), FixedWorld()
    for name in NAMES:
        House(folder / name, name, world).database.close()
    return folder


@pytest.fixture
def desk(tmp_path: Path, fresh_homes: Path) -> Iterator[Desk]:
    """Logged in, with every scope."""
    folder = tmp_path / "homes"
    shutil.copytree(fresh_homes, folder)
    world = FixedWorld(seed=1)
    acme, globex = (House(folder / name, name, world) for name in NAMES)
    acme.meet(globex, Terms())
    globex.meet(acme, Terms())
    credential = issue_credential(
        acme.ports,
        dialect=Dialect.MFT,
        account_id=acme.space.account_id,
        tenant_id=None,
        name="a program",
        mode=Mode.LIVE,
        scopes=tuple(Scope),
        username="edi@acme.example",
    )
    options = Settings(port=0, max_body=4 << 20, allow_private_networks=True)
    app = build_app(acme.ports, options)
    with serving(app, options) as port:
        desk = Desk(client=Client(port, key=""), world=world, acme=acme, globex=globex, credential=credential)
        desk.token = desk.log_in()["apiToken"]
        yield desk
    app.close()
    for house in (acme, globex):
        house.database.close()
