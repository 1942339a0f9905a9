"""Reading fields, and telling all that is wrong with them at once.

Rule: a field that is null or left out is not given. Nothing is guessed: a number is not a text, nor "yes" a boolean.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from acuse.errors import InvalidInput

E = TypeVar("E", bound=StrEnum)

_LONGEST_SECONDS = 10 * 365 * 86400
"""What is longer is a mistake, or no number at all."""


class _Truth(StrEnum):
    """A boolean as a query writes it."""

    TRUE = "true"
    YES = "1"
    FALSE = "false"
    NO = "0"


class FieldReader:
    """Reads one field after the other and collects the problems; `finish` raises them."""

    def __init__(
        self, given: Mapping[str, object], *, prefix: str = "", problems: dict[str, str] | None = None
    ) -> None:
        """`problems`, where given, is the collection of a reader around this one."""
        self._given = given
        self._prefix = prefix
        self.problems: dict[str, str] = {} if problems is None else problems

    def refuse(self, name: str, problem: str) -> None:
        """Note what is wrong with a field, unless something is already."""
        self.problems.setdefault(self._prefix + self._spelled(name), problem)

    def finish(self) -> None:
        """Raises InvalidInput when anything was wrong."""
        if self.problems:
            raise InvalidInput(fields=self.problems)

    def value(self, name: str, *, required: bool = False) -> object:
        """Whatever was given."""
        value = self._given.get(self._spelled(name))
        if value is None and required:
            self.refuse(name, "This field is required.")
        return value

    def text(self, name: str, *, longest: int = 255, required: bool = False) -> str | None:
        """One line of 1 to `longest` characters."""
        value = self.value(name, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse(name, "Must be a string.")
        elif not 1 <= len(value) <= longest:
            self.refuse(name, f"Must have 1 to {longest} characters.")
        elif not value.isprintable():
            self.refuse(name, "Must be one line without control characters.")
        else:
            return value
        return None

    def choice(self, name: str, choices: type[E]) -> E | None:
        """One of the values of `choices`."""
        value = self.value(name)
        if value is None:
            return None
        if isinstance(value, str) and value in {choice.value for choice in choices}:
            return choices(value)
        self.refuse(name, f"Must be one of {', '.join(choices)}.")
        return None

    def flag(self, name: str) -> bool | None:
        """true or false; None leaves the decision to the partner's terms."""
        value = self.value(name)
        if value is None or isinstance(value, bool):
            return value
        self.refuse(name, "Must be true or false.")
        return None

    def truth(self, name: str) -> bool | None:
        """true or false, as a query writes them."""
        word = self.choice(name, _Truth)
        return None if word is None else word in (_Truth.TRUE, _Truth.YES)

    def is_cleared(self, name: str) -> bool:
        """null was given, for a field that may be empty."""
        spelled = self._spelled(name)
        return spelled in self._given and self._given[spelled] is None

    def moment(self, name: str) -> datetime | None:
        """A date and time in ISO 8601; without a zone it is UTC."""
        value = self.value(name)
        if value is None:
            return None
        try:
            if not isinstance(value, str):
                raise ValueError
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.refuse(name, "Must be a date and time in ISO 8601, such as 2030-01-15T10:30:00Z.")
            return None

    def mapping(self, name: str) -> Mapping[str, object]:
        """An object; empty when not given."""
        value = self.value(name)
        if value is None:
            return {}
        if isinstance(value, dict):
            return value
        self.refuse(name, "Must be an object.")
        return {}

    def texts(self, name: str) -> tuple[str, ...] | None:
        """A list of strings."""
        value = self.value(name)
        if value is None:
            return None
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            return tuple(value)
        self.refuse(name, "Must be a list of strings.")
        return None

    def seconds(self, name: str) -> timedelta | None:
        """A length of time in seconds, whole or not."""
        value = self.value(name)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LONGEST_SECONDS:
            return timedelta(seconds=value)
        self.refuse(name, "Must be a number of seconds.")
        return None

    def number(self, name: str) -> int | None:
        """A whole number, as JSON writes it."""
        value = self.value(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self.refuse(name, "Must be a whole number.")
        return None

    def whole(self, name: str, *, default: int, least: int, most: int) -> int:
        """A whole number, which a query holds as text."""
        value = self.value(name)
        if value is None:
            return default
        text = str(value)
        if text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most:
            return int(text)
        self.refuse(name, f"Must be a whole number from {least} to {most}.")
        return default

    def _spelled(self, name: str) -> str:
        """How a field is written in what was given."""
        return name


class EitherSpelling(FieldReader):
    """Reads `partner_id` also where `partnerId` was given, and names what is wrong as it was given."""

    def _spelled(self, name: str) -> str:
        first, *others = name.split("_")
        other = first + "".join(word.capitalize() for word in others)
        return other if name not in self._given and other in self._given else name
