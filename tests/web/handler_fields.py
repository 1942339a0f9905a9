"""Which fields a handler reads, found in its source: what a `FieldReader` is asked for on the way from the handler.

Rule: the reader of the query is called `query` and that of a nested object is in the table below; every other reader
reads the body, and so does `given.get`.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType

_READS = {
    "value", "text", "choice", "flag", "truth", "moment", "mapping", "texts", "seconds", "number", "whole",
}  # fmt: skip
_READING = {"_emptied": 1, "_kept": 1, "_pem": 1, "_word": 1, "_words": 1, "_entries": 1, "_lines": 1}
"""Functions that read the field which they are given the name of, and where that name stands."""
_NESTED = {
    "http": "http",
    "payload": "payload",
    "recipient": "recipients",
    "protecting": "recipients.protection",
    "attachment": "attachments",
}


def fields_read(handler: Callable[..., object]) -> tuple[set[str], set[str]]:
    """The names in the query, and those in the body with the object that they are in, as in `http.headers`."""
    query: set[str] = set()
    body: set[str] = set()
    for tree, constants in _reached(_unwrapped(handler)):
        for reader, name in _reads(tree, constants):
            if reader == "query":
                query.add(name)
            else:
                body.add(f"{_NESTED[reader]}.{name}" if reader in _NESTED else name)
    return query, body


def _unwrapped(handler: Callable[..., object]) -> FunctionType:
    """The handler itself, where it is wrapped in `once`."""
    assert isinstance(handler, FunctionType)
    inner = inspect.getclosurevars(handler).nonlocals.get("handler")
    return inner if isinstance(inner, FunctionType) else handler


def _reached(start: FunctionType) -> Iterator[tuple[ast.AST, Mapping[str, set[str]]]]:
    """The source of a function and of all of ours that it names; and the texts that each of their names may hold."""
    pending, seen, passed = [start], {start}, dict[str, set[str]]()
    trees: list[ast.Module] = []
    while pending:
        function = pending.pop()
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        trees.append(tree)
        _note_arguments(tree, passed)
        for name in _names(tree):
            found = function.__globals__.get(name)
            if (
                isinstance(found, FunctionType)
                and found.__module__.startswith(("acuse.web.api", "acuse.web.shared"))
                and found not in seen
            ):
                seen.add(found)
                pending.append(found)
    for tree in trees:
        yield tree, passed | _constants(tree)


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id


def _note_arguments(tree: ast.AST, passed: dict[str, set[str]]) -> None:
    """`f(name="a")`: what the parameter of another function may hold."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg:
            passed.setdefault(node.arg, set()).update(_choices(node.value))


def _constants(tree: ast.AST) -> dict[str, set[str]]:
    """`name = "a" if … else "b"` and `for name in ("a", "b")`."""
    found = dict[str, set[str]]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, set()).update(_choices(node.value))
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Name) and isinstance(node.iter, ast.Tuple):
            for entry in node.iter.elts:
                found.setdefault(node.target.id, set()).update(_choices(entry))
    return found


def _choices(value: ast.AST) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _choices(value.body)
        yield from _choices(value.orelse)


def _reads(tree: ast.AST, constants: Mapping[str, set[str]]) -> Iterator[tuple[str, str]]:
    """The reader's name and the field's, for each read."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in _READS and isinstance(called.value, ast.Name):
            reader, argument = called.value.id, node.args[0]
        elif isinstance(called, ast.Name) and called.id in _READING and isinstance(node.args[0], ast.Name):
            reader, argument = node.args[0].id, node.args[_READING[called.id]]
        elif isinstance(called, ast.Attribute) and called.attr == "get" and isinstance(called.value, ast.Name):
            if called.value.id != "given":
                continue
            reader, argument = "given", node.args[0]
        else:
            continue
        names = constants.get(argument.id, set()) if isinstance(argument, ast.Name) else set(_choices(argument))
        for name in names:
            yield reader, name
