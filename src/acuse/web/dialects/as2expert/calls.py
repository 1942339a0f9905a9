"""One call of this API, from the accepted token to the answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import msgspec

from acuse.domain.access import ApiKey
from acuse.domain.account import Space
from acuse.domain.partner import Partner
from acuse.domain.plan import Plan
from acuse.domain.station import Station
from acuse.errors import CertificateNotFound, MessageNotFound, PartnerNotFound, PayloadTooLarge, StationNotFound
from acuse.ports import HeldCertificate, MessageView, Ports
from acuse.web.asgi import Reply
from acuse.web.dialects.as2expert.translate import Given
from acuse.web.lanes import Lanes
from acuse.web.options import WebOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request of a caller who was let in, with what its body says."""

    ports: Ports
    lanes: Lanes
    options: WebOptions
    key: ApiKey
    plan: Plan
    space: Space
    given: Given

    @property
    def max_payload(self) -> int:
        """Bytes of the largest payload that may be sent."""
        return min(self.plan.payload, self.options.max_body)

    def station(self, handle: int) -> Station:
        """Raises StationNotFound."""
        for station in self.ports.views.stations(self.space):
            if station.handle == handle:
                return station
        raise StationNotFound(station_id=handle)

    def partner(self, handle: int) -> Partner:
        """Raises PartnerNotFound."""
        if handle < 1:
            raise PartnerNotFound(partner_id=handle)
        return self.ports.views.partner(self.space, handle)

    def certificate(self, handle: int) -> HeldCertificate:
        """Raises CertificateNotFound."""
        for held in self.ports.views.held_certificates(self.space):
            if held.entry.handle == handle:
                return held
        raise CertificateNotFound(id=handle)

    def message(self, handle: int) -> MessageView:
        """A message that was not deleted. Raises MessageNotFound."""
        if handle < 1:
            raise MessageNotFound(id=handle)
        view = self.ports.views.message(self.space, handle)
        mark = self.ports.views.marks.of([view.message.id]).get(view.message.id)
        if mark is not None and mark.is_deleted:
            raise MessageNotFound(id=handle)
        return view

    def require_short(self, size: int) -> None:
        """Raises PayloadTooLarge for what is too long to be answered in JSON."""
        limit = self.options.max_json_body
        if size > limit:
            told = f"{size} bytes are more than the {limit} that an answer in JSON may have. Use the native API."
            raise PayloadTooLarge(told, size_bytes=size, max_size_bytes=limit)


Work = Callable[[Call], Mapping[str, object]]
"""What a call does, in a thread; gives what stands beside `status` in the answer."""
Handler = Callable[[Call], Awaitable[Mapping[str, object]]]


def in_thread(work: Work) -> Handler:
    """A handler for what does not wait."""

    async def handle(call: Call) -> Mapping[str, object]:
        return await call.lanes.run(lambda: work(call))

    return handle


def success(content: Mapping[str, object]) -> Reply:
    """The answer of a call that did what it was asked for."""
    body = msgspec.json.encode({"status": "success", **content})
    return Reply(status=200, body=body, headers=(("Content-Type", "application/json"),))
