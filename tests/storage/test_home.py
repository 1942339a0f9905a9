"""The home folder and its lock."""

import os
import signal
from pathlib import Path

import pytest

from acuse.errors import HomeBusy, HomeMissing, StorageFailed
from acuse.storage import Home
from tests.storage.processes import start_python

_HOLDER = """
import sys, time
from pathlib import Path
from acuse.storage import Home
with Home(Path(sys.argv[1])).lock("http://127.0.0.1:8000"):
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "deep" / "home")
    home.create()
    return home


def test_a_home_is_for_its_user_alone(home: Home) -> None:
    assert [path.stat().st_mode & 0o777 for path in (home.path, home.blobs, home.staging)] == [0o700] * 3


def test_making_a_home_twice_changes_nothing(home: Home) -> None:
    (home.path / "something").touch()

    home.create()

    assert (home.path / "something").exists()


def test_a_home_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StorageFailed, match="cannot be made"):
        Home(tmp_path / "file" / "home").create()


def test_a_folder_without_a_database_is_no_home(home: Home) -> None:
    with pytest.raises(HomeMissing):
        home.require()

    home.database.touch()
    home.require()


def test_nobody_runs_on_a_fresh_home(home: Home) -> None:
    assert home.running() is None


def test_who_holds_the_lock_can_be_seen(home: Home) -> None:
    with home.lock("http://127.0.0.1:8000"):
        assert home.running() == {"pid": os.getpid(), "url": "http://127.0.0.1:8000", "has_engine": True}
        assert home.running() is not None  # to look does not take it away

    assert home.running() is None


def test_a_gateway_that_sends_nothing_can_be_told_from_one_that_does(home: Home) -> None:
    with home.lock("http://127.0.0.1:8000", has_engine=False):
        assert home.running() == {"pid": os.getpid(), "url": "http://127.0.0.1:8000", "has_engine": False}


def test_a_second_gateway_is_refused_and_told_who_is_there(home: Home) -> None:
    with home.lock("http://127.0.0.1:8000"):
        with pytest.raises(HomeBusy) as caught, home.lock("http://127.0.0.1:9000"):
            pass

        assert caught.value.details["pid"] == os.getpid()
        assert home.running() == {"pid": os.getpid(), "url": "http://127.0.0.1:8000", "has_engine": True}


def test_a_shorter_url_leaves_nothing_of_a_longer_one(home: Home) -> None:
    with home.lock("http://a-long-host-name.test:8000"):
        pass

    with home.lock("http://b"):
        running = home.running()

    assert running == {"pid": os.getpid(), "url": "http://b", "has_engine": True}


def test_the_lock_falls_with_a_process_that_is_killed(home: Home) -> None:
    with start_python(_HOLDER, home.path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        seen = home.running()
        holder.send_signal(signal.SIGKILL)

    assert seen == {"pid": holder.pid, "url": "http://127.0.0.1:8000", "has_engine": True}
    assert home.running() is None
    with home.lock("http://127.0.0.1:8000"):
        pass
