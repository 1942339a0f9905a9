"""The functions of the dialect but for sending: taking back, moving, asking, and the certificates in a ZIP."""

from acuse.domain.notice import Passage
from acuse.errors import NoticeGone, NoticeNotFound
from acuse.services.cancel_notice import cancel_notice, reschedule_notice
from acuse.services.issue_proof import issue_proof
from acuse.web.asgi import Reply
from acuse.web.dialects.mensatek.calls import MensatekCall
from acuse.web.dialects.mensatek.codes import CERTIFIED, ESTADO_TEXTS, Res, estado
from acuse.web.dialects.mensatek.moments import to_minutes
from acuse.web.dialects.mensatek.parameters import Refused
from acuse.web.dialects.mensatek.replies import Value
from acuse.web.dialects.mensatek.sending import read_date
from acuse.web.dialects.mensatek.zipping import zip_proof


def cancel(call: MensatekCall) -> dict[str, Value]:
    """Take a message back that has not left; its credits come back. Raises Refused."""
    try:
        cancel_notice(call.ports, call.notice().notice.id)
    except NoticeNotFound:
        raise _not_yours() from None
    except NoticeGone as error:
        raise _gone(error) from None
    return {"Res": int(Res.DONE), "Cred": call.balance()}


def reschedule(call: MensatekCall) -> dict[str, Value]:
    """Send a scheduled message at another time. Raises Refused."""
    call.parameters.required("Fecha")
    try:
        notice = call.notice().notice
        moment = read_date(call.parameters, now=call.ports.world.now())
        assert moment is not None
        reschedule_notice(call.ports, notice.id, moment)
    except NoticeNotFound:
        raise _not_yours() from None
    except NoticeGone as error:
        raise _gone(error) from None
    return {"Res": int(Res.DONE), "Cred": call.balance()}


def report(call: MensatekCall) -> dict[str, Value]:
    """What became of a message. Raises Refused."""
    try:
        view = call.notice()
    except NoticeNotFound:
        raise _no_data() from None
    number = estado(view.notice)
    return {
        "Res": int(Res.DONE),
        "Programado": to_minutes(view.notice.scheduled_at or view.notice.created_at),
        "Remitente": view.sender.address,
        "Destinatario": view.notice.recipient.address,
        "Cred": call.balance(),
        "Estado": number,
        "txtEstado": ESTADO_TEXTS[number],
    }


def certificate(call: MensatekCall) -> Reply:
    """The proof as a PDF, with a line of its result, in a ZIP. Raises Refused."""
    try:
        view = call.notice()
    except NoticeNotFound:
        raise _no_data() from None
    if estado(view.notice) not in CERTIFIED:
        raise Refused(Res.NOT_READY)
    proof = issue_proof(call.ports, view)
    archive = zip_proof(view, proof, call.ports.views.notices.journal(view.notice.id))
    disposition = f'attachment; filename="certificado_{view.notice.handle}.zip"'
    headers = (("Content-Type", "application/zip"), ("Content-Disposition", disposition))
    return Reply(status=200, body=archive, headers=headers)


def credits_left(call: MensatekCall) -> dict[str, Value]:
    """What is left."""
    return {"Res": int(Res.DONE), "Cred": call.balance()}


def _not_yours() -> Refused:
    return Refused(Res.NO_CREDITS_OR_NOT_YOURS, "El mensaje no existe en su cuenta")


def _no_data() -> Refused:
    return Refused(Res.TOO_LATE_OR_NO_DATA, "No hay datos de ese mensaje en su cuenta")


def _gone(error: NoticeGone) -> Refused:
    if error.details.get("passage") == Passage.CANCELLED:
        return Refused(Res.CANCELLED_ALREADY)
    return Refused(Res.TOO_LATE_OR_NO_DATA, "El mensaje ya se envió")
