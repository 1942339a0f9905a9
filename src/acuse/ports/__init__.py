"""What the services need from the world, as protocols; each has an adapter in the outer ring, wired by `bootstrap`.

Rule: a decision that writes is a synchronous function of a unit. It does no other I/O and may be run again from the
start, because the storage may roll it back with others of its group. Nothing is acknowledged before `Units.run`
returned.
"""

from acuse.ports.blobs import Blob, Blobs, Stage
from acuse.ports.notices import (
    Envelope,
    Line,
    Link,
    LinkPurpose,
    MailAnswer,
    Mailer,
    NoticeFilter,
    NoticePage,
    Notices,
    NoticeView,
    NoticeViews,
    Said,
)
from acuse.ports.reading import (
    Access,
    DeliveryPage,
    DeliveryView,
    EventView,
    HeldCertificate,
    KeyView,
    MessageFilter,
    MessageView,
    Page,
    Published,
    Relation,
    StrayViews,
    Views,
    WebhookViews,
)
from acuse.ports.work import Job, JobKind, Jobs, JobTable
from acuse.ports.world import ANSWER_LIMIT, Destination, HTTPReply, Ports, Protection, Transport, World
from acuse.ports.writing import Answers, BlobRows, Directory, Handle, Messages, StrayReceipts, Unit, Units, Webhooks

__all__ = [
    "ANSWER_LIMIT",
    "Access",
    "Answers",
    "Blob",
    "BlobRows",
    "Blobs",
    "DeliveryPage",
    "DeliveryView",
    "Destination",
    "Directory",
    "Envelope",
    "EventView",
    "HTTPReply",
    "Handle",
    "HeldCertificate",
    "Job",
    "JobKind",
    "JobTable",
    "Jobs",
    "KeyView",
    "Line",
    "Link",
    "LinkPurpose",
    "MailAnswer",
    "Mailer",
    "MessageFilter",
    "MessageView",
    "Messages",
    "NoticeFilter",
    "NoticePage",
    "NoticeView",
    "NoticeViews",
    "Notices",
    "Page",
    "Ports",
    "Protection",
    "Published",
    "Relation",
    "Said",
    "Stage",
    "StrayReceipts",
    "StrayViews",
    "Transport",
    "Unit",
    "Units",
    "Views",
    "WebhookViews",
    "Webhooks",
    "World",
]
