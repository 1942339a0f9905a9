"""Certified e-mail: notices, the addresses that they come from, and credits."""

from collections.abc import Mapping

from acuse.domain import enclosure_policy
from acuse.domain.notice import LONGEST_ACCEPTANCE_DAYS, Delivery, Failure, Passage, Protection, Reading
from acuse.domain.sender import Assurance
from acuse.services.send_notices import LARGEST_TEXT, MOST_RECIPIENTS
from acuse.services.word_notice import LANGUAGES
from acuse.web.api.notice_fields import LONGEST_SUBJECT
from acuse.web.api.notice_settings import ReportFormat
from acuse.web.openapi.operation import (
    JSON,
    PAGES,
    Answer,
    Body,
    Operation,
    Operations,
    Subject,
    data,
    deleted,
    json_body,
    listed,
    query,
    written,
)
from acuse.web.openapi.schema import (
    Schema,
    choice,
    each,
    empty,
    flag,
    free,
    line,
    moment,
    number,
    public,
    ref,
    shape,
    text,
    texts_by_name,
    whole,
    wish,
)

_STATUS = dict.fromkeys([*Passage, *Reading, "awaiting_acceptance"])
_NOTICE: Mapping[str, Schema] = {
    "id": public("ntc"),
    "status": choice(_STATUS, "One word for `passage` and `reading`"),
    "passage": choice(Passage, "How far our mail got"),
    "reading": choice(Reading, "What the recipient did about it"),
    "failure": empty(choice(Failure)),
    "server_said": empty(text("What the recipient's mail server said")),
    "delivery": choice(Delivery),
    "protection": choice(Protection),
    "sender": shape(id=public("snd"), address=text(), name=text()),
    "recipient": shape(address=text(), name=text(), variables=texts_by_name()),
    "subject": text(),
    "reference": empty(text()),
    "attachments": each(shape(filename=text(), content_type=text(), size=whole(), sha256=text())),
    "credits": number("What it costs"),
    "attempts": whole(),
    "facts": whole("How many the journal holds"),
    "created_at": moment(),
    "updated_at": moment(),
    "scheduled_at": empty(moment()),
    "next_attempt_at": empty(moment()),
    "handed_over_at": empty(moment()),
    "expires_at": empty(moment()),
    "certified_at": empty(moment()),
}
_RECIPIENT = wish(
    "Somebody to write to",
    ["email"],
    email=line(examples=["ana@example.org"]),
    name=line(),
    variables=texts_by_name("Words to put into subject and text"),
    protection=wish(
        "What has to be shown before the content is handed over",
        ["kind"],
        kind=choice(Protection),
        value=line("What it is compared with"),
    ),
)
_WISHES: Mapping[str, Schema] = {
    "sender": line("An address that was validated", examples=["office@acme.example"]),
    "recipients": each(_RECIPIENT, "Each gets a notice of its own", minItems=1, maxItems=MOST_RECIPIENTS),
    "subject": line(longest=LONGEST_SUBJECT),
    "text": text("The content", minLength=1, maxLength=LARGEST_TEXT),
    "scheduled_at": moment("When to send it: a time in the future"),
    "acceptance_days": whole(
        "How many days the recipient has to accept it", minimum=1, maximum=LONGEST_ACCEPTANCE_DAYS
    ),
    "reference": line("Yours"),
    "language": choice(LANGUAGES, "Of what stands around the content", default=LANGUAGES[0]),
}
_REQUIRED = ["sender", "recipients", "subject", "text"]
_EXAMPLE = {
    "sender": "office@acme.example",
    "recipients": [{"email": "ana@example.org", "name": "Ana"}],
    "subject": "Notice of termination",
    "text": "Dear Ana, …",
}
_FILE = wish(
    "A file",
    ["filename", "content"],
    filename=line(),
    content=text("In base64"),
    content_type=line("Told by the name where it is left out"),
)
_FORM: Schema = {
    "type": "object",
    "description": "A notice with its files. An empty field counts as left out",
    "properties": {
        **_WISHES,
        "file": {"type": "string", "format": "binary", "description": "An attachment. May stand several times"},
    },
    "required": _REQUIRED,
}
_SENT = shape(
    notices=each(shape(id=public("ntc"), email=text(), status=choice(Passage), credits=number())),
    refused=each(
        shape(recipient=whole("Its place, from 0"), email=text(), failure=choice(Failure), reason=text()),
        "Who cannot be written to",
    ),
    duplicates=each(shape(recipient=whole("Its place, from 0"), email=text()), "Who stands in the list already"),
    credits_used=number(),
)
_SHAPES: Mapping[str, Schema] = {
    "Notice": shape("A certified e-mail to one recipient", **_NOTICE),
    "NoticeDetail": shape(
        "A notice with its journal",
        **_NOTICE,
        journal=each(shape(hash=text(), record=free("What happened")), "The facts, each with its hash"),
    ),
    "NoticeSettings": shape(
        "Where reports go",
        report_url=empty(text()),
        report_format=empty(choice(ReportFormat)),
        report_user=empty(text()),
    ),
    "Sender": shape(
        "An address that notices are sent from",
        id=public("snd"),
        address=text(),
        name=text(),
        validated=flag(),
        assurance=empty(choice(Assurance, "How it is known that it may be used")),
        validated_at=empty(moment()),
        created_at=moment(),
    ),
}
_CHANGED = written(ref("Notice"), "Changed")

_NOTICES: Operations = {
    ("GET", "/v1/notices"): Operation(
        id="listNotices",
        summary="List the notices",
        about="The newest first.",
        parameters=(
            *PAGES,
            query("passage", choice(Passage), "Notices that got so far"),
            query("reading", choice(Reading), "Notices of which the recipient did so"),
            query("email", line(), "Notices to this address"),
            query("reference", line(), "Notices with this reference"),
        ),
        answers={200: listed(ref("Notice"))},
    ),
    ("POST", "/v1/notices"): Operation(
        id="sendNotice",
        summary="Send a certified e-mail",
        about="A recipient that cannot be written to keeps no other from its mail; where nobody can be written to, "
        "nothing is stored. In a form `recipients` is JSON.",
        body=Body(
            kinds={
                JSON: wish(
                    "", _REQUIRED, [_EXAMPLE], **_WISHES, attachments=each(_FILE, maxItems=enclosure_policy.MOST)
                ),
                "multipart/form-data": _FORM,
            },
            encoding={"file": {"contentType": "*/*"}, "recipients": {"contentType": JSON}},
        ),
        answers={202: written(_SENT, "Accepted and durable")},
        errors=("INVALID_CONTENT_TYPE", "SENDER_NOT_VALIDATED", "CREDITS_EXHAUSTED"),
    ),
    ("GET", "/v1/notices/settings"): Operation(
        id="showNoticeSettings",
        summary="Where reports go",
        about="In the words of the API under `/v7`.",
        answers={200: data(ref("NoticeSettings"))},
    ),
    ("PUT", "/v1/notices/settings"): Operation(
        id="changeNoticeSettings",
        summary="Set where reports go",
        about="All of it; without `report_url` they go nowhere.",
        body=json_body(
            wish(
                "",
                [],
                report_url=line(examples=["https://erp.acme.example/reports"]),
                report_format=choice(ReportFormat),
                report_user=line(),
                report_password=line(),
            )
        ),
        answers={200: written(ref("NoticeSettings"), "Changed")},
    ),
    ("GET", "/v1/notices/{id}"): Operation(
        id="showNotice",
        summary="One notice with its journal",
        answers={200: data(ref("NoticeDetail"))},
    ),
    ("POST", "/v1/notices/{id}/cancel"): Operation(
        id="cancelNotice",
        summary="Take it back before it leaves",
        answers={200: _CHANGED},
        errors=("NOTICE_GONE",),
    ),
    ("POST", "/v1/notices/{id}/reschedule"): Operation(
        id="rescheduleNotice",
        summary="Send it at another time",
        body=json_body(wish("", ["scheduled_at"], scheduled_at=moment("A time in the future"))),
        answers={200: _CHANGED},
        errors=("NOTICE_GONE",),
    ),
    ("POST", "/v1/notices/{id}/unlock"): Operation(
        id="unlockNotice",
        summary="Let the recipient try again",
        about="After too many wrong codes or numbers.",
        answers={200: _CHANGED},
        errors=("NOTICE_NOT_LOCKED",),
    ),
    ("GET", "/v1/notices/{id}/proof"): Operation(
        id="downloadProof",
        summary="What is known so far, as a PDF",
        answers={
            200: Answer(
                about="The proof",
                kinds={"application/pdf": {"type": "string", "format": "binary"}},
                headers=("Content-Disposition",),
            )
        },
    ),
}
_SENDERS: Operations = {
    ("GET", "/v1/senders"): Operation(
        id="listSenders",
        summary="List the sender addresses",
        answers={200: data(each(ref("Sender")))},
    ),
    ("POST", "/v1/senders"): Operation(
        id="createSender",
        summary="Add a sender address",
        about="A mail with a link is sent to it; before the link is used, nothing is sent from it.",
        body=json_body(wish("", ["address"], address=line(examples=["office@acme.example"]), name=line())),
        answers={201: written(ref("Sender"), "Made")},
        errors=("ALREADY_EXISTS",),
    ),
    ("GET", "/v1/senders/{id}"): Operation(
        id="showSender",
        summary="One sender address",
        answers={200: data(ref("Sender"))},
    ),
    ("DELETE", "/v1/senders/{id}"): Operation(
        id="deleteSender",
        summary="Send nothing more from it",
        answers={200: deleted()},
    ),
    ("POST", "/v1/senders/{id}/validate"): Operation(
        id="validateSender",
        summary="Send the link once more",
        answers={202: written(ref("Sender"), "Sent")},
    ),
    ("GET", "/v1/credits"): Operation(
        id="showCredits",
        summary="What the account has left, and what a notice costs",
        answers={200: data(shape(balance=number(), per_notice=number()))},
    ),
}

SUBJECT = Subject(
    name="Certified e-mail",
    about="Notices with a proof of what was sent and what became of it.",
    operations={**_NOTICES, **_SENDERS},
    shapes=_SHAPES,
    path_ids={
        "/v1/notices/{id}": (public("ntc"), "NOTICE_NOT_FOUND"),
        "/v1/senders/{id}": (public("snd"), "SENDER_NOT_FOUND"),
    },
)
