"""A large file from one gateway process to another, by `acuse send --wait`: how fast, and with how much memory.

    python -m benchmarks.large_file [--size 1GB] [--no-compress]

The bytes that arrive are read back through the API of the receiving gateway and compared with what was sent.
"""

import argparse
import hashlib
import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import documents
from benchmarks.floor import measure_primitives
from benchmarks.gateway import COMMAND, Gateway
from benchmarks.processes import MemoryWatch, peak_memory

_CHUNK = 1024 * 1024
_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9}
_COMPRESSION = ("deflate, ISA-L level 2", "inflate, ISA-L")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One file that went from one gateway to the other."""

    size: int
    is_compressed: bool
    wire_size: int
    keeping: float
    """Seconds until the file lay in the sender's home, hashed and fsynced."""
    building: float
    """Seconds from there to the first byte on the wire: compress, sign, encrypt, store."""
    receiving: float
    """Seconds from the first byte to the receipt: transfer, store, decrypt, verify, inflate, store."""
    wall: float
    """Seconds of the whole command."""
    sender_memory: float
    """MB, as all the following."""
    receiver_memory: float
    command_memory: float

    @property
    def outgoing_rate(self) -> float:
        """MB of payload in a second on the sending side: from the command to the first byte on the wire."""
        return self.size / 1e6 / (self.keeping + self.building)

    @property
    def incoming_rate(self) -> float:
        """MB of payload in a second on the receiving side: from the first byte to the receipt."""
        return self.size / 1e6 / self.receiving

    @property
    def peak_memory(self) -> float:
        return max(self.sender_memory, self.receiver_memory, self.command_memory)

    def slowest(self, primitives: dict[str, float]) -> tuple[str, float]:
        """The slowest operation that this file went through."""
        involved = {name: rate for name, rate in primitives.items() if self.is_compressed or name not in _COMPRESSION}
        return min(involved.items(), key=lambda entry: entry[1])


def transfer(folder: Path, *, size: int, is_compressed: bool) -> Transfer:
    """Send a file of `size` bytes, signed and encrypted. Raises RuntimeError when it does not arrive as it was."""
    folder.mkdir(exist_ok=True)
    file = folder / "large.edi"
    digest = _write(file, size)
    with Gateway(folder, as2_id="SENDER") as sender, Gateway(folder, as2_id="RECEIVER") as receiver:
        terms = ("--compress",) if is_compressed else ()
        sender.add_partner(*terms, as2_id="RECEIVER", url=receiver.receive_url, certificate=receiver.certificate)
        receiver.add_partner(*terms, as2_id="SENDER", url=sender.receive_url, certificate=sender.certificate)
        began, began_at = time.perf_counter(), time.time()
        command = [*COMMAND, "send", str(file), "--to", "RECEIVER", "--wait"]
        with subprocess.Popen(command, env=sender.environment) as sending, MemoryWatch(sending.pid) as watch:
            code = sending.wait()
        wall = time.perf_counter() - began
        if code:
            raise RuntimeError(f"the file did not arrive:\n{sender.log.read_text()}\n{receiver.log.read_text()}")
        memory = peak_memory(sender.process_id), peak_memory(receiver.process_id)
        _check(receiver, digest)
        sent = sender.get("/v1/messages")["data"][0]
        request = _request(receiver.log)
    file.unlink()
    keeping = _moment(sent["created_at"]) - began_at
    receiving = float(request["ms"]) / 1000
    return Transfer(
        size=size,
        is_compressed=is_compressed,
        wire_size=int(request["received"]),
        keeping=keeping,
        building=_moment(sent["delivered_at"]) - _moment(sent["created_at"]) - receiving,
        receiving=receiving,
        wall=wall,
        sender_memory=memory[0],
        receiver_memory=memory[1],
        command_memory=watch.peak,
    )


def _write(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for piece in documents.pieces(size):
            file.write(piece)
            digest.update(piece)
    return digest.hexdigest()


def _check(receiver: Gateway, wanted: str) -> None:
    digest = hashlib.sha256()
    message = receiver.get("/v1/messages?direction=inbound")["data"][0]
    with receiver.open(f"/v1/messages/{message['id']}/payload") as answer:
        while piece := answer.read(_CHUNK):
            digest.update(piece)
    if digest.hexdigest() != wanted:
        raise RuntimeError("other bytes arrived than were sent")


def _request(log: Path) -> dict[str, str]:
    """What the receiver's log says about the request that brought the message."""
    line = next(line for line in log.read_text("utf-8").splitlines() if " path=/as2 " in line)
    return dict(field.split("=", 1) for field in line.split() if "=" in field)


def _moment(text: Any) -> float:
    return datetime.fromisoformat(text).timestamp()


def report(result: Transfer, primitives: dict[str, float]) -> str:
    """For people."""
    name, slowest = result.slowest(primitives)
    lines = [
        (
            f"{result.size / 1e6:,.0f} MB, signed, encrypted{', compressed' if result.is_compressed else ''};"
            f" {result.wire_size / 1e6:,.0f} MB on the wire"
        ),
        f"  whole command           {result.wall:7.2f} s   {result.size / 1e6 / result.wall:6.0f} MB/s",
        f"  kept by the sender      {result.keeping:7.2f} s",
        (
            f"  built by the sender     {result.building:7.2f} s   {result.outgoing_rate:6.0f} MB/s with keeping it,"
            f" {result.outgoing_rate / slowest:.0%} of the slowest primitive"
        ),
        (
            f"  taken in by the receiver{result.receiving:7.2f} s   {result.incoming_rate:6.0f} MB/s,"
            f" {result.incoming_rate / slowest:.0%} of the slowest primitive"
        ),
        (
            f"  peak memory             {result.sender_memory:.0f} MB sender, {result.receiver_memory:.0f} MB receiver,"
            f" {result.command_memory:.0f} MB command"
        ),
        f"  slowest primitive        {name}, {slowest:.0f} MB/s",
    ]
    return "\n".join(lines)


def parse_size(text: str) -> int:
    """Bytes, from `1GB` or `200MB`."""
    number, unit = text[:-2], text[-2:].upper()
    if unit not in _UNITS:
        raise argparse.ArgumentTypeError("a size is written as 200MB or 1GB")
    return int(float(number) * _UNITS[unit])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=parse_size, default="1GB")
    parser.add_argument("--no-compress", action="store_true")
    parser.add_argument("--folder", type=Path, help="where the homes lie, on the disk that is to be measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="acuse-large-", dir=options.folder) as name:
        folder = Path(name)
        primitives = measure_primitives(folder, size=options.size)
        for primitive, rate in primitives.items():
            print(f"{primitive:25s}{rate:6.0f} MB/s")
        print(report(transfer(folder, size=options.size, is_compressed=not options.no_compress), primitives))


if __name__ == "__main__":
    main()
