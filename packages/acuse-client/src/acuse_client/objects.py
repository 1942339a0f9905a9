"""The gateway's objects as types. They are plain dictionaries and may have more fields than are named here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, NotRequired, TypedDict, TypeVar

Object = dict[str, Any]
"""An object of the API whose fields stand in its reference."""

T = TypeVar("T")

Status = Literal["queued", "processing", "sent", "delivered", "failed", "received"]
MDNStatus = Literal["none", "pending", "received", "failed", "timeout"]
MDNMode = Literal["sync", "async", "none"]
Priority = Literal["low", "normal", "high"]


class MessagePartner(TypedDict):
    """The partner of a message; `url` in a detail only."""

    id: str
    name: str
    as2_id: str
    url: NotRequired[str]


class Receipt(TypedDict):
    """What a receipt says."""

    disposition: str
    received_content_mic: str | None
    reporting_ua: str | None
    original_message_id: str | None
    final_recipient: str | None
    signed: bool
    verified: bool


class Attachment(TypedDict):
    """One file of a message."""

    position: int
    filename: str | None
    content_type: str
    bytes: int
    sha256: str


class Problem(TypedDict):
    """What went wrong after a message had been accepted."""

    type: str
    code: str
    message: str
    details: Mapping[str, Any]


class Message(TypedDict):
    """A message. The last three fields stand in a detail only. Times are ISO 8601 in UTC."""

    id: str
    message_id: str
    partner: MessagePartner
    status: Status
    direction: Literal["inbound", "outbound"]
    from_as2_id: str
    to_as2_id: str
    subject: str | None
    content_type: str
    bytes: int
    compressed: bool
    encrypted: bool
    signed: bool
    mdn_mode: MDNMode
    mdn_status: MDNStatus
    late_receipt: bool
    priority: Priority
    attempts: int
    error: Problem | None
    metadata: Mapping[str, Any]
    resend_of: str | None
    scheduled_at: str | None
    sent_at: str | None
    delivered_at: str | None
    created_at: str
    updated_at: str
    resent_as: NotRequired[Sequence[str]]
    mdn_data: NotRequired[Receipt | None]
    attachments: NotRequired[Sequence[Attachment]]


class Event(TypedDict):
    """An event. `position` is its place in the feed; a webhook has none."""

    id: str
    type: str
    data: Object
    timestamp: str
    position: NotRequired[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """A part of a list."""

    rows: Sequence[T]
    pagination: Mapping[str, Any]

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> "Page[T]":
        """From an answer; a list that has no pages comes whole."""
        rows = answer["data"]
        whole = {"current_page": 1, "last_page": 1, "per_page": len(rows), "total": len(rows), "has_more": False}
        return cls(rows=rows, pagination=answer.get("pagination", whole))

    @property
    def total(self) -> int:
        """How many there are in all."""
        return int(self.pagination["total"])

    @property
    def following(self) -> Mapping[str, object] | None:
        """What to ask for to get the next page; None on the last one."""
        if not self.pagination["has_more"]:
            return None
        if cursor := self.pagination.get("next_cursor"):
            return {"cursor": cursor}
        return {"page": self.pagination["current_page"] + 1}


def is_settled(message: Message) -> bool:
    """Whether nothing more will become of a message by itself."""
    if message["status"] == "sent":
        return message["mdn_status"] == "none"
    return message["status"] in ("delivered", "failed", "received")
