"""Messages: sending, reading, and deciding over them by hand."""

from acuse.documents import FORMATS
from acuse.domain.message import Direction
from acuse.web.api.batch import MOST_MESSAGES
from acuse.web.api.message_fields import Encoding
from acuse.web.api.message_list import ALIASES, MOST_SKIPPED
from acuse.web.api.status import MDNStatus, Status
from acuse.web.openapi.message_shapes import SHAPES
from acuse.web.openapi.operation import (
    JSON,
    PAGES,
    Answer,
    Body,
    Operation,
    Operations,
    Parameter,
    Subject,
    data,
    json_body,
    query,
    written,
)
from acuse.web.openapi.schema import (
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
    some_of,
    text,
    whole,
    wish,
)

TRUTH = choice(["true", "false", "1", "0"])
SIMULATE = Parameter(
    name="X-Acuse-Simulate",
    about="What the simulated partner does, where the body does not say it. In test mode only",
    schema=text(),
    place="header",
)
FIELDS = query("fields", line(longest=1000, examples=["status,mdn_status"]), "Only these fields, separated by commas")
OTHER_NAMES = (
    "Parameters have other names too: " + ", ".join(f"`{name}` is `{own}`" for name, own in ALIASES.items()) + "."
)
FILTERS = (
    query("page", whole(minimum=1, maximum=MOST_SKIPPED, default=1), "Which page, from 1"),
    PAGES[1],
    query("offset", whole(minimum=0, maximum=MOST_SKIPPED), "How many to pass over, in place of `page`"),
    query("cursor", line(longest=64), "`next_cursor` of the page before: as quick on the last page as on the first"),
    FIELDS,
    query("partner_id", public("prt"), "Messages with this partner"),
    query("status", choice(Status), "Messages that stand so"),
    query("mdn_status", choice(MDNStatus), "Messages whose receipt stands so"),
    query("direction", choice(Direction), "Messages that were received, or sent"),
    query("from_date", moment(), "Messages made from then on"),
    query("to_date", moment(), "Messages made before then"),
    query("search", line(), "Messages with this in their subject or Message-ID"),
    query("content_type", line(), "Messages whose payload is of this type"),
    query("has_errors", TRUTH, "Messages with an error, or without one"),
    query("encrypted", TRUTH, "Messages that are encrypted, or not"),
    query("signed", TRUTH, "Messages that are signed, or not"),
)
_SENDING = ("PARTNER_NOT_FOUND", "PARTNER_INACTIVE", "INVALID_CONTENT_TYPE", "INVALID_AS2_HEADERS")
_SECURING = ("ENCRYPTION_FAILED", "SIGNING_FAILED", "CERTIFICATE_EXPIRED")
_LINKS = {
    name: {"operationId": operation, "parameters": {"id": "$response.body#/data/id"}}
    for name, operation in (
        ("Message", "showMessage"),
        ("Payload", "downloadPayload"),
        ("Timeline", "showTimeline"),
        ("Cancel", "cancelMessage"),
        ("Resend", "resendMessage"),
    )
}
MESSAGES = Answer(
    about="A part of the list",
    kinds={JSON: shape(data=each(some_of(ref("Message"))), pagination=ref("MessagePagination"))},
)
QUEUED = written(ref("Message"), "Accepted and durable", links=_LINKS)
_FAILED_ENTRY = {
    "type": "object",
    "properties": {
        "index": whole("The place in the batch, from 0"),
        "message": text(),
        "errors": free("The problems by field, where fields are wrong"),
        "error": ref("Problem"),
    },
    "required": ["index", "message", "error"],
}
_NO_FIELDS = json_body(wish("No field is needed; the body may be left out"), is_required=False)

_OPERATIONS: Operations = {
    ("GET", "/v1/messages"): Operation(
        id="listMessages",
        summary="List messages",
        about=f"The newest first. {OTHER_NAMES}",
        parameters=FILTERS,
        answers={200: MESSAGES},
        errors=("PARTNER_NOT_FOUND",),
    ),
    ("POST", "/v1/messages"): Operation(
        id="sendMessage",
        summary="Send a message",
        about="As JSON, or as a form whose files stream to the disk while they arrive. The answer is 202 once the "
        "message is durable; sending begins at once. Several files make several attachments.",
        parameters=(SIMULATE,),
        body=Body(
            kinds={JSON: ref("SendMessage"), "multipart/form-data": ref("SendMessageForm")},
            encoding={
                "file": {"contentType": "*/*"},
                "payload": {"contentType": "*/*"},
                "headers": {"contentType": JSON},
                "metadata": {"contentType": JSON},
            },
        ),
        answers={202: QUEUED},
        errors=(*_SENDING, *_SECURING, "STATION_NOT_FOUND"),
    ),
    ("POST", "/v1/messages/batch"): Operation(
        id="sendBatch",
        summary="Send several messages",
        about="Each message is accepted or refused by itself. Takes no `Idempotency-Key`.",
        parameters=(SIMULATE,),
        body=json_body(wish("", ["messages"], messages=each(ref("BatchEntry"), minItems=1, maxItems=MOST_MESSAGES))),
        answers={
            202: Answer(
                about="What was accepted and what was not",
                kinds={
                    JSON: shape(
                        message=text(),
                        successful=each(ref("Message")),
                        failed=each(_FAILED_ENTRY),
                        total=whole(),
                    )
                },
            )
        },
        errors=("NOT_IMPLEMENTED",),
    ),
    ("POST", "/v1/messages/validate"): Operation(
        id="validateMessage",
        summary="Judge a document before it is sent",
        about="Nothing is stored. X12, EDIFACT, XML, JSON and CSV are told from the content type or the beginning.",
        body=json_body(
            wish(
                "",
                ["content"],
                content=text("The document", minLength=1),
                content_type=line("Tells the format"),
                encoding=choice(Encoding, "Without it the text itself; beside `contentType` base64"),
                validation_type=line(f"`auto`, or one of {', '.join(FORMATS)}", examples=["x12"]),
                contentType=line("The same as `content_type`, as another client writes it"),
                validationType=line("The same as `validation_type`"),
            )
        ),
        answers={
            200: Answer(
                about="Whether it is well formed",
                kinds={
                    JSON: shape(
                        valid=flag(),
                        format=empty(choice(FORMATS)),
                        issues=each({"type": "object", "additionalProperties": True}, "`code`, `message` and where"),
                        details=free("What the envelope says"),
                    )
                },
            )
        },
    ),
    ("GET", "/v1/messages/{id}"): Operation(
        id="showMessage",
        summary="One message with its receipt",
        parameters=(FIELDS,),
        answers={200: data(some_of(ref("MessageDetail")))},
    ),
    ("GET", "/v1/messages/{id}/timeline"): Operation(
        id="showTimeline",
        summary="What was done with a message",
        about="Each layer and attempt with bytes, algorithm, certificate and duration.",
        answers={200: data(ref("Timeline"))},
    ),
    ("POST", "/v1/messages/{id}/resend"): Operation(
        id="resendMessage",
        summary="Send it again as a new message",
        about="The same files and wishes under a Message-ID of its own.",
        body=_NO_FIELDS,
        answers={202: QUEUED},
        errors=("NOT_RESENDABLE", "PARTNER_INACTIVE", "PARTNER_NOT_FOUND", *_SECURING),
    ),
    ("POST", "/v1/messages/{id}/retry"): Operation(
        id="retryMessage",
        summary="Try it again with the same bytes",
        about="Under the same Message-ID: a partner that knows it answers with the receipt that it gave before.",
        body=json_body(wish(force=flag("Also what the partner took")), is_required=False),
        answers={202: QUEUED},
        errors=("NOT_RETRYABLE", "PARTNER_INACTIVE", "PARTNER_NOT_FOUND"),
    ),
    ("POST", "/v1/messages/{id}/cancel"): Operation(
        id="cancelMessage",
        summary="Cancel it",
        about="Nothing more of it is sent; it ends as `failed` with the code `CANCELLED`.",
        body=_NO_FIELDS,
        answers={200: written(ref("Message"), "Cancelled")},
        errors=("NOT_CANCELLABLE",),
    ),
}

SUBJECT = Subject(
    name="Messages",
    about="Sending documents to partners, and following them until their receipt.",
    operations=_OPERATIONS,
    shapes=SHAPES,
    path_ids={"/v1/messages/{id}": (public("msg"), "MESSAGE_NOT_FOUND")},
)
