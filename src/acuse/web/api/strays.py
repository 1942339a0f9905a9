"""`/v1/stray-receipts`: receipts that partners, or strangers, posted for nothing we sent."""

from base64 import b64encode

from acuse.domain.stray import KEPT_STRAYS, StrayReceipt
from acuse.errors import ReceiptNotFound
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.handles import parse_id
from acuse.web.api.objects import iso
from acuse.web.asgi import Reply
from acuse.web.shared.fields import FieldReader

MOST = 2 * KEPT_STRAYS


async def list_stray_receipts(call: Call) -> Reply:
    """The newest first; as many as are kept unless `per_page` asks for fewer."""
    query = FieldReader(call.query)
    limit = query.whole("per_page", default=MOST, least=1, most=MOST)
    query.finish()
    found = await call.lanes.run(lambda: call.ports.views.strays.newest(call.caller.space, limit=limit))
    return json_reply(200, {"data": [stray_receipt_object(receipt) for receipt in found]})


async def show_stray_receipt(call: Call) -> Reply:
    """One with its bytes."""
    text = call.path["id"]
    handle = parse_id("rcp", text)
    if handle is None:
        raise ReceiptNotFound(id=text)
    receipt = await call.lanes.run(lambda: call.ports.views.strays.get(call.caller.space, handle))
    return json_reply(200, {"data": {**stray_receipt_object(receipt), "raw": b64encode(receipt.captured).decode()}})


def stray_receipt_object(receipt: StrayReceipt) -> dict[str, object]:
    """A stray receipt as lists show it."""
    return {
        "id": receipt.public_id,
        "from_as2_id": receipt.from_as2_id,
        "to_as2_id": receipt.to_as2_id,
        "is_of_a_partner": receipt.partner_id is not None,
        "reason": receipt.reason,
        "original_message_id": receipt.original_message_id,
        "disposition": receipt.disposition,
        "signed": receipt.is_signed,
        "verified": receipt.is_verified,
        "bytes": receipt.size,
        "created_at": iso(receipt.created_at),
    }
