"""Answers to browsers, with the header fields that keep a page to itself.

Nothing runs, nothing comes from another host, nothing is kept by a cache, and no address of a page is told to others.
The sender's letter stands in a sandbox of its own, where styles may stand in the text and nothing else may.
"""

from typing import Final

from acuse.web.asgi import Reply

_ALWAYS: Final = (
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
AS_IT_SAYS: Final = ("X-Content-Type-Options", "nosniff")
PRIVATE: Final = (*_ALWAYS, ("Cache-Control", "no-store"))
"""For everything that belongs to one notice."""
_PAGE: Final = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_LETTER: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; base-uri 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


def html_reply(status: int, page: str, *more: tuple[str, str]) -> Reply:
    """A page of ours."""
    return _html(status, page, _PAGE, more)


def letter_reply(page: str) -> Reply:
    """The letter of a sender."""
    return _html(200, page, _LETTER, ())


def redirect(url: str) -> Reply:
    """To a page that is fetched by GET (RFC 9110 section 15.4.4)."""
    return Reply(status=303, headers=(*PRIVATE, ("Location", url)))


def style_reply(stylesheet: bytes) -> Reply:
    """The stylesheet, which belongs to everybody."""
    kept = ("Cache-Control", "max-age=3600")
    return Reply(
        status=200, body=stylesheet, headers=(*_ALWAYS, AS_IT_SAYS, kept, ("Content-Type", "text/css; charset=utf-8"))
    )


def _html(status: int, page: str, policy: str, more: tuple[tuple[str, str], ...]) -> Reply:
    fields = (("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", policy), AS_IT_SAYS)
    return Reply(status=status, body=page.encode(), headers=(*PRIVATE, *fields, *more))
