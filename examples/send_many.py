"""Send all files of a folder, ten at a time, with asyncio: `python send_many.py prt_000001 FOLDER`."""

import asyncio
import sys
from pathlib import Path

from acuse_client import AsyncAcuse, Refused


async def send(acuse: AsyncAcuse, partner: str, file: Path, places: asyncio.Semaphore) -> None:
    """Send one; the key makes sure that a second run does not send it twice within a day."""
    async with places:
        try:
            message = await acuse.messages.send(partner, file, idempotency_key=f"send-many-{file.name}")
        except Refused as error:
            print(file.name, error)
        else:
            message = await acuse.messages.wait(message["id"])
            print(file.name, message["status"])


async def main(partner: str, folder: Path) -> None:
    """All files that are there now."""
    places = asyncio.Semaphore(10)
    async with AsyncAcuse.from_environment() as acuse:
        await asyncio.gather(*(send(acuse, partner, file, places) for file in sorted(folder.iterdir())))


asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
