"""The report that is posted when a message changes its status, as JSON or as a form."""

from urllib.parse import urlencode

import msgspec

from acuse.domain.event_names import REPORT_IN_A_FORM
from acuse.ports import EventView, NoticeView
from acuse.web.dialects.mensatek.codes import estado
from acuse.web.dialects.mensatek.moments import to_seconds

SERVICE = "EMAILCERTIFICADO"


def report_body(view: EventView) -> bytes:
    """The body of a report, which tells the status that the message had at that moment.

    `Secuencia` grows with each report, so that a receiver can tell a late one.
    """
    notice_view = view.subject
    assert isinstance(notice_view, NoticeView)
    notice = notice_view.notice
    fields: dict[str, object] = {
        "Servicio": SERVICE,
        "Resultado": estado(notice),
        "Remitente": notice_view.sender.address,
        "Destinatario": notice.recipient.address,
        "Fecha": to_seconds(view.event.occurred_at),
        "Asunto": notice.subject,
        "idMensaje": notice.handle,
        "Referencia": notice_view.sending.reference or "",
        "Secuencia": view.position,
    }
    return urlencode(fields).encode() if view.told_as == REPORT_IN_A_FORM else msgspec.json.encode(fields)
