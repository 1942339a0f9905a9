"""Under which names an event is told in the words of each service: the cross-walk of the dialects.

Rule: a dialect that has no word for an event is not told of it; one that has two is told twice, in the order of this
table.
"""

from collections.abc import Mapping

from acuse.domain.dialect import Dialect
from acuse.domain.event import Event, EventKind, MessageState
from acuse.domain.message import ReceiptState

REPORT_IN_JSON = "EMAILCERTIFICADO.JSON"
REPORT_IN_A_FORM = "EMAILCERTIFICADO.FORM"
"""The one event of that service, in the two forms between which its endpoints choose by these names."""

_NAMES: Mapping[Dialect, Mapping[EventKind, tuple[str, ...]]] = {
    Dialect.AS2EXPERT: {
        EventKind.MESSAGE_RECEIVED: ("message.received",),
        EventKind.MESSAGE_SENT: ("message.sent",),
        EventKind.MESSAGE_DELIVERED: ("mdn.received",),
        EventKind.MESSAGE_RECEIPT_LATE: ("mdn.received",),
        EventKind.MESSAGE_FAILED: ("mdn.received", "send.error"),
    },
    Dialect.MFT: {
        EventKind.MESSAGE_RECEIVED: ("MESSAGE.RECEIVED.SUCCESS",),
        EventKind.MESSAGE_SENT: ("MESSAGE.SEND.SUCCESS",),
        EventKind.MESSAGE_FAILED: ("MESSAGE.SEND.FAILED",),
    },
    Dialect.MENSATEK: dict.fromkeys(
        (kind for kind in EventKind if kind.startswith("notice.") and kind is not EventKind.NOTICE_QUEUED),
        (REPORT_IN_JSON, REPORT_IN_A_FORM),
    ),
}
_OF_A_RECEIPT = "mdn.received"


def names_in(dialect: Dialect, event: Event) -> tuple[str, ...]:
    """The names under which an event is told; none where the dialect has no word for it."""
    if dialect is Dialect.NATIVE:
        return (event.kind.value,)
    names = _NAMES[dialect].get(event.kind, ())
    return names if _has_receipt(event) else tuple(name for name in names if name != _OF_A_RECEIPT)


def known_names(dialect: Dialect) -> tuple[str, ...]:
    """Every name that events have in a dialect."""
    if dialect is Dialect.NATIVE:
        return tuple(kind.value for kind in EventKind)
    return tuple(dict.fromkeys(name for names in _NAMES[dialect].values() for name in names))


def content_type_of(told_as: str) -> str:
    """In which form an event is posted under that name."""
    return "application/x-www-form-urlencoded" if told_as == REPORT_IN_A_FORM else "application/json"


def _has_receipt(event: Event) -> bool:
    """Whether the event tells of a receipt that came: a message may also fail without one."""
    came = (ReceiptState.POSITIVE, ReceiptState.NEGATIVE, ReceiptState.INVALID)
    return isinstance(event.state, MessageState) and event.state.receipt in came
