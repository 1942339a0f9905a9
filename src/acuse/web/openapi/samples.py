"""Examples that nobody has to write: a value for any shape of the document, and the call with curl."""

import json
from collections.abc import Mapping
from typing import Any

_BY_TYPE: Mapping[str, object] = {"string": "…", "integer": 1, "number": 1.0, "boolean": True, "null": None}
_DEEPEST = 6


def resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself, where it is a reference."""
    if "$ref" not in schema:
        return schema
    found: Any = document
    for part in str(schema["$ref"]).removeprefix("#/").split("/"):
        found = found[part]
    return resolved(document, found)


def sample(document: Mapping[str, Any], schema: Mapping[str, Any], *, depth: int = 0) -> object:
    """A value of that shape: the example where there is one."""
    schema = resolved(document, schema)
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    if "default" in schema:
        return schema["default"]
    if "anyOf" in schema:
        # Where it may be null it is: this is an answer in which all is well.
        either = schema["anyOf"]
        return None if {"type": "null"} in either else sample(document, either[0], depth=depth)
    kind = kind_of(schema)
    if kind == "object" and depth < _DEEPEST:
        fields = schema.get("properties", {})
        return {name: sample(document, entry, depth=depth + 1) for name, entry in fields.items()}
    if kind == "array" and depth < _DEEPEST:
        return [sample(document, schema["items"], depth=depth + 1)]
    return {"object": {}, "array": []}.get(kind, _BY_TYPE.get(kind))


def kind_of(schema: Mapping[str, Any]) -> str:
    """The type of a schema; of several the first."""
    kind = schema.get("type", "object")
    return str(kind if isinstance(kind, str) else kind[0])


def written(value: object) -> str:
    """JSON for people."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def curl(document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> list[str]:
    """The call with curl, once for each content type of its body."""
    parameters = {entry["name"]: entry["schema"] for entry in document["paths"][path]["parameters"] if "name" in entry}
    for name, schema in parameters.items():
        path = path.replace(f"{{{name}}}", str(sample(document, schema)))
    head = [f"curl -X {method}" if method not in ("GET", "POST") else "curl", '-H "Authorization: Bearer $KEY"']
    kinds = operation.get("requestBody", {}).get("content", {})
    if not kinds:
        word = ["-X POST"] if method == "POST" else []
        return [_joined(*head, *word, f'"$GATEWAY{path}"')]
    return [
        _joined(*head, *_body_of(document, kind, content["schema"]), f'"$GATEWAY{path}"')
        for kind, content in kinds.items()
    ]


def _body_of(document: Mapping[str, Any], kind: str, schema: Mapping[str, Any]) -> list[str]:
    if kind == "multipart/form-data":
        fields = {
            name: resolved(document, schema)["properties"][name] for name in resolved(document, schema)["required"]
        }
        return [*(f"-F {name}={sample(document, entry)}" for name, entry in fields.items()), "-F file=@order-7.x12"]
    text = written(_asked(document, schema)).replace("'", "'\\''")
    return ['-H "Content-Type: application/json"', f"-d '{text}'"]


def _asked(document: Mapping[str, Any], schema: Mapping[str, Any]) -> object:
    """A body with the fields that it must have."""
    schema = resolved(document, schema)
    if schema.get("examples"):
        return schema["examples"][0]
    fields = schema.get("properties", {})
    shown = schema.get("required") or list(fields)[:1]
    return {
        name: [_asked(document, fields[name]["items"])] if "items" in fields[name] else sample(document, fields[name])
        for name in shown
    }


def _joined(*parts: str) -> str:
    return " \\\n  ".join(parts)
