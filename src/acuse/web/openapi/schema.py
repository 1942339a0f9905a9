"""Words for schemas (JSON Schema 2020-12), short enough that a shape reads like a table of the reference page.

Rule: words that a field may have are taken from the code that reads or writes it, so that none can be forgotten here.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

Schema = Mapping[str, object]

LINE = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$"
"""One line: no control characters."""
_MOMENT = "2034-01-15T10:30:00.000000Z"
"""An example may be sent as it stands, and what is scheduled lies in the future."""


def text(about: str = "", **more: object) -> Schema:
    """A string."""
    return _typed("string", about, more)


def line(about: str = "", *, longest: int = 255, **more: object) -> Schema:
    """A string of one line, as requests hold it."""
    return _typed("string", about, {"minLength": 1, "maxLength": longest, "pattern": LINE, **more})


def whole(about: str = "", **more: object) -> Schema:
    """A whole number."""
    return _typed("integer", about, more)


def seconds(about: str = "", **more: object) -> Schema:
    """A length of time."""
    return _typed("number", about, {"minimum": 0, **more})


def number(about: str = "", **more: object) -> Schema:
    """A number."""
    return _typed("number", about, more)


def span(about: str = "", **more: object) -> Schema:
    """A length of time that is one: no attempt may follow the other at once."""
    return _typed("number", about, {"minimum": 0.1, **more})


def flag(about: str = "", **more: object) -> Schema:
    """true or false."""
    return _typed("boolean", about, more)


def choice(words: type[StrEnum] | Iterable[str], about: str = "", **more: object) -> Schema:
    """One of some words."""
    return _typed("string", about, {"enum": [str(word) for word in words], **more})


def moment(about: str = "", **more: object) -> Schema:
    """A time in UTC."""
    return _typed("string", about, {"format": "date-time", "examples": [_MOMENT], **more})


def public(prefix: str, about: str = "") -> Schema:
    """A public id."""
    return text(about, pattern=f"^{prefix}_[0-9]{{6,18}}$", examples=[f"{prefix}_000001"])


def each(entry: Schema, about: str = "", **more: object) -> Schema:
    """A list."""
    return _typed("array", about, {"items": entry, **more})


def free(about: str = "", **more: object) -> Schema:
    """An object whose names are the client's."""
    return _typed("object", about, {"additionalProperties": True, **more})


def texts_by_name(about: str = "", **more: object) -> Schema:
    """An object of strings."""
    return _typed("object", about, {"additionalProperties": {"type": "string"}, **more})


def empty(schema: Schema) -> Schema:
    """The same, or null."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    if "anyOf" in schema:
        return {**schema, "anyOf": [*_either(schema), {"type": "null"}]}
    widened: dict[str, object] = {**schema, "type": [schema["type"], "null"]}
    if isinstance(words := schema.get("enum"), list):
        widened["enum"] = [*words, None]
    return widened


def _either(schema: Schema) -> list[Schema]:
    found = schema["anyOf"]
    assert isinstance(found, list)
    return found


def shape(about: str = "", /, **fields: Schema) -> Schema:
    """An object of ours, which always has all of its fields."""
    return _typed("object", about, {"properties": fields, "required": list(fields)})


def wish(about: str = "", required: Sequence[str] = (), examples: Sequence[object] = (), /, **fields: Schema) -> Schema:
    """An object of a client's. A field that is not required may be null, which counts as left out."""
    shown = {name: schema if name in required else empty(schema) for name, schema in fields.items()}
    more: dict[str, object] = {"properties": shown}
    if required:
        more["required"] = list(required)
    if examples:
        more["examples"] = list(examples)
    return _typed("object", about, more)


def some_of(schema: Schema) -> Schema:
    """The same, or the fields of it that `fields` named."""
    chosen = {"type": "object", "description": "What `fields` named, and the id", "required": ["id"]}
    return {"anyOf": [schema, chosen]}


def ref(name: str) -> Schema:
    """A shape by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _typed(kind: str, about: str, more: Mapping[str, object]) -> Schema:
    return {"type": kind, **({"description": about} if about else {}), **more}
