"""Errors in the words of this API: a status number, and one line in English or Spanish.

The documented service mixes both languages. Without a wish the words are those that it documents; `Accept-Language`
chooses one language for all of them. An error that has no words here is told in those of the gateway, in English.

Rule: this table alone knows which error is which HTTP status. What nobody raised on purpose shows nothing of itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from acuse.errors import AcuseError, InvalidInput, NotFound, OperationError, ServiceError
from acuse.web.asgi import Reply
from acuse.web.options import RETRY_AFTER


class Language(StrEnum):
    """In which words errors are told."""

    DOCUMENTED = "documented"
    ENGLISH = "en"
    SPANISH = "es"


class FieldMissing(ServiceError):
    """A field is required that was not given."""

    code = "FIELD_REQUIRED"

    def __init__(self, field: str) -> None:
        super().__init__(field=field)


class StationMismatch(ServiceError):
    """The partner belongs to another station."""

    code = "STATION_MISMATCH"


class WebhookMissing(NotFound):
    """No webhook was configured for this partner."""

    code = "WEBHOOK_NOT_FOUND"


class WebhookInactive(ServiceError):
    """The webhook of this partner is not active."""

    code = "WEBHOOK_INACTIVE"


class FileMissing(NotFound):
    """The message has no file with that number."""

    code = "FILE_NOT_FOUND"


class PathUnknown(NotFound):
    """There is nothing at this path."""


class MethodNotAllowed(ServiceError):
    """Every path of this API takes POST alone."""

    code = "METHOD_NOT_ALLOWED"


class FirstAttemptFailed(ServiceError):
    """The first attempt to send a message failed."""

    code = "SEND_FAILED"

    def __init__(self, reason: str, *, is_tried_again: bool, data: Mapping[str, object]) -> None:
        super().__init__(reason=reason, is_tried_again=is_tried_again)
        self.data = data


@dataclass(frozen=True, slots=True)
class Words:
    """How an error is told; `documented` as the service writes it itself."""

    status: int
    english: str
    spanish: str
    documented: str = ""

    def text(self, language: Language) -> str:
        if language is Language.SPANISH:
            return self.spanish
        return self.english if language is Language.ENGLISH or not self.documented else self.documented


ERRORS: Mapping[str, Words] = {
    "FIELD_REQUIRED": Words(400, "Required field: {field}", "Campo requerido: {field}", "Campo requerido: {field}"),
    "VALIDATION_FAILED": Words(400, "Invalid field {field}: {problem}", "Campo no válido {field}: {problem}"),
    "STATION_MISMATCH": Words(400, "Station does not match partner", "La estación no corresponde al socio"),
    "WEBHOOK_INACTIVE": Words(400, "Webhook not active", "Webhook no activo", "Webhook no activo"),
    "PARTNER_INACTIVE": Words(400, "Partner not active", "Socio no activo"),
    "ENCRYPTION_FAILED": Words(
        400, "The message cannot be encrypted: {problem}", "No se puede cifrar el mensaje: {problem}"
    ),
    "SIGNING_FAILED": Words(400, "The message cannot be signed: {problem}", "No se puede firmar el mensaje: {problem}"),
    "CERTIFICATE_EXPIRED": Words(400, "Certificate expired: {problem}", "Certificado caducado: {problem}"),
    "SEND_FAILED": Words(400, "Send error: {reason}", "Error de envío: {reason}"),
    "INVALID_API_KEY": Words(401, "Invalid token", "Token no válido"),
    "API_KEY_EXPIRED": Words(401, "Expired token", "Token caducado"),
    "INSUFFICIENT_SCOPE": Words(
        403, "Scope {required_scope} required", "Scope {required_scope} requerido", "Scope {required_scope} requerido"
    ),
    "IP_NOT_ALLOWED": Words(403, "Address not allowed", "Dirección no permitida"),
    "LIVE_KEY_REQUIRED": Words(403, "Live token required", "Se requiere un token real"),
    "PARTNER_NOT_FOUND": Words(404, "Partner not found", "Socio no encontrado"),
    "STATION_NOT_FOUND": Words(404, "Station not found", "Estación no encontrada"),
    "MESSAGE_NOT_FOUND": Words(404, "Message not found", "Mensaje no encontrado"),
    "CERTIFICATE_NOT_FOUND": Words(404, "Certificate not found", "Certificado no encontrado"),
    "FILE_NOT_FOUND": Words(404, "File not found", "Fichero no encontrado"),
    "WEBHOOK_NOT_FOUND": Words(404, "Webhook not found", "Webhook no encontrado"),
    "METHOD_NOT_ALLOWED": Words(405, "Use POST", "Use POST"),
    "ALREADY_EXISTS": Words(409, "Already exists: {problem}", "Ya existe: {problem}"),
    "PAYLOAD_TOO_LARGE": Words(413, "Too large: {problem}", "Demasiado grande: {problem}"),
    "RATE_LIMITED": Words(429, "Too many requests", "Demasiadas peticiones"),
    "NOT_IMPLEMENTED": Words(501, "Not available in this gateway", "No disponible en esta pasarela"),
    "STORAGE_FAILED": Words(503, "Temporarily unavailable", "No disponible temporalmente"),
}
_UNKNOWN = Words(404, "Not found", "No encontrado")
_TRIED_AGAIN = {
    Language.SPANISH: " El mensaje sigue en cola y se reintenta; no lo envíe de nuevo.",
    Language.ENGLISH: " The message stays queued and is tried again; do not send it anew.",
}
_OURS = Words(500, "Internal error {request_id}", "Error interno {request_id}")


def language_of(accept_language: str | None) -> Language:
    """The language that a client prefers (RFC 9110 section 12.5.4), read as far as the first one that is known."""
    for entry in (accept_language or "").lower().split(","):
        tag = entry.partition(";")[0].strip().partition("-")[0]
        if tag in (Language.ENGLISH, Language.SPANISH):
            return Language(tag)
    return Language.DOCUMENTED


def error_reply(error: AcuseError, *, language: Language, request_id: str) -> Reply:
    """The answer for an error."""
    words = _words(error)
    if words is None:
        return unexpected_reply(language=language, request_id=request_id)
    details = {name: str(value) for name, value in error.details.items()}
    fields = error.fields if isinstance(error, InvalidInput) else {}
    if fields:
        details["field"], details["problem"] = next(iter(fields.items()))
    told = words.text(language).format_map({"problem": error.message, **details})
    if isinstance(error, FirstAttemptFailed) and error.details["is_tried_again"]:
        told += _TRIED_AGAIN.get(language, _TRIED_AGAIN[Language.ENGLISH])
    body: dict[str, object] = {"status": "error", "msg": told, "code": error.code}
    paths = [*fields] or ([details["field"]] if isinstance(error, FieldMissing) else [])
    if paths:
        body["fields"] = [{"path": path} for path in paths]
    if "retry_after" in error.details:
        body["retry_after"] = error.details["retry_after"]
    if isinstance(error, FirstAttemptFailed):
        body["data"] = error.data
    return _reply(words.status, body, _headers(words.status, details))


def unexpected_reply(*, language: Language, request_id: str) -> Reply:
    """The answer for what nobody expected."""
    told = _OURS.text(language).format(request_id=request_id)
    return _reply(_OURS.status, {"status": "error", "msg": told, "code": AcuseError.code})


def _words(error: AcuseError) -> Words | None:
    """None: it is ours alone."""
    if error.code in ERRORS:
        return ERRORS[error.code]
    if isinstance(error, NotFound):
        return _UNKNOWN
    if isinstance(error, OperationError):
        return ERRORS["STORAGE_FAILED"]
    return Words(400, "{problem}", "{problem}") if isinstance(error, ServiceError) else None


def _headers(status: int, details: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    match status:
        case 401:
            return (("WWW-Authenticate", 'Bearer realm="acuse"'),)
        case 405:
            return (("Allow", "POST"),)
        case 429:
            return (("Retry-After", details.get("retry_after", RETRY_AFTER)),)
        case 503:
            return (("Retry-After", RETRY_AFTER),)
        case _:
            return ()


def _reply(status: int, body: Mapping[str, object], headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    content = msgspec.json.encode(body)
    return Reply(status=status, body=content, headers=(("Content-Type", "application/json"), *headers))
