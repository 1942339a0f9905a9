"""`/v1/sandbox` and `POST /v1/messages/test`: what there is only in test mode.

Rule: with a live key nothing is simulated, sent or forgotten here; what is only read may be read with any key.
"""

from base64 import b64encode
from collections.abc import Mapping

from acuse.as2 import MDNMode
from acuse.domain.simulation import (
    RECEIPT_AFTER,
    SIMULATED_RECEIPT_WITHIN,
    SIMULATED_RETRY,
    SIMULATED_TIMEOUT,
    Behaviour,
    IncomingBehaviour,
)
from acuse.errors import InvalidInput, NotFound, OnlyInTestMode
from acuse.ports import MessageView, Stage
from acuse.services.accept_message import OutgoingFile, SendMessage, accept_message
from acuse.services.clear_test_data import clear_test_data
from acuse.services.simulate_incoming import SimulatedArrival, SimulatedMessage, simulate_incoming
from acuse.web.api.accepting import with_simulation
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.message_list import list_messages
from acuse.web.api.objects import message_object
from acuse.web.api.read import find_partner
from acuse.web.api.samples import SAMPLES, SampleDocument, sample_named
from acuse.web.asgi import Reply, note
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.json_body import parse_object, read_json

_DEFAULT_SAMPLE = "850"


async def show_info(call: Call) -> Reply:
    """What test mode can do, and how long it waits."""

    def work() -> Mapping[str, object]:
        partners = call.ports.views.partners(call.caller.space)
        return {
            "mode": call.caller.space.mode.value,
            "partners": [
                {"id": f"prt_{partner.handle:06d}", "name": partner.name, "as2_id": partner.as2_id}
                for partner in partners
            ],
            "simulate": [behaviour.value for behaviour in Behaviour],
            "simulate_incoming": [behaviour.value for behaviour in IncomingBehaviour],
            "samples": [_sample_line(sample) for sample in SAMPLES.values()],
            "timeout": SIMULATED_TIMEOUT.total_seconds(),
            "retry_first": SIMULATED_RETRY.first.total_seconds(),
            "retry_longest": SIMULATED_RETRY.longest.total_seconds(),
            "retry_for": SIMULATED_RETRY.give_up_after.total_seconds(),
            "receipt_after": RECEIPT_AFTER.total_seconds(),
            "receipt_within": SIMULATED_RECEIPT_WITHIN.total_seconds(),
        }

    return json_reply(200, {"data": await call.lanes.run(work)})


async def list_test_messages(call: Call) -> Reply:
    """The messages of test mode, by the filters of `GET /v1/messages`."""
    _require_test(call)
    return await list_messages(call)


async def show_sample(call: Call) -> Reply:
    """A sample document, in the form in which a message takes it."""
    sample = sample_named(call.path["type"])
    if sample is None:
        raise NotFound(f"There is no such sample. Choose from {', '.join(SAMPLES)}.", type=call.path["type"])
    shown = {**_sample_line(sample), "payload": _payload(sample, await call.lanes.run(sample.read))}
    return json_reply(200, {"data": shown})


async def simulate_arrival(call: Call) -> Reply:
    """Have the simulated partner send a message to a station."""
    _require_test(call)
    body = await read_json(call)

    def work() -> SimulatedArrival:
        fields = FieldReader(with_simulation(call, parse_object(body)))
        partner_id = fields.text("partner_id", required=True)
        subject, mdn = fields.text("subject"), fields.choice("mdn_mode", MDNMode)
        behaviour = fields.choice("simulate", IncomingBehaviour) or IncomingBehaviour.AS_AGREED
        content_type, filename = fields.text("content_type"), fields.text("filename")
        content, sample = _content(fields, type_field="message_type", content_field="content")
        fields.finish()
        wish = SimulatedMessage(
            space=call.caller.space,
            partner_id=find_partner(call, str(partner_id)).id,
            file=OutgoingFile(
                filename=filename or sample.filename,
                content_type=content_type or sample.content_type,
                stage=_staged(call, content),
            ),
            subject=subject,
            mdn=mdn,
            behaviour=behaviour,
        )
        return simulate_incoming(call.ports, wish)

    arrival = await call.lanes.run(work, size=len(body))
    if arrival.view is not None:
        note(call.scope, message=arrival.view.message.public_id)
    shown = {
        "answer": {"status": arrival.answer.status},
        "message": None if arrival.view is None else message_object(arrival.view, detail=True),
    }
    return json_reply(201, {"message": "The simulated partner has sent a message", "data": shown})


async def send_test_message(call: Call) -> Reply:
    """Send a sample, or content of one's own, to the simulated partner."""
    _require_test(call)
    body = await read_json(call)

    def work() -> Reply:
        fields = FieldReader(with_simulation(call, parse_object(body)))
        partner_id = fields.text("partnerId", required=True)
        encrypt, sign, asks = fields.flag("encrypt"), fields.flag("sign"), fields.flag("requestMdn")
        simulate = fields.choice("simulate", Behaviour)
        content, sample = _content(fields, type_field="messageType", content_field="customContent")
        fields.finish()
        partner = find_partner(call, str(partner_id))
        file = OutgoingFile(filename=sample.filename, content_type=sample.content_type, stage=_staged(call, content))
        command = SendMessage(
            space=call.caller.space,
            partner_id=partner.id,
            files=(file,),
            subject=f"Test: {sample.title}",
            encrypt=encrypt,
            sign=sign,
            mdn=MDNMode.NONE if asks is False else None,
            simulate=simulate,
        )
        view = accept_message(call.ports, command, alongside=lambda unit, view: call.keep(unit, _queued(view)))
        note(call.scope, message=view.message.public_id)
        return _queued(view)

    return await call.lanes.run(work, size=len(body))


async def clear(call: Call) -> Reply:
    """Forget the messages and events of test mode."""
    _require_test(call)
    count = await call.lanes.run(lambda: clear_test_data(call.ports, call.caller.space))
    return json_reply(200, {"message": "Test data cleared successfully", "data": {"messages": count}})


def _require_test(call: Call) -> None:
    if not call.caller.is_test:
        raise OnlyInTestMode


def _queued(view: MessageView) -> Reply:
    return json_reply(202, {"message": "Test message queued", "data": message_object(view, detail=False)})


def _content(fields: FieldReader, *, type_field: str, content_field: str) -> tuple[bytes, SampleDocument]:
    """The content that was given, or that of the sample that was named; and that sample."""
    named = fields.text(type_field) or _DEFAULT_SAMPLE
    sample = sample_named(named)
    if sample is None:
        fields.refuse(type_field, f"Must be one of {', '.join(SAMPLES)}.")
        raise InvalidInput(fields=fields.problems)
    own = fields.value(content_field)
    if own is None:
        return sample.read(), sample
    if not isinstance(own, str) or not own:
        fields.refuse(content_field, "Must be a string that is not empty.")
        return b"", sample
    return own.encode("utf-8"), sample


def _staged(call: Call, content: bytes) -> Stage:
    stage = call.ports.blobs.stage()
    stage.write(content)
    return stage


def _sample_line(sample: SampleDocument) -> dict[str, object]:
    return {
        "type": sample.type,
        "title": sample.title,
        "filename": sample.filename,
        "content_type": sample.content_type,
    }


def _payload(sample: SampleDocument, content: bytes) -> dict[str, object]:
    """As text where the bytes are ASCII, in base64 where another encoding of letters would change them."""
    if content.isascii():
        return {"content": content.decode("ascii"), "encoding": "utf-8", "filename": sample.filename}
    return {"content": b64encode(content).decode("ascii"), "encoding": "base64", "filename": sample.filename}
