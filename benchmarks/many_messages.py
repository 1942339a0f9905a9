"""Lists of messages when there are many: what they cost with 1,000 messages in the store, and with 100,000.

    python -m benchmarks.many_messages

The messages are copies of a real one, made in the database; everything else goes through the API.
"""

import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median

from acuse import cms
from benchmarks.gateway import Gateway
from benchmarks.load import post_all
from benchmarks.parties import make_identity, pem, write_messages
from benchmarks.processes import cpu_seconds

_SIZES = (1_000, 100_000)
_REPEATS = 40
_INSERTS = 200
_QUERIES = {
    "newest 25": "per_page=25",
    "of one partner": "per_page=25&partner_id=prt_000001",
    "inbound only": "per_page=25&direction=inbound",
    "received only": "per_page=25&status=received",
    "of one type": "per_page=25&content_type=application/edi-x12",
    "signed": "per_page=25&signed=true",
    "with errors": "per_page=25&has_errors=true",
    "of the last day": "per_page=25&from_date=2020-01-01",
    "with a word": "per_page=25&search=copy77",
    "partner, inbound, signed": "per_page=25&partner_id=prt_000001&direction=inbound&signed=true",
}
_COPIED = ("id", "handle", "wire_id", "wire_key", "created_at")
_HANDLES = "UPDATE handle SET last = (SELECT max(handle) FROM message) WHERE kind = 'message'"


def fill(database: Path, size: int) -> None:
    """Copy the first message until there are `size`."""
    with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        there: int = connection.execute("SELECT count(*) FROM message").fetchone()[0]
        names = [row[1] for row in connection.execute("PRAGMA table_info(message)")]
        others = ", ".join(name for name in names if name not in _COPIED)
        connection.execute(
            f"WITH RECURSIVE n(i) AS (SELECT {there} UNION ALL SELECT i + 1 FROM n WHERE i < {size - 1}) "
            f"INSERT INTO message ({', '.join(_COPIED)}, {others}) "
            "SELECT randomblob(16), m.handle + 1000000 + i, 'copy' || i, 'copy' || i, m.created_at - i * 1000, "
            f"{others} FROM n, (SELECT * FROM message ORDER BY handle LIMIT 1) m"
        )
        connection.execute(_HANDLES)


def measure(gateway: Gateway, insert: Callable[[], float]) -> dict[str, float]:
    """Milliseconds: of waiting for each list, of processor time for each message received."""
    found = {}
    for name, query in _QUERIES.items():
        seconds = []
        for _ in range(_REPEATS):
            began = time.perf_counter()
            gateway.get(f"/v1/messages?{query}")
            seconds.append(time.perf_counter() - began)
        found[name] = median(seconds) * 1000
    found["receiving one more (processor time)"] = insert()
    return found


def compare() -> dict[str, tuple[float, float]]:
    """What each list costs, and one more message: with few messages and with many, in milliseconds."""
    other = make_identity("bench")
    with tempfile.TemporaryDirectory(prefix="acuse-many-") as name, Gateway(Path(name), as2_id="ACUSE") as gateway:
        gateway.add_partner(as2_id="BENCH", url="http://127.0.0.1:9/", certificate=pem(other.certificate))

        def insert(count: int = _INSERTS) -> float:
            recipient = cms.load_certificate(gateway.certificate)
            messages = write_messages(count, sender=other, sender_id="BENCH", recipient=recipient, recipient_id="ACUSE")
            began = cpu_seconds(gateway.process_id)
            post_all(gateway.receive_url, messages)
            return (cpu_seconds(gateway.process_id) - began) * 1000 / count

        insert(50)
        results = []
        for size in _SIZES:
            fill(gateway.database, size)
            _wait_for_the_index(gateway.database)
            results.append(measure(gateway, insert))
    few, many = results
    return {what: (few[what], many[what]) for what in few}


def _wait_for_the_index(database: Path) -> None:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        while connection.execute("SELECT 1 FROM message_unindexed LIMIT 1").fetchone():
            time.sleep(0.2)


def table(compared: dict[str, tuple[float, float]]) -> str:
    """Markdown."""
    few, many = (f"{size:,d} messages" for size in _SIZES)
    rows = [f"| a page of 25 | {few} | {many} | ratio |", "|---|---:|---:|---:|"]
    rows += [f"| {what} | {a:.2f} ms | {b:.2f} ms | {b / a:.2f} |" for what, (a, b) in compared.items()]
    return "\n".join(rows)


def main() -> None:
    print(table(compare()))


if __name__ == "__main__":
    main()
