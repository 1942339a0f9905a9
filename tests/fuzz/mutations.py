"""Damage done to valid bytes, aimed at the places where formats begin, end and count."""

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

Mutation = Callable[[bytes], bytes]

_TEXT = [
    b"\r\n\r\n",
    b"\n\n",
    b"\r\n ",
    b"\r",
    b"\0",
    b"--sig\r\n",
    b"--sig--\r\n",
    b"--several\r\n",
    b"Content-Type: multipart/signed; boundary=sig\r\n",
    b"Content-Type: multipart/related; boundary=several\r\n",
    b"Content-Type: application/pkcs7-mime; smime-type=compressed-data\r\n",
    b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"Content-Disposition: attachment; filename*0*=punycode''%41; filename=\"\\",
    b"=?utf-7?B?+2AA-?=",
    b"=",
    b";",
    b'"',
    b"\xff\xb2\xc3",
]
_BER = [
    b"\x30\x80",
    b"\x24\x80",
    b"\xa0\x80",
    b"\x31\x80",
    b"\0\0",
    b"\x84\xff\xff\xff\xff",
    b"\x88" + b"\xff" * 8,
    b"\x84\0\0\0\x01",
    b"\x1f\xff\xff\xff\xff\x7f",
    b"\x06\x00",
    b"\x06\x01\x80",
    b"\x02\x00",
    b"\x05\x00",
    b"\x30\x80" * 200,
    b"\x24\x80" * 200,
    b"\x04\x00" * 500,
]
TOKENS = [*_TEXT, *_BER]


@st.composite
def _mutation(draw: st.DrawFn, others: Sequence[bytes]) -> Mutation:
    """One kind of damage. Places are drawn as fractions, so that they fit whatever they are applied to."""
    kind = draw(st.sampled_from(["flip", "set", "insert", "delete", "double", "cut", "splice", "swap"]))
    at, length = draw(st.integers(0, 9999)), draw(st.integers(1, 64))
    if kind == "flip":
        bit = 1 << draw(st.integers(0, 7))
        return lambda data: _replaced(data, at, 1, lambda old: bytes(byte ^ bit for byte in old))
    if kind == "set":
        value = draw(st.sampled_from([0, 1, 0x24, 0x30, 0x7F, 0x80, 0x81, 0x84, 0xFF]))
        return lambda data: _replaced(data, at, 1, lambda _: bytes([value]))
    if kind == "insert":
        token = draw(st.sampled_from(TOKENS) | st.binary(min_size=1, max_size=8))
        return lambda data: _replaced(data, at, 0, lambda _: token)
    if kind == "delete":
        return lambda data: _replaced(data, at, length, lambda _: b"")
    if kind == "double":
        return lambda data: _replaced(data, at, length, lambda old: old * 2)
    if kind == "cut":
        return lambda data: data[: _place(data, at)]
    if kind == "swap":
        return lambda data: data[_place(data, at) :] + data[: _place(data, at)]
    other = draw(st.sampled_from([*others, b""]))
    return lambda data: data[: _place(data, at)] + other[_place(other, at) :]


def _place(data: bytes, at: int) -> int:
    return len(data) * at // 10_000


def _replaced(data: bytes, at: int, length: int, change: Mutation) -> bytes:
    place = _place(data, at)
    return data[:place] + change(data[place : place + length]) + data[place + length :]


def mutations(*others: bytes, most: int = 4) -> st.SearchStrategy[Sequence[Mutation]]:
    """Some damage, now and then none; `others` are spliced in."""
    return st.lists(_mutation(others), max_size=most)


def damaged(data: bytes, by: Sequence[Mutation]) -> bytes:
    for mutation in by:
        data = mutation(data)
    return data
