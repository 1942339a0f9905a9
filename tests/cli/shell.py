"""The command line as a person or a script uses it, in this process and on a real home."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from acuse.cli.app import app


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A command that ended."""

    code: int
    output: str
    raw_output: bytes
    errors: str

    @property
    def json(self) -> Any:
        """What was printed, of a command that succeeded."""
        assert self.code == 0, self.errors
        return json.loads(self.output)

    @property
    def refusal(self) -> str:
        """The one line on standard error, of a command that could not be carried out."""
        assert self.code == 1, (self.code, self.errors)
        return _only_line(self.errors)

    @property
    def misuse(self) -> str:
        """The one line on standard error, of a command line that could not be read."""
        assert self.code == 2, (self.code, self.errors)
        return _only_line(self.errors)


class Shell:
    """Runs commands with `home` in the environment and no other ACUSE_ variable but those given."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *arguments: str | Path, **variables: str) -> Ended:
        inherited = {name: None for name in os.environ if name.startswith("ACUSE_")}
        environment = {**inherited, "ACUSE_HOME": str(self.home), **variables}
        result = CliRunner(catch_exceptions=False).invoke(
            app, [str(argument) for argument in arguments], env=environment
        )
        return Ended(
            code=result.exit_code,
            output=result.stdout,
            raw_output=result.stdout_bytes,
            errors=result.stderr,
        )

    def add_partner(self, *options: str | Path, as2_id: str = "GLOBEX", url: str = "http://127.0.0.1:9/as2") -> Any:
        """`acuse partner add`, with further options; the API's object."""
        return self("partner", "add", "--as2-id", as2_id, "--url", url, *options, "--json").json


def _only_line(errors: str) -> str:
    lines = errors.splitlines()
    assert len(lines) == 1, errors
    assert lines[0].startswith("acuse: "), errors
    return lines[0].removeprefix("acuse: ")
