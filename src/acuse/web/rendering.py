"""The bodies in which events are posted to webhooks: each endpoint's in the words of its dialect."""

from collections.abc import Callable, Mapping

from acuse.domain.dialect import Dialect
from acuse.domain.webhook import WebhookEndpoint, WebhookTest
from acuse.ports import EventView
from acuse.web.api import event_objects as native
from acuse.web.dialects.as2expert import events as as2expert
from acuse.web.dialects.mensatek.reports import report_body
from acuse.web.dialects.mft import events as mft

_EVENTS: Mapping[Dialect, Callable[[EventView], bytes]] = {
    Dialect.NATIVE: native.event_body,
    Dialect.AS2EXPERT: as2expert.event_body,
    Dialect.MFT: mft.event_body,
    Dialect.MENSATEK: report_body,
}
_TESTS: Mapping[Dialect, Callable[[WebhookEndpoint, WebhookTest], bytes]] = {
    Dialect.NATIVE: native.webhook_test_body,
    Dialect.AS2EXPERT: as2expert.webhook_test_body,
    Dialect.MFT: mft.webhook_test_body,
    Dialect.MENSATEK: native.webhook_test_body,
}


def event_body(view: EventView) -> bytes:
    """What is posted to tell an event."""
    return _EVENTS[view.dialect](view)


def webhook_test_body(endpoint: WebhookEndpoint, test: WebhookTest) -> bytes:
    """What is posted to try an endpoint."""
    return _TESTS[endpoint.dialect](endpoint, test)
