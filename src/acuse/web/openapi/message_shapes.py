"""The shapes of a message: as lists show it, with its details, and as a client asks for it."""

from collections.abc import Mapping

from acuse.as2 import MDNMode
from acuse.domain.access import Mode
from acuse.domain.message import Direction, Priority
from acuse.domain.simulation import Behaviour
from acuse.domain.timeline import StepName
from acuse.web.api.message_fields import Encoding
from acuse.web.api.status import MDNStatus, Status
from acuse.web.openapi.schema import (
    Schema,
    choice,
    each,
    empty,
    flag,
    free,
    line,
    moment,
    public,
    ref,
    shape,
    text,
    texts_by_name,
    whole,
    wish,
)

MEDIA_TYPE = "application/edi-x12"
_CONTENT = "ISA*00*          *00*          *ZZ*ACME           *ZZ*GLOBEX         *240115*1030*U*00401*000000001*0*T*>~"

_PARTNER: Mapping[str, Schema] = {
    "id": public("prt"),
    "name": text(examples=["Acme Corporation"]),
    "as2_id": text(examples=["ACME-CORP-AS2"]),
}
_MESSAGE: Mapping[str, Schema] = {
    "id": public("msg", "The message in this API"),
    "message_id": text("The AS2 Message-ID, without brackets", examples=["MSG_20240115_103000_ABC123@acuse"]),
    "partner": shape(**_PARTNER),
    "status": choice(Status, "How it stands. `sent` waits for its receipt, if there is one to come"),
    "direction": choice(Direction),
    "from_as2_id": text("Who sends"),
    "to_as2_id": text("Who receives"),
    "subject": empty(text(examples=["Purchase order 7"])),
    "content_type": text("Of the payload", examples=[MEDIA_TYPE]),
    "bytes": whole("Of the payload"),
    "compressed": flag(),
    "encrypted": flag(),
    "signed": flag(),
    "mdn_mode": choice(MDNMode, "Which receipt is asked for"),
    "mdn_status": choice(
        MDNStatus, "How its receipt stands. `received` says that there is one, not that it is positive"
    ),
    "late_receipt": flag("A receipt came after the message had failed"),
    "priority": choice(Priority),
    "mode": choice(Mode),
    "attempts": whole(),
    "error": empty(ref("Problem")),
    "metadata": free("Yours"),
    "resend_of": empty(public("msg", "The message that it is sent again for")),
    "scheduled_at": empty(moment()),
    "last_attempt_at": empty(moment()),
    "next_attempt_at": empty(moment()),
    "sent_at": empty(moment()),
    "delivered_at": empty(moment()),
    "created_at": moment(),
    "updated_at": moment(),
}
_ATTACHMENT = shape(
    "One file of a message",
    position=whole("From 1"),
    filename=empty(text()),
    content_type=text(),
    bytes=whole(),
    sha256=text("Of the bytes, in hexadecimal"),
)
_RECEIPT: Mapping[str, Schema] = {
    "disposition": empty(text(examples=["automatic-action/MDN-sent-automatically; processed"])),
    "received_content_mic": empty(text("The digest that the recipient computed")),
    "reporting_ua": empty(text()),
    "original_message_id": empty(text()),
    "final_recipient": empty(text()),
    "signed": flag(),
    "verified": flag("The signature, and the digest of what was sent"),
}
_FLAG_ABOUT = "In place of what is agreed with the partner"
WISHES: Mapping[str, Schema] = {
    "partner_id": public("prt", "The partner"),
    "content_type": line("Of the payload: any media type", examples=[MEDIA_TYPE]),
    "station_id": public("stn", "Which of your stations sends it; else the first one"),
    "subject": line(),
    "priority": choice(Priority, "Who goes first when several are due", default="normal"),
    "compress": flag(_FLAG_ABOUT),
    "encrypt": flag(_FLAG_ABOUT),
    "sign": flag(_FLAG_ABOUT),
    "mdn_mode": choice(MDNMode, "Which receipt is asked for; else what is agreed with the partner"),
    "scheduled_at": moment("When to send it: a time in the future"),
    "scheduledAt": moment("The same, as another client writes it"),
    "headers": texts_by_name("Header fields to send along, 8 KiB in all"),
    "metadata": free("Yours, 16 KiB"),
    "simulate": choice(Behaviour, "What the simulated partner does. In test mode only"),
}
"""What can be wished for a message, besides its payload."""
_REQUIRED = ("partner_id", "content_type")

_EXAMPLE = {
    "partner_id": "prt_000001",
    "content_type": MEDIA_TYPE,
    "subject": "Purchase order 7",
    "payload": {"content": _CONTENT, "filename": "order-7.x12"},
}
_PAYLOAD = wish(
    "",
    ["content"],
    content=text("The content, as it is or in base64", minLength=1),
    encoding=choice(Encoding, "How `content` is to be read; put it before `content`", default="utf-8"),
    filename=line("The file's name"),
)
_FILES: Mapping[str, Schema] = {
    "file": {
        "description": "The content, byte for byte. May stand several times",
        "type": "string",
        "format": "binary",
    },
    "payload": {"description": "Another name for `file`", "type": "string", "format": "binary"},
}
_STEP = shape(
    at=moment("When it was over"),
    step=choice(StepName),
    bytes=empty(whole("That it gave or carried")),
    algorithm=empty(text()),
    certificate=empty(text("SHA-256 fingerprint of the certificate that was used")),
    duration_us=empty(whole("In microseconds")),
    outcome=empty(text()),
)

SHAPES: Mapping[str, Schema] = {
    "MessagePagination": shape(
        "Where a part stands in the list",
        current_page=empty(whole("null behind a cursor")),
        last_page=whole(),
        per_page=whole(),
        total=whole(),
        total_is_exact=flag("Whether all were counted"),
        has_more=flag(),
        next_cursor=empty(text("Where to go on")),
    ),
    "Message": shape("A message, as lists show it", **_MESSAGE),
    "MessageDetail": shape(
        "A message with its receipt and its files",
        **{
            **_MESSAGE,
            "partner": shape(**_PARTNER, url=text("Where the partner receives")),
            "form": empty(text("Over which form of the content the partner's signature holds")),
            "repeats": whole("How often the partner sent it again after it was taken"),
            "resent_as": each(public("msg"), "The messages that were sent again for it"),
            "simulate": empty(text("What the simulated partner was told to do")),
            "mdn_data": empty(ref("Receipt")),
            "certificates": shape(
                "Which ones were used, by fingerprint",
                signer=empty(text()),
                recipient=empty(text()),
                receipt_signer=empty(text()),
            ),
            "attachments": each(ref("Attachment")),
        },
    ),
    "Receipt": shape("What a receipt says", **_RECEIPT),
    "ReceiptDetail": shape(
        "A receipt, with its header fields",
        id=public("msg"),
        direction=choice(Direction, "inbound: the partner's; outbound: ours"),
        **_RECEIPT,
        text=empty(text("For people")),
        content_type=text(),
        headers=each(shape(name=text(), value=text())),
        created_at=moment(),
    ),
    "Attachment": _ATTACHMENT,
    "Timeline": shape("What was done with a message", id=public("msg"), steps=each(_STEP)),
    "SendMessage": wish("A message to send", [*_REQUIRED, "payload"], [_EXAMPLE], **{**WISHES, "payload": _PAYLOAD}),
    "SendMessageForm": {
        "type": "object",
        "description": "A message to send, with its files. An empty field counts as left out",
        "properties": {**WISHES, **_FILES},
        "required": list(_REQUIRED),
        "anyOf": [{"required": ["file"]}, {"required": ["payload"]}],
    },
    "BatchEntry": wish(
        "A message as in `POST /v1/messages`, or flat: `content`, `filename` and `encoding` beside the others. With "
        "`partnerId` in camelCase `content` is base64 unless `encoding` says otherwise",
        **{
            **WISHES,
            "payload": _PAYLOAD,
            "partnerId": public("prt"),
            "stationId": public("stn"),
            "contentType": line(),
            "mdnMode": choice(MDNMode),
            "content": text(),
            "filename": line(),
            "encoding": choice(Encoding),
        },
    ),
}
