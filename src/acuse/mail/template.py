"""Variables in subjects and texts: `{{Nombre}}` becomes the recipient's value, once, and nothing else happens.

There is no expression language on purpose: a template comes from outside, and what it can do is count and replace. A
value is never searched for further variables, and the size of the result is known before it is built.
"""

import html
import re
from collections.abc import Mapping

from acuse.errors import CoreError

_VARIABLE = re.compile(r"\{\{\s*([^{}\s][^{}\r\n]{0,63}?)\s*\}\}")


class VariableMissing(CoreError):
    """The text names a variable that the recipient has no value for."""

    code = "VARIABLE_MISSING"

    def __init__(self, *, name: str) -> None:
        super().__init__(f"The text names {{{{{name}}}}}, and the recipient has no value for it.", name=name)


class RenderedTooLarge(CoreError):
    """With its variables filled in, the text would become too large."""

    code = "RENDERED_TOO_LARGE"


def variables_in(template: str) -> frozenset[str]:
    """The names that a template uses, in lower case."""
    return frozenset(name.casefold() for name in _VARIABLE.findall(template))


def render(template: str, values: Mapping[str, str], *, limit: int, into_html: bool = False) -> str:
    """The template with each variable replaced by its value; names match without regard to case.

    With `into_html` values are escaped. `limit` is in characters. Raises VariableMissing and RenderedTooLarge.
    """
    written = {name.casefold(): html.escape(value) if into_html else value for name, value in values.items()}
    size = len(template)
    for match in _VARIABLE.finditer(template):
        name = match.group(1)
        if name.casefold() not in written:
            raise VariableMissing(name=name)
        size += len(written[name.casefold()]) - len(match.group(0))
        if size > limit:
            raise RenderedTooLarge(f"With its variables filled in, the text has more than {limit} characters.")
    return _VARIABLE.sub(lambda match: written[match.group(1).casefold()], template)
