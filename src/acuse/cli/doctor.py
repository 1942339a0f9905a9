"""`acuse doctor`: is this gateway well?"""

from collections.abc import Iterator
from dataclasses import asdict

import click

from acuse.cli.checkup import (
    Finding,
    Level,
    examine_certificates,
    examine_clock,
    examine_database,
    examine_disk,
    examine_files,
    examine_home,
    examine_messages,
    examine_port,
)
from acuse.cli.options import Command, setting
from acuse.cli.output import print_json
from acuse.cli.session import load_settings, session_of
from acuse.config import Settings
from acuse.errors import AcuseError

_COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


@click.command(cls=Command)
@setting("--host", metavar="ADDRESS")
@setting("--port", metavar="PORT")
@click.option("--repair", is_flag=True, help="Remove files that nothing stored names.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: a list of findings.")
def doctor(*, repair: bool, as_json: bool) -> None:
    """Check whether this gateway is well.

    It looks at the home, disk, database, port, keys, certificates, clock, messages and files.
    A line for each, with what to do; the exit code is 1 if one of them failed.
    """
    findings = []
    for finding in _examine(load_settings(), repair=repair):
        findings.append(finding)
        if not as_json:
            level = click.style(finding.level.value.ljust(4), fg=_COLOURS[finding.level])
            click.echo(f"{level}   {finding.check:<11}   {finding.message}")
    if as_json:
        print_json([asdict(finding) for finding in findings])
    failed = sum(finding.level is Level.FAIL for finding in findings)
    if failed:
        raise click.ClickException(f"{failed} of {len(findings)} checks failed; each line above says what to do")


def _examine(settings: Settings, *, repair: bool) -> Iterator[Finding]:
    from acuse.bootstrap import open_gateway
    from acuse.storage import Home

    home = Home(settings.home)
    yield from examine_home(home)
    if not home.path.is_dir():
        return
    yield from examine_disk(home)
    if not home.database.is_file():
        yield Finding(check="database", level=Level.FAIL, message=f"{home.database} is missing. Run: acuse init")
        return
    yield from examine_database(home)
    yield from examine_port(home, settings)
    try:
        with open_gateway(settings) as gateway:
            session = session_of(gateway)
            yield Finding(check="keys", level=Level.OK, message="the master key opens the home's private keys")
            yield from examine_certificates(session)
            yield from examine_clock(session)
            yield from examine_messages(session, home)
            yield from examine_files(gateway.blobs, now=gateway.ports.world.now(), repair=repair)
    except AcuseError as error:
        yield Finding(check="keys", level=Level.FAIL, message=error.message)
