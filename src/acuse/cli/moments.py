"""Points in time and uses of certificates, as they are written on the command line."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from acuse.domain.keyring import Use


class MomentType(click.ParamType[datetime]):
    """A time in ISO 8601, `2026-12-01` or `2026-12-01T08:30` or `2026-12-01T08:30:00+01:00`: UTC if no zone is said."""

    name = "time"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> datetime:
        """Fails for what is no time."""
        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(str(value))
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value} is not a time; write it as 2026-12-01 or 2026-12-01T08:30", parameter, context)


class UsesType(click.ParamType["frozenset[Use]"]):
    """What a certificate is for: `signing`, `encryption`, or both with a comma."""

    name = "uses"

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> "frozenset[Use]":
        """Fails for any other word."""
        from acuse.domain.keyring import Use

        words = {word.strip().lower() for word in str(value).split(",")}
        if not words <= {use.value for use in Use}:
            self.fail(f"{value} is unknown; choose signing,encryption or one of them", parameter, context)
        return frozenset(Use(word) for word in words)
