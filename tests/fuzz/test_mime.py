"""Damaged MIME is read, or refused as MIME: in bounded time and memory, and however the bytes are cut into pieces."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mime import (
    Headers,
    MediaType,
    MimeError,
    MultipartBroken,
    Reader,
    TransferEncodingBroken,
    decode_transfer,
    decode_words,
    field_text,
    filename_of,
    open_entity,
    read_all,
    read_parts,
)
from tests.as2.handmade import entity, lines_of_base64, related
from tests.fuzz.bounds import bounded, fuzzed
from tests.fuzz.mutations import TOKENS, Mutation, damaged, mutations
from tests.mime.readers import InPieces, piece_sizes

LIMIT = 1 << 24
NAMED = entity(
    b"one\r\ntwo\r\n",
    "Content-Type: application/edi-x12; name*0*=utf-8''a%20; name*1=b; charset=us-ascii",
    'Content-Disposition: attachment; filename="=?utf-8?B?w6Q=?= =?iso-8859-1?Q?=E4?="; size=10',
    "Content-Transfer-Encoding: binary",
    "Subject: a\r\n folded",
)
SEVERAL = related(NAMED, entity(b"\0\1", "Content-Type: image/tiff"), entity(b"--several-not\r\n"), entity(b""))
QUOTED = b"a=3D\r\nsoft=\r\nbreak =20\r\n\xff" * 5
BASE64 = lines_of_base64(bytes(range(256)))


def outcome(read: Callable[[Reader], object], data: bytes, sizes: Sequence[int]) -> object:
    """What came of it: the value, or the class of a MimeError."""
    try:
        return read(InPieces(data, sizes))
    except MimeError as error:
        return type(error)


def parts_of(reader: Reader) -> list[bytes]:
    return [read_all(part, limit=LIMIT) for part in read_parts(reader, "several", max_parts=50)]


@fuzzed(150)
@given(by=mutations(SEVERAL), sizes=piece_sizes())
def test_damaged_multipart_gives_the_same_parts_however_it_is_cut(by: Sequence[Mutation], sizes: list[int]) -> None:
    data = damaged(SEVERAL, by)

    with bounded():
        found = outcome(parts_of, data, sizes)

    assert outcome(parts_of, data, [LIMIT]) == found
    assert found is MultipartBroken or (isinstance(found, list) and all(part in data for part in found))


@fuzzed(150)
@given(by=mutations(SEVERAL), sizes=piece_sizes())
def test_damaged_entity_is_its_own_bytes_or_refused(by: Sequence[Mutation], sizes: list[int]) -> None:
    data = damaged(NAMED, by)

    def read(reader: Reader) -> bytes:
        found = open_entity(reader, limit=4096)
        filename = filename_of(found.headers)
        assert filename is None or filename.encode("utf-8")
        return found.raw_headers + read_all(found.body, limit=LIMIT)

    with bounded():
        found = outcome(read, data, sizes)

    assert outcome(read, data, [LIMIT]) == found
    assert found == data or isinstance(found, type)


@fuzzed(150)
@given(by=mutations(QUOTED, BASE64), sizes=piece_sizes(), encoding=st.sampled_from(["base64", "quoted-printable"]))
def test_damaged_encoding_is_decoded_alike_however_it_is_cut(
    by: Sequence[Mutation], sizes: list[int], encoding: str
) -> None:
    data = damaged(BASE64 if encoding == "base64" else QUOTED, by)

    def read(reader: Reader) -> bytes:
        return read_all(decode_transfer(reader, encoding), limit=LIMIT)

    with bounded():
        found = outcome(read, data, sizes)

    assert outcome(read, data, [LIMIT]) == found
    assert found is TransferEncodingBroken or (isinstance(found, bytes) and len(found) <= len(data) + 2)


VALUES = [
    b'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="sig"',
    b'attachment; filename*=UTF-8\'\'%E2%82%AC.edi; filename="\\"x"',
    b"application/pkcs7-mime;\tsmime-type=enveloped-data;name=smime.p7m",
]


@fuzzed(200)
@given(value=st.sampled_from(VALUES), by=mutations(*VALUES))
def test_damaged_value_is_a_media_type_or_none(value: bytes, by: Sequence[Mutation]) -> None:
    text = field_text(damaged(value, by))

    with bounded():
        try:
            media_type = MediaType.parse(text)
        except MimeError:
            return
        assert media_type.value == media_type.original.lower()
        assert all(part.encode("utf-8") is not None for part in media_type.parameters.values())


CHARSETS = ["utf-8", "utf-7", "utf-16", "punycode", "idna", "unicode_escape", "hex", "rot13", "undefined", "x\0y", ""]
LONG = [
    *(token.decode("latin-1") for token in TOKENS),
    "a",
    "é",
    "-a9",
    "?=",
    "=?",
    "''",
    "*0*=",
    'a="',
    "\\",
    "xn--",
    "%",
]


@fuzzed(80)
@given(piece=st.sampled_from(LONG), count=st.sampled_from([1, 100, 15_000]), charset=st.sampled_from(CHARSETS))
def test_value_as_long_as_a_header_may_be_takes_no_longer(piece: str, count: int, charset: str) -> None:
    text = (piece * count)[: 60 * 1024]

    with bounded():
        decode_words(f"=?{charset}?Q?{text}?= =?{charset}?B?{text}?= {text}")
        name = filename_of(Headers((("Content-Disposition", f"x; filename*={charset}''{text}; a={text}; {text}"),)))
        assert name is None or name.encode("utf-8") is not None


@pytest.mark.parametrize("charset", CHARSETS)
def test_charset_of_any_name_takes_no_longer(charset: str) -> None:
    with bounded():
        filename_of(Headers((("Content-Disposition", f"x; filename*={charset}''{'-a9' * 20_000}"),)))
