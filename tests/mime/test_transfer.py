"""Content transfer encodings, decoded as they stream in."""

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mime import Base64, Literal, TransferEncodingBroken, base64_lines, decode_transfer, read_all
from tests.mime.readers import InPieces, lines, piece_sizes

LIMIT = 1 << 20


def decoded(data: bytes, encoding: str | None, sizes: list[int] | None = None) -> bytes:
    return read_all(decode_transfer(InPieces(data, sizes or [len(data) + 1]), encoding), limit=LIMIT)


@pytest.mark.parametrize("encoding", [None, "", "7bit", "8BIT", " Binary "])
def test_identity_encodings_change_nothing(encoding: str | None) -> None:
    reader = Literal(b"a\r\n=").open()

    assert reader is decode_transfer(reader, encoding)


@given(data=st.binary(max_size=300), sizes=piece_sizes())
def test_base64_is_decoded_however_it_is_split(data: bytes, sizes: list[int]) -> None:
    assert data == decoded(base64_lines(data), "Base64", sizes)
    assert data == decoded(base64.b64encode(data), "base64", sizes)


def test_base64_lines_have_76_columns_and_crlf() -> None:
    assert b"" == base64_lines(b"")
    assert b"QQ==\r\n" == base64_lines(b"A")
    assert [76, 76, 4] == [len(line) for line in base64_lines(bytes(115)).split(b"\r\n")[:-1]]


@given(data=st.binary(max_size=300))
def test_source_in_base64_has_those_lines_and_knows_its_size(data: bytes) -> None:
    source = Base64(Literal(data))

    assert base64_lines(data) == read_all(source.open(), limit=LIMIT) == read_all(source.open(), limit=LIMIT)
    assert len(base64_lines(data)) == source.size


@pytest.mark.parametrize("data", [b"QUI", b"QQ=", b"Q!Q=", b"QQ==QQ==", b"QQ==\r\n.", b"=QQQ", b"====", b"QQ\x80="])
@pytest.mark.parametrize("sizes", [[1], [2], [100]])
def test_what_is_not_base64_is_refused_however_it_is_split(data: bytes, sizes: list[int]) -> None:
    with pytest.raises(TransferEncodingBroken):
        decoded(data, "base64", sizes)


def test_an_error_is_raised_again_at_every_later_read() -> None:
    reader = decode_transfer(Literal(b"QUJD????").open(), "base64")

    for _ in range(3):
        with pytest.raises(TransferEncodingBroken):
            reader.read(100)


@given(data=lines() | st.binary(max_size=300), sizes=piece_sizes())
def test_quoted_printable_is_decoded_however_it_is_split(data: bytes, sizes: list[int]) -> None:
    # The encoder takes every line break for text; what is binary it has to escape first.
    encoded = quopri.encodestring(data.replace(b"\r", b"").replace(b"\n", b""))

    assert data.replace(b"\r", b"").replace(b"\n", b"") == decoded(encoded, "quoted-printable", sizes)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a=\r\nb=\nc", b"abc"),
        (b"a \t\r\nb  \nc ", b"a\r\nb\nc"),
        (b"=3D=3d=0D=0A", b"==\r\n"),
        (b"soft at the end=", b"soft at the end"),
        (b"a= \r\nb", b"ab"),
    ],
)
@pytest.mark.parametrize("sizes", [[1], [2], [100]])
def test_blanks_at_line_ends_and_soft_breaks_vanish(data: bytes, expected: bytes, sizes: list[int]) -> None:
    assert expected == decoded(data, "Quoted-Printable", sizes)


@pytest.mark.parametrize("data", [b"=XY", b"a=b c", b"==", b"x" * 100_000])
def test_what_is_not_quoted_printable_is_refused(data: bytes) -> None:
    with pytest.raises(TransferEncodingBroken):
        decoded(data, "quoted-printable", [1000])


def test_an_unknown_encoding_is_refused_at_once() -> None:
    with pytest.raises(TransferEncodingBroken):
        decode_transfer(Literal(b"").open(), "x-uuencode")
