"""Small messages: what one costs in processor time beside the bare cryptography, and beside django-pyas2.

    python -m benchmarks [--rounds 5] [--quick] [--no-large]

Every figure is the median of several rounds, after one that only warms up; each round measures everything: the floor
before and after each run of acuse, then the peer. A ratio is taken within its round, because a machine that others use
too is now faster and now slower. Each receipt must name the right MIC, and a sample is verified by openssl. At the end
the gateway is killed while it receives, and every message that it acknowledged must be in its store.
"""

import argparse
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

from acuse import cms
from benchmarks import documents, large_file, many_messages, peers, report
from benchmarks.durability import check_durability
from benchmarks.floor import measure_floor, measure_primitives
from benchmarks.gateway import Gateway
from benchmarks.load import post_all
from benchmarks.outbound import Counterpart, accept_all, send_all
from benchmarks.parties import SIZE, Posted, check_answer, check_receipt, make_identity, pem, write_messages
from benchmarks.processes import cpu_seconds
from tests.peers.slow_disk import slow_disk

_SAMPLE = 5
_OFFERED, _CALM = 200.0, 30.0
_SLOW_FLUSH_US = 5_000
_SIZES = (1_000_000, 10_000_000, 100_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many messages each measurement takes."""

    saturation: int = 1500
    offered: int = 1000
    calm: int = 200
    peer: int = 120


QUICK = Counts(saturation=400, offered=300, calm=60, peer=30)
WARM_UP = Counts(saturation=200, offered=100, calm=20, peer=20)


class Bench:
    """Everything that is measured, once set up: our gateway, the peer, and the other party of both."""

    def __init__(self, folder: Path, counts: Counts) -> None:
        self.counts = counts
        self.other, self.peer_identity = make_identity("bench"), make_identity("peer")
        self.gateway = Gateway(folder, as2_id="ACUSE")
        self.counterpart = Counterpart(folder, self.other)
        self.counterpart.knows("ACUSE", self.gateway.certificate)
        self.counterpart.knows("PEER", pem(self.peer_identity.certificate))
        certificate = pem(self.other.certificate)
        self.partner = self.gateway.add_partner(as2_id="BENCH", url=self.counterpart.url, certificate=certificate)
        self.peer = peers.DjangoPyas2(
            folder, identity=self.peer_identity, other=self.other, counterpart=self.counterpart.url
        )
        self.figures: dict[str, list[float]] = {}
        self._floor = measure_floor()

    def warm_up(self) -> None:
        """Let every cache and pool fill, and forget what that took."""
        counts, self.counts = self.counts, WARM_UP
        self.round()
        self.counts, self.figures = counts, {}

    def round(self) -> None:
        """Measure everything once."""
        self._floor = measure_floor()
        self._inbound("inbound", self.counts.saturation, rate=None)
        self._inbound("inbound_offered", self.counts.offered, rate=_OFFERED)
        self._inbound("inbound_calm", self.counts.calm, rate=_CALM)
        self._outbound("outbound", self.counts.saturation, rate=None)
        self._outbound("outbound_offered", self.counts.offered, rate=_OFFERED)
        self._outbound("outbound_calm", self.counts.calm, rate=_CALM)
        self._accepting()
        self._peer()

    def with_slow_flushes(self, folder: Path) -> None:
        """How long it takes on a disk without a write cache: each flush takes 5 ms longer, for the whole process."""
        self.gateway.restart(slow_disk(folder, sync_us=_SLOW_FLUSH_US))
        self._inbound("inbound_warming", WARM_UP.calm, rate=_CALM)
        self._inbound("inbound_slow_flush", self.counts.calm, rate=_CALM)
        self._outbound("outbound_slow_flush", self.counts.calm, rate=_CALM)
        self.gateway.restart({})

    def messages(self, count: int) -> list[Posted]:
        return write_messages(
            count,
            sender=self.other,
            sender_id="BENCH",
            recipient=cms.load_certificate(self.gateway.certificate),
            recipient_id="ACUSE",
        )

    def medians(self) -> dict[str, float]:
        return {name: median(values) for name, values in self.figures.items()}

    def spreads(self) -> dict[str, float]:
        """How far the ratios of the rounds lie apart: the largest over the smallest, less one."""
        ratios = {name: values for name, values in self.figures.items() if name.endswith(("_over_floor", "_vs_peer"))}
        return {name: max(values) / min(values) - 1 for name, values in ratios.items()}

    def _inbound(self, name: str, count: int, *, rate: float | None) -> None:
        messages = self.messages(count)
        began = cpu_seconds(self.gateway.process_id)
        run = post_all(self.gateway.receive_url, messages, rate=rate)
        cpu = (cpu_seconds(self.gateway.process_id) - began) * 1000 / count
        self._note_cpu(name, cpu, floor="inbound")
        for posted, answer in zip(messages, run.answers, strict=True):
            check_answer(posted, answer.body)
        for posted, answer in list(zip(messages, run.answers, strict=True))[:: max(1, count // _SAMPLE)]:
            check_receipt(posted, answer.content_type, answer.body, self.gateway.certificate)
        self._note(f"{name}_rate", run.rate)
        self._note(f"{name}_p50", run.percentile(0.5))
        self._note(f"{name}_p99", run.percentile(0.99))

    def _outbound(self, name: str, count: int, *, rate: float | None) -> None:
        began = cpu_seconds(self.gateway.process_id)
        delivered = send_all(self.gateway, self.partner, count, rate=rate)
        self._note_cpu(name, (cpu_seconds(self.gateway.process_id) - began) * 1000 / count, floor="outbound")
        self._note(f"{name}_rate", delivered.rate)
        self._note(f"{name}_p50", delivered.percentile(0.5))
        self._note(f"{name}_p99", delivered.percentile(0.99))

    def _accepting(self) -> None:
        count = self.counts.saturation
        began = cpu_seconds(self.gateway.process_id)
        accept_all(self.gateway, self.partner, count)
        cpu = (cpu_seconds(self.gateway.process_id) - began) * 1000 / count
        self._note_cpu("outbound_accepting", cpu, floor="outbound")

    def _note_cpu(self, name: str, cpu: float, *, floor: Literal["inbound", "outbound"]) -> None:
        """Processor time in milliseconds, beside the floor as it was just before and just after."""
        before, self._floor = self._floor, measure_floor()
        between: float = (getattr(before, floor) + getattr(self._floor, floor)) / 2
        self._note(f"floor_{floor}", between)
        self._note(f"{name}_cpu", cpu)
        self._note(f"{name}_over_floor", cpu / between)

    def _peer(self) -> None:
        count = self.counts.peer
        certificate = self.peer_identity.certificate
        messages = write_messages(
            count, sender=self.other, sender_id="BENCH", recipient=certificate, recipient_id="PEER"
        )
        post_all(self.peer.receive_url, messages[:10], concurrency=4)
        began = cpu_seconds(self.peer.process_id)
        run = post_all(self.peer.receive_url, messages[10:], concurrency=4)
        cpu = cpu_seconds(self.peer.process_id) - began
        check_receipt(
            messages[10], run.answers[0].content_type, run.answers[0].body, pem(self.peer_identity.certificate)
        )
        self._note_peer("inbound", cpu * 1000 / len(run.answers))
        self._note("peer_inbound_rate", run.rate)
        self._note_peer("outbound", self.peer.send(documents.order(SIZE), count))

    def _note_peer(self, direction: Literal["inbound", "outbound"], cpu: float) -> None:
        """Processor time in milliseconds, beside ours of the same round and the same floor."""
        self._note_cpu(f"peer_{direction}", cpu, floor=direction)
        self._note(f"{direction}_vs_peer", cpu / self.figures[f"{direction}_cpu"][-1])

    def _note(self, name: str, value: float) -> None:
        self.figures.setdefault(name, []).append(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a rough look: fewer messages")
    parser.add_argument("--large", type=large_file.parse_size, default="2GB", help="the size of the large file")
    parser.add_argument("--no-large", action="store_true", help="leave the large file out")
    parser.add_argument("--write", action="store_true", help="write the table and the ratios into the repository")
    parser.add_argument("--folder", type=Path, help="where the homes lie, on the disk that is to be measured")
    options = parser.parse_args()
    load_before, _, _ = os.getloadavg()
    peers.install()
    with tempfile.TemporaryDirectory(prefix="acuse-bench-", dir=options.folder) as name:
        folder = Path(name)
        bench = Bench(folder, QUICK if options.quick else Counts())
        with bench.counterpart, bench.peer, bench.gateway:
            bench.warm_up()
            for number in range(1, options.rounds + 1):
                print(f"round {number} of {options.rounds}", flush=True)
                bench.round()
            bench.with_slow_flushes(folder)
            acknowledged = check_durability(bench.gateway, bench.messages(bench.counts.offered))
        large, line = None, []
        if not options.no_large:
            primitives = measure_primitives(folder, size=options.large)
            smaller = [size for size in _SIZES if size < options.large]
            line = [large_file.transfer(folder / str(size), size=size, is_compressed=True) for size in smaller]
            large = large_file.transfer(folder, size=options.large, is_compressed=True), primitives
        lists = many_messages.compare()
    result = report.Result(
        figures=bench.medians(),
        spreads=bench.spreads(),
        acknowledged=acknowledged,
        large=large,
        line=line,
        lists=lists,
        rounds=options.rounds,
        load_before=load_before,
    )
    print(report.table(result))
    if options.write:
        report.write(result)


if __name__ == "__main__":
    main()
