"""The long string in a JSON object that arrives in pieces: the same as a parser of the whole would give, or refused."""

import json
import tracemalloc
from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from acuse.errors import InvalidInput
from acuse.web.api.json_stream import DEEPEST, LARGEST_REST, NotJSON, RestTooLarge, StringSplitter
from acuse.web.api.json_upload import NotBase64, read_upload
from acuse.web.lanes import Lanes
from acuse.web.spool import Spool
from tests.web.conftest import World

PATH = ("payload", "content")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
KEY = st.sampled_from(["payload", "content", "encoding", "a", "ñ", ""])
PAYLOAD = st.dictionaries(KEY, VALUE, max_size=4)
DOCUMENT = st.dictionaries(KEY, PAYLOAD | VALUE, max_size=4)
CUTS = st.lists(st.integers(min_value=1, max_value=7), min_size=1, max_size=5)


def pieces_of(text: bytes, sizes: Iterable[int]) -> list[bytes]:
    pieces: list[bytes] = []
    cycle = list(sizes)
    while text:
        size = cycle[len(pieces) % len(cycle)]
        pieces.append(text[:size])
        text = text[size:]
    return pieces


def split(pieces: Iterable[bytes]) -> tuple[dict[str, object], bytes | None]:
    """The rest and the long string."""
    splitter, found = StringSplitter(PATH), b""
    for piece in pieces:
        found += b"".join(splitter.feed(piece))
    rest = splitter.finish()
    return rest, found if splitter.has_string else None


def expected(document: Any) -> tuple[dict[str, object], bytes | None]:
    payload = document.get("payload")
    content = payload.get("content") if isinstance(payload, dict) else None
    if not isinstance(content, str):
        return document, None
    return {**document, "payload": {**payload, "content": ""}}, content.encode()


@given(document=DOCUMENT, is_ascii=st.booleans(), sizes=CUTS, indent=st.sampled_from([None, 2]))
def test_the_string_and_the_rest_are_what_a_parser_gives(
    document: dict[str, Any], is_ascii: bool, sizes: list[int], indent: int | None
) -> None:
    text = json.dumps(document, ensure_ascii=is_ascii, indent=indent).encode()

    assert expected(msgspec.json.decode(text)) == split(pieces_of(text, sizes))


@given(content=st.text(st.characters(exclude_categories=["Cs"]), max_size=200), sizes=CUTS)
@example(content="\U0001f600" * 9, sizes=[1])
@example(content='\\\U0001f600\\\\ud83d"\n' * 5, sizes=[5])
def test_no_character_is_lost_wherever_the_text_is_cut(content: str, sizes: list[int]) -> None:
    for is_ascii in (True, False):
        text = json.dumps({"payload": {"content": content}}, ensure_ascii=is_ascii).encode()
        assert content.encode() == split(pieces_of(text, sizes))[1]


@settings(max_examples=200)
@given(data=st.data(), document=DOCUMENT, sizes=CUTS)
def test_damaged_text_is_refused_or_read_as_a_parser_reads_it(
    data: st.DataObject, document: dict[str, Any], sizes: list[int]
) -> None:
    text = bytearray(json.dumps(document).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        text[at : at + data.draw(st.integers(0, 2))] = data.draw(st.sampled_from(list(DAMAGE)))
    try:
        found = split(pieces_of(bytes(text), sizes))
    except NotJSON:
        return

    assert expected(msgspec.json.decode(bytes(text))) == found


DAMAGE = (
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n",
    b"\x00",
    b"\xff",
    b"\xc3",
    b"\\ud800",
    b"1",
    b" ",
    b"",
)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"[]",
        b'"payload"',
        b"{",
        b"{}{}",
        b"{} x",
        b'{"a":1,}',
        b'{"a" 1}',
        b"{'a':1}",
        b'{"a":01}',
        b'{"a":NaN}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":1}',
        b'{"payload":{"content":"x","content":"y"}}',
        b'{"payload":{"content":"x"},"payload":{"content":"y"}}',
        b'{"metadata":[{"a":1,"a":2}]}',
        b'{"payload":{"content":"x',
        b'{"payload":{"content":"x"',
        b'{"payload":{"content":"x"}} 1',
        b'{"payload":{"content":"a\nb"}}',
        b'{"payload":{"content":"a\\xb"}}',
        b'{"payload":{"content":"\\ud800"}}',
        b'{"payload":{"content":"\\ud800\\u0041"}}',
        b'{"payload":{"content":"\\udc00"}}',
        b'{"payload":{"content":"\\u12"}}',
        b'{"payload":{"content":"\xff"}}',
        b'{"payload":{"content":"\xc3"}}',
        b'{"payload":{"content":"\xed\xa0\x80"}}',
        b'{"payload":{"content":"\xc0\x80"}}',
        b'{"payload":"\xff"}',
        b'{"a":' + b"9" * 65 + b"}",
        b'{"a":1e999}',
        b'{"a":' + b"[" * DEEPEST + b"]" * DEEPEST + b"}",
    ],
)
def test_what_is_no_strict_json_object_is_refused(text: bytes) -> None:
    for sizes in ([1], [3], [10_000]):
        with pytest.raises(NotJSON):
            split(pieces_of(text, sizes))


@pytest.mark.parametrize(
    "text",
    [
        b'{"payload":[{"content":"x"}]}',
        b'{"payload":{"a":{"content":"x"}}}',
        b'{"content":"x"}',
        b'{"a":{"payload":{"content":"x"}}}',
        b'{"payload":{"content":["x"]}}',
        b'{"payload":{"content":7}}',
        b'{"payload":"content"}',
    ],
)
def test_a_string_at_another_place_stays_with_the_rest(text: bytes) -> None:
    assert (json.loads(text), None) == split(pieces_of(text, [2]))


def test_the_key_may_be_written_with_escapes() -> None:
    assert b"x" == split([b'{"p\\u0061yload":{"c\\u006fntent":"x"}}'])[1]


@pytest.mark.parametrize("begun", [b"", b'"', b'{"a":"x', b'{"payload":{"encoding":"', b"[1,"])
def test_everything_but_the_string_is_bounded(begun: bytes) -> None:
    splitter = StringSplitter(PATH)
    splitter.feed(b'{"x":' + begun)

    with pytest.raises(RestTooLarge):
        splitter.feed(b" x" * LARGEST_REST)


@pytest.mark.parametrize("unit", [b"x" * 1000, b"\\r\\n" * 500, b"\\ud83d\\ude00" * 80, "ñ€😀".encode() * 100])
def test_memory_stays_flat_however_long_the_string_is(unit: bytes) -> None:
    splitter, size, piece = StringSplitter(PATH), 0, 64_001
    block = unit * (piece // len(unit) + 2)
    splitter.feed(b'{"payload":{"content":"')
    tracemalloc.start()
    try:
        for number in range(150):
            start = number * piece % len(unit)
            size += sum(map(len, splitter.feed(block[start : start + piece])))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert size > 3_000_000
    assert most < 1_000_000


# ── Into a stage ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def arriving(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@pytest.mark.parametrize(
    "text", [b"QQ==QQ==", b"QUI", b"Q", b"QU I=", b"QU_-", b"Q===", b"====", b"QQ=", b"\xc3\xb1AAA"]
)
@pytest.mark.parametrize("is_told_before", [True, False])
async def test_what_is_no_base64_is_told_so_and_its_stage_can_be_discarded(
    world: World, text: bytes, is_told_before: bool
) -> None:
    before, after = (b'"encoding":"base64",', b"") if is_told_before else (b"", b',"encoding":"base64"')
    body = b'{"payload":{' + before + b'"content":"' + text + b'"' + after + b"}}"
    lanes = Lanes()

    upload = await read_upload(
        arriving(body[:30], body[30:]),
        limit=1000,
        new_spool=lambda limit: Spool(world.ports.blobs.stage(), limit=limit, lanes=lanes),
    )

    with pytest.raises(NotBase64):
        upload.decoded(world.ports.blobs.stage)
    assert upload.stage
    upload.stage.discard()
    lanes.close()
    assert [] == world.staged_files


async def test_nothing_stays_of_a_body_that_breaks_off(world: World) -> None:
    lanes = Lanes()
    content = b"x" * 200_000

    with pytest.raises(InvalidInput):
        await read_upload(
            arriving(b'{"payload":{"content":"', content, b'"}'),
            limit=1_000_000,
            new_spool=lambda limit: Spool(world.ports.blobs.stage(), limit=limit, lanes=lanes),
        )

    lanes.close()
    assert [] == world.staged_files
