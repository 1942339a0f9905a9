"""The documented samples of the AS2aaS Messages API, and the comparison of an answer with its sample.

Rule: an answer may say more than its sample, never less. A field has the JSON type of the sample; ids, times and other
values have its form; the words of enumerations are compared by the tests themselves.
"""

import re
from collections.abc import Mapping
from typing import Any

X12 = "ISA*00* *00* *ZZ*SENDER *ZZ*RECEIVER *240115*1030*U*00401*000000001*0*T*>~"

SEND: Mapping[str, Any] = {
    "partner_id": "prt_000001",
    "subject": "Purchase Order #PO-2024-001",
    "payload": {"content": X12, "filename": "po-2024-001.edi"},
    "content_type": "application/edi-x12",
    "headers": {"Document-Type": "PurchaseOrder", "Document-ID": "PO-2024-001"},
    "priority": "high",
    "compress": True,
}

ACCEPTED: Mapping[str, Any] = {
    "message": "Message queued for delivery",
    "data": {
        "id": "msg_000001",
        "message_id": "MSG_20240115_103000_ABC123",
        "partner": {"id": "prt_000001", "name": "Acme Corporation", "as2_id": "ACME-CORP-AS2"},
        "status": "queued",
        "direction": "outbound",
        "subject": "Purchase Order #PO-2024-001",
        "content_type": "application/edi-x12",
        "bytes": 1024,
        "compressed": True,
        "encrypted": True,
        "signed": True,
        "mdn_mode": "async",
        "created_at": "2024-01-15T10:30:00.000000Z",
    },
}

RECEIPT: Mapping[str, Any] = {
    "disposition": "automatic-action/MDN-sent-automatically; processed",
    "received_content_mic": "abc123def456ghi789jkl012mno345",
    "reporting_ua": "Acme AS2 Server/1.0",
    "original_message_id": "MSG_20240115_103000_ABC123",
    "final_recipient": "ACME-CORP-AS2",
}

LISTED: Mapping[str, Any] = {
    **ACCEPTED["data"],
    "from_as2_id": "YOUR-AS2-ID",
    "to_as2_id": "ACME-CORP-AS2",
    "mdn_status": "received",
    "attempts": 1,
    "sent_at": "2024-01-15T10:30:15.000000Z",
    "delivered_at": "2024-01-15T10:30:45.000000Z",
    "updated_at": "2024-01-15T10:30:45.000000Z",
}

DETAIL: Mapping[str, Any] = {
    "data": {
        **LISTED,
        "partner": {**ACCEPTED["data"]["partner"], "url": "https://acme.example.com/as2"},
        "status": "delivered",
        "mdn_data": RECEIPT,
        "last_attempt_at": "2024-01-15T10:30:15.000000Z",
    }
}

EVENT: Mapping[str, Any] = {
    "event": "message.delivered",
    "data": {
        **ACCEPTED["data"],
        "mdn_data": RECEIPT,
        "delivered_at": "2024-01-15T10:30:45.000000Z",
    },
    "timestamp": "2024-01-15T10:30:45.000000Z",
    "api_version": "v1",
}

ERROR: Mapping[str, Any] = {
    "error": {
        "type": "transmission_error",
        "code": "PARTNER_UNREACHABLE",
        "message": "Cannot establish connection to partner endpoint",
        "details": {
            "partner_id": "prt_000001",
            "endpoint_url": "https://partner.example.com/as2",
            "timeout_seconds": 60,
            "last_attempt": "2024-01-15T10:30:00.000000Z",
            "error_details": "Connection timeout after 60 seconds",
        },
    }
}

_FORMS = (
    re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"),
    re.compile(r"MSG_\d{8}_\d{6}_[0-9A-Z]{6,}(@[\w.-]+)?"),
    re.compile(r"msg_\d{6,}"),
    re.compile(r"prt_\d{6,}"),
)


def assert_like(sample: object, actual: object, *, place: str = "answer") -> None:
    """Fail where `actual` lacks a field of the sample, or has one of another type or form."""
    if isinstance(sample, Mapping):
        assert isinstance(actual, Mapping), (place, actual)
        assert not sample.keys() - actual.keys(), (place, sorted(sample.keys() - actual.keys()))
        for name, value in sample.items():
            assert_like(value, actual[name], place=f"{place}.{name}")
        return
    assert type(sample) is type(actual), (place, actual)
    for form in _FORMS if isinstance(sample, str) else ():
        if form.fullmatch(str(sample)):
            assert form.fullmatch(str(actual)), (place, actual)
