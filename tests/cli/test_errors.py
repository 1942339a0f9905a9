"""Whatever goes wrong is one line on standard error with what to do, and an exit code that is not zero."""

import subprocess
import sys

import click
import pytest

from acuse import __version__
from acuse.cli.app import app
from tests.cli.shell import Shell
from tests.peers.gateway import SOURCES

NEED_A_HOME = [
    ["station", "list"],
    ["station", "show"],
    ["station", "add", "--as2-id", "ACME"],
    ["partner", "list"],
    ["partner", "show", "GLOBEX"],
    ["partner", "add", "--as2-id", "GLOBEX", "--url", "http://partner.test/", "--sign", "none"],
    ["key", "create", "--mode", "live", "--scopes", "read"],
    ["send", __file__, "--to", "GLOBEX"],
    ["inbox"],
    ["outbox"],
    ["show", "msg_000001"],
]


@pytest.mark.parametrize("arguments", NEED_A_HOME, ids=" ".join)
def test_without_a_home_every_command_says_how_to_make_one(fresh_shell: Shell, arguments: list[str]) -> None:
    assert "Run 'acuse init' first" in fresh_shell(*arguments).refusal
    assert not fresh_shell.home.exists()


@pytest.mark.parametrize(
    "arguments", [*NEED_A_HOME, ["init", "--name", "a", "--as2-id", "a"], ["doctor"]], ids=" ".join
)
def test_an_unknown_variable_is_refused_everywhere(shell: Shell, arguments: list[str]) -> None:
    refusal = shell(*arguments, ACUSE_PROT="8081").refusal

    assert "ACUSE_PROT in the environment is not a setting. Did you mean ACUSE_PORT?" == refusal


def test_an_option_of_any_command_may_be_in_the_environment(shell: Shell) -> None:
    assert [] == shell("inbox", "--json", ACUSE_PARTNER_ADD_MDN="async", ACUSE_OUTBOX_LIMIT="5").json


def test_an_option_is_taken_from_the_environment(shell: Shell) -> None:
    variables = {
        "ACUSE_PARTNER_ADD_AS2_ID": "GLOBEX",
        "ACUSE_PARTNER_ADD_URL": "http://partner.test/",
        "ACUSE_PARTNER_ADD_SIGN": "none",
        "ACUSE_PARTNER_ADD_ENCRYPT": "none",
        "ACUSE_PARTNER_ADD_MDN": "none",
        "ACUSE_PARTNER_ADD_COMPRESS": "before-sign",
        "ACUSE_PARTNER_ADD_JSON": "1",
    }

    partner = shell("partner", "add", "--name", "Globex", **variables).json

    assert ("GLOBEX", "none", True) == (partner["as2_id"], partner["mdn_mode"], partner["compress"])


def test_a_bad_value_in_the_environment_is_misuse(shell: Shell) -> None:
    assert "Invalid value for '--limit'" in shell("inbox", ACUSE_INBOX_LIMIT="many").misuse


def test_a_setting_with_a_bad_value_is_refused(shell: Shell) -> None:
    assert "ACUSE_PORT must be a port number" in shell("doctor", ACUSE_PORT="many").refusal
    assert "--port must be a port number" in shell("doctor", "--port", "70000").refusal


def test_the_home_may_stand_before_or_after_the_command(shell: Shell, fresh_shell: Shell) -> None:
    listed = shell("station", "list", "--json").json

    assert listed == fresh_shell("--home", shell.home, "station", "list", "--json").json
    assert listed == fresh_shell("station", "list", "--home", shell.home, "--json").json
    assert listed == fresh_shell("--home", "/nowhere", "station", "list", "--home", shell.home, "--json").json


def test_every_command_takes_the_home() -> None:
    def commands(group: click.Group) -> list[click.Command]:
        children = list(group.commands.values())
        return [each for child in children for each in (commands(child) if isinstance(child, click.Group) else [child])]

    without = [command.name for command in commands(app) if not any(entry.name == "home" for entry in command.params)]

    assert [] == without


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "No such command 'nonsense'. See 'acuse --help'."),
        (["partner", "nonsense"], "No such command 'nonsense'. See 'acuse partner --help'."),
        (["inbox", "--nonsense"], "No such option '--nonsense'. See 'acuse inbox --help'."),
        (["inbox", "nonsense"], "Got unexpected extra argument (nonsense). See 'acuse inbox --help'."),
        (["--home"], "Option '--home' requires an argument. See 'acuse --help'."),
    ],
)
def test_a_line_that_cannot_be_read_is_misuse(shell: Shell, arguments: list[str], said: str) -> None:
    assert said == shell(*arguments).misuse


@pytest.mark.parametrize("arguments", [[], ["partner"]], ids=["acuse", "acuse partner"])
def test_no_command_shows_what_there_is(shell: Shell, arguments: list[str]) -> None:
    ended = shell(*arguments)

    assert 2 == ended.code
    assert "Commands:" in ended.errors


def test_the_version_is_shown(shell: Shell) -> None:
    assert f"acuse {__version__}\n" == shell("--version").output


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_names_the_variables(shell: Shell, flag: str) -> None:
    helped = " ".join(shell("partner", "add", flag).output.split())

    assert "--as2-id from ACUSE_PARTNER_ADD_AS2_ID" in helped
    assert "[ACUSE_HOME; acuse-home]" in helped


def test_a_damaged_database_is_one_line(shell: Shell) -> None:
    (shell.home / "acuse.db").write_bytes(b"this is no database, only text" * 100)

    assert "file is not a database" in shell("inbox").refusal


def test_another_master_key_is_one_line(shell: Shell) -> None:
    other = "0" * 64

    assert "master key" in shell("inbox", ACUSE_MASTER_KEY=other).refusal


def test_a_traceback_is_for_those_who_ask(fresh_shell: Shell) -> None:
    quiet, by_variable, by_flag = (
        fresh_shell("inbox"),
        fresh_shell("inbox", ACUSE_DEBUG="1"),
        fresh_shell("inbox", "--debug"),
    )

    assert (1, 1, 1) == (quiet.code, by_variable.code, by_flag.code)
    assert "Traceback" not in quiet.errors
    assert "Traceback" in by_variable.errors
    assert "Traceback" in by_flag.errors
    assert quiet.refusal == by_flag.errors.splitlines()[-1].removeprefix("acuse: ")


def test_a_reader_that_goes_away_is_no_error(shell: Shell) -> None:
    command = f"{sys.executable} -m acuse.cli station show --home {shell.home} | true"
    environment = {"PYTHONPATH": SOURCES, "PATH": "/usr/bin:/bin"}

    done = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, timeout=30, check=False)

    assert "" == done.stderr


def test_help_is_quick_because_nothing_heavy_is_loaded() -> None:
    program = "import sys, acuse.cli; print({'sqlalchemy', 'cryptography', 'uvicorn'} & set(sys.modules))"

    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": SOURCES}, capture_output=True, text=True, check=True
    )

    assert "set()\n" == done.stdout
