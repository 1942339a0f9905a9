"""The paths of this API. All of them take POST, reads included."""

from collections.abc import Mapping
from dataclasses import dataclass

from acuse.domain.access import Scope
from acuse.web.dialects.as2expert import messages, stations, webhooks
from acuse.web.dialects.as2expert.calls import Handler, in_thread
from acuse.web.dialects.as2expert.dashboard import show_figures
from acuse.web.dialects.as2expert.sending import send_message

ROOT = "/api/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What stands at a path."""

    handler: Handler
    scope: Scope = Scope.READ
    is_configuration: bool = False
    """It changes what live messages go by."""


def _writing(handler: Handler, *, is_configuration: bool = False) -> Route:
    return Route(handler=handler, scope=Scope.WRITE, is_configuration=is_configuration)


ROUTES: Mapping[str, Route] = {
    "/stations": Route(handler=in_thread(stations.list_stations)),
    "/stations/detail": Route(handler=in_thread(stations.show_station)),
    "/stations/stats": Route(handler=in_thread(stations.show_stats)),
    "/stations/create": _writing(in_thread(stations.create_station), is_configuration=True),
    "/partners": Route(handler=in_thread(stations.list_partners)),
    "/partners/detail": Route(handler=in_thread(stations.show_partner)),
    "/partners/create": _writing(in_thread(stations.create_partner), is_configuration=True),
    "/certificates": Route(handler=in_thread(stations.list_certificates)),
    "/certificates/detail": Route(handler=in_thread(stations.show_certificate)),
    "/certificates/create": _writing(in_thread(stations.create_certificate), is_configuration=True),
    "/certificates/import": _writing(in_thread(stations.import_certificate), is_configuration=True),
    "/messages": Route(handler=in_thread(messages.list_messages)),
    "/messages/folders": Route(handler=in_thread(messages.list_folders)),
    "/messages/detail": Route(handler=in_thread(messages.show_message)),
    "/messages/download": Route(handler=in_thread(messages.download)),
    "/messages/send": _writing(send_message),
    "/messages/mark-read": _writing(in_thread(messages.mark_read)),
    "/messages/mark-unread": _writing(in_thread(messages.mark_unread)),
    "/messages/move": _writing(in_thread(messages.move)),
    "/messages/delete": _writing(in_thread(messages.delete)),
    "/messages/changes": Route(handler=in_thread(messages.list_changes)),
    "/messages/files": Route(handler=in_thread(messages.list_files)),
    "/messages/file-download": Route(handler=in_thread(messages.download_file)),
    "/messages/export": Route(handler=in_thread(messages.export)),
    "/webhooks/configure": _writing(in_thread(webhooks.configure)),
    "/webhooks/get": Route(handler=in_thread(webhooks.show)),
    "/webhooks/test": _writing(webhooks.try_out),
    "/webhooks/logs": Route(handler=in_thread(webhooks.list_logs)),
    "/dashboard/kpis": Route(handler=in_thread(show_figures)),
}
NOT_BUILT = frozenset(
    {
        "/auth/token",
        "/business-documents",
        "/business-documents/detail",
        "/business-documents/diagnostics",
        "/edifact/analyze",
        "/edifact/convert",
        "/edifact/acknowledge",
        "/edifact/skeleton",
    }
)
"""Documented by the service, and no part of a gateway."""
