"""Homes to work on: each test gets a copy of one that `acuse init` made."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.peers.identity import Identity
from tests.peers.pyas2 import Pyas2Peer, Station


@pytest.fixture(scope="session")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("first") / "home"
    assert Shell(home)("init", "--name", "ACME", "--as2-id", "ACME").code == 0
    return home


@pytest.fixture
def shell(first_home: Path, tmp_path: Path) -> Shell:
    """Commands on a home with the station ACME."""
    shutil.copytree(first_home, tmp_path / "home")
    return Shell(tmp_path / "home")


@pytest.fixture
def fresh_shell(tmp_path: Path) -> Shell:
    """Commands on a home that does not exist."""
    return Shell(tmp_path / "new-home")


@pytest.fixture
def certificate_file(partner_identity: Identity, tmp_path: Path) -> Path:
    file = tmp_path / "partner.pem"
    file.write_bytes(partner_identity.certificate)
    return file


@pytest.fixture
def order(tmp_path: Path) -> Path:
    file = tmp_path / "order.x12"
    file.write_bytes(b"ISA*00*~\nGS*PO~\r\n\x00")
    return file


@pytest.fixture
def peer(shell: Shell, partner_identity: Identity) -> Iterator[Pyas2Peer]:
    """A partner with other software, listening, that knows the station ACME."""
    station = shell("station", "show", "--json").json
    listening = Pyas2Peer(as2_ids=["GLOBEX"], identity=partner_identity)
    listening.meet(Station(as2_id="ACME", url=station["receive_url"], certificate=station["certificate"].encode()))
    yield listening
    listening.close()
