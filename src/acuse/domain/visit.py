"""A visit: what a recipient does on the page of a notice, and what it may do next.

Rule: opening the page changes nothing that anybody could rely on, because machines open pages too. The content is shown
to a session only after a person pressed a button in that very session; what the notice asks for comes before it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from acuse.domain.notice import Notice, Passage, Protection, Reading
from acuse.evidence import Strength

MOST_SESSIONS: Final = 20
"""Sessions that a notice remembers; the one that began first is forgotten first, and has to begin again."""
OPENING_PAUSE: Final = timedelta(hours=1)
"""After an opening was written down, further ones are not for so long."""


CODE_LIFE: Final = timedelta(minutes=10)
MOST_TRIES_OF_CODE: Final = 5
MOST_CODES: Final = 3
"""Codes that are sent for a notice in CODES_PAUSE."""
CODES_PAUSE: Final = timedelta(hours=1)
MOST_WRONG: Final = 15
"""Wrong answers for a notice, in all sessions together, before it is locked."""


class Stage(StrEnum):
    """What the page of a notice offers to a session."""

    PROVE = "prove"
    """The recipient has to show who it is."""
    ANSWER = "answer"
    """It may accept or refuse."""
    READ = "read"
    """It may ask for the content."""
    CONTENT = "content"
    """The content was handed over to this session."""
    REFUSED = "refused"
    EXPIRED = "expired"
    LOCKED = "locked"
    WITHDRAWN = "withdrawn"
    """The sender took the notice back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser on the page of one notice."""

    digest: str
    """SHA-256 in hex of the token that the browser holds, bound to the link."""
    strength: Strength = Strength.HUMAN
    """How much an act in this session proves."""
    is_proven: bool = False
    """The recipient showed in it what the protection asks for."""
    has_content: bool = False
    """The content was handed over to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A one-time code, good for the session that asked for it."""

    id: UUID
    session: str
    digits: str = field(repr=False)
    made_at: datetime
    wrong: int = 0
    """How often something else was typed."""

    @property
    def tries_left(self) -> int:
        return MOST_TRIES_OF_CODE - self.wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What is known of the browsers that were on the page of a notice."""

    notice_id: UUID
    opened_at: datetime | None = None
    """When an opening was written down last."""
    sessions: tuple[Session, ...] = ()
    codes: tuple[Code, ...] = ()
    """Oldest first; those that no limit counts any more are forgotten."""
    wrong_answers: int = 0
    """In all sessions, since the notice began or was unlocked."""

    def session(self, digest: str) -> Session:
        """The session with that digest; a new one where there is none."""
        return next((session for session in self.sessions if session.digest == digest), Session(digest=digest))

    def with_session(self, session: Session) -> Self:
        """The visit after something happened in a session."""
        others = tuple(other for other in self.sessions if other.digest != session.digest)
        return replace(self, sessions=(*others, session)[-MOST_SESSIONS:])

    @property
    def is_locked(self) -> bool:
        return self.wrong_answers >= MOST_WRONG

    @property
    def tries_left(self) -> int:
        return MOST_WRONG - self.wrong_answers

    def code_for(self, digest: str, *, now: datetime) -> Code | None:
        """The code that this session can use now: the newest, while it is young and was not guessed at too often."""
        own = [code for code in self.codes if code.session == digest]
        if not own or now - own[-1].made_at >= CODE_LIFE or own[-1].tries_left <= 0:
            return None
        return own[-1]

    def can_have_code(self, now: datetime) -> bool:
        """Whether one more code may be sent."""
        return len(self._recent(now)) < MOST_CODES

    def with_code(self, code: Code) -> Self:
        """The visit after a code was made."""
        return replace(self, codes=(*self._recent(code.made_at), code))

    def without_code(self, code_id: UUID) -> Self:
        """The visit after a code was used: it goes on counting, and opens nothing more."""
        return self._with_wrong(code_id, MOST_TRIES_OF_CODE)

    def after_wrong_answer(self, code: Code | None) -> Self:
        """The visit after something wrong was typed, for that code if there is one."""
        counted = replace(self, wrong_answers=self.wrong_answers + 1)
        return counted if code is None else counted._with_wrong(code.id, code.wrong + 1)

    def _with_wrong(self, code_id: UUID, wrong: int) -> Self:
        codes = tuple(replace(code, wrong=wrong) if code.id == code_id else code for code in self.codes)
        return replace(self, codes=codes)

    def _recent(self, now: datetime) -> tuple[Code, ...]:
        return tuple(code for code in self.codes if now - code.made_at < CODES_PAUSE)

    def unlocked(self) -> Self:
        """The visit after the sender let the recipient try again."""
        return replace(self, wrong_answers=0, codes=())

    def is_opening_new(self, now: datetime) -> bool:
        """Whether an opening is to be written down."""
        return self.opened_at is None or now - self.opened_at >= OPENING_PAUSE


_ENDED = {Reading.REFUSED: Stage.REFUSED, Reading.EXPIRED: Stage.EXPIRED, Reading.LOCKED: Stage.LOCKED}


def stage_of(notice: Notice, visit: Visit, digest: str, *, now: datetime) -> Stage:
    """What the page offers now to the session with that digest. The clock counts, also before its sweep has come by."""
    session = visit.session(digest)
    if notice.passage is Passage.CANCELLED:
        return Stage.WITHDRAWN
    if notice.reading is Reading.REFUSED:
        return Stage.REFUSED
    is_accepted = notice.reading in (Reading.ACCEPTED, Reading.READ)
    if notice.expires_at is not None and notice.expires_at <= now and not is_accepted:
        return Stage.EXPIRED
    if notice.reading in _ENDED:
        return _ENDED[notice.reading]
    if session.has_content:
        return Stage.CONTENT
    if notice.recipient.protection is not Protection.NONE and not session.is_proven:
        return Stage.LOCKED if visit.is_locked else Stage.PROVE
    if notice.expires_at is not None and not is_accepted:
        return Stage.ANSWER
    return Stage.READ
