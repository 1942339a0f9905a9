"""`/n/{token}`: the page behind the link of a certified e-mail.

Rule: GET changes nothing that counts; accepting, refusing and reading are POSTs of a form that this very session was
given. What is asked for without a right to it gets the same 404 page, whatever the reason.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qs
from uuid import UUID

from starlette.types import Receive, Scope, Send

from acuse.domain.message import ImpossibleStep
from acuse.domain.notice import Notice
from acuse.domain.visit import Stage, Visit
from acuse.errors import NoticeNotFound, RateLimited
from acuse.mime import attachment_disposition
from acuse.ports import NoticeView, Ports
from acuse.services.begin_notice import content_html
from acuse.services.find_visit import find_visit, look_at_visit
from acuse.services.issue_proof import issue_proof
from acuse.services.prove_identity import Outcome, ask_for_code, prove_identity
from acuse.services.record_visit import Visitor, accept_and_read, read_content, record_opening, refuse_notice
from acuse.web.asgi import ClientGone, ClientStalled, Reply, body_pieces, note, refuse
from acuse.web.lanes import Lanes
from acuse.web.shared.download import Download, Stored, send_download
from acuse.web.shared.limiter import Limiter
from acuse.web.visit.browser import Browser, cookie
from acuse.web.visit.pages import (
    STYLESHEET,
    Place,
    letter_page,
    notice_page,
    plain_page,
    proving_page,
    refusal_page,
)
from acuse.web.visit.replies import AS_IT_SAYS, PRIVATE, html_reply, letter_reply, redirect, style_reply
from acuse.web.visit.words import WORDS, meaning

_LARGEST_FORM: Final = 4096
_METHODS: Final = "GET, HEAD, POST"
Doing = Callable[[Ports, UUID, Visitor], Notice]
_ACTS: Final[Mapping[str, Doing]] = {
    "accept": accept_and_read,
    "refuse": refuse_notice,
    "read": read_content,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listener:
    """Who a download goes to."""

    scope: Scope
    send: Send
    lanes: Lanes


class VisitPages:
    """The ASGI application of the pages."""

    def __init__(self, ports: Ports, *, lanes: Lanes) -> None:
        self._ports = ports
        self._lanes = lanes
        self._limiter = Limiter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token, _, rest = scope["path"].removeprefix("/n").lstrip("/").partition("/")
        note(scope, path=f"/n/…/{rest}".rstrip("/"))  # who has the token may use it, so the log has it not
        browser = Browser.of(scope, token)
        if (token, rest) == ("-", "visit.css"):
            await refuse(scope, receive, send, _for(browser, style_reply(STYLESHEET)))
        elif browser.method not in ("GET", "HEAD", "POST"):
            await refuse(scope, receive, send, Reply.text(405, f"Use {_METHODS}.", ("Allow", _METHODS)))
        else:
            await self._answer(browser, rest, scope, receive, send)

    async def _answer(self, browser: Browser, rest: str, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            view = await self._lanes.run(lambda: find_visit(self._ports, browser.link))
            note(scope, notice=view.notice.public_id)
            if browser.method == "POST":
                self._limiter.note_failure(browser.address, now=self._ports.world.now())
                form = await _read_form(scope, receive)
                reply = await self._lanes.run(lambda: self._post(browser, view, rest, form))
            elif rest.startswith("files/"):
                listener = _Listener(scope=scope, send=send, lanes=self._lanes)
                await send_download(listener, await self._lanes.run(lambda: self._file(browser, view, rest)))
                return
            else:
                reply = await self._lanes.run(lambda: self._get(browser, view, rest))
        except NoticeNotFound:
            reply = self._unknown(browser)
        except RateLimited:
            reply = _busy(browser)
        except (ClientGone, ClientStalled):
            return
        await refuse(scope, receive, send, _for(browser, reply))

    def _unknown(self, browser: Browser) -> Reply:
        try:
            self._limiter.note_failure(browser.address, now=self._ports.world.now())
        except RateLimited:
            return _busy(browser)
        return html_reply(404, plain_page("unknown", browser.chosen or browser.prefers))

    def _get(self, browser: Browser, view: NoticeView, rest: str) -> Reply:
        visit, stage = look_at_visit(self._ports, view, browser.digest)
        match rest:
            case "":
                return self._page(browser, view, visit, stage)
            case "refuse" if stage is Stage.ANSWER:
                post, now = self._ports.post, self._ports.world.now()
                return html_reply(200, refusal_page(view, _place(browser, view), operator=post.operator, now=now))
            case "content" if stage is Stage.CONTENT:
                letter = content_html(self._ports, view)
                page = letter_page(letter, title=view.notice.subject, language=view.sending.language)
                return letter_reply(page)
            case "proof" if stage is Stage.CONTENT:
                return self._proof(view)
            case "refuse" | "content" | "proof" | "accept" | "read" | "code" | "prove":
                return redirect(_place(browser, view).url())
        raise NoticeNotFound

    def _page(self, browser: Browser, view: NoticeView, visit: Visit, stage: Stage) -> Reply:
        given: tuple[tuple[str, str], ...] = ()
        if browser.session is None:
            browser = replace(browser, session=self._ports.world.new_token() + self._ports.world.new_token())
            assert browser.session is not None
            given = (cookie(browser.session, is_encrypted=browser.is_encrypted),)
        if browser.method == "GET" and not browser.is_prefetching:
            record_opening(self._ports, view.notice.id, _visitor(browser, view))
        if stage is Stage.PROVE:
            return html_reply(200, self._proving(browser, view, visit), *given)
        page = notice_page(
            view,
            _place(browser, view),
            stage,
            journal=self._ports.views.notices.journal(view.notice.id),
            operator=self._ports.post.operator,
            now=self._ports.world.now(),
        )
        return html_reply(200, page, *given)

    def _post(self, browser: Browser, view: NoticeView, rest: str, form: Mapping[str, str]) -> Reply:
        if rest not in (*_ACTS, "code", "prove"):
            raise NoticeNotFound
        place = _place(browser, view)
        if not browser.is_form_of(form):
            return html_reply(403, plain_page("again", place.language))
        with suppress(ImpossibleStep):  # the page says what is possible now
            visitor = _visitor(browser, view)
            if rest in _ACTS:
                _ACTS[rest](self._ports, view.notice.id, visitor)
            elif rest == "code":
                return self._told(browser, view, ask_for_code(self._ports, view.notice.id, visitor))
            else:
                given = form.get("given", "")
                return self._told(browser, view, prove_identity(self._ports, view.notice.id, visitor, given))
        return redirect(place.url())

    def _told(self, browser: Browser, view: NoticeView, outcome: Outcome) -> Reply:
        if outcome not in (Outcome.WRONG, Outcome.NO_CODE, Outcome.TOO_MANY_CODES):
            return redirect(_place(browser, view).url())
        visit, _ = look_at_visit(self._ports, view, browser.digest)
        return html_reply(422, self._proving(browser, view, visit, outcome))

    def _proving(self, browser: Browser, view: NoticeView, visit: Visit, outcome: Outcome | None = None) -> str:
        post, now, place = self._ports.post, self._ports.world.now(), _place(browser, view)
        return proving_page(view, place, visit, digest=browser.digest, operator=post.operator, now=now, outcome=outcome)

    def _file(self, browser: Browser, view: NoticeView, rest: str) -> Download:
        _, stage = look_at_visit(self._ports, view, browser.digest)
        name = rest.removeprefix("files/")
        for file in view.attachments:
            if stage is Stage.CONTENT and name == str(file.position):
                return Download(
                    source=Stored.of(self._ports.blobs, file.blob_id),
                    content_type="application/octet-stream",
                    filename=file.filename or f"attachment-{file.position}",
                    version=file.sha256,
                    headers=PRIVATE,
                )
        raise NoticeNotFound

    def _proof(self, view: NoticeView) -> Reply:
        disposition = attachment_disposition(f"{view.notice.public_id}.pdf")
        fields = (*PRIVATE, AS_IT_SAYS, ("Content-Type", "application/pdf"), ("Content-Disposition", disposition))
        return Reply(status=200, body=issue_proof(self._ports, view).pdf, headers=fields)


def _busy(browser: Browser) -> Reply:
    return html_reply(429, plain_page("busy", browser.chosen or browser.prefers), ("Retry-After", "60"))


def _place(browser: Browser, view: NoticeView) -> Place:
    own = view.sending.language if view.sending.language in WORDS else "en"
    return Place(token=browser.link, language=browser.chosen or own, chosen=browser.chosen, check=browser.check)


def _visitor(browser: Browser, view: NoticeView) -> Visitor:
    language = _place(browser, view).language
    return Visitor(
        session=browser.digest,
        address=browser.address,
        user_agent=browser.user_agent,
        method=browser.method,
        is_encrypted=browser.is_encrypted,
        words=meaning(language),
        language=language,
    )


def _for(browser: Browser, reply: Reply) -> Reply:
    """A HEAD request gets the header fields alone (RFC 9110 section 9.3.2)."""
    return replace(reply, body=b"") if browser.method == "HEAD" else reply


async def _read_form(scope: Scope, receive: Receive) -> Mapping[str, str]:
    """The fields of a form; none where it is not one of ours."""
    body = b""
    async for piece in body_pieces(scope, receive):
        body += piece
        if len(body) > _LARGEST_FORM:
            return {}
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}
