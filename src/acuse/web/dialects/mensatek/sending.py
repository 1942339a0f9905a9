"""`EnviarEMAILCERTIFICADO`: the dialect's parameters become a sending, and what became of each recipient is told."""

from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from acuse.domain import enclosure_policy
from acuse.domain.credit import UNIT, CreditsExhausted
from acuse.domain.notice import LONGEST_ACCEPTANCE_DAYS, Failure, Protection, Recipient
from acuse.errors import InvalidInput, SenderNotValidated
from acuse.services.accept_message import OutgoingFile
from acuse.services.send_notices import MOST_RECIPIENTS, SendNotices, Sent, send_notices
from acuse.web.dialects.mensatek.calls import MensatekCall
from acuse.web.dialects.mensatek.codes import ESTADO_TEXTS, FAILURES, Res
from acuse.web.dialects.mensatek.moments import read_moment
from acuse.web.dialects.mensatek.parameters import Parameters, Refused, scalar
from acuse.web.dialects.mensatek.replies import Value

_PROTECTIONS: Mapping[str, tuple[Protection, str | None]] = {
    "": (Protection.NONE, None),
    "NINGUNA": (Protection.NONE, None),
    "OTPSMS": (Protection.SMS_CODE, "otpmovil"),
    "OTPEMAIL": (Protection.EMAIL_CODE, "otpemail"),
    "DNI": (Protection.DOCUMENT_NUMBER, "dni"),
    "CERTIFICADO": (Protection.CLIENT_CERTIFICATE, "certificadonif"),
    "PIN": (Protection.PIN, "pin"),
}
"""The words of `Proteccion`, and the variable that holds what it compares with."""
_SECRETS = frozenset({"pin", "otpmovil", "otpemail", "certificadonif"})
"""Neither fill in a text nor come back in the answer."""
_NAMES: Mapping[str, str] = {
    "sender": "Remitente",
    "subject": "Asunto",
    "text": "Mensaje",
    "reference": "Referenciausuario",
    "recipients": "Destinatarios",
    "attachments": "Adjuntos",
    "scheduled_at": "Fecha",
}


def send(call: MensatekCall) -> dict[str, Value]:
    """Send to all recipients that can be written to. Raises Refused."""
    given = call.parameters
    entries = given.entries("Destinatarios")
    recipients = tuple(_recipient(entry) for entry in entries)
    if len(recipients) > MOST_RECIPIENTS:
        raise Refused(Res.TOO_MANY_RECIPIENTS)
    if not recipients:
        raise Refused(Res.BAD_PARAMETER, "Falta parámetro obligatorio: Destinatarios")
    command = SendNotices(
        space=call.space,
        sender_address=given.required("Remitente"),
        recipients=recipients,
        subject=given.required("Asunto"),
        text=given.required("Mensaje"),
        scheduled_at=read_date(given, now=call.ports.world.now()),
        acceptance_days=_acceptance_days(given),
        reference=given.text("Referenciausuario") or None,
        wants_report=given.text("Report") == "1",
        request_sha256=call.body_sha256,
        files=_files(call, given.entries("Adjuntos")),
    )
    try:
        sent = send_notices(call.ports, command)
    except SenderNotValidated:
        raise Refused(Res.SENDER_NOT_VALIDATED) from None
    except CreditsExhausted:
        raise Refused(Res.NO_CREDITS_OR_NOT_YOURS, "Créditos insuficientes") from None
    except InvalidInput as error:
        raise _refusal(error) from None
    return _told(entries, recipients, sent, cred=call.balance())


def read_date(given: Parameters, *, now: datetime) -> datetime | None:
    """The parameter `Fecha`, which lies in the future; None where it is empty. Raises Refused."""
    text = given.text("Fecha")
    if not text:
        return None
    try:
        moment = read_moment(text)
    except (ValueError, OverflowError):
        raise Refused(Res.BAD_DATE) from None
    if moment <= now:
        raise Refused(Res.BAD_DATE, "La fecha ya ha pasado")
    return moment


def _acceptance_days(given: Parameters) -> int | None:
    word = given.text("Aceptacion").upper()
    if word in ("", "NO", "0"):
        return None
    if word not in ("SI", "SÍ", "1"):
        raise Refused(Res.BAD_PARAMETER, "Parámetro no válido: Aceptacion es SI o NO")
    days = given.text("Caducidadaceptacion")
    if not (days.isascii() and days.isdigit() and len(days) <= 3 and 1 <= int(days) <= LONGEST_ACCEPTANCE_DAYS):
        raise Refused(Res.BAD_ACCEPTANCE)
    return int(days)


def _recipient(entry: Mapping[str, object]) -> Recipient:
    values = {name.strip().casefold(): scalar(value) for name, value in entry.items()}
    if any(value is None for value in values.values()):
        raise Refused(Res.BAD_PARAMETER, "Parámetro no válido: los datos de un destinatario son textos o números")
    texts = {name: value or "" for name, value in values.items()}
    word = texts.get("proteccion", "").strip().upper()
    if word not in _PROTECTIONS:
        raise Refused(Res.BAD_PROTECTION, f"Proteccion es una de {', '.join(name for name in _PROTECTIONS if name)}")
    kind, variable = _PROTECTIONS[word]
    secret = texts.get(variable, "").strip() if variable else ""
    address = texts.get("email", "").strip()
    if (kind not in (Protection.NONE, Protection.EMAIL_CODE) and not secret) or (
        kind is Protection.EMAIL_CODE and secret.lower() == address.lower()
    ):
        raise Refused(Res.BAD_PROTECTION)
    hidden = _SECRETS | {"nombre", "email", "proteccion"}
    return Recipient(
        address=address,
        name=texts.get("nombre", "").strip(),
        variables={name: text for name, text in texts.items() if name not in hidden},
        protection=kind,
        secret=secret or None,
    )


def _files(call: MensatekCall, entries: Sequence[Mapping[str, object]]) -> tuple[OutgoingFile, ...]:
    """The attachments, staged once all of them were found to be good. Raises Refused."""
    decoded = [_file(entry) for entry in entries]
    if len(decoded) > enclosure_policy.MOST:
        raise Refused(Res.ATTACHMENT_REFUSED, "Demasiados adjuntos")
    if sum(len(content) for _, _, content in decoded) > enclosure_policy.LARGEST_TOGETHER:
        raise Refused(Res.ATTACHMENT_TOO_LARGE)
    files = []
    for name, kind, content in decoded:
        stage = call.ports.blobs.stage()
        stage.write(content)
        files.append(OutgoingFile(filename=name, content_type=kind, stage=stage))
    return tuple(files)


def _file(entry: Mapping[str, object]) -> tuple[str, str, bytes]:
    values = {name.strip().casefold(): value for name, value in entry.items()}
    name, content = values.get("nombre"), values.get("contenido")
    if not isinstance(name, str) or not name.strip() or not isinstance(content, str):
        raise Refused(Res.BAD_PARAMETER, "Cada adjunto tiene Nombre y Contenido")
    kind = enclosure_policy.type_by_name(name.strip())
    if kind is None:
        raise Refused(Res.ATTACHMENT_REFUSED)
    try:
        data = a2b_base64("".join(content.split()).encode("ascii"), strict_mode=True)
    except (Base64Error, UnicodeEncodeError):
        raise Refused(Res.ATTACHMENT_BROKEN) from None
    if not data:
        raise Refused(Res.ATTACHMENT_BROKEN, "Un adjunto está vacío")
    if len(data) > enclosure_policy.LARGEST:
        raise Refused(Res.ATTACHMENT_TOO_LARGE)
    if enclosure_policy.is_program(data):
        raise Refused(Res.ATTACHMENT_REFUSED)
    return name.strip(), kind, data


def _refusal(error: InvalidInput) -> Refused:
    name = next(iter(error.fields), "")
    if name == "scheduled_at":
        return Refused(Res.BAD_DATE)
    return Refused(Res.BAD_PARAMETER, f"Parámetro no válido: {_NAMES.get(name, name)}")


def _told(
    entries: Sequence[Mapping[str, object]], recipients: Sequence[Recipient], sent: Sent, *, cred: Decimal
) -> dict[str, Value]:
    ids = {id(notice.recipient): notice.handle for notice in sent.notices}
    failures = {id(turned.recipient): turned.failure for turned in sent.turned_away}
    shown = [
        {**_echo(entry), **_outcome(ids.get(id(recipient)), failures.get(id(recipient)))}
        for entry, recipient in zip(entries, recipients, strict=True)
    ]
    first = next(iter(failures.values()), None)
    return {
        "Res": len(sent.notices) or int(Res.BAD_PARAMETER),
        "Error": ESTADO_TEXTS[FAILURES[first]] if first is not None and not sent.notices else "",
        "Destinatarios": shown,
        "Cred": cred,
        "Enviados": len(sent.notices),
        "NoEnviados": len(sent.turned_away),
        "Duplicados": len(sent.duplicates),
        "CreditosUsados": Decimal(sent.credits_used) / UNIT,
    }


def _echo(entry: Mapping[str, object]) -> dict[str, object]:
    """A recipient as it was given, but for what only it should know."""
    return {name: value for name, value in entry.items() if name.strip().casefold() not in _SECRETS}


def _outcome(handle: int | None, failure: Failure | None) -> dict[str, object]:
    if handle is not None:
        return {"idMensaje": handle, "IDMENSAJE": handle}
    reason = "Destinatario duplicado" if failure is None else ESTADO_TEXTS[FAILURES[failure]]
    return {"idMensaje": 0, "IDMENSAJE": 0, "Error": reason}
