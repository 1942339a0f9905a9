"""The APIs of other services, each in a package of its own that knows no other, and events in the words of each."""

from acuse.domain.dialect import Dialect
from acuse.ports import EventView
from acuse.web.api.event_objects import event_body
from acuse.web.dialects.mensatek.reports import report_body


def event_in_words(view: EventView) -> bytes:
    """What is posted to a webhook, in the words of its endpoint's dialect."""
    return report_body(view) if view.dialect is Dialect.MENSATEK else event_body(view)
