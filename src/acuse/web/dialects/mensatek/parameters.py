"""The parameters of a call, from JSON, a form, or a multipart form; names match without regard to case.

Rule: arrays may come as JSON or as a text that holds JSON, numbers as numbers or as text. What cannot be read is told
by the number that a program written for the service knows.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec

from acuse.web.dialects.mensatek.codes import RES_TEXTS, Res
from acuse.web.dialects.mensatek.replies import Form

MOST_PARAMETERS = 100


class Refused(Exception):
    """A call that is answered with a negative `Res`."""

    def __init__(self, res: Res, text: str | None = None) -> None:
        super().__init__(res)
        self.res = res
        self.text = RES_TEXTS[res] if text is None else text


class Parameters:
    """What a body said."""

    def __init__(self, given: Mapping[str, object]) -> None:
        self._given = {name.strip().casefold(): value for name, value in given.items()}

    @classmethod
    def of_json(cls, body: bytes) -> "Parameters":
        """Raises Refused."""
        try:
            given = msgspec.json.decode(body or b"{}")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Refused(Res.BAD_PARAMETER, "El cuerpo no es JSON") from None
        if not isinstance(given, dict):
            raise Refused(Res.BAD_PARAMETER, "El cuerpo no es un objeto JSON")
        return cls(given)

    @classmethod
    def of_form(cls, body: bytes) -> "Parameters":
        """Raises Refused."""
        try:
            text = body.decode("utf-8")
            return cls(dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)))
        except (ValueError, UnicodeDecodeError):
            raise Refused(Res.BAD_PARAMETER, "El formulario no se puede leer") from None

    @property
    def is_empty(self) -> bool:
        """Nothing was said, but for the form of the answer."""
        return not any(value not in (None, "") for name, value in self._given.items() if name != "resp")

    @property
    def form(self) -> Form:
        """Of the answer; what is unknown counts as not said."""
        value = self._given.get("resp")
        word = value.strip().upper() if isinstance(value, str) else ""
        return Form(word) if word in list(Form) else Form.LEGACY

    def canonical(self) -> bytes:
        """The same bytes for calls that ask the same."""
        return msgspec.json.encode(self._given, order="deterministic")

    def text(self, name: str) -> str:
        """The value as text, without the blanks around it; empty where it was not given. Raises Refused."""
        value = self._given.get(name.casefold())
        found = scalar(value)
        if found is None:
            raise Refused(Res.BAD_PARAMETER, f"Parámetro no válido: {name}")
        return found.strip()

    def required(self, name: str) -> str:
        """Raises Refused."""
        found = self.text(name)
        if not found:
            raise Refused(Res.BAD_PARAMETER, f"Falta parámetro obligatorio: {name}")
        return found

    def number(self, name: str) -> int:
        """A whole number above 0. Raises Refused."""
        text = self.required(name)
        if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) > 0):
            raise Refused(Res.BAD_PARAMETER, f"Parámetro no válido: {name}")
        return int(text)

    def entries(self, name: str) -> list[Mapping[str, object]]:
        """A list of objects, whose own names are as they came; nulls in it are left out. Raises Refused."""
        value = self._given.get(name.casefold())
        if isinstance(value, str):
            try:
                value = msgspec.json.decode(value) if value.strip() else []
            except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
                raise Refused(Res.BAD_PARAMETER, f"Parámetro no válido: {name} no es JSON") from None
        if isinstance(value, dict):
            value = [value]
        found = [entry for entry in value or () if entry is not None] if isinstance(value, list | None) else None
        if found is None or not all(isinstance(entry, dict) for entry in found):
            raise Refused(Res.BAD_PARAMETER, f"Parámetro no válido: {name}")
        return found


def scalar(value: object) -> str | None:
    """A value as text: a number as it is written, nothing as an empty text; None for what is neither."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value) if isinstance(value, str | int | float) else None
