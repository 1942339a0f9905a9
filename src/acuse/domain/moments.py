"""How a time is written wherever a program reads it: in answers, in events and in the details of an error."""

from datetime import UTC, datetime


def written(moment: datetime) -> str:
    """UTC with six digits, as in `2024-01-15T10:30:00.000000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
