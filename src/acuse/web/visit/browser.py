"""The browser behind a request: its session, its secret for forms, and its language.

The session is a random token in a cookie. What is derived from it is bound to the link, so that two notices in one
browser are not connected by what is stored, and a form of one page is no good on another.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs

from starlette.types import Scope

from acuse.web.asgi import client_address, header
from acuse.web.visit.words import DEFAULT, WORDS

_TOKEN: Final = re.compile(r"[A-Za-z0-9]{20,128}")
_LONGEST_AGENT: Final = 400
_MACHINES: Final = ("sec-purpose", "purpose", "x-moz")
"""Fields by which a browser says that nobody looks yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """What a request says of the browser that sent it."""

    link: str
    """The token of the link."""
    session: str | None
    """The token of the cookie; None: there is none, or it is not one of ours."""
    chosen: str | None
    """The language that the reader chose."""
    prefers: str
    """The language that the browser asks for, of those that there are."""
    address: str | None
    user_agent: str | None
    method: str
    is_encrypted: bool
    is_prefetching: bool

    @classmethod
    def of(cls, scope: Scope, link: str) -> "Browser":
        """The browser of this request."""
        is_encrypted = scope["scheme"] == "https"
        wanted = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
        agent = header(scope, b"user-agent")
        return cls(
            link=link,
            session=_session(header(scope, b"cookie") or "", cookie_name(is_encrypted=is_encrypted)),
            chosen=wanted if wanted in WORDS else None,
            prefers=_preferred(header(scope, b"accept-language") or ""),
            address=client_address(scope),
            user_agent=agent and agent[:_LONGEST_AGENT],
            method=scope["method"],
            is_encrypted=is_encrypted,
            is_prefetching=any("prefetch" in (header(scope, name.encode()) or "").lower() for name in _MACHINES),
        )

    @property
    def digest(self) -> str:
        """The session on the page of this link, as it is stored."""
        return self._derived("session")

    @property
    def check(self) -> str:
        """What forms of this page carry: only who was given the page in this session knows it."""
        return self._derived("check")

    def is_form_of(self, form: Mapping[str, str]) -> bool:
        """Whether a form was given to this session for this link."""
        return self.session is not None and hmac.compare_digest(self.check.encode(), form.get("check", "").encode())

    def _derived(self, purpose: str) -> str:
        return hashlib.sha256(f"{purpose}:{self.session}:{self.link}".encode("utf-8", "surrogateescape")).hexdigest()


def cookie_name(*, is_encrypted: bool) -> str:
    """Over TLS, a name that no other host of the domain can set (RFC 6265bis section 4.1.3.2)."""
    return "__Host-visit" if is_encrypted else "visit"


def cookie(session: str, *, is_encrypted: bool) -> tuple[str, str]:
    """The header field that gives a browser its session. Lax: the link is followed from a mail program."""
    secure = "; Secure" if is_encrypted else ""
    return (
        "Set-Cookie",
        f"{cookie_name(is_encrypted=is_encrypted)}={session}; Path=/; HttpOnly; SameSite=Lax{secure}",
    )


def _session(text: str, name: str) -> str | None:
    try:
        found = SimpleCookie(text).get(name)
    except CookieError:
        return None
    return found.value if found and _TOKEN.fullmatch(found.value) else None


def _preferred(text: str) -> str:
    for part in text.lower().split(","):
        language = part.partition(";")[0].strip()[:2]
        if language in WORDS:
            return language
    return DEFAULT
