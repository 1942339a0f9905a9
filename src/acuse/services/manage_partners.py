"""Partners: the other parties, with their certificates and the terms on which we exchange.

Rule: terms that need a certificate are refused without one here, not at the first message.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
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
from acuse.domain.connection import NO_CREDENTIALS, Credentials, check_authorities, check_credentials, check_http_terms
from acuse.domain.keyring import Certificate, Use, fitting_uses
from acuse.domain.partner import MOST_OFTEN_ASKED, Partner, Terms, check_url
from acuse.domain.station import check_as2_id, check_name
from acuse.errors import InvalidInput
from acuse.ports import Handle, Ports, Unit


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
) -> Partner:
    """Make a partner; each certificate serves for its signatures and for encrypting to it, as far as
    its key can. The credentials are ours
    for its server.

    Raises InvalidInput, InvalidAS2Headers, and AlreadyExists when the tenant has a partner with that AS2 identifier.
    """
    now = ports.world.now()
    name, as2_id, url = check_name("name", name), check_as2_id("as2_id", as2_id), check_url("url", url)
    distinct = tuple({fingerprint(certificate): certificate for certificate in certificates}.values())
    _check_algorithms(terms)
    if not 0 <= terms.ask_again <= MOST_OFTEN_ASKED:
        raise InvalidInput(fields={"ask_again": f"a number from 0 to {MOST_OFTEN_ASKED}"})
    _check_certificates(distinct, terms, now=now)
    authorities = terms.signing_authorities and check_authorities(terms.signing_authorities)
    terms = replace(terms, http=check_http_terms(terms.http), signing_authorities=authorities)
    credentials = check_credentials(credentials)
    partner_id = ports.world.new_id()
    certificate_ids = [ports.world.new_id() for _ in distinct]

    def decide(unit: Unit) -> Partner:
        partner = Partner(
            id=partner_id,
            handle=unit.next_handle(space.account_id, Handle.PARTNER),
            account_id=space.account_id,
            tenant_id=space.tenant_id,
            name=name,
            as2_id=as2_id,
            url=url,
            url_is_vouched=url_is_vouched,
            active=True,
            terms=terms,
            created_at=now,
            updated_at=now,
        )
        unit.directory.add_partner(partner, credentials)
        for certificate_id, certificate in zip(certificate_ids, distinct, strict=True):
            handle = unit.next_handle(space.account_id, Handle.CERTIFICATE)
            unit.directory.add_certificate(_entry(certificate_id, handle, partner, certificate))
        return partner

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


def _check_algorithms(terms: Terms) -> None:
    """The rfc4130bis draft, section 6.1: under AS2-Version 1.3 nobody writes weak algorithms."""
    weak = {
        "sign": isinstance(terms.sign, DecrepitDigest),
        "encrypt": isinstance(terms.encrypt, DecrepitCipher),
    }
    if terms.profile.is_modern and (fields := [name for name, is_weak in weak.items() if is_weak]):
        raise InvalidInput(fields=dict.fromkeys(fields, "too weak for the profile as2-1.3; choose another algorithm"))


def _check_certificates(certificates: Sequence[x509.Certificate], terms: Terms, *, now: datetime) -> None:
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
