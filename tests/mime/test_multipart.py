"""Multipart bodies: every byte of a part, no byte of a boundary."""

import os
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from acuse.mime import CHUNK, Literal, MultipartBroken, PieceReader, drain, read_all, read_parts
from tests.mime.readers import InPieces, in_pieces_of, lines, piece_sizes

LIMIT = 1 << 20


def parts_of(body: bytes, boundary: str = "b", *, sizes: list[int] | None = None) -> list[bytes]:
    reader = InPieces(body, sizes or [len(body) + 1])
    return [read_all(part, limit=LIMIT) for part in read_parts(reader, boundary)]


def multipart(parts: list[bytes], *, line_end: bytes = b"\r\n", boundary: bytes = b"b") -> bytes:
    delimiter = b"--" + boundary
    return line_end.join([delimiter, *(line_end.join([part, delimiter]) for part in parts)]) + b"--" + line_end


@pytest.mark.rfc(4130, "5.2.1")
@given(
    parts=st.lists(st.binary(max_size=60) | lines(), max_size=4),
    line_end=st.sampled_from([b"\r\n", b"\n"]),
    sizes=piece_sizes(),
    preamble=st.sampled_from([b"", b"\r\n", b"preamble\n", b"x--b\r\n"]),
    epilogue=st.sampled_from([b"", b"\r\n", b"--b\r\n", b"epilogue"]),
)
def test_parts_come_out_as_they_were_put_in_however_the_body_is_split(
    parts: list[bytes], line_end: bytes, sizes: list[int], preamble: bytes, epilogue: bytes
) -> None:
    boundary = "Bo=_:b.47"
    body = preamble + multipart(parts, line_end=line_end, boundary=boundary.encode()) + epilogue
    # With LF line ends a part's own CR at its end cannot be told from half a line break.
    expected = [part.removesuffix(b"\r") if line_end == b"\n" else part for part in parts]

    assert expected == parts_of(body, boundary, sizes=sizes)


@given(body=lines(), sizes=piece_sizes())
@example(body=b"--b\r\n--b--", sizes=[1])
@example(body=b"--b \t\n\n--b--x\n--b--", sizes=[3])
def test_the_way_of_splitting_never_changes_the_outcome(body: bytes, sizes: list[int]) -> None:
    def outcome(sizes: list[int]) -> list[bytes] | str:
        try:
            return parts_of(body, sizes=sizes)
        except MultipartBroken as error:
            return error.message

    assert outcome([len(body) + 1]) == outcome(sizes)


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (b"--b\r\nA: 1\r\n\r\nx\r\n--b--\r\n", [b"A: 1\r\n\r\nx"]),
        (b"--b\nA: 1\n\nx\n--b--\n", [b"A: 1\n\nx"]),
        (b"--b \t\r\nx\r\n--b--\t\r\n", [b"x"]),
        (b"--b\r\nx\r\n--b--", [b"x"]),
        (b"--b\r\n\r\n--b--", [b""]),
        (b"--b\r\n--b--", [b""]),
        (b"--b\r\n\r\n\r\n--b\r\n\n\r\n--b--", [b"\r\n", b"\n"]),
        (b"--b\r\nx\r\r\n--b--", [b"x\r"]),
        (b"--b--\r\n", []),
        (b"preamble --b\r\n--b\r\nx\r\n--b--epilogue\r\n--b--\r\n--b\r\n", [b"x\r\n--b--epilogue"]),
        (b"--b\r\nx --b\r\n--bb\r\n--b-\r\n --b\r\n\r\n--b--", [b"x --b\r\n--bb\r\n--b-\r\n --b\r\n"]),
    ],
)
def test_boundaries_are_found_where_they_are_and_nowhere_else(body: bytes, parts: list[bytes]) -> None:
    assert parts == parts_of(body)
    assert parts == parts_of(body, sizes=[1])


def test_a_boundary_that_begins_another_one_leaves_the_inner_multipart_whole() -> None:
    inner = multipart([b"one", b"two"], boundary=b"b-inner")

    outer = parts_of(multipart([inner, b"last"]))

    assert [inner, b"last"] == outer
    assert [b"one", b"two"] == parts_of(outer[0], "b-inner")


@pytest.mark.parametrize(
    "body", [b"", b"no boundary", b"--b", b"--b\r\n", b"--b\r\nx", b"--b\r\nx\r\n--b\r\ny\r\n--b-"]
)
def test_a_body_without_its_closing_boundary_is_broken(body: bytes) -> None:
    with pytest.raises(MultipartBroken):
        parts_of(body)


def test_every_truncation_before_the_closing_boundary_is_noticed() -> None:
    body = multipart([b"A: 1\r\n\r\nhello", b"B: 2\r\n\r\nsignature"])

    for length in range(body.rindex(b"--") + 2):
        with pytest.raises(MultipartBroken):
            parts_of(body[:length])


@pytest.mark.parametrize("boundary", ["", "b" * 1000])
def test_an_unusable_boundary_is_refused(boundary: str) -> None:
    with pytest.raises(MultipartBroken):
        parts_of(b"--" + boundary.encode() + b"--", boundary)


def test_more_parts_than_allowed_are_refused() -> None:
    body = multipart([b"x"] * 5)

    assert 5 == len(list(read_parts(Literal(body).open(), "b", max_parts=5)))
    with pytest.raises(MultipartBroken):
        list(read_parts(Literal(body).open(), "b", max_parts=4))


def test_a_part_that_was_not_read_is_skipped_and_gives_nothing_later() -> None:
    parts = read_parts(in_pieces_of(3, multipart([b"first part", b"second part"])), "b")

    first = next(parts)
    assert b"fi" == first.read(2)
    second = next(parts)

    assert b"" == first.read(100)
    assert b"second part" == read_all(second, limit=LIMIT)
    assert b"" == second.read(100)


def test_what_follows_the_last_part_is_read_so_that_no_error_below_is_lost() -> None:
    def failing_at_its_end() -> PieceReader:
        def pieces() -> Iterator[bytes]:
            yield multipart([b"x"])
            yield b"epilogue" * 100
            raise OSError("the padding was wrong")

        return PieceReader(pieces())

    with pytest.raises(OSError, match="padding"):
        list(read_parts(failing_at_its_end(), "b"))


@pytest.mark.rfc(4130, "5.2.2")
@pytest.mark.parametrize("size", [1, 10, 10_000])
def test_an_epilogue_is_refused_where_there_may_be_none(size: int) -> None:
    body = multipart([b"x"])

    for blank in (b"", b"\r\n", b" \t\n" * 400):
        assert 1 == len(list(read_parts(in_pieces_of(size, body + blank), "b", allow_epilogue=False)))
    for epilogue in (b"x", b"\n" * 1000 + b"x\n"):
        assert 1 == len(list(read_parts(in_pieces_of(size, body + epilogue), "b")))
        with pytest.raises(MultipartBroken, match="follows"):
            list(read_parts(in_pieces_of(size, body + epilogue), "b", allow_epilogue=False))


def test_a_large_part_passes_without_being_held() -> None:
    piece = os.urandom(CHUNK)
    count = 64

    def pieces() -> Iterator[bytes]:
        yield b"--b\r\n"
        for _ in range(count):
            yield piece
        yield b"\r\n--b--"

    tracemalloc.start()
    sizes = [drain(part) for part in read_parts(PieceReader(pieces()), "b")]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [count * CHUNK] == sizes
    assert peak < 6 * CHUNK


def test_lines_that_look_like_boundaries_cost_no_more_than_their_length() -> None:
    almost = b"\r\n--b" + b" " * 300

    assert [almost * 2000] == parts_of(b"--b\r\n" + almost * 2000 + b"\r\n--b--")
