"""The words of the mails that we write ourselves, in the language of the sending.

A direct mail is the sender's text with a line below it; a hosted one says that there is something to read, and where.
Neither has an image: a picture that is fetched proves nothing that we would want to say.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

LANGUAGES = ("es", "en")
_MADRID = ZoneInfo("Europe/Madrid")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    below: str
    hosted: str
    accept: str
    link: str
    code: str
    code_text: str
    code_warning: str


_WORDS: Mapping[str, _Words] = {
    "es": _Words(
        below="Este mensaje es un correo electrónico certificado. Puede confirmar su lectura en esta página:",
        hosted="{sender} le ha enviado un correo electrónico certificado con el asunto «{subject}».",
        accept="Puede aceptarlo o rechazarlo hasta el {until}.",
        link="Ver el contenido",
        code="Su código: {digits}",
        code_text="El código para ver la notificación {reference} es {digits}. Vale durante 10 minutos, en el "
        "navegador en que lo pidió.",
        code_warning="No se lo diga a nadie. Si no lo ha pedido usted, no haga nada.",
    ),
    "en": _Words(
        below="This message is a certified e-mail. You can confirm that you read it on this page:",
        hosted="{sender} has sent you a certified e-mail with the subject “{subject}”.",
        accept="You can accept or refuse it until {until}.",
        link="See the content",
        code="Your code: {digits}",
        code_text="The code to see the notice {reference} is {digits}. It is good for 10 minutes, in the browser in "
        "which you asked for it.",
        code_warning="Tell it to nobody. If you did not ask for it, do nothing.",
    ),
}


def below_direct(text_html: str, *, url: str, language: str) -> str:
    """The sender's text, sanitised, with our line below it."""
    words = _words(language)
    return f'{text_html}<hr><p>{html.escape(words.below)} <a href="{html.escape(url)}">{html.escape(url)}</a></p>'


def hosted_notice(*, sender: str, subject: str, url: str, until: datetime | None, language: str) -> str:
    """The whole mail that leads to content on our page."""
    words = _words(language)
    lines = [words.hosted.format(sender=sender, subject=subject)]
    if until is not None:
        lines.append(
            words.accept.format(until=f"{until.astimezone(ZoneInfo('Europe/Madrid')):%d/%m/%Y %H:%M} (Madrid)")
        )
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    link = f'<a href="{html.escape(url)}">{html.escape(words.link)}</a>'
    return f"{paragraphs}<p>{link}</p><p>{html.escape(url)}</p>"


def code_mail(*, digits: str, reference: str, language: str) -> tuple[str, str]:
    """Subject and HTML of the mail that carries a one-time code. No link: whoever reads it has the page open."""
    words = _words(language)
    lines = (words.code_text.format(digits=digits, reference=reference), words.code_warning)
    return words.code.format(digits=digits), "".join(f"<p>{html.escape(line)}</p>" for line in lines)


def validation_mail(*, address: str, operator: str, url: str) -> tuple[str, str]:
    """Subject and HTML of the mail that asks whether an address may be used, in both languages: nobody chose one."""
    shown = {"address": html.escape(address), "operator": html.escape(operator), "url": html.escape(url)}
    lines = [
        "{operator}: alguien quiere enviar correos electrónicos certificados desde {address}.",
        "Si es usted, confírmelo en esta página antes de 24 horas. Si no, no haga nada.",
        "{operator}: somebody wants to send certified e-mails from {address}.",
        "If it is you, confirm it on this page within 24 hours. If not, do nothing.",
        '<a href="{url}">{url}</a>',
    ]
    paragraphs = "".join(f"<p>{line.format_map(shown)}</p>" for line in lines)
    return "Confirme su dirección / Confirm your address", paragraphs


def _words(language: str) -> _Words:
    return _WORDS.get(language, _WORDS["en"])
