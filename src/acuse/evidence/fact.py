"""A fact: one observed thing, with its time, its source and how much it proves.

The kinds are the events of ETSI EN 319 522-1 (registered electronic delivery) under their own names, so that a reader
who knows the standard knows ours; the grades of strength are ours.
Rule: a fact says what was observed ("the server answered 250"), never what is concluded from it ("it was received").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from uuid import UUID

SCHEMA = 1
"""The version of the record's form; it goes up when a field changes its meaning."""

URI = "http://uri.etsi.org/19522/Event/"


class FactKind(StrEnum):
    """What happened, by its name in ETSI EN 319 522-1 and -3."""

    SUBMISSION_ACCEPTANCE = "SubmissionAcceptance"
    SUBMISSION_REJECTION = "SubmissionRejection"
    NOTIFICATION_FOR_ACCEPTANCE = "NotificationForAcceptance"
    NOTIFICATION_FOR_ACCEPTANCE_FAILURE = "NotificationForAcceptanceFailure"
    CONSIGNMENT_ACCEPTANCE = "ConsignmentAcceptance"
    CONSIGNMENT_REJECTION = "ConsignmentRejection"
    ACCEPTANCE_REJECTION_EXPIRY = "AcceptanceRejectionExpiry"
    CONTENT_CONSIGNMENT = "ContentConsignment"
    CONTENT_CONSIGNMENT_FAILURE = "ContentConsignmentFailure"
    CONSIGNMENT_NOTIFICATION = "ConsignmentNotification"
    CONSIGNMENT_NOTIFICATION_FAILURE = "ConsignmentNotificationFailure"
    CONTENT_ACCESS_TRACKING = "ContentAccessTracking"
    NOTIFICATION_DELIVERED = "NotificationDelivered"
    NOTIFICATION_ACCESS_TRACKING = "NotificationAccessTracking"
    CONTENT_HANDOVER = "ContentHandover"
    CONTENT_HANDOVER_FAILURE = "ContentHandoverFailure"
    RELAY_TO_NON_ERDS = "RelayToNonERDS"
    RELAY_TO_NON_ERDS_FAILURE = "RelayToNonERDSFailure"
    RECEIVED_FROM_NON_ERDS = "ReceivedFromNonERDS"


class Strength(IntEnum):
    """How much a fact proves. A status that says "read" needs HUMAN or more."""

    INTERNAL = 0
    """Something we did ourselves."""
    MACHINE = 1
    """A signal that any machine can give: an image or a link was fetched."""
    REMOTE_SERVER = 2
    """Another server said so: a reply to SMTP, a delivery status notification."""
    HUMAN = 3
    """A person acted on our page: a POST within a session, protected against forgery."""
    HUMAN_SECOND_CHANNEL = 4
    """The same, after a code that went another way than the notice."""
    HUMAN_CERTIFICATE = 5
    """The same, after a certificate or an electronic identity document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One observation about one message."""

    id: UUID
    kind: FactKind
    at: datetime
    """When it was observed, with a zone; written in UTC with milliseconds."""
    strength: Strength
    message: str
    """The public id of the message that it is about."""
    reasons: tuple[str, ...] = ()
    """Why, in words and codes. Every negative kind has one."""
    details: Mapping[str, object] = field(default_factory=dict)
    """What was observed, in values that canonical JSON knows: `transport`, `http`, `content`, `sender`, `recipient`."""

    def record(self, *, previous: str) -> dict[str, object]:
        """What is written: `previous` is the hash, in hex, of the record before it."""
        at = self.at.astimezone(UTC)
        return {
            **self.details,
            "version": SCHEMA,
            "EvidenceIdentifier": str(self.id),
            "ERDSEventId": URI + self.kind.value,
            "EventTime": at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z",
            "EventReasons": list(self.reasons),
            "MessageIdentifier": self.message,
            "strength": int(self.strength),
            "previous": previous,
        }
