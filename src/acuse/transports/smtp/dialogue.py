"""The words of an SMTP session, as they pass the socket, and the protocol that lets them be heard.

The protocol of aiosmtplib reads and writes; what is ours is to listen, to wait when the other side reads slowly, and to
leave the message and whatever authenticates out of what is kept.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from aiosmtplib.protocol import SMTPProtocol

from acuse.ports import Line

MOST_LINES = 400
LONGEST_LINE = 600
"""Lines and characters that are kept of a session: a server that talks without end is cut off, and so is the record."""


class Dialogue:
    """What was said, in its order."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lines: list[Line] = []

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(self._lines)

    def note(self, text: str, *, is_ours: bool = True) -> None:
        """Keep a line, or a remark of ours in parentheses."""
        if len(self._lines) < MOST_LINES:
            self._lines.append(Line(at=self._now(), is_ours=is_ours, text=readable(text)[:LONGEST_LINE]))


def readable(text: str) -> str:
    """The text with every sign that is none replaced, so that it can be shown and written as JSON."""
    known = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else " " for sign in known).strip()


class RecordedProtocol(SMTPProtocol):
    """The protocol of one connection, overheard."""

    def __init__(self, dialogue: Dialogue) -> None:
        super().__init__()
        self._dialogue = dialogue
        self._heard = b""
        self._hides = False
        self._can_write = asyncio.Event()
        self._can_write.set()

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """What is written until the block ends is not kept."""
        self._hides = True
        try:
            yield
        finally:
            self._hides = False

    def write(self, data: bytes) -> None:
        if not self._hides:
            self._dialogue.note(data.decode("utf-8", "surrogateescape"))
        super().write(data)

    def data_received(self, data: bytes) -> None:
        *lines, rest = (self._heard + data).split(b"\n")
        for line in lines:
            self._dialogue.note(line.decode("utf-8", "surrogateescape"), is_ours=False)
        self._heard = rest[:LONGEST_LINE]
        super().data_received(data)

    async def wait_writable(self) -> None:
        """Until the other side has read most of what was written, or is gone."""
        await self._can_write.wait()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._can_write.clear()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._can_write.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._can_write.set()
        super().connection_lost(exc)
