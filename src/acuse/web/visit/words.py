"""The words of the recipients' pages, in Spanish and English.

Rule: the words say what was observed and what an answer means, and never more. Both languages have the same keys, and
the same places to fill in; what an answer means is hashed into the evidence of the answer.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

DEFAULT: Final = "es"
ZONE: Final = ZoneInfo("Europe/Madrid")

_ES: Final[Mapping[str, str]] = {
    "name": "Español",
    "kind": "Notificación certificada",
    "sends": "{sender} le envía una notificación",
    "sent_mail": "{sender} le ha enviado un correo certificado",
    "to": "Para",
    "subject": "Asunto",
    "contains": "Contiene",
    "letter": "Una carta",
    "letter_and_one": "Una carta y 1 adjunto ({size})",
    "letter_and_more": "Una carta y {count} adjuntos ({size})",
    "sent": "Enviada",
    "answer_before": "Responda antes del",
    "zone": "hora de Madrid",
    "one_day_left": "queda 1 día",
    "days_left": "quedan {count} días",
    "last_day": "es el último día",
    "meaning": "Qué significa su respuesta",
    "if_accept": "Si la acepta",
    "accept_means": "verá el contenido enseguida. Aceptarla significa recibirla: no es estar de acuerdo con lo que "
    "dice.",
    "if_refuse": "Si la rechaza",
    "refuse_means": "no verá el contenido. El remitente sabrá que la ha rechazado.",
    "if_silent": "Si no responde",
    "silence_means": "la notificación caduca y el remitente lo sabrá.",
    "accept": "Aceptar y leer",
    "refuse": "Rechazar",
    "recorded": "Abrir esta página no prueba nada. Al responder guardamos la fecha y la hora, la dirección IP y el "
    "navegador, y se los damos al remitente como prueba.",
    "refuse_first": "Antes de rechazar le pediremos que lo confirme.",
    "read_title": "Qué significa leerla",
    "read_means": "Al pulsar el botón verá el contenido, y quedará constancia de que se le ha mostrado. Leerla no es "
    "estar de acuerdo con lo que dice.",
    "read": "Leer",
    "genuine": "¿Duda de que sea auténtica?",
    "genuine_text": "Esta página no le pide contraseñas, datos bancarios ni pagos. Compruebe que la dirección del "
    "navegador es la de {operator} y, si tiene dudas, pregunte al remitente por un medio que ya "
    "conozca: {address}.",
    "proves": "Qué prueba esto y qué no",
    "proves_text": "Prueba qué se envió, a qué dirección y qué se pulsó en esta página, y cuándo. No prueba por sí "
    "solo quién tenía el aparato en la mano, ni que usted esté de acuerdo con el contenido.",
    "help": "Accesibilidad y ayuda",
    "help_text": "La página funciona sin ratón y sin programas en el navegador, y se puede ampliar e imprimir. Para "
    "cualquier otra ayuda escriba al remitente: {address}.",
    "reference": "Referencia",
    "operated": "Servicio operado por {operator} con acuse.",
    "unqualified_before": "Servicio de entrega",
    "unqualified": "no cualificado",
    "unqualified_after": "según el Reglamento (UE) 910/2014.",
    "refuse_sure": "¿Rechazar la notificación?",
    "refuse_final": "Si la rechaza no podrá leerla después. {sender} sabrá que la ha rechazado y cuándo.",
    "refuse_yes": "Sí, rechazar",
    "back": "Volver",
    "accepted_at": "Aceptada",
    "read_at": "Leída",
    "content": "Contenido de la notificación",
    "alone": "Abrir la carta en otra pestaña",
    "attachments": "Adjuntos",
    "proof_copy": "Su copia de la prueba (PDF)",
    "copy_text": "Quedó registrado lo que ve arriba. La prueba está en inglés y no está sellada.",
    "refused_title": "Ha rechazado esta notificación",
    "refused_text": "Su respuesta quedó registrada el {when}. El contenido no se ha mostrado.",
    "expired_title": "El plazo ha terminado",
    "expired_text": "Se podía responder hasta el {when}. El contenido ya no se muestra, y el remitente sabe que no hubo"
    " respuesta.",
    "locked_title": "El acceso está bloqueado",
    "locked_text": "Hubo demasiados intentos equivocados. Solo el remitente puede abrirlo de nuevo.",
    "withdrawn_title": "El remitente ha retirado esta notificación",
    "withdrawn_text": "Ya no hay nada que leer ni que responder.",
    "contact": "Si necesita algo, escriba al remitente:",
    "unknown_title": "Este enlace no abre nada",
    "unknown_text": "Puede estar incompleto o haberse usado ya. Cópielo entero del correo o pida otro al remitente.",
    "again_title": "Vuelva a abrir la página",
    "again_text": "No se ha registrado nada. La página llevaba demasiado tiempo abierta o el navegador no acepta "
    "cookies: ábrala de nuevo desde el enlace del correo.",
    "busy_title": "Demasiados intentos",
    "busy_text": "Desde su red llegan demasiadas peticiones. Espere un minuto y vuelva a intentarlo.",
    "prove_title": "Demuestre quién es",
    "prove_code": "Antes de ver el contenido tiene que demostrar que es usted. Le enviamos un código de seis cifras a "
    "{where}.",
    "prove_code_sent": "Hemos enviado un código de seis cifras a {where}. Vale durante 10 minutos.",
    "prove_document_number": "Antes de ver el contenido tiene que escribir el número de su documento de identidad, que "
    "el remitente conoce.",
    "prove_pin": "Antes de ver el contenido tiene que escribir la clave que acordó con el remitente.",
    "label_email_code": "Código",
    "label_document_number": "Número del documento (DNI, NIE o pasaporte)",
    "label_pin": "Clave",
    "one_try_left": "Queda 1 intento.",
    "tries_left": "Quedan {count} intentos.",
    "code_send": "Enviar el código",
    "code_again": "Enviar otro código",
    "go_on": "Continuar",
    "wrong": "No coincide. Compruébelo y vuelva a escribirlo.",
    "no_code": "El código ha caducado o se ha escrito mal demasiadas veces. Pida otro.",
    "too_many_codes": "Se envían como mucho tres códigos por hora. Espere un poco y pida otro.",
    "unprovable_text": "El remitente pide una prueba de identidad que esta página no puede comprobar todavía. El "
    "contenido no se muestra sin ella.",
}
_EN: Final[Mapping[str, str]] = {
    "name": "English",
    "kind": "Certified notice",
    "sends": "{sender} sends you a notice",
    "sent_mail": "{sender} has sent you a certified e-mail",
    "to": "To",
    "subject": "Subject",
    "contains": "Contains",
    "letter": "A letter",
    "letter_and_one": "A letter and 1 attachment ({size})",
    "letter_and_more": "A letter and {count} attachments ({size})",
    "sent": "Sent",
    "answer_before": "Answer before",
    "zone": "Madrid time",
    "one_day_left": "1 day left",
    "days_left": "{count} days left",
    "last_day": "this is the last day",
    "meaning": "What your answer means",
    "if_accept": "If you accept",
    "accept_means": "you will see the content at once. Accepting means receiving it, not agreeing with what it says.",
    "if_refuse": "If you refuse",
    "refuse_means": "you will not see the content. The sender will know that you refused.",
    "if_silent": "If you do not answer",
    "silence_means": "the notice expires, and the sender will know.",
    "accept": "Accept and read",
    "refuse": "Refuse",
    "recorded": "Opening this page proves nothing. When you answer we keep the date and time, the IP address and "
    "the browser, and give them to the sender as proof.",
    "refuse_first": "Before you refuse we ask you to confirm it.",
    "read_title": "What reading it means",
    "read_means": "The button shows you the content, and it is recorded that it was shown to you. Reading it is not "
    "agreeing with what it says.",
    "read": "Read",
    "genuine": "Not sure that it is genuine?",
    "genuine_text": "This page asks for no password, bank details or payment. Check that the address in your browser is"
    " that of {operator} and, if in doubt, ask the sender by a way that you know already: {address}.",
    "proves": "What this proves, and what not",
    "proves_text": "It proves what was sent, to which address, and what was pressed on this page, and when. It does "
    "not prove by itself who held the device, nor that you agree with the content.",
    "help": "Accessibility and help",
    "help_text": "The page works without a mouse and without programs in the browser; it can be enlarged and "
    "printed. For any other help write to the sender: {address}.",
    "reference": "Reference",
    "operated": "Service operated by {operator} with acuse.",
    "unqualified_before": "Delivery service,",
    "unqualified": "not qualified",
    "unqualified_after": "in the sense of Regulation (EU) 910/2014.",
    "refuse_sure": "Refuse the notice?",
    "refuse_final": "If you refuse it you cannot read it later. {sender} will know that you refused it, and when.",
    "refuse_yes": "Yes, refuse",
    "back": "Back",
    "accepted_at": "Accepted",
    "read_at": "Read",
    "content": "Content of the notice",
    "alone": "Open the letter in another tab",
    "attachments": "Attachments",
    "proof_copy": "Your copy of the proof (PDF)",
    "copy_text": "What you see above was recorded. The proof is not sealed.",
    "refused_title": "You refused this notice",
    "refused_text": "Your answer was recorded on {when}. The content was not shown.",
    "expired_title": "The time to answer is over",
    "expired_text": "It could be answered until {when}. The content is not shown any more, and the sender knows that "
    "there was no answer.",
    "locked_title": "Access is locked",
    "locked_text": "There were too many wrong attempts. Only the sender can open it again.",
    "withdrawn_title": "The sender took this notice back",
    "withdrawn_text": "There is nothing to read or to answer any more.",
    "contact": "If you need anything, write to the sender:",
    "unknown_title": "This link opens nothing",
    "unknown_text": "It may be incomplete, or was used already. Copy all of it from the mail, or ask the sender for "
    "another.",
    "again_title": "Open the page again",
    "again_text": "Nothing was recorded. The page was open for too long, or your browser takes no cookies: open it "
    "again by the link in the mail.",
    "busy_title": "Too many attempts",
    "busy_text": "Too many requests come from your network. Wait for a minute and try again.",
    "prove_title": "Show who you are",
    "prove_code": "Before you see the content you have to show that it is you. We send a code of six digits to "
    "{where}.",
    "prove_code_sent": "We sent a code of six digits to {where}. It is good for 10 minutes.",
    "prove_document_number": "Before you see the content you have to type the number of your identity document, which "
    "the sender knows.",
    "prove_pin": "Before you see the content you have to type the secret that you agreed on with the sender.",
    "label_email_code": "Code",
    "label_document_number": "Number of the document (identity card or passport)",
    "label_pin": "Secret",
    "one_try_left": "1 try left.",
    "tries_left": "{count} tries left.",
    "code_send": "Send the code",
    "code_again": "Send another code",
    "go_on": "Continue",
    "wrong": "That does not match. Check it and type it again.",
    "no_code": "The code is too old, or was typed wrong too often. Ask for another.",
    "too_many_codes": "At most three codes are sent in an hour. Wait a little and ask for another.",
    "unprovable_text": "The sender asks for a proof of identity that this page cannot check yet. Without it the "
    "content is not shown.",
}
WORDS: Final[Mapping[str, Mapping[str, str]]] = {"es": _ES, "en": _EN}

_MONTHS: Final[Mapping[str, str]] = {
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "en": "January February March April May June July August September October November December",
}
_MEANING: Final = (
    "if_accept",
    "accept_means",
    "if_refuse",
    "refuse_means",
    "if_silent",
    "silence_means",
    "read_means",
    "recorded",
)


def meaning(language: str) -> str:
    """SHA-256 in hex of the words that say what an answer means: a fact names those that were shown."""
    return hashlib.sha256("\n".join(WORDS[language][key] for key in _MEANING).encode()).hexdigest()


def moment(at: datetime, language: str) -> str:
    """`20 de noviembre de 2026, 10:04`, in Spanish time."""
    local = at.astimezone(ZONE)
    month = _MONTHS[language].split()[local.month - 1]
    of = " de " if language == "es" else " "
    return f"{local.day}{of}{month}{of}{local.year}, {local:%H:%M}"


def size(count: int) -> str:
    """Bytes as people read them."""
    for unit in ("B", "KB"):
        if count < 1000:
            return f"{count:.0f}\u00a0{unit}"
        count = -(-count // 1000)
    return f"{count}\u00a0MB"
