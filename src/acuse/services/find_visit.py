"""Finding the notice behind the link of a mail."""

import hashlib

from acuse.domain.visit import Stage, Visit, stage_of
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


def look_at_visit(ports: Ports, view: NoticeView, digest: str) -> tuple[Visit, Stage]:
    """What happened on the page, and what it offers now to the session with that digest."""
    visit = ports.views.notices.visit(view.notice.id)
    return visit, stage_of(view.notice, visit, digest, now=ports.world.now())
