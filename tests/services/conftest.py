"""Two gateways that know each other."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from acuse.domain.partner import Terms
from acuse.testing import FixedWorld
from tests.services.house import House

NAMES = ("ACME", "GLOBEX")


class Neighbours:
    """ACME sends, GLOBEX receives; one clock for both."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.world = FixedWorld(seed=1)
        self.acme, self.globex = (House(folder / name, name, self.world) for name in NAMES)
        for house in (self.acme, self.globex):
            stack.callback(house.database.close)

    def meet(self, terms: Terms | None = None) -> tuple[House, House]:
        """Both on the same terms."""
        self.acme.meet(self.globex, terms or Terms())
        self.globex.meet(self.acme, terms or Terms())
        return self.acme, self.globex


@pytest.fixture(scope="session")
def fresh_homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Homes with nothing but their stations: keys are costly to make."""
    folder, world = tmp_path_factory.mktemp("homes"), FixedWorld()
    for name in NAMES:
        House(folder / name, name, world).database.close()
    return folder


@pytest.fixture
def neighbours(tmp_path: Path, fresh_homes: Path) -> Iterator[Neighbours]:
    shutil.copytree(fresh_homes, tmp_path / "homes")
    with ExitStack() as stack:
        yield Neighbours(tmp_path / "homes", stack)
