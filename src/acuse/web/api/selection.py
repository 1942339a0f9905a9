"""`fields=`: showing only some fields of what was asked for."""

from collections.abc import Iterable, Mapping

from acuse.web.shared.fields import FieldReader


def read_fields(query: FieldReader) -> frozenset[str] | None:
    """The names in `fields=`, separated by commas; None: all fields."""
    text = query.text("fields", longest=1000)
    return None if text is None else frozenset(name.strip() for name in text.split(",") if name.strip())


def only(names: frozenset[str] | None, objects: Iterable[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """The objects with these fields, and with their id. A name that they do not have is passed over."""
    if names is None:
        return list(objects)
    return [{name: value for name, value in entry.items() if name == "id" or name in names} for entry in objects]
