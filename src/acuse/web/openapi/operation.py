"""What is told of one route, and how OpenAPI writes it.

Rule: what every call has in common (key, tenant, limits, the errors of a bad key) is added here and written nowhere
else. A route tells what is its own: its parameters, its body, its answers and its error codes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from acuse.errors import error_codes
from acuse.web.api.errors import ERRORS
from acuse.web.openapi.schema import Schema, ref, shape, text, whole

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter behind the question mark, or a header field of a request."""

    name: str
    about: str
    schema: Schema
    place: str = "query"


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a route takes."""

    kinds: Mapping[str, Schema]
    """The shape for each content type."""
    is_required: bool = True
    encoding: Mapping[str, object] = field(default_factory=dict)
    """Of the parts of a form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a route gives when all is well."""

    about: str
    kinds: Mapping[str, Schema] = field(default_factory=dict)
    """The shape for each content type; none for an answer without a body."""
    headers: tuple[str, ...] = ()
    """Names of the header fields that it has, of those in the components."""
    links: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Where one can go on from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    id: str
    """`listMessages`: what a generated client calls it."""
    summary: str
    about: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    answers: Mapping[int, Answer]
    errors: tuple[str, ...] = ()
    """Codes that only some routes have; those of all are added."""


Operations = Mapping[tuple[str, str], Operation]
"""By method and path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A group of routes."""

    name: str
    about: str
    operations: Operations
    shapes: Mapping[str, Schema] = field(default_factory=dict)
    """What its routes take and give, by name."""
    path_ids: Mapping[str, tuple[Schema, str]] = field(default_factory=dict)
    """The variable parts of its paths, by the path up to them; and the code when there is no such thing."""


def json_body(schema: Schema, *, is_required: bool = True) -> Body:
    """A body in JSON."""
    return Body(kinds={JSON: schema}, is_required=is_required)


def data(schema: Schema, about: str = "Found") -> Answer:
    """`{data}`."""
    return Answer(about=about, kinds={JSON: shape(data=schema)})


def written(schema: Schema, about: str, **more: Mapping[str, Mapping[str, object]]) -> Answer:
    """`{message, data}`: the answer after a write."""
    kinds = {JSON: shape(message=text("What was done, in a sentence"), data=schema)}
    return Answer(about=about, kinds=kinds, links=more.get("links", {}))


def deleted() -> Answer:
    """`{message}`."""
    return Answer(about="Deleted", kinds={JSON: shape(message=text("What was done, in a sentence"))})


def listed(schema: Schema, about: str = "A page of the list") -> Answer:
    """`{data, pagination}`."""
    kinds = {JSON: shape(data={"type": "array", "items": schema}, pagination=ref("Pagination"))}
    return Answer(about=about, kinds=kinds)


def query(name: str, schema: Schema, about: str) -> Parameter:
    """A parameter behind the question mark."""
    return Parameter(name=name, about=about, schema=schema)


PAGES = (
    query("page", whole(minimum=1, maximum=10_000_000, default=1), "Which page, from 1"),
    query("per_page", whole(minimum=1, maximum=100, default=20), "How many on a page"),
)


def status_of(code: str) -> int:
    """The HTTP status of an error code."""
    return ERRORS[code][0] if code in ERRORS else 404


def sentence_of(code: str) -> str:
    """What an error code says by default."""
    for error in error_codes():
        if error.code == code:
            return " ".join((error.__doc__ or "").split("\n\n")[0].split())
    raise LookupError(code)


def grouped(codes: Sequence[str]) -> Mapping[int, Sequence[str]]:
    """Error codes by their status."""
    found: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        found.setdefault(status_of(code), []).append(code)
    return dict(sorted(found.items()))
