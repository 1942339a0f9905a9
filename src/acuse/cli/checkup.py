"""The examinations of `acuse doctor`, from the disk up to the messages.

Rule: an examination changes nothing that stays, unless it was asked to repair, and it never raises for what it looks
for: it tells what it found and what to do.
"""

import os
import shutil
import socket
import sqlite3
import ssl
import stat
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING

from acuse.cli.session import Session
from acuse.config import Settings

if TYPE_CHECKING:
    from acuse.storage import DiskBlobs, Home

_GIB = 1 << 30
_LITTLE_SPACE = _GIB
_NO_SPACE = _GIB // 8
_SLOW_FSYNC = 0.05
"""Seconds. A message costs one or two of these before it is acknowledged."""
_BORN = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right shows a time before this program was written."""
_PATIENCE = timedelta(minutes=2)
_AGE_OF_ORPHANS = timedelta(days=1)
"""A file is kept an instant before the row that names it is committed; a younger one may still get its row."""
_SHOWN = 5


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one examination found."""

    check: str
    level: Level
    message: str


def examine_home(home: "Home") -> Iterator[Finding]:
    """Who may read the home and its master key."""
    for name, path, mode in (("home", home.path, 0o700), ("master key", home.master_key, 0o600)):
        if not path.exists():
            if name == "home":
                yield Finding(check=name, level=Level.FAIL, message=f"{path} does not exist. Run: acuse init")
            continue
        actual = stat.S_IMODE(path.stat().st_mode)
        if actual & 0o077:
            yield Finding(check=name, level=Level.FAIL, message=f"others can read {path}. Run: chmod {mode:o} {path}")
        else:
            yield Finding(check=name, level=Level.OK, message=f"{path}, for this user alone")


def examine_disk(home: "Home") -> Iterator[Finding]:
    """Free space, and how long it takes to make bytes durable."""
    free = shutil.disk_usage(home.path).free
    level = Level.FAIL if free < _NO_SPACE else Level.WARN if free < _LITTLE_SPACE else Level.OK
    advice = "" if level is Level.OK else ". Make room: a message that cannot be stored is not accepted"
    yield Finding(check="disk space", level=level, message=f"{free / _GIB:.1f} GiB free{advice}")
    seconds = _time_fsync(home)
    is_slow = seconds > _SLOW_FSYNC
    advice = ". Each message waits for this; use a faster disk" if is_slow else ""
    message = f"4 KiB durable in {seconds * 1000:.1f} ms{advice}"
    yield Finding(check="disk", level=Level.WARN if is_slow else Level.OK, message=message)


def examine_database(home: "Home") -> Iterator[Finding]:
    """Whether SQLite finds its file in order."""
    uri = f"{home.database.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        said = str(error)
    is_good = said == "ok"
    message = f"{home.database} is sound" if is_good else f"{home.database}: {said}. Restore a backup"
    yield Finding(check="database", level=Level.OK if is_good else Level.FAIL, message=message)


def examine_port(home: "Home", settings: Settings) -> Iterator[Finding]:
    """Whether the gateway answers, or else whether one could listen."""
    running = home.running()
    if running is None:
        yield _port_finding(settings)
        return
    answer = _ask_health(running["url"])
    level = Level.OK if answer == "200" else Level.FAIL
    advice = "" if level is Level.OK else ". Look at its log, or restart it"
    message = f"process {running['pid']} on {running['url']} answers {answer}{advice}"
    yield Finding(check="gateway", level=level, message=message)


def examine_clock(session: Session) -> Iterator[Finding]:
    """Whether the time is plausible: signatures, certificates and deadlines depend on it."""
    from acuse.ports import MessageFilter

    now = session.ports.world.now()
    newest = session.ports.views.messages(session.space, MessageFilter(), limit=1, offset=0).rows
    earliest = max([_BORN, session.account.created_at, *(view.message.created_at for view in newest)])
    is_good = now + timedelta(seconds=1) >= earliest
    advice = "" if is_good else f", but something was stored at {earliest:%Y-%m-%d %H:%M:%S}. Set the clock, use NTP"
    message = f"{now:%Y-%m-%d %H:%M:%S} UTC{advice}"
    yield Finding(check="clock", level=Level.OK if is_good else Level.FAIL, message=message)


def examine_certificates(session: Session) -> Iterator[Finding]:
    """When the certificates of stations and partners end, and those that we show to partners' servers. Reading a
    station's opens its private key as well.
    """
    from acuse.domain.connection import read_chain

    views = session.ports.views
    owners = [(f"station {entry.as2_id}", entry.id) for entry in views.stations(session.space)]
    owners += [(f"partner {entry.as2_id}", entry.id) for entry in views.partners(session.space)]
    now = session.ports.world.now()
    for name, owner_id in owners:
        serving = [entry for entry in views.certificates(owner_id) if not entry.is_for_server]
        if certificates := [entry for entry in serving if not entry.is_retired(now)]:
            last = max(entry.expires_at for entry in certificates)
            yield _certificate_finding(name, last, now=now)
    for partner in views.partners(session.space):
        if shown := views.credentials(partner.id).client_certificate:
            ours = read_chain("client_certificate", shown)[0]
            yield _certificate_finding(
                f"our client certificate for {partner.as2_id}", ours.not_valid_after_utc, now=now
            )


def examine_messages(session: Session, home: "Home") -> Iterator[Finding]:
    """Messages that should have moved on by now."""
    from acuse.domain.message import Direction, ReceiptState, Transmission
    from acuse.ports import MessageFilter

    waiting = (Transmission.QUEUED, Transmission.PROCESSING, Transmission.RETRY_WAIT)
    states = tuple(product(waiting, ReceiptState, (False, True)))
    wanted = MessageFilter(direction=Direction.OUTBOUND, states=states)
    page = session.ports.views.messages(session.space, wanted, limit=1000, offset=0)
    late = session.ports.world.now() - _PATIENCE
    stuck = [view.message for view in page.rows if (view.message.next_attempt_at or view.message.updated_at) < late]
    if not stuck:
        yield Finding(check="messages", level=Level.OK, message=f"{page.total} on their way, none is stuck")
        return
    advice = "Look at its log" if home.running() else "No gateway runs. Run: acuse serve"
    message = f"{len(stuck)} should have been tried by now, such as {stuck[-1].public_id}. {advice}"
    yield Finding(check="messages", level=Level.WARN, message=message)


def examine_files(blobs: "DiskBlobs", *, now: datetime, repair: bool) -> Iterator[Finding]:
    """Files of messages that were never stored, because the process was killed in between; `repair` removes them."""
    orphans = list(blobs.orphans(before=now - _AGE_OF_ORPHANS))
    if not orphans:
        yield Finding(check="files", level=Level.OK, message="every file belongs to what is stored")
        return
    size = sum(file.stat().st_size for file in orphans)
    found = f"{len(orphans)} that nothing stored names, {size:,} bytes"
    if repair:
        for file in orphans:
            file.unlink(missing_ok=True)
        yield Finding(check="files", level=Level.OK, message=f"{found}: removed")
        return
    shown = ", ".join(str(file) for file in orphans[:_SHOWN])
    more = f" and {len(orphans) - _SHOWN} more" if len(orphans) > _SHOWN else ""
    message = f"{found}, left by a process that was killed: {shown}{more}. Remove them: acuse doctor --repair"
    yield Finding(check="files", level=Level.WARN, message=message)


def _time_fsync(home: "Home") -> float:
    probe = home.path / f"doctor-{os.getpid()}"
    try:
        with probe.open("wb") as file:
            file.write(bytes(4096))
            file.flush()
            start = time.perf_counter()
            os.fsync(file.fileno())
            return time.perf_counter() - start
    finally:
        probe.unlink(missing_ok=True)


def _port_finding(settings: Settings) -> Finding:
    where = f"{settings.host} port {settings.port}"
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family[0]) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(family[4])
    except OSError as error:
        message = f"{where} cannot be used: {error.strerror}. Free it, or choose another: --port"
        return Finding(check="port", level=Level.FAIL, message=message)
    return Finding(check="port", level=Level.OK, message=f"{where} is free, no gateway runs on this home")


def _ask_health(url: str) -> str:
    # Whether the gateway lives is asked here, not who it is: its certificate may well be made for another name.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=3, context=context) as answer:  # noqa: S310 - our own address
            return str(answer.status)
    except OSError as error:
        return f"nothing ({error})"


def _certificate_finding(name: str, last: datetime, *, now: datetime) -> Finding:
    from acuse.domain.keyring import days_until, expiry_warning

    match expiry_warning(last, now=now):
        case None:
            advice, level = "is valid", Level.OK
        case 0:
            advice, level = "has expired. Replace it: acuse certificate", Level.FAIL
        case _:
            days = days_until(last, now=now)
            advice, level = f"expires in {days} days. Prepare the next one: acuse certificate", Level.WARN
    return Finding(check="certificate", level=level, message=f"{name}: until {last:%Y-%m-%d}, {advice}")
