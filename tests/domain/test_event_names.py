"""The cross-walk of events into the words of the dialects, and how deliveries in them are signed."""

import hashlib
import hmac
from datetime import UTC, datetime
from uuid import UUID

import pytest

from acuse.domain.dialect import Dialect
from acuse.domain.event import Event, EventKind, MessageState
from acuse.domain.event_names import known_names, names_in
from acuse.domain.message import ReceiptState, Transmission
from acuse.domain.webhook import Subscription, check_events
from acuse.domain.webhook_signature import check_secret, dialect_headers
from acuse.errors import InvalidInput

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
_K, _R = EventKind, ReceiptState


def event(kind: EventKind, receipt: ReceiptState = ReceiptState.PENDING) -> Event:
    state = MessageState(transmission=Transmission.TRANSMITTED, receipt=receipt, updated_at=NOW)
    ids = {"id": UUID(int=1), "account_id": UUID(int=2), "tenant_id": UUID(int=3), "subject_id": UUID(int=4)}
    return Event(**ids, kind=kind, occurred_at=NOW, state=state)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "receipt", "expert", "mft"),
    [
        (_K.MESSAGE_QUEUED, _R.PENDING, (), ()),
        (_K.MESSAGE_PROCESSING, _R.PENDING, (), ()),
        (_K.MESSAGE_SENT, _R.PENDING, ("message.sent",), ("MESSAGE.SEND.SUCCESS",)),
        (_K.MESSAGE_DELIVERED, _R.POSITIVE, ("mdn.received",), ()),
        (_K.MESSAGE_RECEIPT_LATE, _R.POSITIVE, ("mdn.received",), ()),
        (_K.MESSAGE_FAILED, _R.NEGATIVE, ("mdn.received", "send.error"), ("MESSAGE.SEND.FAILED",)),
        (_K.MESSAGE_FAILED, _R.INVALID, ("mdn.received", "send.error"), ("MESSAGE.SEND.FAILED",)),
        (_K.MESSAGE_FAILED, _R.TIMEOUT, ("send.error",), ("MESSAGE.SEND.FAILED",)),
        (_K.MESSAGE_FAILED, _R.NOT_REQUESTED, ("send.error",), ("MESSAGE.SEND.FAILED",)),
        (_K.MESSAGE_RECEIVED, _R.NOT_REQUESTED, ("message.received",), ("MESSAGE.RECEIVED.SUCCESS",)),
        (_K.CERTIFICATE_EXPIRING, _R.PENDING, (), ()),
    ],
)
def test_an_event_has_the_names_of_the_cross_walk(
    kind: EventKind, receipt: ReceiptState, expert: tuple[str, ...], mft: tuple[str, ...]
) -> None:
    told = event(kind, receipt)

    assert expert == names_in(Dialect.AS2EXPERT, told)
    assert mft == names_in(Dialect.MFT, told)
    assert (kind.value,) == names_in(Dialect.NATIVE, told)


def test_an_endpoint_of_one_partner_is_told_of_no_other() -> None:
    partner, station, stranger = UUID(int=7), UUID(int=8), UUID(int=9)
    wanted = Subscription(endpoint_id=UUID(int=1), events=("send.error",), dialect=Dialect.AS2EXPERT, scope_id=partner)
    failed = event(EventKind.MESSAGE_FAILED, ReceiptState.NEGATIVE)

    assert ("send.error",) == wanted.names_for(failed, (station, partner))
    assert () == wanted.names_for(failed, (station, stranger))
    assert () == wanted.names_for(failed, ())
    assert () == wanted.names_for(event(EventKind.MESSAGE_SENT), (station, partner))


def test_events_are_chosen_by_the_names_of_the_dialect() -> None:
    assert ("message.sent", "send.error") == check_events(
        "events", ["send.error", "message.sent"], dialect=Dialect.AS2EXPERT
    )
    assert known_names(Dialect.NATIVE) == tuple(kind.value for kind in EventKind)
    with pytest.raises(InvalidInput):
        check_events("events", ["message.queued"], dialect=Dialect.AS2EXPERT)


def test_a_delivery_in_the_words_of_as2expert_is_signed_with_its_time() -> None:
    headers = dict(dialect_headers(Dialect.AS2EXPERT, ["s€cret"], event_id="evt_1", body=b"{}", now=NOW))

    content = str(int(NOW.timestamp())).encode() + b".{}"
    signature = hmac.new("s€cret".encode(), content, hashlib.sha256).hexdigest()
    assert {"X-AS2Expert-Timestamp": "1795262400", "X-AS2Expert-Signature": f"sha256={signature}"} == headers


def test_a_delivery_in_the_words_of_mft_is_not_signed() -> None:
    assert () == dialect_headers(Dialect.MFT, ["secret"], event_id="evt_1", body=b"{}", now=NOW)


@pytest.mark.parametrize("secret", ["", "a" * 256, "two\nlines"])
def test_a_secret_of_a_dialect_is_any_text_of_one_line(secret: str) -> None:
    assert "short" == check_secret("secret", "short", dialect=Dialect.AS2EXPERT)
    with pytest.raises(InvalidInput):
        check_secret("secret", secret, dialect=Dialect.AS2EXPERT)
