"""Partners: the other parties, with their certificates and the terms on which we exchange.

Rule: nothing about a partner is stored that was not checked here, whoever brought it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from cryptography import x509

from acuse.as2 import MDNMode
from acuse.as2.agreement import allowed_by
from acuse.cms import (
    Allowed,
    DecrepitCipher,
    DecrepitDigest,
    RecipientUnusable,
    SignerUnusable,
    check_recipient,
    check_signer_certificate,
    fingerprint,
)
from acuse.domain.account import Space
from acuse.domain.address import is_private_by_name
from acuse.domain.connection import NO_CREDENTIALS, Credentials, check_authorities, check_credentials, check_http_terms
from acuse.domain.event import EventKind
from acuse.domain.keyring import Certificate, Use, fitting_uses
from acuse.domain.partner import MOST_OFTEN_ASKED, Partner, PartnerDetails, Terms, check_url
from acuse.domain.station import check_as2_id, check_email, check_name
from acuse.errors import InvalidInput, PartnerNotFound
from acuse.ports import Handle, Ports, Unit
from acuse.services.announce import announce_partner

LONGEST_SPAN = timedelta(days=365)
MOST_RETRIES = 1000


def add_partner(
    ports: Ports,
    *,
    space: Space,
    name: str,
    as2_id: str,
    url: str,
    certificates: Sequence[x509.Certificate],
    terms: Terms,
    url_is_vouched: bool,
    credentials: Credentials = NO_CREDENTIALS,
    email: str | None = None,
    active: bool = True,
    station_id: UUID | None = None,
    needs_certificate: bool = True,
    allows_private: bool = False,
) -> Partner:
    """Make a partner; each certificate serves for its signatures and for encrypting to it, as far as
    its key can. The credentials are ours
    for its server.

    With `needs_certificate`, terms that cannot be met without a certificate are refused where none is given; without,
    messages are refused until one was added. `allows_private` is the operator's setting.
    Raises InvalidInput, InvalidAS2Headers, and AlreadyExists when the tenant has a partner with that AS2 identifier.
    """
    now = ports.world.now()
    details = _checked(
        PartnerDetails(
            name=name, as2_id=as2_id, url=url, email=email, active=active, terms=terms, credentials=credentials
        )
    )
    _check_reach(url, is_free=url_is_vouched or allows_private)
    distinct = tuple({fingerprint(certificate): certificate for certificate in certificates}.values())
    if needs_certificate:
        _check_need(distinct, terms)
    _check_certificates(distinct, terms, now=now)
    partner_id = ports.world.new_id()
    certificate_ids = [ports.world.new_id() for _ in distinct]

    def decide(unit: Unit) -> Partner:
        partner = Partner(
            id=partner_id,
            handle=unit.next_handle(space.account_id, Handle.PARTNER),
            account_id=space.account_id,
            tenant_id=space.tenant_id,
            name=details.name,
            as2_id=details.as2_id,
            url=details.url,
            url_is_vouched=url_is_vouched,
            active=details.active,
            terms=details.terms,
            created_at=now,
            updated_at=now,
            email=details.email,
            station_id=station_id,
        )
        unit.directory.add_partner(partner, details.credentials)
        for certificate_id, certificate in zip(certificate_ids, distinct, strict=True):
            handle = unit.next_handle(space.account_id, Handle.CERTIFICATE)
            unit.directory.add_certificate(_entry(certificate_id, handle, partner, certificate))
        announce_partner(unit, ports, EventKind.PARTNER_CREATED, partner, now=now)
        return partner

    return ports.units.run(decide)


def change_partner(
    ports: Ports,
    partner_id: UUID,
    change: Callable[[PartnerDetails], PartnerDetails],
    *,
    url_is_vouched: bool,
    allows_private: bool = False,
) -> Partner:
    """Change a partner; `change` makes what shall be of what is, and may be called again.

    A URL that is left as it is stays vouched for. What waits to be sent keeps its bytes and goes to the new URL.
    Raises InvalidInput, InvalidAS2Headers, PartnerNotFound, and AlreadyExists for the AS2 identifier of another one.
    """
    now = ports.world.now()

    def decide(unit: Unit) -> Partner:
        known, credentials = unit.directory.get_partner(partner_id)
        if known.removed_at is not None:
            raise PartnerNotFound(partner_id=known.public_id)
        before = known.details(credentials)
        after = _checked(change(before))
        if after == before:
            return known
        is_moved = after.url != known.url
        if is_moved:
            _check_reach(after.url, is_free=url_is_vouched or allows_private)
        changed = replace(
            known,
            name=after.name,
            as2_id=after.as2_id,
            url=after.url,
            url_is_vouched=url_is_vouched if is_moved else known.url_is_vouched,
            email=after.email,
            active=after.active,
            terms=after.terms,
            updated_at=now,
        )
        unit.directory.save_partner(changed, after.credentials)
        announce_partner(unit, ports, EventKind.PARTNER_UPDATED, changed, now=now)
        return changed

    return ports.units.run(decide)


def check_key_of(certificate: x509.Certificate, uses: Collection[Use], *, allow: Allowed = ()) -> None:
    """Raises InvalidInput when the key in the certificate is not fit for these uses; `allow` may name short ones."""
    try:
        if Use.SIGNING in uses:
            check_signer_certificate(certificate, allow=allow)
        if Use.ENCRYPTION in uses:
            check_recipient(certificate, allow=allow)
    except (SignerUnusable, RecipientUnusable) as error:
        raise InvalidInput(fields={"certificate": error.message}) from error


def _checked(details: PartnerDetails) -> PartnerDetails:
    """The details in the form in which they are kept. Raises InvalidInput and InvalidAS2Headers."""
    terms = details.terms
    _check_algorithms(terms)
    _check_spans(terms)
    authorities = terms.signing_authorities and check_authorities(terms.signing_authorities)
    if terms.mdn_url is not None:
        check_url("mdn_url", terms.mdn_url)
    return PartnerDetails(
        name=check_name("name", details.name),
        as2_id=check_as2_id("as2_id", details.as2_id),
        url=check_url("url", details.url),
        email=None if details.email is None else check_email("email", details.email),
        active=details.active,
        terms=replace(terms, http=check_http_terms(terms.http), signing_authorities=authorities),
        credentials=check_credentials(details.credentials),
    )


def _check_reach(url: str, *, is_free: bool) -> None:
    if not is_free and is_private_by_name(url):
        raise InvalidInput(fields={"url": "a host in the public internet; the operator may allow private ones"})


def _check_algorithms(terms: Terms) -> None:
    """The rfc4130bis draft, section 6.1: under AS2-Version 1.3 nobody writes weak algorithms."""
    weak = {
        "sign_algorithm": isinstance(terms.sign, DecrepitDigest),
        "encrypt_algorithm": isinstance(terms.encrypt, DecrepitCipher),
    }
    if terms.profile.is_modern and (fields := [name for name, is_weak in weak.items() if is_weak]):
        raise InvalidInput(fields=dict.fromkeys(fields, "too weak for the profile as2-1.3; choose another algorithm"))


def _check_spans(terms: Terms) -> None:
    retry = terms.retry
    spans = {
        "timeout": terms.timeout,
        "receipt_within": terms.receipt_within,
        "retry_first": retry.first,
        "retry_longest": retry.longest,
        "retry_for": retry.give_up_after,
    }
    bound = f"more than 0 and up to {LONGEST_SPAN // timedelta(seconds=1)} seconds"
    if wrong := [name for name, span in spans.items() if not timedelta(0) < span <= LONGEST_SPAN]:
        raise InvalidInput(fields=dict.fromkeys(wrong, bound))
    if not 0 <= terms.ask_again <= MOST_OFTEN_ASKED:
        raise InvalidInput(fields={"ask_again": f"a number from 0 to {MOST_OFTEN_ASKED}"})
    if retry.retry_limit is not None and not 0 <= retry.retry_limit <= MOST_RETRIES:
        raise InvalidInput(fields={"retry_attempts": f"a whole number from 0 to {MOST_RETRIES}"})


def _check_need(certificates: Sequence[x509.Certificate], terms: Terms) -> None:
    served = frozenset[Use]().union(*map(fitting_uses, certificates))
    if terms.signing_authorities is not None:
        served |= {Use.SIGNING}
    wants_signed_receipts = terms.mdn is not MDNMode.NONE and terms.mdn_signed
    needs = {
        "encryption to the partner": terms.encrypt is not None and Use.ENCRYPTION not in served,
        "the partner's signatures": terms.demand_signed and Use.SIGNING not in served,
        "signed receipts": wants_signed_receipts and Use.SIGNING not in served,
    }
    if reasons := [reason for reason, is_needed in needs.items() if is_needed]:
        raise InvalidInput(
            fields={"certificate": f"give the partner's certificate; it is needed for {', '.join(reasons)}"}
        )


def _check_certificates(certificates: Sequence[x509.Certificate], terms: Terms, *, now: datetime) -> None:
    allow = allowed_by(terms.accept)
    for certificate in certificates:
        uses = fitting_uses(certificate) - (frozenset() if terms.encrypt else {Use.ENCRYPTION})
        check_key_of(certificate, uses, allow=allow)
    is_expired_accepted = terms.accept_expired_until is not None and now < terms.accept_expired_until
    is_over = all(certificate.not_valid_after_utc <= now for certificate in certificates)
    if certificates and is_over and not is_expired_accepted:
        last_day = max(certificate.not_valid_after_utc for certificate in certificates).date()
        raise InvalidInput(fields={"certificate": f"expired on {last_day}; ask the partner for its current one"})


def _entry(certificate_id: UUID, handle: int, partner: Partner, certificate: x509.Certificate) -> Certificate:
    return Certificate(
        id=certificate_id,
        handle=handle,
        tenant_id=partner.tenant_id,
        owner_id=partner.id,
        name=partner.name,
        uses=fitting_uses(certificate),
        x509_certificate=certificate,
        key_pair=None,
        active_from=partner.created_at,
        active_until=None,
        created_at=partner.created_at,
        updated_at=partner.created_at,
    )
