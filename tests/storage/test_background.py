"""A file that is written in the background: nothing is lost, changed or passed over in silence."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from acuse.storage.background import FLUSH_EVERY, BackgroundFile
from acuse.storage.files import OpenFile


def open_file(path: Path, flags: int = os.O_RDWR | os.O_CREAT) -> OpenFile:
    return OpenFile(os.open(path, flags))


@pytest.mark.parametrize("is_kept", [True, False])
def test_pieces_stand_in_the_file_in_their_order_and_are_hashed(tmp_path: Path, *, is_kept: bool) -> None:
    pieces = [bytes([number % 251]) * (number * 1000) for number in range(60)]
    file = BackgroundFile(open_file(tmp_path / "file"), is_kept=is_kept)

    for piece in pieces:
        file.write(piece)
    digest = file.digest()
    file.sync()

    assert b"".join(pieces) == (tmp_path / "file").read_bytes()
    assert hashlib.sha256(b"".join(pieces)).hexdigest() == digest


def test_bytes_that_are_flushed_early_are_all_there_in_the_end(tmp_path: Path) -> None:
    piece = bytes(FLUSH_EVERY)
    file = BackgroundFile(open_file(tmp_path / "file"), is_kept=True)

    for _ in range(3):
        file.write(piece)
    file.sync()

    assert 3 * FLUSH_EVERY == (tmp_path / "file").stat().st_size


@pytest.mark.parametrize("ask", [lambda file: file.write(b"more"), BackgroundFile.digest, BackgroundFile.sync])
def test_a_piece_that_could_not_be_written_is_told_by_the_next_call(
    tmp_path: Path, ask: Callable[[BackgroundFile], object]
) -> None:
    (tmp_path / "file").touch()
    file = BackgroundFile(open_file(tmp_path / "file", os.O_RDONLY), is_kept=True)
    file.write(b"piece")

    with pytest.raises(OSError, match="Bad file descriptor"):
        ask(file)
