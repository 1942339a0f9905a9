"""Every setting of a gateway, and where its value comes from.

A value is taken from the first of: the command line, an environment variable (`ACUSE_` and the name in capitals), the
file `acuse.toml` in the home folder, the default. A name that nobody knows is an error, so that no spelling mistake is
silently a default. The reference page is made from the fields below.
"""

import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self, get_args

from acuse.config import reading
from acuse.config.plans import read_plans
from acuse.config.reading import Network, Secret, SettingInvalid
from acuse.domain.plan import USUAL_PLANS, Plans
from acuse.domain.post import UNNAMED, USUAL_OPERATOR, Route, SmarthostTLS
from acuse.errors import SettingUnknown

FILE_NAME = "acuse.toml"
PREFIX = "ACUSE_"
OVERHEAD = 64 << 20
"""What signature, encryption and the framing of other products may add to the largest payload, in bytes."""


class Role(StrEnum):
    """Which of its tasks a process takes."""

    ALL = "all"
    API = "api"
    AS2 = "as2"
    WORKER = "worker"
    CONSOLE = "console"

    @property
    def has_engine(self) -> bool:
        """Whether it sends messages, receipts and events."""
        return self in (Role.ALL, Role.WORKER)


class LogLevel(StrEnum):
    """The least important line that is still written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a line is written: for people or for programs."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Source:
    """How a setting is read, what it means, and what is special about it."""

    read: Callable[[object], object]
    meaning: str
    default_is: str = ""
    """The default in words, where it is not a value."""
    in_file: bool = True
    on_command_line: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator can choose. Made by `Settings.load`."""

    home: Annotated[
        Path, Source(reading.read_path, "The folder with everything that the gateway keeps.", in_file=False)
    ] = Path("acuse-home")
    host: Annotated[str, Source(reading.read_text, "The address to listen on; `0.0.0.0` or `::` for all.")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Source(reading.read_port, "The port to listen on; 0 takes any free one.")] = 8080
    url: Annotated[
        str,
        Source(
            reading.read_url,
            "Where partners reach this gateway from outside. A station keeps the one that held when it was added, "
            "until `acuse station set` changes it.",
            default_is="made from host and port",
        ),
    ] = ""
    role: Annotated[
        Role,
        Source(
            reading.one_of(Role),
            "Which tasks this process takes: `all`, `api`, `as2`, `worker` or `console` (not built yet). Only one "
            "process can run on a home with its embedded database, so `all` is the useful role until "
            "PostgreSQL is supported.",
        ),
    ] = Role.ALL
    tls_certificate: Annotated[
        Path | None,
        Source(reading.read_path, "PEM file with the server's certificate and its chain. Read again when it changes."),
    ] = None
    tls_key: Annotated[Path | None, Source(reading.read_path, "PEM file with the private key of that certificate.")] = (
        None
    )
    trusted_proxy: Annotated[
        tuple[Network, ...],
        Source(
            reading.read_networks, "Networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."
        ),
    ] = ()
    master_key: Annotated[
        Secret | None,
        Source(
            reading.read_secret,
            "The key that seals private keys and secrets in the database.",
            default_is="a key file",
            in_file=False,
            on_command_line=False,
        ),
    ] = None
    allow_private_networks: Annotated[
        bool,
        Source(
            reading.read_flag,
            "Whether URLs given by the API may lead into private networks, and webhooks go without TLS.",
        ),
    ] = False
    plans: Annotated[
        Plans,
        Source(
            read_plans,
            "The limits of each plan; see [below](#plans).",
            default_is="the table below",
        ),
    ] = USUAL_PLANS
    max_body: Annotated[
        int,
        Source(reading.read_size, "The largest request body, in bytes: 2 GiB of payload and what the protocol adds."),
    ] = (2 << 30) + OVERHEAD
    max_json_body: Annotated[
        int,
        Source(
            reading.read_size,
            "The largest JSON body of the API, in bytes. The payload of a message to send does not count.",
        ),
    ] = 16 << 20
    as2expert_wait: Annotated[
        int,
        Source(
            reading.read_seconds,
            "How many seconds `POST /api/v1/messages/send` waits for the first attempt before it answers, 0 to 300.",
        ),
    ] = 25
    content_types: Annotated[
        tuple[str, ...],
        Source(
            reading.read_media_types,
            "The media types that the API takes for what is sent, such as `application/edi-x12, text/*`.",
            default_is="any well-formed one",
        ),
    ] = ()
    mail: Annotated[
        Route,
        Source(
            reading.one_of(Route),
            "How notices leave: `capture` (not at all: they go to a mailbox in the home), `direct` (to the recipient's "
            "own server, which proves most) or `smarthost`. Test mode always captures.",
        ),
    ] = Route.CAPTURE
    mail_domain: Annotated[
        str,
        Source(
            reading.read_domain,
            "Our name among mail servers: what we greet with, what Message-IDs end in, and where bounces come back to. "
            "Its MX record has to lead to the postbox.",
        ),
    ] = UNNAMED
    mail_resolver: Annotated[
        str,
        Source(
            reading.read_text,
            "The name server that is asked for mail servers, as `127.0.0.1` or `127.0.0.1:5353`. Its word on DNSSEC is "
            "believed.",
            default_is="the system's",
        ),
    ] = ""
    mail_port: Annotated[int, Source(reading.read_port, "The port of other mail servers.")] = 25
    smarthost_host: Annotated[str, Source(reading.read_text, "The server that passes mail on.")] = ""
    smarthost_port: Annotated[int, Source(reading.read_port, "Its port.")] = 587
    smarthost_tls: Annotated[
        SmarthostTLS,
        Source(
            reading.one_of(SmarthostTLS),
            "How the connection to it is protected: `starttls`, `tls` (from the first byte, port 465) or `none`.",
        ),
    ] = SmarthostTLS.STARTTLS
    smarthost_user: Annotated[str, Source(reading.read_text, "Who we are to it; empty: it wants no login.")] = ""
    smarthost_password: Annotated[
        Secret | None,
        Source(reading.read_secret, "The password of that user.", on_command_line=False),
    ] = None
    postbox_host: Annotated[str, Source(reading.read_text, "The address at which bounces are taken in.")] = "127.0.0.1"
    postbox_port: Annotated[
        int, Source(reading.read_port, "The port at which bounces are taken in, by SMTP; 0: they are not.")
    ] = 0
    bounce_wait: Annotated[
        int,
        Source(
            reading.read_count,
            "Minutes without a bounce after which a notice that a server took counts as delivered.",
        ),
    ] = 15
    notice_credits: Annotated[
        int, Source(reading.read_count, "What a notice costs, in credits; 0: nothing is billed.")
    ] = 9
    operator: Annotated[str, Source(reading.read_text, "Who runs this gateway, as every record of evidence says.")] = (
        USUAL_OPERATOR
    )
    like_calls: Annotated[
        int,
        Source(
            reading.read_count,
            "How many calls of `/v7` within a minute may ask the same, fail or be refused. More block the caller "
            "for a minute; 0: nobody is blocked.",
        ),
    ] = 30
    log_level: Annotated[
        LogLevel,
        Source(reading.one_of(LogLevel), "The least important line: `debug`, `info`, `warning` or `error`."),
    ] = LogLevel.INFO
    log_format: Annotated[LogFormat, Source(reading.one_of(LogFormat), "`text` for people, `json` for programs.")] = (
        LogFormat.TEXT
    )

    def __post_init__(self) -> None:
        if (self.tls_certificate is None) is not (self.tls_key is None):
            missing = "tls_key" if self.tls_key is None else "tls_certificate"
            raise SettingInvalid(f"{missing} is needed too: a certificate serves only with its key.", name=missing)
        if self.mail is not Route.CAPTURE and self.mail_domain == UNNAMED:
            raise SettingInvalid(f"mail_domain is needed too: mail by {self.mail} has to name us.", name="mail_domain")
        if self.mail is Route.SMARTHOST and not self.smarthost_host:
            raise SettingInvalid("smarthost_host is needed too: mail goes by way of it.", name="smarthost_host")
        if not self.url:
            object.__setattr__(self, "url", self._own_url())

    def _own_url(self) -> str:
        scheme = "https" if self.tls_certificate else "http"
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"{scheme}://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"

    @classmethod
    def load(cls, flags: Mapping[str, object], environ: Mapping[str, str], *, also_known: Collection[str] = ()) -> Self:
        """The settings that hold now.

        `flags` has the names of settings; None means that the flag was not given. `also_known` are variables of the
        environment that begin with ACUSE_ and belong to somebody else. An empty variable counts as not set.
        Raises SettingUnknown and SettingInvalid.
        """
        given = _from_flags(flags)
        given = _from_environment(environ, also_known) | given
        home = given.get("home", cls().home)
        assert isinstance(home, Path)
        given = _from_file(home / FILE_NAME) | given
        return cls(**given)  # type: ignore[arg-type]


def sources() -> dict[str, Source]:
    """All settings by name, in the order of the reference page."""
    return {entry.name: get_args(entry.type)[1] for entry in fields(Settings)}


def _from_flags(flags: Mapping[str, object]) -> dict[str, object]:
    known = {name: source for name, source in sources().items() if source.on_command_line}
    given = {name: value for name, value in flags.items() if value is not None}
    _refuse_unknown(given, known, "the flags")
    return {name: _read(known[name], value, name=f"--{name.replace('_', '-')}") for name, value in given.items()}


def _from_environment(environ: Mapping[str, str], also_known: Collection[str]) -> dict[str, object]:
    known = {PREFIX + name.upper(): name for name in sources()}
    given = {name: value for name, value in environ.items() if name.startswith(PREFIX) and name not in also_known}
    _refuse_unknown(given, [*known, *also_known], "the environment")
    return {known[name]: _read(sources()[known[name]], text, name=name) for name, text in given.items() if text.strip()}


def _from_file(path: Path) -> dict[str, object]:
    known = {name: source for name, source in sources().items() if source.in_file}
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as problem:
        raise SettingInvalid(f"{path}: cannot be read as TOML: {problem}", name=str(path)) from problem
    _refuse_unknown(given, known, str(path))
    return {name: _read(known[name], value, name=f"{name} in {path}") for name, value in given.items()}


def _refuse_unknown(given: Iterable[str], known: Iterable[str], place: str) -> None:
    known = list(known)
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.0)[0]
            raise SettingUnknown(f"{name} in {place} is not a setting. Did you mean {near}?", name=name, nearest=near)


def _read(source: Source, value: object, *, name: str) -> object:
    try:
        return source.read(value)
    except ValueError as problem:
        raise SettingInvalid(f"{name} must be {problem}.", name=name) from None
