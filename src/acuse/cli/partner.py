"""`acuse partner`: the other parties and the terms on which we exchange with them."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acuse.cli.agreement import Choices, agreement_options, preset_object, preset_words, quirk_words
from acuse.cli.connection import connection_facts, connection_options
from acuse.cli.desk import open_desk
from acuse.cli.moments import MomentType
from acuse.cli.options import Group, json_option
from acuse.cli.output import moment, print_facts, print_json, print_table, span
from acuse.cli.session import Session, open_session
from acuse.cli.terms import (
    DemandType,
    EncryptionType,
    SecondsType,
    SignatureType,
    receipt_words,
    shown_words,
    wrapping_words,
)
from acuse.errors import InvalidInput

if TYPE_CHECKING:
    from cryptography import x509

    from acuse.cms import AnyCipher, AnyDigest
    from acuse.domain.connection import Credentials, HTTPTerms
    from acuse.domain.partner import Partner, Terms

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=Group)
def partner() -> None:
    """Partners: the other parties, with their certificates and terms."""


@partner.command()
@click.option("--as2-id", required=True, help="The partner's AS2 identifier.")
@click.option("--name", help="A name for people.  [the AS2 identifier]")
@click.option("--url", required=True, help="Where the partner receives; it may lead into a private network.")
@click.option("--certificate", "certificates", type=_FILE, multiple=True, help="PEM or DER file; may be repeated.")
@click.option("--sign", type=SignatureType(), default="sha256", show_default=True, help="Digest of our signature.")
@click.option("--encrypt", type=EncryptionType(), default="aes128_cbc", show_default=True, help="How we encrypt.")
@click.option(
    "--compress",
    type=click.Choice(["before-sign", "after-sign"], case_sensitive=False),
    is_flag=False,
    flag_value="before-sign",
    help="Compress what we send, before signing unless it is said otherwise.",
)
@click.option(
    "--mdn",
    type=click.Choice(["sync", "async", "none"], case_sensitive=False),
    default="sync",
    show_default=True,
    help="How the receipt comes back.",
)
@click.option("--mdn-signed/--mdn-unsigned", default=True, show_default=True, help="Which receipt we ask for.")
@click.option("--demand", type=DemandType(), help="What inbound messages must be.  [what we send]")
@click.option(
    "--timeout",
    type=SecondsType(),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How long one attempt waits.",
)
@click.option(
    "--retry-first",
    type=SecondsType(),
    default=2,
    show_default=True,
    metavar="SECONDS",
    help="The first wait; each next one is doubled.",
)
@click.option(
    "--retry-longest", type=SecondsType(), default=3600, show_default=True, metavar="SECONDS", help="The longest wait."
)
@click.option(
    "--retry-for", type=SecondsType(), default=86400, show_default=True, metavar="SECONDS", help="When to give up."
)
@click.option(
    "--receipt-within",
    type=SecondsType(),
    default=14400,
    show_default=True,
    metavar="SECONDS",
    help="How long an asynchronous receipt may take.",
)
@click.option(
    "--ask-again",
    type=click.IntRange(0, 10),
    default=0,
    show_default=True,
    metavar="N",
    help="How often to send again when it is overdue.",
)
@click.option(
    "--accept-expired-until", type=MomentType(), metavar="TIME", help="Let expired certificates pass.  [never]"
)
@agreement_options
@connection_options
@json_option
def add(
    as2_id: str,
    name: str | None,
    url: str,
    certificates: tuple[Path, ...],
    sign: "AnyDigest | None",
    encrypt: "AnyCipher | None",
    mdn: str,
    demand: frozenset[str] | None,
    timeout: timedelta,
    retry_first: timedelta,
    retry_longest: timedelta,
    retry_for: timedelta,
    receipt_within: timedelta,
    ask_again: int,
    accept_expired_until: datetime | None,
    *,
    agreement: Choices,
    http: "HTTPTerms",
    credentials: "Credentials",
    compress: str | None,
    mdn_signed: bool,
    as_json: bool,
) -> None:
    """Add a partner, with its certificate and terms."""
    from acuse.as2 import Compression, MDNMode
    from acuse.domain.partner import Terms
    from acuse.domain.retry import RetryPolicy
    from acuse.services.manage_partners import add_partner

    terms = Terms(
        sign=sign,
        encrypt=encrypt,
        compression=Compression(compress.replace("-", "_")) if compress else Compression.NONE,
        mdn=MDNMode(mdn.lower()),
        mdn_signed=mdn_signed,
        demand_signed=sign is not None if demand is None else "signed" in demand,
        demand_encrypted=encrypt is not None if demand is None else "encrypted" in demand,
        timeout=timeout,
        retry=RetryPolicy(first=retry_first, longest=retry_longest, give_up_after=retry_for),
        receipt_within=receipt_within,
        ask_again=ask_again,
        http=http,
        accept_expired_until=accept_expired_until,
    )
    with open_session() as session:
        made = add_partner(
            session.ports,
            space=session.space,
            name=name or as2_id,
            as2_id=as2_id,
            url=url,
            certificates=[_read_certificate(path) for path in certificates],
            terms=agreement.applied_to(terms),
            url_is_vouched=True,
            credentials=credentials,
        )
        _show(session, made, as_json=as_json)


@partner.command()
@json_option
def presets(*, as_json: bool) -> None:
    """List what is known of partners' products, for --preset."""
    from acuse.as2 import PRESETS

    if as_json:
        print_json([{"name": name, **preset_object(preset)} for name, preset in PRESETS.items()])
        return
    for name, preset in PRESETS.items():
        click.secho(name, bold=True)
        facts = [("product", preset.title), ("reason", preset.reason), ("source", preset.source)]
        print_facts([*facts, ("sets", preset_words(preset))], indent=2)


@partner.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the partners."""
    with open_desk() as desk:
        partners = desk.partners()
    if as_json:
        print_json(partners)
        return
    print_table(
        ("id", "AS2 id", "name", "url", "we send", "receipt"),
        [(*(entry[name] for name in ("id", "as2_id", "name", "url")), *shown_words(entry)) for entry in partners],
        when_empty="No partner yet. 'acuse partner add' makes one.",
    )


@partner.command()
@click.argument("name", metavar="ID")
@json_option
def show(name: str, *, as_json: bool) -> None:
    """Show a partner by its id or AS2 identifier."""
    with open_session() as session:
        _show(session, session.partner(name), as_json=as_json)


def _show(session: Session, entry: "Partner", *, as_json: bool) -> None:
    if as_json:
        print_json(_object(session, entry))
        return
    terms = entry.terms
    demanded = [
        word for word, is_set in (("signed", terms.demand_signed), ("encrypted", terms.demand_encrypted)) if is_set
    ]
    print_facts(
        [
            ("id", f"prt_{entry.handle:06d}"),
            ("AS2 id", entry.as2_id),
            ("name", entry.name),
            ("url", entry.url),
            ("active", entry.active),
            ("we send", wrapping_words(terms)),
            ("receipt", receipt_words(terms)),
            ("we demand", ", ".join(demanded) or "nothing"),
            ("we accept", ", ".join(sorted(terms.accept)) or "nothing weak"),
            ("profile", terms.profile.value),
            ("quirks", quirk_words(terms.quirks)),
            ("expired until", terms.accept_expired_until and f"{moment(terms.accept_expired_until)} UTC"),
            ("time-out", span(terms.timeout)),
            ("retries", _retry_words(entry)),
            ("overdue after", _overdue_words(terms)),
            *connection_facts(terms.http, session.ports.views.credentials(entry.id)),
            ("created", f"{moment(entry.created_at)} UTC"),
        ]
    )
    for certificate in session.ports.views.certificates(entry.id):
        held = certificate.x509_certificate
        click.echo(f"\ncertificate cert_{certificate.handle:06d}")
        print_facts([("subject", certificate.subject), ("valid until", held.not_valid_after_utc)], indent=2)


def _retry_words(entry: "Partner") -> str:
    retry = entry.terms.retry
    return f"after {span(retry.first)}, doubled up to {span(retry.longest)}, for {span(retry.give_up_after)}"


def _overdue_words(terms: "Terms") -> str | None:
    from acuse.as2 import MDNMode

    if terms.mdn is not MDNMode.ASYNC:
        return None
    times = f", then asked for {terms.ask_again} times" if terms.ask_again else ""
    return f"{span(terms.receipt_within)}{times}"


def _object(session: Session, entry: "Partner") -> dict[str, object]:
    from acuse.web.api.partner_objects import partner_object

    return partner_object(session.ports.views.partner_view(entry.id), now=session.ports.world.now())


def _read_certificate(path: Path) -> "x509.Certificate":
    from acuse.cms import CmsError, load_certificate

    try:
        return load_certificate(path.read_bytes())
    except CmsError as error:
        raise InvalidInput(fields={str(path): error.message}) from error
