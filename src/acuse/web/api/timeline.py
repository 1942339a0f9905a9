"""`GET /v1/messages/{id}/timeline`: what was done with a message, step by step."""

from collections.abc import Mapping

from acuse.domain.message import Direction
from acuse.domain.timeline import StepName, Timeline, TimelineStep
from acuse.ports import MessageView, Ports
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.objects import iso
from acuse.web.api.read import find_message
from acuse.web.asgi import Reply


async def show_timeline(call: Call) -> Reply:
    """The steps of one message, the first one first."""

    def work() -> Mapping[str, object]:
        view = find_message(call)
        steps = timeline_of(call.ports, view)
        return {"id": view.message.public_id, "steps": [step_object(step) for step in steps]}

    return json_reply(200, {"data": await call.lanes.run(work)})


def timeline_of(ports: Ports, view: MessageView) -> Timeline:
    """The steps of a message; that one of ours was accepted is known without having been told."""
    message, steps = view.message, ports.views.timeline(view.message.id)
    if message.direction is Direction.INBOUND:
        return steps
    return (TimelineStep(at=message.created_at, name=StepName.ACCEPTED, size=message.size), *steps)


def step_object(step: TimelineStep) -> dict[str, object]:
    """A step, as the API shows it."""
    return {
        "at": iso(step.at),
        "step": step.name.value,
        "bytes": step.size,
        "algorithm": step.algorithm,
        "certificate": step.certificate,
        "duration_us": step.duration,
        "outcome": step.outcome,
    }
