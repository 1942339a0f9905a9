"""The captured mailbox: mail that leaves the gateway no further than a folder of its home.

It is what a gateway does until its operator says how mail shall go out, so that nobody is written to by accident. Each
message is a file `<envelope id>.eml`, preceded by the two lines of its envelope in the form of the mbox world's
`Return-Path` and `Delivered-To`.
"""

import asyncio
import os
from pathlib import Path

from acuse.mime import Source, copy
from acuse.ports import Envelope, MailAnswer, Said


class CapturedMailbox:
    """`ports.Mailer` that writes files into `folder`, which it makes when the first one comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, envelope: Envelope, message: Source) -> MailAnswer:
        """Write the message durably."""
        await asyncio.to_thread(self._write, envelope, message)
        return MailAnswer(said=Said.TAKEN, text="captured: nothing left this gateway", is_captured=True)

    def _write(self, envelope: Envelope, message: Source) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        target = self._folder / f"{envelope.envelope_id}.eml"
        unfinished = target.with_suffix(".part")
        with unfinished.open("wb") as file:
            head = f"Return-Path: <{envelope.return_path}>\r\nDelivered-To: {envelope.recipient.text}\r\n"
            file.write(head.encode())
            copy(message.open(), file.write)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
