"""The options of `acuse partner add` for the connection to the partner's server, and what is shown of them.

Rule: no secret stands on the command line, where every user of the machine can read it, and none is ever printed. A
password and a key come from files, or from the environment.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from acuse.cli.output import span
from acuse.cli.terms import SecondsType
from acuse.errors import InvalidInput

if TYPE_CHECKING:
    from acuse.domain.connection import Credentials, HTTPTerms

F = TypeVar("F", bound=Callable[..., Any])

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class HeaderType(click.ParamType[tuple[str, str]]):
    """A header field, `Name: value`."""

    name = "header"

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> tuple[str, str]:
        """Fails where there is no colon, without repeating what may be a secret."""
        if isinstance(value, tuple):
            return value
        name, colon, text = str(value).partition(":")
        if not colon:
            self.fail("write it as 'Name: value'", parameter, context)
        return name.strip(), text.strip()


def connection_options(command: F) -> F:
    """Give a command the options below; it gets their values as `http` and `credentials`."""

    @wraps(command)
    def gathered(
        *,
        ca: tuple[Path, ...],
        redirect_host: tuple[str, ...],
        chunked: bool,
        no_keep_alive: bool,
        connect_timeout: timedelta,
        concurrency: int,
        authentication: str,
        client_certificate: Path | None,
        client_key: Path | None,
        basic_user: str | None,
        basic_password: str | None,
        basic_password_file: Path | None,
        header: tuple[tuple[str, str], ...],
        **others: Any,
    ) -> object:
        from acuse.domain.connection import Authentication, Credentials, HTTPTerms

        http = HTTPTerms(
            authorities="".join(_read("ca", path) for path in ca) or None,
            redirect_hosts=redirect_host,
            is_chunked=chunked,
            keep_alive=not no_keep_alive,
            connect_timeout=connect_timeout,
            concurrency=concurrency,
            authentication=Authentication(authentication),
        )
        if basic_password_file:
            basic_password = _read("basic_password", basic_password_file).rstrip("\r\n")
        credentials = Credentials(
            basic_user=basic_user,
            basic_password=basic_password,
            client_certificate=_read("client_certificate", client_certificate) if client_certificate else None,
            client_key=_read("client_key", client_key) if client_key else None,
            headers=header,
        )
        return command(http=http, credentials=credentials, **others)

    for option in reversed(_OPTIONS):
        option(gathered)
    return gathered  # type: ignore[return-value]


def connection_facts(http: "HTTPTerms", credentials: "Credentials") -> Iterator[tuple[str, object]]:
    """The connection for people. Of credentials only what names them."""
    from acuse.domain.connection import read_chain

    yield "connecting", f"within {span(http.connect_timeout)}, {http.concurrency} requests at once"
    yield "chunked", http.is_chunked or None
    yield "keep-alive", None if http.keep_alive else "no"
    yield "redirects to", ", ".join(http.redirect_hosts) or None
    for certificate in read_chain("ca", http.authorities) if http.authorities else ():
        yield "believed", certificate.subject.rfc4514_string()
    if credentials.client_certificate:
        shown = read_chain("client_certificate", credentials.client_certificate)[0]
        yield "we show", f"{shown.subject.rfc4514_string()}, valid until {shown.not_valid_after_utc:%Y-%m-%d}"
    yield "user name", credentials.basic_user
    yield "shown by", http.authentication.value if credentials.basic_user else None
    yield "headers", ", ".join(name for name, _ in credentials.headers) or None


def _refuse_on_the_line(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    assert parameter.name is not None
    if context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE:
        raise click.UsageError(
            "Others can read a password on the command line. Give --basic-password-file or the variable "
            "ACUSE_PARTNER_ADD_BASIC_PASSWORD",
            context,
        )
    return value


def _read(field_name: str, path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(fields={field_name: f"{path} is no text file; certificates and keys come as PEM"}) from error


_OPTIONS = (
    click.option("--ca", type=_FILE, multiple=True, help="Believe the server by this PEM file alone; may be repeated."),
    click.option("--client-certificate", type=_FILE, help="What we show to the server: a PEM file, ours first."),
    click.option("--client-key", type=_FILE, help="The key of the client certificate: a PEM file; kept sealed."),
    click.option("--basic-user", metavar="NAME", help="User name for the server."),
    click.option(
        "--basic-password-file",
        type=_FILE,
        help="Its password, kept sealed; or set ACUSE_PARTNER_ADD_BASIC_PASSWORD.",
    ),
    click.option("--basic-password", hidden=True, callback=_refuse_on_the_line),
    click.option(
        "--authentication",
        type=click.Choice(["basic", "digest"], case_sensitive=False),
        default="basic",
        show_default=True,
        help="How user name and password are shown; a server that asks for digest gets it either way.",
    ),
    click.option(
        "--header",
        type=HeaderType(),
        multiple=True,
        metavar="'NAME: VALUE'",
        help="A header field for each request, kept sealed; may be repeated.",
    ),
    click.option(
        "--redirect-host", multiple=True, metavar="HOST", help="A host to which it may redirect us; may be repeated."
    ),
    click.option("--chunked", is_flag=True, help="Send chunked, without a Content-Length."),
    click.option("--no-keep-alive", is_flag=True, help="A new connection for each request."),
    click.option(
        "--connect-timeout",
        type=SecondsType(),
        default=20,
        show_default=True,
        metavar="SECONDS",
        help="How long connecting may take.",
    ),
    click.option(
        "--concurrency",
        type=click.IntRange(1, 64),
        default=4,
        show_default=True,
        metavar="N",
        help="Requests under way at once.",
    ),
)
