"""A visit: what a recipient does on the page of a notice, and what it may do next.

Rule: opening the page changes nothing that anybody could rely on, because machines open pages too. The content is shown
to a session only after a person pressed a button in that very session; what the notice asks for comes before it.
"""

from dataclasses import dataclass, replace
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
class Visit:
    """What is known of the browsers that were on the page of a notice."""

    notice_id: UUID
    opened_at: datetime | None = None
    """When an opening was written down last."""
    sessions: tuple[Session, ...] = ()

    def session(self, digest: str) -> Session:
        """The session with that digest; a new one where there is none."""
        return next((session for session in self.sessions if session.digest == digest), Session(digest=digest))

    def with_session(self, session: Session) -> Self:
        """The visit after something happened in a session."""
        others = tuple(other for other in self.sessions if other.digest != session.digest)
        return replace(self, sessions=(*others, session)[-MOST_SESSIONS:])

    def is_opening_new(self, now: datetime) -> bool:
        """Whether an opening is to be written down."""
        return self.opened_at is None or now - self.opened_at >= OPENING_PAUSE


_ENDED = {Reading.REFUSED: Stage.REFUSED, Reading.EXPIRED: Stage.EXPIRED, Reading.LOCKED: Stage.LOCKED}


def stage_of(notice: Notice, session: Session, *, now: datetime) -> Stage:
    """What the page offers to this session now. The clock counts, also before its sweep has come by."""
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
        return Stage.PROVE
    if notice.expires_at is not None and not is_accepted:
        return Stage.ANSWER
    return Stage.READ
