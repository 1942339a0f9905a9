"""Sample documents of our own, for the demo and for test mode: whole interchanges, as partners send them."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDocument:
    """One document, by the name that the API has for it."""

    type: str
    title: str
    filename: str
    content_type: str

    def read(self) -> bytes:
        """The bytes as they would be sent."""
        return (files(__name__) / self.filename).read_bytes()


_X12, _EDIFACT = "application/edi-x12", "application/edifact"
SAMPLES: Mapping[str, SampleDocument] = {
    sample.type: sample
    for sample in (
        SampleDocument(type="850", title="X12 850, purchase order", filename="order-850.x12", content_type=_X12),
        SampleDocument(type="810", title="X12 810, invoice", filename="invoice-810.x12", content_type=_X12),
        SampleDocument(
            type="ORDERS", title="EDIFACT ORDERS, purchase order", filename="orders-d96a.edi", content_type=_EDIFACT
        ),
        SampleDocument(
            type="INVOIC", title="EDIFACT INVOIC, invoice", filename="invoice-d96a.edi", content_type=_EDIFACT
        ),
    )
}
"""By type, in the order in which they are shown."""


def sample_named(name: str) -> SampleDocument | None:
    """The sample of a type; capitals do not matter, nor does the standard's name before it (`x12-850`)."""
    return SAMPLES.get(name.upper().removeprefix("X12-").removeprefix("EDIFACT-"))
