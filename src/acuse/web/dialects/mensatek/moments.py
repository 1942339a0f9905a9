"""Dates as the dialect writes them: the time of Spain, without a zone.

Rule: the hour that does not exist in spring is refused. The hour that comes twice in autumn is its first one.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

MADRID = ZoneInfo("Europe/Madrid")
_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")


def read_moment(text: str) -> datetime:
    """The moment, in UTC. Raises ValueError for what is no date, or an hour that Spain leaves out."""
    local = _parsed(text.strip()).replace(tzinfo=MADRID, fold=0)
    moment = local.astimezone(UTC)
    if moment.astimezone(MADRID).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError("this hour does not exist in Spain")
    return moment


def to_minutes(moment: datetime) -> str:
    """`2021-10-10 10:10`."""
    return moment.astimezone(MADRID).strftime("%Y-%m-%d %H:%M")


def to_seconds(moment: datetime) -> str:
    """`2020-12-03 11:14:24`."""
    return moment.astimezone(MADRID).strftime("%Y-%m-%d %H:%M:%S")


def _parsed(text: str) -> datetime:
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - it gets its zone at once
        except ValueError:
            continue
    raise ValueError("a date is written 2030-05-01 15:10")
