"""Answers in the four forms of the dialect: TXT, JSON, XML, and the legacy one when a call does not say `Resp`.

Rule: numbers are numbers in JSON. In TXT an amount has a comma, and no value can begin a line or a key of its own.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from html import escape

import msgspec

from acuse.web.asgi import Reply

Value = int | str | Decimal | Sequence[Mapping[str, object]]
"""Decimal is an amount of credits."""

_PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_.-]")
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_IN_TEXT = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_NEWER = ("Error", "Destinatarios", "Enviados", "NoEnviados", "Duplicados", "CreditosUsados")
"""Keys that the oldest versions did not have."""


class Form(StrEnum):
    """The values of `Resp`."""

    TXT = "TXT"
    JSON = "JSON"
    XML = "XML"
    LEGACY = ""


def write_reply(
    fields: Mapping[str, Value],
    form: Form,
    *,
    is_bare: bool = False,
    status: int = 200,
    headers: Sequence[tuple[str, str]] = (),
) -> Reply:
    """The answer; `is_bare` leaves out the array around the JSON object."""
    body, kind = _written(fields, form, is_bare=is_bare)
    return Reply(status=status, body=body.encode(), headers=(("Content-Type", kind), *headers))


def _written(fields: Mapping[str, Value], form: Form, *, is_bare: bool) -> tuple[str, str]:
    match form:
        case Form.JSON:
            shown = {name: _number(value) if isinstance(value, Decimal) else value for name, value in fields.items()}
            return msgspec.json.encode(shown if is_bare else [shown]).decode(), "application/json; charset=utf-8"
        case Form.XML:
            return (
                f'<?xml version="1.0" encoding="UTF-8"?>\n<result>{_xml(fields)}</result>\n',
                "text/xml; charset=utf-8",
            )
        case Form.TXT:
            return _text(fields), "text/plain; charset=utf-8"
        case _:
            return _legacy(fields), "text/plain; charset=utf-8"


def _legacy(fields: Mapping[str, Value]) -> str:
    """As TXT without the newer keys; an error is its bare number."""
    result = fields["Res"]
    if isinstance(result, int) and result < 0:
        return f"{result}"
    recipients = fields.get("Destinatarios")
    ids = [str(entry["idMensaje"]) for entry in recipients] if isinstance(recipients, list) else []
    sent = {"Msgid": ",".join(number for number in ids if number != "0")} if ids else {}
    rest = {name: value for name, value in fields.items() if name not in (*_NEWER, "Res")}
    return _text({"Res": result, **sent, **rest})


def _text(fields: Mapping[str, object]) -> str:
    return "".join(f"{_plain(name).replace(':', '_')}:{_text_value(value)}\n" for name, value in fields.items())


def _text_value(value: object) -> str:
    if isinstance(value, list | tuple):
        return "[\n" + "".join(f"{number}:[\n{_text(entry)}]\n" for number, entry in enumerate(value)) + "]"
    if isinstance(value, Decimal):
        return f"{value:.2f}".replace(".", ",") + ";"
    return f"{_plain(str(value))};"


def _plain(text: str) -> str:
    return _NOT_IN_TEXT.sub(" ", text).replace(";", ",")


def _xml(fields: Mapping[str, object]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: object) -> str:
    tag = _NOT_A_NAME.sub("_", name)
    tag = tag if tag[:1].isalpha() or tag[:1] == "_" else f"_{tag}"
    if isinstance(value, list | tuple):
        items = (
            f"<item{number}>{_xml({key.upper(): inner for key, inner in entry.items()})}</item{number}>"
            for number, entry in enumerate(value)
        )
        return f"<{tag}>{''.join(items)}</{tag}>"
    text = str(_number(value) if isinstance(value, Decimal) else value)
    return f"<{tag}>{escape(_NOT_IN_XML.sub('', text), quote=False)}</{tag}>"


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == amount.to_integral_value() else float(amount)
