"""`POST /v1/messages/batch`: several messages in one request, each accepted or refused by itself.

An entry is a message as `POST /v1/messages` takes it, or flat and in camelCase, as the client of the documented service
writes it. That client encodes every content in base64 without saying so; so the flat form is read as base64 unless it
says otherwise.
"""

from collections.abc import Mapping

from acuse.errors import AcuseError, InvalidInput, NotBuilt
from acuse.ports import MessageView
from acuse.web.api.accepting import accept_upload
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.errors import error_object
from acuse.web.api.json_upload import JSONUpload
from acuse.web.api.objects import message_object
from acuse.web.asgi import Reply, header
from acuse.web.shared.json_body import parse_object, read_json

MOST_MESSAGES = 100

_FLAT = {
    "partnerId": "partner_id",
    "stationId": "station_id",
    "contentType": "content_type",
    "scheduledAt": "scheduled_at",
    "mdnMode": "mdn_mode",
}
_OF_PAYLOAD = ("content", "filename", "encoding")


async def send_batch(call: Call) -> Reply:
    """Accept what can be accepted, and tell what could not and why."""
    if header(call.scope, b"idempotency-key") is not None:
        raise NotBuilt("A batch heeds no Idempotency-Key. Send each message by itself with a key of its own.")
    body = await read_json(call)

    def work() -> Reply:
        entries = _entries(parse_object(body))
        successful: list[object] = []
        failed: list[object] = []
        for index, entry in enumerate(entries):
            try:
                successful.append(message_object(_accept(call, entry), detail=False))
            except AcuseError as error:
                # Those before it are promised already, so not even a full disk may hide them.
                failed.append({"index": index, **error_object(error)})
        told = f"{len(successful)} of {len(entries)} messages queued for delivery"
        return json_reply(202, {"message": told, "successful": successful, "failed": failed, "total": len(entries)})

    return await call.lanes.run(work, size=len(body))


def _entries(given: Mapping[str, object]) -> list[Mapping[str, object]]:
    entries = given.get("messages")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_MESSAGES:
        raise InvalidInput(fields={"messages": f"Must be a list of 1 to {MOST_MESSAGES} messages."})
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise InvalidInput(fields={f"messages[{index}]": "Must be an object."})
    return entries


def _accept(call: Call, entry: Mapping[str, object]) -> MessageView:
    given = _as_documented(entry)
    payload = given.get("payload")
    content = payload.get("content") if isinstance(payload, dict) else None
    if not isinstance(content, str):
        return accept_upload(call, JSONUpload(given=given, stage=None))
    stage = call.ports.blobs.stage()
    stage.write(content.encode("utf-8"))
    return accept_upload(call, JSONUpload(given=given, stage=stage))


def _as_documented(entry: Mapping[str, object]) -> Mapping[str, object]:
    """The entry in snake_case, with its payload inside. Raises InvalidInput for what is given in both forms."""
    if "payload" in entry:
        return entry
    given = {name: value for name, value in entry.items() if name not in _FLAT and name not in _OF_PAYLOAD}
    twice = {name: "Is given twice." for flat, name in _FLAT.items() if flat in entry and name in given}
    if twice:
        raise InvalidInput(fields=twice)
    given |= {name: entry[flat] for flat, name in _FLAT.items() if flat in entry}
    payload = {name: entry[name] for name in _OF_PAYLOAD if name in entry}
    if "partnerId" in entry:
        payload.setdefault("encoding", "base64")
        given.setdefault("content_type", "application/octet-stream")
        # The client writes a subject that was not given as an empty one.
        given["subject"] = given.get("subject") or None
    return {**given, "payload": payload} if payload else given
