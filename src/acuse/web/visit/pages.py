"""The recipients' pages as HTML: what a template may know, and nothing else of a notice.

Rule: everything is escaped but the sender's letter, which was made harmless before and stands on a page of its own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from acuse.domain.notice import Delivery, Protection
from acuse.domain.visit import Stage, Visit
from acuse.evidence import Entry, FactKind
from acuse.ports import NoticeView
from acuse.services.prove_identity import PROVABLE, Outcome
from acuse.services.send_code import code_address
from acuse.web.visit.words import WORDS, moment, size

STYLESHEET: Final = files("acuse.web.visit").joinpath("visit.css").read_bytes()
_ENVIRONMENT: Final = Environment(
    loader=PackageLoader("acuse.web.visit"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    auto_reload=False,
)
_ENDED: Final[Mapping[Stage, FactKind | None]] = {
    Stage.REFUSED: FactKind.CONSIGNMENT_REJECTION,
    Stage.EXPIRED: None,
    Stage.LOCKED: None,
    Stage.WITHDRAWN: None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page stands: its link, its language, and the secret of its forms."""

    token: str
    language: str
    chosen: str | None
    """The language that the reader chose; None: that of the sending."""
    check: str

    def url(self, rest: str = "") -> str:
        """A path of this notice, in the language of the reader."""
        return f"/n/{self.token}{rest}" + (f"?lang={self.chosen}" if self.chosen else "")

    def switch(self) -> Mapping[str, str]:
        """The link to the same page in the other language."""
        (other,) = (language for language in WORDS if language != self.language)
        return {"url": f"/n/{self.token}?lang={other}", "language": other, "name": WORDS[other]["name"]}


def notice_page(
    view: NoticeView, place: Place, stage: Stage, *, journal: tuple[Entry, ...], operator: str, now: datetime
) -> str:
    """The page for what the notice offers now."""
    words, about = WORDS[place.language], _about(view, place.language, operator=operator, now=now)
    if stage in _ENDED:
        return _ended(view, place, stage, journal=journal, about=about)
    title = words["sends" if view.notice.delivery is Delivery.HOSTED else "sent_mail"].format(sender=about["sender"])
    match stage:
        case Stage.CONTENT:
            shown = {"moments": _moments(journal, place.language), "files": _files(view, place), "wide": True}
            return _render("content.html", place, title=view.notice.subject, about=about, **shown)
        case _:
            return _render("answer.html" if stage is Stage.ANSWER else "read.html", place, title=title, about=about)


def proving_page(
    view: NoticeView,
    place: Place,
    visit: Visit,
    *,
    digest: str,
    operator: str,
    now: datetime,
    outcome: Outcome | None = None,
) -> str:
    """The page that asks for what the protection wants; `outcome` is what came of the last try."""
    words, kind = WORDS[place.language], view.notice.recipient.protection
    about, title = _about(view, place.language, operator=operator, now=now), words["prove_title"]
    if kind not in PROVABLE:
        return _render("ended.html", place, title=title, about=about, text=words["unprovable_text"])
    code = visit.code_for(digest, now=now)
    is_code = kind is Protection.EMAIL_CODE
    left = code.tries_left if code is not None else visit.tries_left
    explained = f"prove_{kind}" if not is_code else "prove_code" if code is None else "prove_code_sent"
    return _render(
        "prove.html",
        place,
        title=title,
        about=about,
        wrong=words.get(outcome or ""),
        explained=words[explained].format(where=masked(code_address(view.notice)) if is_code else ""),
        typed=None if is_code and code is None else _typed(kind, words),
        left=words["one_try_left"] if left == 1 else words["tries_left"].format(count=left),
    )


def _typed(kind: Protection, words: Mapping[str, str]) -> Mapping[str, object]:
    """The field of the form."""
    return {
        "label": words[f"label_{kind}"],
        "numeric": kind is Protection.EMAIL_CODE,
        "type": "password" if kind is Protection.PIN else "text",
        "autocomplete": "one-time-code" if kind is Protection.EMAIL_CODE else "off",
    }


def masked(address: str) -> str:
    """An address that only its owner recognises."""
    mailbox, _, domain = address.rpartition("@")
    return f"{mailbox[:1]}•••••@{domain}"


def refusal_page(view: NoticeView, place: Place, *, operator: str, now: datetime) -> str:
    """The page that asks once more whether to refuse."""
    about = _about(view, place.language, operator=operator, now=now)
    return _render("refuse.html", place, title=WORDS[place.language]["refuse_sure"], about=about)


def plain_page(kind: str, language: str) -> str:
    """A page about no notice: `unknown`, `again` or `busy`."""
    words = WORDS[language]
    template = _ENVIRONMENT.get_template("ended.html")
    return template.render(
        t=words,
        language=language,
        title=words[f"{kind}_title"],
        text=words[f"{kind}_text"],
        switch=None,
        about=None,
        wide=False,
    )


def letter_page(letter: str, *, title: str, language: str) -> str:
    """The sender's letter by itself. It was sanitised before."""
    template = _ENVIRONMENT.get_template("letter.html")
    return template.render(language=language, title=title, letter=Markup(letter))  # noqa: S704 - see the rule above


def _render(template: str, place: Place, *, title: str, about: Mapping[str, object], **more: object) -> str:
    urls = {name: place.url(f"/{name}") for name in ("accept", "refuse", "read", "code", "prove", "content", "proof")}
    given = {"wide": False, "switch": place.switch(), "check": place.check, **more}
    return _ENVIRONMENT.get_template(template).render(
        t=WORDS[place.language],
        language=place.language,
        title=title,
        about=about,
        urls={**urls, "page": place.url()},
        **given,
    )


def _ended(
    view: NoticeView, place: Place, stage: Stage, *, journal: tuple[Entry, ...], about: Mapping[str, object]
) -> str:
    words, kind = WORDS[place.language], _ENDED[stage]
    at = view.notice.expires_at if kind is None else _times(journal).get(kind)
    text = words[f"{stage}_text"].format(when=moment(at, place.language) if at else "")
    return _render("ended.html", place, title=words[f"{stage}_title"], about=about, text=text)


def _about(view: NoticeView, language: str, *, operator: str, now: datetime) -> Mapping[str, object]:
    notice, until = view.notice, view.notice.expires_at
    return {
        "sender": view.sender.name or view.sender.address,
        "sender_address": view.sender.address,
        "operator": operator,
        "reference": notice.public_id,
        "name": notice.recipient.name,
        "masked": masked(notice.recipient.address),
        "subject": notice.subject,
        "contains": _contains(view, language),
        "sent": moment(notice.created_at, language),
        "until": moment(until, language) if until else None,
        "left": _left(until - now, language) if until else None,
    }


def _contains(view: NoticeView, language: str) -> str:
    words, count = WORDS[language], len(view.attachments)
    together = size(sum(file.size for file in view.attachments))
    key = ("letter", "letter_and_one", "letter_and_more")[min(count, 2)]
    return words[key].format(count=count, size=together)


def _left(time: timedelta, language: str) -> str | None:
    words = WORDS[language]
    if time <= timedelta(0):
        return None
    days = round(time / timedelta(days=1))
    if days == 0:
        return words["last_day"]
    return words["one_day_left"] if days == 1 else words["days_left"].format(count=days)


def _times(journal: tuple[Entry, ...]) -> Mapping[FactKind, datetime]:
    """When each kind of fact was observed first."""
    times: dict[FactKind, datetime] = {}
    for entry in journal:
        record = json.loads(entry.record)
        kind = FactKind(record["ERDSEventId"].rpartition("/")[2])
        times.setdefault(kind, datetime.fromisoformat(record["EventTime"]))
    return times


def _moments(journal: tuple[Entry, ...], language: str) -> list[Mapping[str, str]]:
    words, times = WORDS[language], _times(journal)
    named = (("accepted_at", FactKind.CONSIGNMENT_ACCEPTANCE), ("read_at", FactKind.CONTENT_HANDOVER))
    return [{"name": words[name], "at": moment(times[kind], language)} for name, kind in named if kind in times]


def _files(view: NoticeView, place: Place) -> list[Mapping[str, str]]:
    return [
        {
            "url": place.url(f"/files/{file.position}"),
            "name": file.filename or f"attachment-{file.position}",
            "size": size(file.size),
        }
        for file in view.attachments
    ]
