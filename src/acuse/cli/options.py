"""Options that mean the same wherever they stand, and where their values come from.

Rule: an option is either a setting of the gateway or belongs to its command. A setting comes from `--port` or
`ACUSE_PORT`, and `config` knows its meaning and its default; any other option comes from the line or from
`ACUSE_<COMMAND>_<OPTION>`, such as `ACUSE_PARTNER_ADD_MDN`. No command reads the environment by itself. The key of a
remote gateway comes from the environment alone, because everybody on a machine can read its command lines.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, TypeVar

import click

from acuse.config.settings import PREFIX, Settings, sources

DEBUG_VARIABLE = f"{PREFIX}DEBUG"
_GIVEN = "acuse.settings"
_GATEWAY = "acuse.gateway"
_KEY_VARIABLE = f"{PREFIX}API_KEY"

F = TypeVar("F", bound=Callable[..., Any])


class Setting(click.Option):
    """An option that goes to the gateway's settings, not to the command. Where two are given the inner one wins."""

    def __init__(self, declarations: Sequence[str], **attributes: Any) -> None:
        super().__init__(declarations, expose_value=False, callback=_remember_setting, **attributes)
        assert self.name is not None
        variable = f"{PREFIX}{self.name.upper()}"
        default = _default_words(self.name)
        self.help = f"{sources()[self.name].meaning.replace('`', '')}  [{variable}{default and f'; {default}'}]"


class Command(click.Command):
    """A command, with the options that every command has."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.params += shared_options()


class Group(click.Group):
    """Commands under one word, listed in the order in which one needs them."""

    command_class = Command
    group_class = type

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the names are the library's
        """The names of the commands."""
        return list(self.commands)


def setting(declaration: str, **attributes: Any) -> Callable[[F], F]:
    """A decorator that gives a command a setting."""
    return click.option(declaration, cls=Setting, **attributes)


def json_option(command: F) -> F:
    """Let a command print the API's own objects instead of text for people."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON: the objects of the API.")(command)


def shared_options() -> list[click.Parameter]:
    """The options that stand before or after any command."""
    debug = click.Option(
        ["--debug"], is_flag=True, envvar=DEBUG_VARIABLE, expose_value=False, help="Show the traceback of an error."
    )
    gateway = click.Option(
        ["--gateway"],
        metavar="URL",
        envvar=f"{PREFIX}GATEWAY",
        expose_value=False,
        callback=_remember(_GATEWAY),
        help=f"Work on a gateway elsewhere, by its API, with the key in {_KEY_VARIABLE}.",
    )
    return [Setting(["--home"], metavar="FOLDER"), gateway, debug]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteGateway:
    """A gateway that is reached by its API."""

    url: str
    api_key: str | None


def gateway_of(context: click.Context) -> RemoteGateway | None:
    """The gateway that the line or the environment names; None where a home is meant."""
    url = context.meta.get(_GATEWAY)
    return None if url is None else RemoteGateway(url=url, api_key=os.environ.get(_KEY_VARIABLE))


def given_settings(context: click.Context) -> dict[str, object]:
    """The settings that stood on the command line, by the names that `config` knows them by."""
    return dict(context.meta.get(_GIVEN, {}))


def name_variables(command: click.Command, prefix: str = PREFIX) -> None:
    """Let every option of `command`, and of all below it, also come from the variable with its name."""
    for option in _options_of(command):
        flag = max(option.opts, key=len).lstrip("-")
        option.envvar = option.envvar or _variable(prefix, flag)
        if option.envvar != DEBUG_VARIABLE and not command.epilog:
            command.epilog = f"Options may come from the environment as well: --{flag} from {option.envvar}, and so on."
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            name_variables(below, f"{_variable(prefix, name)}_")


def variables_of(command: click.Command) -> frozenset[str]:
    """Every variable that `name_variables` gave to an option."""
    own = frozenset({_KEY_VARIABLE, *(str(option.envvar) for option in _options_of(command))})
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return own.union(*(variables_of(child) for child in below))


def _options_of(command: click.Command) -> list[click.Option]:
    options = (entry for entry in command.params if isinstance(entry, click.Option) and not isinstance(entry, Setting))
    return [option for option in options if not option.is_eager]  # those that only show something and end


def _variable(prefix: str, name: str) -> str:
    return f"{prefix}{name.upper().replace('-', '_')}"


def _remember_setting(context: click.Context, parameter: click.Parameter, value: object) -> None:
    if value is not None and value != ():
        context.meta.setdefault(_GIVEN, {})[parameter.name] = value


def _remember(name: str) -> Callable[[click.Context, click.Parameter, str | None], None]:
    def remember(context: click.Context, parameter: click.Parameter, value: str | None) -> None:  # noqa: ARG001
        if value:
            context.meta[name] = value

    return remember


def _default_words(name: str) -> str:
    default = next(entry.default for entry in fields(Settings) if entry.name == name)
    if sources()[name].default_is or default in (None, (), False):
        return sources()[name].default_is
    return str(default.value if isinstance(default, Enum) else default)
