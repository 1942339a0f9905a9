"""Finding the notice behind the link of a mail."""

import hashlib

from acuse.domain.visit import Session, Stage, stage_of
from acuse.errors import NoticeNotFound
from acuse.ports import LinkPurpose, NoticeView, Ports


def find_visit(ports: Ports, token: str) -> NoticeView:
    """The notice whose page the token opens. Raises NoticeNotFound, whatever is wrong with the token."""
    link = ports.views.notices.link(hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest())
    if link is None or link.purpose is not LinkPurpose.VISIT:
        raise NoticeNotFound
    if link.expires_at is not None and link.expires_at <= ports.world.now():
        raise NoticeNotFound
    return ports.views.notices.notice_by_id(link.subject_id)


def look_at_visit(ports: Ports, view: NoticeView, digest: str) -> tuple[Session, Stage]:
    """The session with that digest, and what the page offers to it now."""
    session = ports.views.notices.visit(view.notice.id).session(digest)
    return session, stage_of(view.notice, session, now=ports.world.now())
