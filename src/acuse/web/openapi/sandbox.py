"""Test mode: the simulated partner, samples, and forgetting what was tried."""

from acuse.as2 import MDNMode
from acuse.domain.access import Mode
from acuse.domain.simulation import Behaviour, IncomingBehaviour
from acuse.web.api.message_fields import Encoding
from acuse.web.api.samples import SAMPLES
from acuse.web.openapi.messages import FILTERS, MESSAGES, QUEUED, SIMULATE
from acuse.web.openapi.operation import Operation, Operations, Subject, data, json_body, written
from acuse.web.openapi.schema import choice, each, empty, flag, line, number, public, ref, shape, text, whole, wish

_SAMPLE = {"type": choice(SAMPLES), "title": text(), "filename": text(), "content_type": text()}
_ACCEPTING = ("PARTNER_NOT_FOUND", "PARTNER_INACTIVE", "TEST_KEY_REQUIRED", "STATION_NOT_FOUND")
_CLEARED = written(shape(messages=whole("How many were forgotten")), "Forgotten")

_OPERATIONS: Operations = {
    ("GET", "/v1/sandbox/info"): Operation(
        id="showSandbox",
        summary="What test mode can do",
        answers={200: data(ref("Sandbox"))},
    ),
    ("GET", "/v1/sandbox/messages"): Operation(
        id="listTestMessages",
        summary="The messages of test mode",
        parameters=FILTERS,
        answers={200: MESSAGES},
        errors=("PARTNER_NOT_FOUND", "TEST_KEY_REQUIRED"),
    ),
    ("POST", "/v1/sandbox/simulate-incoming"): Operation(
        id="simulateIncoming",
        summary="Have the simulated partner send a message",
        parameters=(SIMULATE,),
        body=json_body(
            wish(
                "",
                ["partner_id"],
                partner_id=public("prt", "As which partner"),
                subject=line(),
                mdn_mode=choice(MDNMode, "Which receipt it asks for"),
                simulate=choice(IncomingBehaviour, "How it makes the message", default="as-agreed"),
                message_type=choice(SAMPLES, "Which sample it sends", default="850"),
                content=text("A content of your own", minLength=1),
                content_type=line(),
                filename=line(),
            )
        ),
        answers={
            201: written(
                shape(
                    answer=shape("Ours to the partner", status={"type": "integer"}),
                    message=empty(ref("MessageDetail")),
                ),
                "It was sent",
            )
        },
        errors=(*_ACCEPTING, "INVALID_CONTENT_TYPE", "CERTIFICATE_EXPIRED", "ENCRYPTION_FAILED", "SIGNING_FAILED"),
    ),
    ("GET", "/v1/sandbox/samples/{type}"): Operation(
        id="showSample",
        summary="A sample document",
        answers={200: data(ref("Sample"))},
    ),
    ("POST", "/v1/messages/test"): Operation(
        id="sendTestMessage",
        summary="Send a sample to the simulated partner",
        parameters=(SIMULATE,),
        body=json_body(
            wish(
                "",
                ["partnerId"],
                partnerId=public("prt", "The partner"),
                messageType=choice(SAMPLES, "Which sample", default="850"),
                customContent=text("A content of your own", minLength=1),
                encrypt=flag(),
                sign=flag(),
                requestMdn=flag("Whether a receipt is asked for", default=True),
                simulate=choice(Behaviour, "What the simulated partner does"),
            )
        ),
        answers={202: QUEUED},
        errors=(*_ACCEPTING, "ENCRYPTION_FAILED", "SIGNING_FAILED", "CERTIFICATE_EXPIRED"),
    ),
    ("POST", "/v1/sandbox/clear"): Operation(
        id="clearTestData",
        summary="Forget the messages of test mode",
        answers={200: _CLEARED},
        errors=("TEST_KEY_REQUIRED",),
    ),
    ("DELETE", "/v1/sandbox/clear"): Operation(
        id="deleteTestData",
        summary="Forget the messages of test mode",
        answers={200: _CLEARED},
        errors=("TEST_KEY_REQUIRED",),
    ),
}

SUBJECT = Subject(
    name="Test mode",
    about="Try everything with a simulated partner that can be told to answer badly. Nothing leaves.",
    operations=_OPERATIONS,
    shapes={
        "Sandbox": shape(
            "What test mode can do, and how long it waits, in seconds",
            mode=choice(Mode),
            partners=each(shape(id=public("prt"), name=text(), as2_id=text())),
            simulate=each(choice(Behaviour)),
            simulate_incoming=each(choice(IncomingBehaviour)),
            samples=each(shape(**_SAMPLE)),
            timeout=number(),
            retry_first=number(),
            retry_longest=number(),
            retry_for=number(),
            receipt_after=number(),
            receipt_within=number(),
        ),
        "Sample": shape(
            "A sample document",
            **_SAMPLE,
            payload=shape(content=text(), encoding=choice(Encoding), filename=text()),
        ),
    },
    path_ids={"/v1/sandbox/samples/{type}": (choice(SAMPLES), "NOT_FOUND")},
)
