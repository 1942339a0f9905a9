"""Receipts that were posted for nothing we sent."""

from acuse.web.api.strays import MOST
from acuse.web.openapi.operation import JSON, Answer, Operation, Subject, data, query
from acuse.web.openapi.schema import each, empty, flag, moment, public, ref, shape, text, whole

_STRAY = {
    "id": public("rcp"),
    "from_as2_id": empty(text()),
    "to_as2_id": empty(text()),
    "is_of_a_partner": flag(),
    "reason": text("Why it belongs to nothing we sent"),
    "original_message_id": empty(text()),
    "disposition": empty(text()),
    "signed": flag(),
    "verified": flag(),
    "bytes": whole(),
    "created_at": moment(),
}

SUBJECT = Subject(
    name="Stray receipts",
    about="Receipts that partners, or strangers, posted for nothing we sent.",
    operations={
        ("GET", "/v1/stray-receipts"): Operation(
            id="listStrayReceipts",
            summary="List the stray receipts",
            about="The newest first.",
            parameters=(query("per_page", whole(minimum=1, maximum=MOST, default=MOST), "How many at most"),),
            answers={200: Answer(about="The list", kinds={JSON: shape(data=each(ref("StrayReceipt")))})},
        ),
        ("GET", "/v1/stray-receipts/{id}"): Operation(
            id="showStrayReceipt",
            summary="One of them, with its bytes",
            answers={200: data(ref("StrayReceiptDetail"))},
        ),
    },
    shapes={
        "StrayReceipt": shape("A stray receipt", **_STRAY),
        "StrayReceiptDetail": shape(
            "A stray receipt with its bytes",
            **_STRAY,
            raw=text("Header fields, an empty line and the body, in base64"),
        ),
    },
    path_ids={"/v1/stray-receipts/{id}": (public("rcp"), "RECEIPT_NOT_FOUND")},
)
