"""The table for people, and the ratios for programs."""

import json
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import large_file, many_messages, peers

_ROOT = Path(__file__).parents[1]
_PAGE = _ROOT / "docs" / "reference" / "performance.md"
_RATIOS = Path(__file__).parent / "latest.json"

_INTRODUCTION = """\
# Performance

For operators who size a machine, and for whoever wants to know what is behind the word fast.
This page is written by `make bench`; nobody edits it.

Figures of another machine differ.
What holds is the ratio to the floor: the bare cryptographic operations of OpenSSL, measured in the same run.
A message has 10 KB of X12, is signed with SHA-256 and RSA-2048 and encrypted with AES-128-CBC.
Its receipt is signed and comes in the answer.
Everything is durable before it is acknowledged: rows and bytes are fsynced.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Everything that was measured."""

    figures: dict[str, float]
    """Medians; milliseconds of processor time (`_cpu`) or of waiting (`_p50`, `_p99`), messages a second (`_rate`),
    ratios of one round (`_over_floor`, `_vs_peer`).
    """
    spreads: dict[str, float]
    """How far the ratios of the rounds lie apart."""
    acknowledged: int
    """Messages that were acknowledged before the gateway was killed, all of which were found again."""
    large: tuple[large_file.Transfer, dict[str, float]] | None
    line: list[large_file.Transfer]
    """Smaller files, to see whether memory stays flat and time grows with the size."""
    lists: dict[str, tuple[float, float]]
    """Milliseconds with few messages in the store, and with many."""
    rounds: int
    load_before: float
    """Load average of the machine before anything was measured: what else ran on it."""


def ratios(result: Result) -> dict[str, float]:
    """What other runs can be compared with."""
    figures = result.figures
    found = {
        "inbound_cpu_over_floor": figures["inbound_over_floor"],
        "inbound_offered_cpu_over_floor": figures["inbound_offered_over_floor"],
        "outbound_cpu_over_floor": figures["outbound_over_floor"],
        "outbound_offered_cpu_over_floor": figures["outbound_offered_over_floor"],
        "inbound_cpu_vs_django_pyas2": figures["inbound_vs_peer"],
        "outbound_cpu_vs_django_pyas2": figures["outbound_vs_peer"],
    }
    found["lists_100k_over_1k_worst"] = max(many / few for few, many in result.lists.values())
    if result.large:
        moved, primitives = result.large
        _, slowest = moved.slowest(primitives)
        found["large_peak_rss_mb"] = moved.peak_memory
        found["large_throughput_over_slowest_primitive"] = min(moved.outgoing_rate, moved.incoming_rate) / slowest
    return {name: round(value, 2) for name, value in found.items()}


def table(result: Result) -> str:
    """Markdown."""
    figures, found = result.figures, ratios(result)
    floor_in, floor_out = figures["floor_inbound"], figures["floor_outbound"]
    rows = [
        "| what | processor time per message | over the floor | messages a second | p50 | p99 |",
        "|---|---:|---:|---:|---:|---:|",
        f"| floor, inbound (two private RSA operations, one public) | {floor_in:.2f} ms | 1.0 | | | |",
        *(_row(figures, name, words) for name, words in _INBOUND.items()),
        (
            f"| django-pyas2, inbound | {figures['peer_inbound_cpu']:.1f} ms"
            f" | {figures['peer_inbound_over_floor']:.1f} | {figures['peer_inbound_rate']:.0f} | | |"
        ),
        f"| floor, outbound (one private RSA operation, two public) | {floor_out:.2f} ms | 1.0 | | | |",
        *(_row(figures, name, words) for name, words in _OUTBOUND.items()),
        (
            f"| … of which the API and storing, without the engine | {figures['outbound_accepting_cpu']:.2f} ms"
            f" | {figures['outbound_accepting_over_floor']:.1f} | | | |"
        ),
        (
            f"| django-pyas2, outbound | {figures['peer_outbound_cpu']:.1f} ms"
            f" | {figures['peer_outbound_over_floor']:.1f} | | | |"
        ),
        "",
        (
            f"django-pyas2 needs {found['inbound_cpu_vs_django_pyas2']:.1f} times the processor time of acuse inbound,"
            f" {found['outbound_cpu_vs_django_pyas2']:.1f} times outbound."
        ),
        (
            f"Medians of {result.rounds} rounds, a ratio within its round;"
            f" at full speed they lay within {result.spreads['inbound_over_floor']:.0%} of each other inbound,"
            f" {result.spreads['outbound_over_floor']:.0%} outbound."
            f" The gateway was killed under load: all of the {result.acknowledged} messages that it had acknowledged"
            " were in its store."
        ),
    ]
    if result.large:
        rows += ["", "## A large file", "", "```", large_file.report(*result.large), "```", ""]
        rows += ["| size | whole command | peak memory of a gateway |", "|---:|---:|---:|"]
        rows += [
            f"| {moved.size / 1e6:,.0f} MB | {moved.wall:.2f} s"
            f" | {max(moved.sender_memory, moved.receiver_memory):.0f} MB |"
            for moved in (*result.line, result.large[0])
        ]
    rows += ["", "## Many messages", "", many_messages.table(result.lists)]
    return "\n".join(rows)


_INBOUND = {
    "inbound": "inbound, 16 connections, as fast as it goes",
    "inbound_offered": "inbound, 200 a second offered",
    "inbound_calm": "inbound, 30 a second offered",
    "inbound_slow_flush": "inbound, 30 a second offered, each flush of the disk 5 ms longer",
}
_OUTBOUND = {
    "outbound": "outbound, 16 connections, as fast as it goes",
    "outbound_offered": "outbound, 200 a second offered",
    "outbound_calm": "outbound, 30 a second offered",
    "outbound_slow_flush": "outbound, 30 a second offered, each flush of the disk 5 ms longer",
}


def _row(figures: dict[str, float], name: str, words: str) -> str:
    cpu = figures[f"{name}_cpu"]
    return (
        f"| {words} | {cpu:.2f} ms | {figures[f'{name}_over_floor']:.1f} | {figures[f'{name}_rate']:.0f}"
        f" | {figures[f'{name}_p50']:.1f} ms | {figures[f'{name}_p99']:.1f} ms |"
    )


def write(result: Result) -> None:
    """The page of the docs and the file of ratios."""
    _PAGE.parent.mkdir(parents=True, exist_ok=True)
    _PAGE.write_text(f"{_INTRODUCTION}\n{table(result)}\n\n{_circumstances(result)}\n", "utf-8")
    _RATIOS.write_text(json.dumps(ratios(result), indent=2) + "\n", "utf-8")


def _circumstances(result: Result) -> str:
    ours = {name: version(name) for name in ("cryptography", "uvicorn", "aiohttp", "isal")}
    openssl = subprocess.run(["openssl", "version"], check=True, capture_output=True, text=True).stdout.strip()
    cores = Path("/proc/cpuinfo").read_text("utf-8")
    model = next((line.partition(":")[2].strip() for line in cores.splitlines() if "model name" in line), "unknown")
    shown = ", ".join(f"{name} {number}" for name, number in (ours | peers.versions()).items())
    return (
        f"Measured on {datetime.now(UTC):%d %B %Y}: {model}, {cores.count('processor')} cores,"
        f" Linux {platform.release()}, Python {platform.python_version()}, {shown}; {openssl} judged the receipts.\n"
        "The clients that make the load run on the same cores."
        f" Before the start the machine's load average was {result.load_before:.1f}."
    )
