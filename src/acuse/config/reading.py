"""Readers: from what a person wrote to the value of one setting.

Rule: a reader takes text from the environment, or a value of TOML or of the command line that may have its type
already, and raises ValueError whose text says what is expected. It never repeats the value, which may be a secret.
"""

import hmac
import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from acuse.errors import OperationError

Network = IPv4Network | IPv6Network
E = TypeVar("E", bound=StrEnum)

_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/(?:[a-z0-9!#$&^_.+-]{1,127}|\*)")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?")
_SIZE = re.compile(r"(\d{1,18})\s*(KiB|MiB|GiB)?", re.IGNORECASE)
_UNITS = {"": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


class SettingInvalid(OperationError):
    """A setting has a value that it cannot have. Correct it."""

    code = "SETTING_INVALID"


class Secret:
    """A text that never shows itself: not when printed, logged, formatted or pickled."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one place that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> str:
        raise TypeError("A secret is not pickled.")


LONGEST_WAIT = 300


def read_text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError("a text on one line")
    return value.strip()


def read_path(value: object) -> Path:
    if isinstance(value, Path):
        return value.expanduser()
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("a path")
    return Path(value).expanduser()


def read_port(value: object) -> int:
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= 65535:
        raise ValueError("a port number from 0 to 65535; 0 takes any free one")
    return number


def read_flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in _TRUE + _FALSE:
        raise ValueError("true or false")
    return word in _TRUE


def read_size(value: object) -> int:
    """Bytes: a number, with KiB, MiB or GiB behind it where that is shorter."""
    found = (
        _SIZE.fullmatch(str(value).strip()) if isinstance(value, str | int) and not isinstance(value, bool) else None
    )
    size = int(found[1]) * _UNITS[(found[2] or "").lower()] if found else 0
    if not 1 <= size < 1 << 62:
        raise ValueError("a number of bytes, such as 1048576, 512 KiB, 16 MiB or 2 GiB")
    return size


def read_count(value: object) -> int:
    """A whole number from 0 on."""
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 1 << 31:
        raise ValueError("a whole number, 0 or more")
    return number


def read_domain(value: object) -> str:
    """A domain name, in its ASCII form."""
    name = read_text(value).strip().rstrip(".").lower()
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise ValueError("a domain name, such as mail.example.com")
    return name


def read_seconds(value: object) -> int:
    """A number of seconds, 0 to 300."""
    text = str(value).strip()
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or int(text[:4]) > LONGEST_WAIT:
        raise ValueError(f"a whole number of seconds, 0 to {LONGEST_WAIT}")
    return int(text)


def read_url(value: object) -> str:
    """An absolute http or https URL; a slash at its end is dropped, so that a path can be put behind it."""
    expected = "an absolute http:// or https:// URL without query or user name, such as https://as2.example.com"
    text = read_text(value)
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ValueError(expected) from None
    if not is_good or parts.username or parts.query or parts.fragment or not text.isascii() or " " in text:
        raise ValueError(expected)
    return text.rstrip("/")


def read_networks(value: object) -> tuple[Network, ...]:
    """Networks, as a list or separated by commas or blanks; a plain address is a network of one."""
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, Sequence):
        value = (value,)
    try:
        return tuple(item if isinstance(item, Network) else ip_network(_address(item), strict=False) for item in value)
    except ValueError:
        raise ValueError("addresses or networks separated by commas, such as 10.0.0.0/8, ::1") from None


def read_media_types(value: object) -> tuple[str, ...]:
    """Media types without parameters, as a list or separated by commas; `text/*` is all of that kind."""
    items = value.split(",") if isinstance(value, str) else value if isinstance(value, Sequence) else (value,)
    types = tuple(item.strip().lower() if isinstance(item, str) else "" for item in items)
    if not types or not all(_MEDIA_TYPE.fullmatch(each) for each in types):
        raise ValueError("media types separated by commas, such as application/edi-x12, text/*")
    return types


def _address(item: object) -> str:
    if not isinstance(item, str):
        raise ValueError
    return item.strip()


def read_secret(value: object) -> Secret:
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text")
    return Secret(value.strip())


def one_of(choices: type[E]) -> Callable[[object], E]:
    """A reader for the members of `choices`."""

    def read(value: object) -> E:
        try:
            return choices(str(value).strip().lower())
        except ValueError:
            raise ValueError("one of " + ", ".join(choices)) from None

    return read
