"""`/dashboard/kpis`: what happened in the last thirty days. The documented service does not name its figures."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from acuse.domain.message import Direction, ReceiptState, Transmission
from acuse.ports import MessageFilter
from acuse.web.dialects.as2expert.calls import Call

DAYS = 30
_POSITIVE = ((Transmission.TRANSMITTED, ReceiptState.POSITIVE), (Transmission.TRANSMITTED, ReceiptState.NOT_REQUESTED))
_PENDING = frozenset({Transmission.SCHEDULED, Transmission.QUEUED, Transmission.PROCESSING, Transmission.RETRY_WAIT})


def show_figures(call: Call) -> Mapping[str, object]:
    """Messages in and out, what became of them, and which part of those that ended went well."""
    since = call.ports.world.now() - timedelta(days=DAYS)

    def count(**wanted: object) -> int:
        filtered = MessageFilter(created_from=since, **wanted)  # type: ignore[arg-type]
        return call.ports.views.messages(call.space, filtered, limit=1, offset=0).total

    received, sent = count(direction=Direction.INBOUND), count(direction=Direction.OUTBOUND)
    ok = count(direction=Direction.OUTBOUND, states=_states(_is_good))
    pending = count(direction=Direction.OUTBOUND, states=_states(_is_open))
    failed = sent - ok - pending
    ended = ok + failed
    return {
        "data": {
            "days": DAYS,
            "messages": received + sent,
            "received": received,
            "sent": sent,
            "ok": ok,
            "pending": pending,
            "errors": failed,
            "success_rate": round(100 * ok / ended, 1) if ended else 100.0,
        }
    }


def _is_good(transmission: Transmission, receipt: ReceiptState) -> bool:
    return (transmission, receipt) in _POSITIVE


def _is_open(transmission: Transmission, receipt: ReceiptState) -> bool:
    is_waiting = (transmission, receipt) == (Transmission.TRANSMITTED, ReceiptState.PENDING)
    return transmission in _PENDING or is_waiting


def _states(
    is_wanted: Callable[[Transmission, ReceiptState], bool],
) -> tuple[tuple[Transmission, ReceiptState, bool], ...]:
    return tuple(
        (transmission, receipt, is_late)
        for transmission in Transmission
        for receipt in ReceiptState
        for is_late in (False, True)
        if is_wanted(transmission, receipt)
    )
