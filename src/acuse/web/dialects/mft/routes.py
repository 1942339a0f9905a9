"""Every path of this API, the spellings of its first announcement included."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from acuse.domain.message import Direction
from acuse.web.asgi import Reply
from acuse.web.dialects.mft.calls import Handler
from acuse.web.dialects.mft.certificates import (
    create_certificate,
    delete_certificate,
    list_certificates,
    show_certificate,
)
from acuse.web.dialects.mft.downloads import ROOT as DOWNLOAD
from acuse.web.dialects.mft.downloads import list_attachments, show_mdn
from acuse.web.dialects.mft.mailboxes import list_of
from acuse.web.dialects.mft.messages import delete_many, delete_one, mark_many, mark_one, retry, show
from acuse.web.dialects.mft.partners import (
    create_partner,
    delete_partner,
    list_partners,
    show_partner,
    update_partner,
)
from acuse.web.dialects.mft.sessions import Entrance, authorize, refresh_session
from acuse.web.dialects.mft.stations import (
    create_station,
    delete_station,
    list_stations,
    show_station,
    update_station,
)
from acuse.web.dialects.mft.submit import submit_message
from acuse.web.dialects.mft.translate import Mailbox

ROOTS = ("/authorize", "/refresh-session", "/message", "/station", "/partner", "/certificate", f"/{DOWNLOAD}")
VARIABLE = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What a path answers to, by method."""

    handlers: Mapping[str, Handler]
    is_configuration: bool = False
    """It is about what messages go by, live ones too."""


ENTRANCES: Mapping[str, Callable[[Entrance], Awaitable[Reply]]] = {
    "authorize": authorize,
    "refresh-session": refresh_session,
}
"""What needs no token."""

_IN, _OUT = Direction.INBOUND, Direction.OUTBOUND
_MESSAGES: Mapping[str, Mapping[str, Handler]] = {
    "message/submit": {"POST": submit_message},
    "message/inbox": {"GET": list_of(Mailbox.INBOX)},
    "message/outbox": {"GET": list_of(Mailbox.OUTBOX)},
    "message/outbox/queued": {"GET": list_of(Mailbox.QUEUED)},
    "message/outbox/failed": {"GET": list_of(Mailbox.FAILED)},
    "message/outbox/incomplete": {"GET": list_of(Mailbox.INCOMPLETE)},
    "message/inbox/{}": {"GET": show(_IN), "DELETE": delete_one(_IN)},
    "message/outbox/{}": {"GET": show(_OUT), "DELETE": delete_one(_OUT)},
    "message/inbox/delete": {"POST": delete_many(_IN)},
    "message/outbox/delete": {"POST": delete_many(_OUT)},
    "message/inbox/markRead": {"POST": mark_many(is_read=True)},
    "message/inbox/markUnread": {"POST": mark_many(is_read=False)},
    "message/inbox/{}/markRead": {"POST": mark_one(is_read=True)},
    "message/inbox/{}/markUnread": {"POST": mark_one(is_read=False)},
    "message/inbox/{}/attachments": {"GET": list_attachments(_IN)},
    "message/outbox/{}/attachments": {"GET": list_attachments(_OUT)},
    "message/inbox/{}/mdn": {"GET": show_mdn(_IN)},
    "message/inbox/{}/mdnt": {"GET": show_mdn(_IN)},
    "message/outbox/{}/mdn": {"GET": show_mdn(_OUT)},
    "message/outbox/{}/retry": {"POST": retry},
}

_CONFIGURATION: Mapping[str, Mapping[str, Handler]] = {
    "station": {"GET": list_stations, "POST": create_station, "PUT": update_station},
    "station/{}": {"GET": show_station, "PUT": update_station, "DELETE": delete_station},
    "partner": {"GET": list_partners, "POST": create_partner, "PUT": update_partner},
    "partner/{}": {"GET": show_partner, "PUT": update_partner, "DELETE": delete_partner},
    "certificate": {"GET": list_certificates, "POST": create_certificate},
    "certificate/{}": {"GET": show_certificate, "DELETE": delete_certificate},
}

ROUTES: Mapping[tuple[str, ...], Route] = {
    tuple(path.split("/")): Route(handlers=handlers, is_configuration=path in _CONFIGURATION)
    for path, handlers in {**_MESSAGES, **_CONFIGURATION}.items()
}
