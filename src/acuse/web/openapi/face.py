"""`/openapi.json` and `/docs`: what the API is like, for programs and for people, without a key.

Rule: what is served is made once, from the code that runs; nothing of the gateway's data is in it. The page runs no
script and loads nothing from elsewhere, and its Content-Security-Policy holds it to that.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec
from starlette.types import Receive, Scope, Send

from acuse.web.asgi import Reply, answer, refuse
from acuse.web.openapi.document import openapi_document
from acuse.web.openapi.page import STYLE_PATH, docs_page
from acuse.web.shared.ranges import is_known

_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

Field = tuple[str, str]


async def serve_document(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer `/openapi.json`."""
    await serve_page(scope, receive, send, _document() if scope["path"] == "/openapi.json" else None)


async def serve_docs(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer `/docs` and what it needs."""
    await serve_page(scope, receive, send, _pages().get(scope["path"].rstrip("/")))


async def serve_page(scope: Scope, receive: Receive, send: Send, page: Reply | None) -> None:
    """Answer with what never changes, or with 404. A client that has it already gets 304."""
    if page is None:
        await refuse(scope, receive, send, Reply.text(404, "There is nothing at this path."))
    elif scope["method"] not in ("GET", "HEAD"):
        await refuse(scope, receive, send, Reply.text(405, "Only GET and HEAD.", ("Allow", "GET, HEAD")))
    elif is_known(scope, dict(page.headers)["ETag"]):
        await answer(send, Reply(status=304, headers=page.headers[1:]))
    else:
        await answer(send, page)


def lasting(body: bytes, content_type: str, *more: Field) -> Reply:
    """An answer that is the same until the program is another; the first field is its Content-Type."""
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    fields: tuple[Field, ...] = (
        ("Content-Type", content_type),
        ("ETag", etag),
        ("Cache-Control", "no-cache"),
        ("X-Content-Type-Options", "nosniff"),
        *more,
    )
    return Reply(status=200, body=body, headers=fields)


@cache
def _document() -> Reply:
    # Read by browsers from any page: there is nothing in it that is not public.
    return lasting(msgspec.json.encode(openapi_document()), "application/json", ("Access-Control-Allow-Origin", "*"))


@cache
def _pages() -> Mapping[str, Reply]:
    style = (files("acuse.web.openapi") / "style.css").read_bytes()
    return {
        "/docs": lasting(
            docs_page(openapi_document()),
            "text/html; charset=utf-8",
            ("Content-Security-Policy", _POLICY),
            ("Referrer-Policy", "no-referrer"),
        ),
        STYLE_PATH: lasting(style, "text/css; charset=utf-8"),
    }
