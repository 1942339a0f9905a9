"""The master key and what it seals."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.errors import MasterKeyWrong, OperationError
from acuse.storage import MasterKey

SECRET = bytes(range(32))
KEY = MasterKey(SECRET)


@given(st.text(max_size=30), st.binary(max_size=200))
def test_what_was_sealed_opens_for_its_purpose(purpose: str, plaintext: bytes) -> None:
    assert KEY.open(purpose, KEY.seal(purpose, plaintext)) == plaintext


def test_a_sealed_value_shows_nothing_and_differs_each_time() -> None:
    first, second = KEY.seal("p", b"plaintext"), KEY.seal("p", b"plaintext")

    assert first != second
    assert b"plaintext" not in first


def test_another_key_does_not_open_it() -> None:
    sealed = KEY.seal("p", b"secret")

    with pytest.raises(MasterKeyWrong):
        MasterKey(b"x" * 32).open("p", sealed)
    assert KEY.fits(sealed)
    assert not MasterKey(b"x" * 32).fits(sealed)


def test_another_purpose_does_not_open_it() -> None:
    with pytest.raises(MasterKeyWrong, match="damaged or stands in the wrong place"):
        KEY.open("private-key:2", KEY.seal("private-key:1", b"secret"))


@given(st.data())
def test_a_changed_bit_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal("p", b"secret"))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(MasterKeyWrong):
        KEY.open("p", bytes(sealed))


@given(st.integers(0, 42))
def test_a_cut_value_is_noticed(length: int) -> None:
    with pytest.raises(MasterKeyWrong):
        KEY.open("p", KEY.seal("p", b"secret")[:length])


def test_a_new_key_is_written_for_its_user_alone_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "master.key"

    key = MasterKey.create(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert MasterKey.load(path).open("p", key.seal("p", b"secret")) == b"secret"


def test_two_new_keys_differ(tmp_path: Path) -> None:
    sealed = MasterKey.create(tmp_path / "a").seal("p", b"secret")

    assert not MasterKey.create(tmp_path / "b").fits(sealed)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text("precious")

    with pytest.raises(OperationError, match="never overwritten"):
        MasterKey.create(path)

    assert path.read_text() == "precious"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620])
def test_a_key_that_others_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    MasterKey.create(path)
    path.chmod(mode)

    with pytest.raises(OperationError, match="chmod 600"):
        MasterKey.load(path)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match=r"master\.key cannot be read"):
        MasterKey.load(tmp_path / "master.key")


@pytest.mark.parametrize("text", [SECRET.hex(), SECRET.hex().upper(), base64.b64encode(SECRET).decode() + "\n"])
def test_a_key_is_read_from_hex_and_from_base64(text: str) -> None:
    assert MasterKey.parse(text).open("p", KEY.seal("p", b"secret")) == b"secret"


@pytest.mark.parametrize("text", ["", "secret", "zz" * 32, SECRET.hex()[:-2], base64.b64encode(SECRET[:31]).decode()])
def test_a_text_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(OperationError):
        MasterKey.parse(text)


def test_a_key_never_shows_itself() -> None:
    shown = f"{KEY!r} {KEY}"

    assert SECRET.hex() not in shown
    assert repr(SECRET) not in shown
    assert base64.b64encode(SECRET).decode() not in shown
