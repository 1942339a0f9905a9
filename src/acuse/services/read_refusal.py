"""Reading an HTTP answer that is no success: may the same bytes succeed later, when, and what is to be done.

Rule: the table of what passes by itself stands here alone, for messages and for receipts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from acuse.ports import HTTPReply

_MAY_PASS = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
"""Beside every 5xx."""
_EXCERPT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What an answer other than 2xx means."""

    may_pass: bool
    """The same request may succeed later; otherwise somebody has to change something."""
    retry_after: timedelta
    """The wait that the partner asked for, none being zero."""
    message: str
    """What happened and what to do, for people."""
    details: Mapping[str, object]


def read_refusal(reply: HTTPReply, *, now: datetime) -> Refusal:
    """What this answer means."""
    details: dict[str, object] = {
        "status": reply.status,
        "error_details": reply.body[:_EXCERPT].decode("utf-8", "replace").strip(),
    }
    if reply.redirected_to:
        details["redirected_to"] = reply.redirected_to
    return Refusal(
        may_pass=reply.status in _MAY_PASS or 500 <= reply.status < 600,
        retry_after=_retry_after(reply, now=now),
        message=_message(reply),
        details=details,
    )


def _message(reply: HTTPReply) -> str:
    answer = f"The partner answered HTTP {reply.status}"
    if reply.redirected_to:
        what = "redirects" if reply.status in (302, 303, 307) else "has moved"
        return (
            f"The partner {what} to {reply.redirected_to} (HTTP {reply.status}). Verify the address with the partner; "
            "then set it as the partner's URL, or name its host as one to which redirects may lead."
        )
    match reply.status:
        case HTTPStatus.UNAUTHORIZED:
            return f"{answer}: it did not accept our user name and password, or asks for them. Verify them."
        case HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            return f"{answer}: a proxy on the way asks for a user name and password."
        case _:
            return f"{answer}."


def _retry_after(reply: HTTPReply, *, now: datetime) -> timedelta:
    """RFC 9110 section 10.2.3: a number of seconds or a date. What is neither asks for nothing."""
    value = next((value.strip() for name, value in reply.headers if name.lower() == "retry-after"), "")
    try:
        if value.isascii() and value.isdigit():
            return timedelta(seconds=int(value[:9]))
        date = parsedate_to_datetime(value)
    except ValueError:
        return timedelta(0)
    return max(timedelta(0), (date if date.tzinfo else date.replace(tzinfo=UTC)) - now)
