"""The JSON object of a request's body, held in memory up to a limit."""

from collections.abc import Mapping
from typing import Protocol

import msgspec
from starlette.types import Receive, Scope

from acuse.errors import InvalidInput, PayloadTooLarge
from acuse.web.asgi import body_pieces, header
from acuse.web.options import WebOptions


class Client(Protocol):
    """Who a body comes from."""

    @property
    def scope(self) -> Scope: ...

    @property
    def receive(self) -> Receive: ...

    @property
    def options(self) -> WebOptions: ...


async def read_json(client: Client) -> bytes:
    """The whole body. Raises PayloadTooLarge, as soon as that is known."""
    limit = client.options.max_json_body
    too_large = PayloadTooLarge(
        f"A JSON body may have {limit} bytes. Send a larger payload as multipart/form-data.", max_size_bytes=limit
    )
    announced = header(client.scope, b"content-length")
    if announced is not None and int(announced) > limit:
        raise too_large
    body = bytearray()
    async for piece in body_pieces(client.scope, client.receive):
        body += piece
        if len(body) > limit:
            raise too_large
    return bytes(body)


def parse_object(body: bytes) -> Mapping[str, object]:
    """The object that a body is. Raises InvalidInput."""
    try:
        given = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise InvalidInput(fields={"body": f"Is not valid JSON: {problem}"}) from None
    if not isinstance(given, dict):
        raise InvalidInput(fields={"body": "Must be a JSON object."})
    return given
