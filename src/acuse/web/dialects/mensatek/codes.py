"""The numbers of the dialect: `Res`, what became of a call, and `Estado`, what became of a message.

Rule: these are tables and nothing else. 11 and 14 mean what the published description says; the other numbers of
`Estado` are ours, since that description leaves them out.
"""

from collections.abc import Mapping
from enum import IntEnum

from acuse.domain.notice import Failure, Notice, Passage, Reading


class Res(IntEnum):
    """What became of a call. Success is 1, and for sending the number of messages."""

    DONE = 1
    BAD_LOGIN = -1
    NO_CREDITS_OR_NOT_YOURS = -2
    BAD_PARAMETER = -3
    TOO_LATE_OR_NO_DATA = -4
    CANCELLED_ALREADY = -5
    BAD_DATE = -6
    NOT_READY = -7
    TOO_MANY_RECIPIENTS = -8
    ABUSE = -9
    ATTACHMENT_TOO_LARGE = -10
    ATTACHMENT_REFUSED = -11
    ATTACHMENT_BROKEN = -12
    SENDER_NOT_VALIDATED = -19
    BAD_ACCEPTANCE = -20
    BAD_PROTECTION = -21


RES_TEXTS: Mapping[Res, str] = {
    Res.DONE: "",
    Res.BAD_LOGIN: "Usuario o token incorrectos",
    Res.NO_CREDITS_OR_NOT_YOURS: "Créditos insuficientes, o el mensaje no existe en su cuenta",
    Res.BAD_PARAMETER: "Falta un parámetro obligatorio o no es correcto",
    Res.TOO_LATE_OR_NO_DATA: "El mensaje ya se envió, o no hay datos de él",
    Res.CANCELLED_ALREADY: "El mensaje ya estaba cancelado",
    Res.BAD_DATE: "La fecha no es válida",
    Res.NOT_READY: "El certificado todavía no está disponible",
    Res.TOO_MANY_RECIPIENTS: "Demasiados destinatarios",
    Res.ABUSE: "Demasiadas llamadas iguales, fallidas o vacías. Espere y configure la recepción de informes",
    Res.ATTACHMENT_TOO_LARGE: "Un adjunto es demasiado grande",
    Res.ATTACHMENT_REFUSED: "Un adjunto es de un tipo que no se admite",
    Res.ATTACHMENT_BROKEN: "Un adjunto no está bien codificado en base64",
    Res.SENDER_NOT_VALIDATED: "El remitente no está validado",
    Res.BAD_ACCEPTANCE: "Caducidadaceptacion es obligatorio con Aceptacion=SI y va de 1 a 30 días",
    Res.BAD_PROTECTION: "Los datos de protección de un destinatario no son correctos",
}

FAILURES: Mapping[Failure, int] = {
    Failure.INTERNAL: 22,
    Failure.SENDER_NOT_VALIDATED: 25,
    Failure.CONTENT_REFUSED: 26,
    Failure.ACCOUNT_SUSPENDED: 27,
    Failure.VARIABLE_MISSING: 28,
    Failure.MAILBOX_UNKNOWN: 50,
    Failure.REFUSED: 51,
    Failure.DOMAIN_WITHOUT_MAIL: 52,
    Failure.EXPIRED_IN_QUEUE: 53,
    Failure.SUPPRESSED: 54,
    Failure.BLOCKED: 55,
    Failure.MAILBOX_FULL: 56,
    Failure.TOO_LARGE: 57,
    Failure.POLICY: 58,
    Failure.CONSENT_WITHDRAWN: 102,
    Failure.ADDRESS_INVALID: 104,
    Failure.TLS_REQUIRED: 51,
}
PASSAGES: Mapping[Passage, int] = {
    Passage.SCHEDULED: 1,
    Passage.QUEUED: 0,
    Passage.SENDING: 2,
    Passage.DEFERRED: 12,
    Passage.HANDED_OVER: 10,
    Passage.DELIVERED: 14,
    Passage.FAILED: 51,
    Passage.BOUNCED: 59,
    Passage.CANCELLED: 29,
}
"""While the recipient did nothing. A failure says more, where there is one."""
READINGS: Mapping[Reading, int] = {
    Reading.OPENED: 15,
    Reading.IDENTIFYING: 31,
    Reading.ACCEPTED: 18,
    Reading.READ: 11,
    Reading.REFUSED: 19,
    Reading.EXPIRED: 20,
    Reading.LOCKED: 21,
}
IN_PREPARATION = 13
AWAITING_ACCEPTANCE = 16
CERTIFIED = frozenset({11, 14, 15, 16, 18, 19, 20, 21, 50, 51, 52, 53, 56, 57, 58, 59})
"""Of these there is a proof: of what happened, or of what was tried."""

ESTADO_TEXTS: Mapping[int, str] = {
    0: "Mensaje aceptado, en cola",
    1: "Mensaje programado",
    2: "Enviando",
    10: "Entregado al servidor del destinatario, pendiente de confirmación",
    11: "Mensaje entregado, abierto, leído y certificado",
    12: "Aplazado por el servidor del destinatario, se reintentará",
    13: "Mensaje entregado, certificado en preparación",
    14: "Mensaje entregado y certificado",
    15: "Mensaje abierto (señal automática o sin confirmar)",
    16: "Mensaje entregado, pendiente de aceptación o rechazo",
    18: "Mensaje aceptado por el destinatario",
    19: "Mensaje rechazado por el destinatario y certificado",
    20: "Plazo de aceptación vencido, certificado",
    21: "Identificación fallida, acceso bloqueado",
    22: "Error interno",
    25: "Remitente no validado",
    26: "Contenido rechazado",
    27: "Cuenta o envío suspendido",
    28: "Falta una variable de la plantilla",
    29: "Mensaje cancelado",
    31: "Pendiente de identificación del destinatario",
    50: "El buzón no existe",
    51: "Fallo permanente de entrega",
    52: "El dominio no tiene servicio de correo",
    53: "Caducado en cola",
    54: "Destinatario en lista de supresión",
    55: "Dirección o dominio bloqueado",
    56: "Buzón lleno",
    57: "Mensaje demasiado grande para el destinatario",
    58: "Rechazado por la política o el filtro del destinatario",
    59: "Devuelto después de haber sido aceptado",
    102: "El destinatario retiró su consentimiento",
    104: "Dirección no válida",
}

_BY_A_PERSON = frozenset({Reading.ACCEPTED, Reading.READ, Reading.REFUSED})


def estado(notice: Notice) -> int:
    """The number of a message: what a person did counts most, then how its mail ended, then what was seen since."""
    passage, reading = notice.passage, notice.reading
    if reading in _BY_A_PERSON:
        return READINGS[reading]
    if notice.failure is not None and passage is Passage.FAILED:
        return FAILURES[notice.failure]
    if passage in (Passage.FAILED, Passage.BOUNCED, Passage.CANCELLED):
        return PASSAGES[passage]
    if reading not in (Reading.UNSEEN, Reading.OPENED):
        return READINGS[reading]
    if passage is Passage.DELIVERED and notice.certified_at is None:
        return IN_PREPARATION
    if passage is Passage.DELIVERED and notice.expires_at is not None:
        return AWAITING_ACCEPTANCE
    if reading is Reading.OPENED and passage in (Passage.DELIVERED, Passage.HANDED_OVER):
        return READINGS[reading]
    return PASSAGES[passage]
