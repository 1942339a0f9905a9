"""Webhooks and the feed: being told what happens."""

from collections.abc import Mapping

from acuse.domain.access import Mode
from acuse.domain.dialect import Dialect
from acuse.domain.event import EventKind
from acuse.domain.webhook import EVERYTHING, DeliveryState
from acuse.services.manage_webhooks import MOST_RETRIES
from acuse.web.api.events import LAST_POSITION
from acuse.web.api.webhooks import LONGEST_URL
from acuse.web.openapi.operation import (
    JSON,
    PAGES,
    Answer,
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
    line,
    moment,
    number,
    public,
    ref,
    seconds,
    shape,
    span,
    text,
    texts_by_name,
    whole,
    wish,
)

_MINUTE, _WEEK = 60, 7 * 86400
_EVENTS = each(choice([*EventKind, EVERYTHING]), "Names of events; `*` is all of them")
_SECRET = text(
    "`whsec_` and base64 of 24 to 64 random bytes",
    pattern=r"^whsec_[A-Za-z0-9+/]{32,88}={0,2}$",
    examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
)
_WISHES: Mapping[str, Schema] = {
    "url": line("`https://` in the public internet", longest=LONGEST_URL, examples=["https://erp.acme.example/hook"]),
    "events": _EVENTS,
    "secret": _SECRET,
    "description": line(),
    "active": flag("One that is not active gets nothing"),
    "timeout": span("How long one attempt may take", maximum=_MINUTE),
    "headers": texts_by_name("Header fields to send along, 8 KiB in all"),
    "retry_first": span("The first wait, up to the longest; each next one is doubled"),
    "retry_longest": span("The longest wait", maximum=_WEEK),
    "retry_for": span("When an event is given up", maximum=_WEEK),
    "retry_attempts": whole("So many more attempts", minimum=1, maximum=MOST_RETRIES),
    "retry_interval": span("So far apart; all of them in 7 days"),
}
_TEST = shape(
    "What came of trying an endpoint",
    event_id=text(),
    success=flag(),
    status_code=empty(whole()),
    error=empty(text()),
    duration=number("Seconds"),
    asked_at=moment(),
    ended_at=empty(moment()),
)
_ENDPOINT: Mapping[str, Schema] = {
    "id": public("wh"),
    "url": text(),
    "events": each(text()),
    "description": empty(text()),
    "active": flag(),
    "timeout": seconds(),
    "headers": texts_by_name("`***` for each value, but where the endpoint is made"),
    "retry_first": seconds(),
    "retry_longest": seconds(),
    "retry_for": seconds(),
    "retry_attempts": empty(whole()),
    "retry_interval": seconds(),
    "mode": choice(Mode),
    "format": choice(Dialect, "In whose words events are told"),
    "replaced_secret_until": empty(moment("Until when deliveries are signed with the old secret as well")),
    "last_test": empty(ref("WebhookTest")),
    "created_at": moment(),
    "updated_at": moment(),
}
_SUMS: Mapping[str, Schema] = {
    **{state.value: whole() for state in DeliveryState},
    "success_rate": empty(number("Of those that ended, from 0 to 1")),
    "last_delivered_at": empty(moment()),
    "average_duration": empty(number("Seconds")),
}
_SHAPES: Mapping[str, Schema] = {
    "WebhookTest": _TEST,
    "WebhookEndpoint": shape("Where events are posted to", **_ENDPOINT),
    "WebhookEndpointWithSecret": shape("An endpoint with its secret", **_ENDPOINT, secret=text()),
    "Delivery": shape(
        "What became of one event at one endpoint",
        id=text(),
        event_id=text(),
        event=choice(EventKind),
        message_id=empty(public("msg")),
        certificate_id=empty(public("cert")),
        notice_id=empty(public("ntc")),
        partner_id=empty(public("prt")),
        state=choice(DeliveryState),
        attempts=whole(),
        status_code=empty(whole()),
        error=empty(text()),
        response_excerpt=empty(text()),
        duration=empty(number("Seconds")),
        created_at=moment(),
        last_attempt_at=empty(moment()),
        next_attempt_at=empty(moment()),
        delivered_at=empty(moment()),
    ),
    "Event": shape(
        "What happened, with its subject as it was at that moment",
        id=text(examples=["evt_0192f3a4b5c67d8e9fa0b1c2d3e4f506"]),
        type=choice(EventKind),
        event=choice(EventKind, "The same as `type`"),
        data={
            "type": "object",
            "description": "The message, partner, certificate or notice",
            "additionalProperties": True,
        },
        timestamp=moment(),
        api_version=choice(["v1"]),
        position=whole("Its place in the feed"),
    ),
}
_WRITING = ("INVALID_AS2_HEADERS",)

_OPERATIONS: Operations = {
    ("GET", "/v1/webhook-endpoints"): Operation(
        id="listWebhookEndpoints",
        summary="List the endpoints",
        answers={200: Answer(about="All of them", kinds={JSON: shape(data=each(ref("WebhookEndpoint")))})},
    ),
    ("POST", "/v1/webhook-endpoints"): Operation(
        id="createWebhookEndpoint",
        summary="Make an endpoint",
        about="This answer is the only one with `secret` and the values of `headers`.",
        body=json_body(
            wish(
                "",
                ["url"],
                [{"url": "https://erp.acme.example/hook", "events": ["message.delivered", "message.failed"]}],
                **_WISHES,
                format=choice(Dialect, "In whose words it is told; it cannot be changed"),
            )
        ),
        answers={201: written(ref("WebhookEndpointWithSecret"), "Made")},
        errors=_WRITING,
    ),
    ("GET", "/v1/webhook-endpoints/{id}"): Operation(
        id="showWebhookEndpoint",
        summary="One endpoint",
        answers={200: data(ref("WebhookEndpoint"))},
    ),
    ("PATCH", "/v1/webhook-endpoints/{id}"): Operation(
        id="changeWebhookEndpoint",
        summary="Change an endpoint",
        about="Changes what the body names. What is pending goes to the new URL.",
        body=json_body(wish("", [], [{"active": False}], **_WISHES)),
        answers={200: written(ref("WebhookEndpoint"), "Changed")},
        errors=_WRITING,
    ),
    ("DELETE", "/v1/webhook-endpoints/{id}"): Operation(
        id="deleteWebhookEndpoint",
        summary="Forget an endpoint",
        about="What is pending for it is forgotten too.",
        answers={200: deleted()},
    ),
    ("GET", "/v1/webhook-endpoints/{id}/deliveries"): Operation(
        id="listDeliveries",
        summary="What became of each event there",
        about="The newest first.",
        parameters=(*PAGES, query("state", choice(DeliveryState), "Deliveries that stand so")),
        answers={200: listed(ref("Delivery"))},
    ),
    ("POST", "/v1/webhook-endpoints/{id}/deliveries/{delivery}/replay"): Operation(
        id="replayDelivery",
        summary="Deliver one event again",
        answers={
            202: written(
                shape(id=text(), state=choice(DeliveryState), next_attempt_at=empty(moment())), "Queued for replay"
            )
        },
    ),
    ("POST", "/v1/webhook-endpoints/{id}/replay"): Operation(
        id="replayDeliveries",
        summary="Deliver again what was given up",
        body=json_body(
            wish(after=whole("Only what stands behind this position of the feed", minimum=0, maximum=LAST_POSITION)),
            is_required=False,
        ),
        answers={202: written(shape(deliveries=whole("How many")), "Queued for replay")},
    ),
    ("POST", "/v1/webhook-endpoints/{id}/rotate-secret"): Operation(
        id="rotateWebhookSecret",
        summary="Another secret, with an overlap",
        body=json_body(
            wish(
                secret=_SECRET,
                overlap=seconds("For how long deliveries are signed with both", maximum=30 * 86400, default=86400),
            ),
            is_required=False,
        ),
        answers={200: written(ref("WebhookEndpointWithSecret"), "Changed")},
    ),
    ("POST", "/v1/webhook-endpoints/{id}/test"): Operation(
        id="testWebhookEndpoint",
        summary="Post a `webhook.test`, and see what comes back",
        answers={
            200: written(ref("WebhookTest"), "It was posted"),
            202: written(ref("WebhookTest"), "It is still under way"),
        },
    ),
    ("GET", "/v1/webhook-endpoints-stats"): Operation(
        id="showWebhookStats",
        summary="How the endpoints do",
        answers={
            200: data(
                shape(
                    endpoints=whole("How many there are"),
                    active=whole("How many of them are active"),
                    **_SUMS,
                    by_endpoint=each(shape(id=public("wh"), url=text(), active=flag(), **_SUMS)),
                )
            )
        },
    ),
    ("GET", "/v1/events"): Operation(
        id="listEvents",
        summary="The feed of events",
        about="In the order in which they were committed. Go on with `cursor.after`: nothing is missed and nothing "
        "comes twice.",
        parameters=(
            query("after", whole(minimum=0, maximum=LAST_POSITION, default=0), "The position to go on from"),
            PAGES[1],
        ),
        answers={
            200: Answer(
                about="The next events",
                kinds={
                    JSON: shape(
                        data=each(ref("Event")),
                        cursor=shape(after=whole("Where to go on"), has_more=flag()),
                    )
                },
            )
        },
    ),
}

SUBJECT = Subject(
    name="Webhooks and events",
    about="Being told what happens, by webhooks or by a feed.",
    operations=_OPERATIONS,
    shapes=_SHAPES,
    path_ids={
        "/v1/webhook-endpoints/{id}": (public("wh"), "WEBHOOK_ENDPOINT_NOT_FOUND"),
        "/v1/webhook-endpoints/{id}/deliveries/{delivery}": (
            text(pattern="^dlv_[0-9a-f]{32}$", examples=["dlv_0192f3a4b5c67d8e9fa0b1c2d3e4f506"]),
            "DELIVERY_NOT_FOUND",
        ),
    },
)
