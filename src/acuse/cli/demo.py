"""`acuse demo`: two stations exchange an order and an invoice with receipts, on a gateway of their own, and a certified
e-mail goes into its mailbox.

Everything is real: a gateway process on a free port of this machine, HTTP, keys made for this run, and the rows and
bytes that both sides stored. The home is a new folder, which is kept. Nothing else is touched; the gateway is ended.
"""

import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acuse.cli.demo_notice import print_notice, run_notice
from acuse.cli.exchange import Sample, print_exchange, run_exchange
from acuse.cli.options import Command, given_settings
from acuse.cli.output import print_facts
from acuse.cli.session import Session, session_of
from acuse.cli.terms import receipt_words, wrapping_words
from acuse.config import Settings
from acuse.config.settings import PREFIX

if TYPE_CHECKING:
    from acuse.domain.partner import Terms
    from acuse.domain.station import Station

_SAMPLES = (
    Sample(title="Purchase order, X12 850", filename="order-850.x12", sender="BUYER", recipient="SELLER"),
    Sample(title="Invoice, EDIFACT INVOIC D.96A", filename="invoice-d96a.edi", sender="SELLER", recipient="BUYER"),
)
_LOOPBACK = "127.0.0.1"
_START_LIMIT = 30.0
_STOP_LIMIT = 10.0
"""Seconds."""


@click.command(cls=Command)
def demo() -> None:
    """Exchange an order and an invoice, with receipts, send a certified e-mail, and show it.

    It uses a new folder as its home, never yours, and ends by itself within seconds.
    """
    from acuse.bootstrap import open_gateway
    from acuse.services.found_home import found_home

    if "home" in given_settings(click.get_current_context()):
        raise click.UsageError("The demo makes a home of its own, leave --home out")
    home = Path(tempfile.mkdtemp(prefix="acuse-demo-"))
    settings = Settings.load({"home": home, "host": _LOOPBACK, "port": _free_port()}, {})
    with open_gateway(settings, create=True) as gateway:
        found_home(gateway.ports, name="Demo buyer", as2_id="BUYER", url=settings.url)
        session = session_of(gateway)
        terms = _introduce(session)
        with _gateway_process(settings) as process:
            _print_stage(settings, process.pid, terms)
            exchanges = [run_exchange(session, sample) for sample in _SAMPLES]
            for number, exchange in enumerate(exchanges, start=1):
                print_exchange(session, number, exchange)
            certified = run_notice(session, home)
            print_notice(certified, len(exchanges) + 1)
    if not (certified.is_proved and all(exchange.is_proved for exchange in exchanges)):
        raise click.ClickException(f"the demo did not succeed; the gateway's log is {_log(home)}")
    _print_end(home)


def _introduce(session: Session) -> "Terms":
    """Add the second station, and make each the partner of the other."""
    from acuse.as2 import Compression
    from acuse.domain.partner import Terms
    from acuse.services.manage_stations import add_station

    ports, url = session.ports, session.gateway.settings.url
    seller = add_station(ports, space=session.space, name="Demo seller", as2_id="SELLER", url=url)
    terms = Terms(compression=Compression.BEFORE_SIGN)
    for station in (session.station("BUYER"), seller):
        _make_partner(session, station, terms)
    return terms


def _make_partner(session: Session, station: "Station", terms: "Terms") -> None:
    from acuse.services.manage_partners import add_partner

    certificates = session.ports.views.certificates(station.id)
    add_partner(
        session.ports,
        space=session.space,
        name=station.name,
        as2_id=station.as2_id,
        url=station.receive_url,
        certificates=[certificate.x509_certificate for certificate in certificates],
        terms=terms,
        url_is_vouched=True,
    )


def _print_stage(settings: Settings, process_id: int, terms: "Terms") -> None:
    click.secho("acuse demo: an order goes out, an invoice comes back, each with its receipt", bold=True)
    click.echo()
    print_facts(
        [
            ("home", f"{settings.home}"),
            ("gateway", f"{settings.url}, process {process_id}"),
            ("stations", "BUYER and SELLER, RSA-2048 keys, each the other's partner"),
            ("agreed", f"{wrapping_words(terms)}; receipt {receipt_words(terms)}"),
        ],
        indent=3,
    )


def _print_end(home: Path) -> None:
    click.echo()
    click.secho("Both receipts are verified, both files arrived byte for byte. The gateway is stopped.", bold=True)
    click.echo()
    program, folder = shlex.join(_program()), shlex.quote(str(home))
    print_facts(
        [
            ("look around", f"{program} outbox --home {folder}"),
            ("", f"{program} show msg_000001 --home {folder}"),
            ("", f"{program} mailbox 1 --home {folder}"),
            ("remove it", f"rm -r {folder}"),
        ],
        indent=3,
    )


def _program() -> list[str]:
    """How this very installation is called, whether or not a shell finds it by its name."""
    installed = Path(sys.executable).with_name("acuse")
    return [str(installed)] if installed.is_file() else [sys.executable, "-m", "acuse.cli"]


@contextmanager
def _gateway_process(settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """A gateway of its own process on the home, ready; it is ended with the block."""
    command = [sys.executable, "-m", "acuse.cli", "serve", "--home", str(settings.home), "--port", str(settings.port)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    with _log(settings.home).open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)  # noqa: S603
    try:
        _wait_until_ready(process, settings)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(process: "subprocess.Popen[bytes]", settings: Settings) -> None:
    deadline = time.monotonic() + _START_LIMIT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{settings.url}/health", timeout=1):  # noqa: S310 - our own loopback
                return
        except OSError:
            time.sleep(0.02)
    raise click.ClickException(f"the gateway of the demo did not start; its log is {_log(settings.home)}")


def _log(home: Path) -> Path:
    return home / "gateway.log"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port
