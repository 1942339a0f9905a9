"""`acuse certificate`: the certificates of stations and partners, and how one follows another without a gap."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acuse.cli.moments import MomentType, UsesType
from acuse.cli.options import Group, json_option
from acuse.cli.output import moment, print_facts, print_json, print_table
from acuse.cli.session import Session, open_session
from acuse.errors import CertificateNotFound, InvalidInput

if TYPE_CHECKING:
    from acuse.domain.keyring import Use
    from acuse.ports import HeldCertificate

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=Group)
def certificate() -> None:
    """Certificates: ours and the partners', each with the time that it serves.

    To change one without a gap, add the next one. What comes in may use either, until the old one is retired.
    """


@certificate.command()
@click.argument("file", type=_FILE)
@click.option("--partner", "partner_name", metavar="AS2-ID", help="Whose it is: a partner's.")
@click.option("--station", "station_name", metavar="AS2-ID", help="Whose it is: a station's, with its private key.")
@click.option("--use", "uses", type=UsesType(), default="signing,encryption", show_default=True, help="What for.")
@click.option("--name", help="A name for people.  [the owner's]")
@click.option("--active-from", type=MomentType(), metavar="TIME", help="From when what goes out uses it.  [now]")
@click.option("--active-until", type=MomentType(), metavar="TIME", help="When it is retired.  [never]")
@click.option("--password-file", type=_FILE, help="Its first line is the password of the private key.")
@json_option
def add(
    file: Path,
    partner_name: str | None,
    station_name: str | None,
    uses: "frozenset[Use]",
    name: str | None,
    active_from: datetime | None,
    active_until: datetime | None,
    password_file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Add a certificate: PEM or DER to a partner; PKCS#12, or PEM with its private key, to a station."""
    from acuse.cms import load_certificate
    from acuse.cms.key_files import load_key_pair
    from acuse.services.manage_certificates import Serving, add_certificate, add_key_pair

    if (partner_name is None) is (station_name is None):
        raise click.UsageError("Say whose it is: either --partner or --station")
    serving = Serving(uses=uses, name=name, active_from=active_from, active_until=active_until)
    data = file.read_bytes()
    with open_session() as session:
        if partner_name is not None:
            partner = session.partner(partner_name)
            with _naming(file):
                given = load_certificate(data)
            held = add_certificate(session.ports, partner, given, serving)
        else:
            station = session.station(station_name)
            with _naming(file):
                key_pair = load_key_pair(data, password=_password_in(password_file))
            held = add_key_pair(session.ports, station, key_pair, serving)
        _show(session, held, as_json=as_json)


@certificate.command()
@click.option("--station", "station_name", metavar="AS2-ID", help="Whose it is.  [the first station]")
@click.option("--days", type=int, default=730, show_default=True, help="How long it is valid after its activation.")
@click.option("--active-from", type=MomentType(), metavar="TIME", help="From when what goes out uses it.  [now]")
@click.option("--use", "uses", type=UsesType(), default="signing,encryption", show_default=True, help="What for.")
@click.option("--name", help="A name for people.  [the station's]")
@json_option
def generate(
    station_name: str | None,
    days: int,
    active_from: datetime | None,
    uses: "frozenset[Use]",
    name: str | None,
    *,
    as_json: bool,
) -> None:
    """Make the next key pair of a station.

    It decrypts at once and signs from --active-from: leave the partners time to install its certificate.
    """
    from acuse.services.manage_certificates import LONGEST_VALIDITY, Serving, generate_key_pair

    validity = timedelta(days=max(0, min(days, LONGEST_VALIDITY.days + 1)))
    with open_session() as session:
        serving = Serving(uses=uses, name=name, active_from=active_from)
        held = generate_key_pair(session.ports, session.station(station_name), serving, validity=validity)
        _show(session, held, as_json=as_json)


@certificate.command("list")
@click.option("--partner", "partner_name", metavar="AS2-ID", help="Only this partner's.")
@click.option("--station", "station_name", metavar="AS2-ID", help="Only this station's.")
@json_option
def list_(partner_name: str | None, station_name: str | None, *, as_json: bool) -> None:
    """List the certificates with the state of each: pending, active, expired or retired."""
    with open_session() as session:
        wanted = set()
        if partner_name is not None:
            wanted.add(session.partner(partner_name).id)
        if station_name is not None:
            wanted.add(session.station(station_name).id)
        every = session.ports.views.held_certificates(session.space)
        found = [held for held in every if not wanted or held.entry.owner_id in wanted]
        if as_json:
            print_json([_object(session, held) for held in found])
            return
        now = session.ports.world.now()
        print_table(
            ("id", "of", "use", "state", "active from", "expires", "first used", "fingerprint"),
            [
                (
                    held.entry.public_id,
                    f"{_kind(held)} {held.owner.as2_id}",
                    _uses(held),
                    held.entry.state(now).value,
                    f"{held.entry.active_from:%Y-%m-%d %H:%M}",
                    f"{held.entry.expires_at:%Y-%m-%d}",
                    held.entry.first_used_at and f"{held.entry.first_used_at:%Y-%m-%d}",
                    held.entry.fingerprint[:16],
                )
                for held in found
            ],
            when_empty="No certificate yet. 'acuse certificate add' brings one in.",
        )


@certificate.command()
@click.argument("name", metavar="ID")
@json_option
def retire(name: str, *, as_json: bool) -> None:
    """Take a certificate out of use, at once and for everything."""
    from acuse.ports import HeldCertificate
    from acuse.services.manage_certificates import retire_certificate

    with open_session() as session:
        held = _find(session, name)
        retired = retire_certificate(session.ports, held.entry.id)
        _show(session, HeldCertificate(entry=retired, owner=held.owner), as_json=as_json)


@certificate.command()
@click.argument("name", metavar="ID")
@click.option("--active-from", type=MomentType(), metavar="TIME", help="From when what goes out uses it.  [as it was]")
@click.option("--active-until", type=MomentType(), metavar="TIME", help="When it is retired.  [as it was]")
@json_option
def activate(name: str, active_from: datetime | None, active_until: datetime | None, *, as_json: bool) -> None:
    """Set the time that a certificate serves."""
    from acuse.ports import HeldCertificate
    from acuse.services.manage_certificates import set_activation

    if active_from is None and active_until is None:
        raise click.UsageError("Say when: --active-from, --active-until or both")
    with open_session() as session:
        held = _find(session, name)
        changed = set_activation(
            session.ports,
            held.entry.id,
            active_from=active_from or held.entry.active_from,
            active_until=active_until or held.entry.active_until,
        )
        _show(session, HeldCertificate(entry=changed, owner=held.owner), as_json=as_json)


@certificate.command("accept-expired")
@click.option("--partner", "partner_name", metavar="AS2-ID", required=True, help="With whom.")
@click.option("--until", type=MomentType(), metavar="TIME", help="Until when.")
@click.option("--never", is_flag=True, help="No longer.")
@json_option
def accept_expired(partner_name: str, until: datetime | None, *, never: bool, as_json: bool) -> None:
    """Let expired certificates pass in the exchange with one partner, until a time.

    Both sides' certificates are meant. Each use of one is noted in the log; a retired one never passes.
    """
    from acuse.services import manage_certificates
    from acuse.web.api.partner_objects import partner_object

    if (until is None) is not never:
        raise click.UsageError("Say either --until or --never")
    with open_session() as session:
        changed = manage_certificates.accept_expired(session.ports, session.partner(partner_name), until)
        if as_json:
            view = session.ports.views.partner_view(changed.id)
            print_json(partner_object(view, now=session.ports.world.now()))
            return
        print_facts(
            [("partner", changed.as2_id), ("expired accepted until", f"{moment(until)} UTC" if until else "never")]
        )


@certificate.command()
@click.argument("name", metavar="ID")
@click.option("--der", "as_der", is_flag=True, help="Write DER, not PEM.")
def export(name: str, *, as_der: bool) -> None:
    """Write a certificate, without any private key, to standard output: what the other side needs."""
    from cryptography.hazmat.primitives.serialization import Encoding

    with open_session() as session:
        found = _find(session, name).entry.x509_certificate
        sys.stdout.buffer.write(found.public_bytes(Encoding.DER if as_der else Encoding.PEM))


def _find(session: Session, name: str) -> "HeldCertificate":
    for held in session.ports.views.held_certificates(session.space):
        if name == held.entry.public_id:
            return held
    raise CertificateNotFound(f"There is no certificate '{name}'. 'acuse certificate list' shows those that exist.")


def _show(session: Session, held: "HeldCertificate", *, as_json: bool) -> None:
    if as_json:
        print_json(_object(session, held))
        return
    entry = held.entry
    print_facts(
        [
            ("id", entry.public_id),
            ("name", entry.name),
            ("of", f"{_kind(held)} {held.owner.as2_id}"),
            ("use", _uses(held)),
            ("state", entry.state(session.ports.world.now()).value),
            ("active from", f"{moment(entry.active_from)} UTC"),
            ("active until", entry.active_until and f"{moment(entry.active_until)} UTC"),
            ("expires", f"{moment(entry.expires_at)} UTC"),
            ("subject", entry.subject),
            ("issuer", entry.issuer),
            ("fingerprint", entry.fingerprint),
        ]
    )


def _object(session: Session, held: "HeldCertificate") -> dict[str, object]:
    from acuse.web.api.objects import certificate_object

    return certificate_object(held, now=session.ports.world.now())


def _kind(held: "HeldCertificate") -> str:
    return "partner" if held.entry.key_pair is None else "station"


def _uses(held: "HeldCertificate") -> str:
    return ", ".join(sorted(held.entry.uses, reverse=True)) or "client"


def _password_in(file: Path | None) -> bytes | None:
    if file is None:
        return None
    lines = file.read_bytes().splitlines()
    return lines[0] if lines else b""


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """What is wrong with a file is said together with its name."""
    from acuse.cms import CmsError

    try:
        yield
    except CmsError as error:
        raise InvalidInput(fields={str(file): error.message}) from error
