"""Partners as the API shows them, the command line prints them, and events tell them.

Rule: what opens the partner's server to us is never shown: three stars stand where something is kept.
"""

from dataclasses import fields
from datetime import datetime, timedelta

from acuse.as2 import Compression, Quirks
from acuse.cms import AnyCipher, AnyDigest
from acuse.domain.connection import Credentials, HTTPTerms
from acuse.domain.keyring import Certificate, Use, outgoing_certificate
from acuse.domain.partner import Terms
from acuse.ports import PartnerView
from acuse.web.api.objects import iso

HIDDEN = "***"


def partner_object(view: PartnerView, *, now: datetime) -> dict[str, object]:
    """A partner with its terms and certificates; `now` decides which certificates are the ones in use."""
    partner, terms = view.partner, view.partner.terms
    demands = {"signed": terms.demand_signed, "encrypted": terms.demand_encrypted}
    return {
        "id": partner.public_id,
        "type": "tenant",
        "name": partner.name,
        "as2_id": partner.as2_id,
        "url": partner.url,
        "email": partner.email,
        "active": partner.active,
        "sign": terms.sign is not None,
        "encrypt": terms.encrypt is not None,
        "compress": terms.compression is not Compression.NONE,
        "compression": terms.compression.value,
        "mdn_mode": terms.mdn.value,
        "mdn_signed": terms.mdn_signed,
        "mdn_url": terms.mdn_url,
        "receipt_within": terms.receipt_within.total_seconds(),
        "sign_algorithm": terms.sign and sign_algorithm_name(terms.sign),
        "encrypt_algorithm": terms.encrypt and encrypt_algorithm_name(terms.encrypt),
        "signature_scheme": terms.signature_scheme.value,
        "key_transport": terms.key_transport.value,
        "accept": sorted(terms.accept),
        "login_user": terms.login and terms.login.user,
        "signing_authorities": terms.signing_authorities,
        "accept_unsigned_receipts": terms.accept_unsigned_receipts,
        "sign_every_receipt": terms.sign_every_receipt,
        "check_filenames": terms.check_filenames,
        "profile": terms.profile.value,
        "quirks": quirk_names(terms.quirks),
        "unknown_relation": terms.quirks.unknown_relation and terms.quirks.unknown_relation.value,
        "demand": [name for name, is_demanded in demands.items() if is_demanded],
        "receipt_hosts": list(terms.receipt_hosts),
        "ask_again": terms.ask_again,
        "timeout": terms.timeout.total_seconds(),
        **_retry(terms),
        "http": _http(terms.http, view.credentials),
        "accept_expired_until": iso(terms.accept_expired_until),
        "encryption_cert_id": certificate_in_use(view, Use.ENCRYPTION, now=now),
        "signing_cert_id": certificate_in_use(view, Use.SIGNING, now=now),
        "certificates": [_certificate(entry) for entry in view.certificates],
        "created_at": iso(partner.created_at),
        "updated_at": iso(partner.updated_at),
    }


def sign_algorithm_name(digest: AnyDigest) -> str:
    """The API's name of a signature, `SHA256withRSA`."""
    return f"{digest.value.upper()}withRSA"


def encrypt_algorithm_name(cipher: AnyCipher) -> str:
    """The API's name of a content encryption, `AES128_CBC`."""
    return cipher.value.upper()


def quirk_names(quirks: Quirks) -> list[str]:
    """The names of the switches that are on, as the command line takes them."""
    return [name.replace("_", "-") for name in QUIRKS if getattr(quirks, name)]


QUIRKS = tuple(entry.name for entry in fields(Quirks) if entry.default is False)
"""The fields of Quirks that are on or off."""


def _retry(terms: Terms) -> dict[str, object]:
    """The policy in its own words, and in those of services that wait the same time again and again."""
    retry = terms.retry
    return {
        "retry_attempts": retry.retry_limit,
        "retry_interval": retry.first.total_seconds() if retry.first == retry.longest else None,
        "retry_first": retry.first.total_seconds(),
        "retry_longest": retry.longest.total_seconds(),
        "retry_for": retry.give_up_after.total_seconds(),
    }


def _http(terms: HTTPTerms, credentials: Credentials) -> dict[str, object]:
    """How the partner's server is reached."""
    return {
        "authorities": terms.authorities,
        "redirect_hosts": list(terms.redirect_hosts),
        "chunked": terms.is_chunked,
        "keep_alive": terms.keep_alive,
        "connect_timeout": terms.connect_timeout.total_seconds(),
        "concurrency": terms.concurrency,
        "authentication": terms.authentication.value,
        "basic_user": credentials.basic_user,
        "basic_password": credentials.basic_password and HIDDEN,
        "client_certificate": credentials.client_certificate,
        "client_key": credentials.client_key and HIDDEN,
        "headers": {name: HIDDEN for name, _ in credentials.headers},
    }


def certificate_in_use(view: PartnerView, use: Use, *, now: datetime) -> str | None:
    """The public id of the partner's certificate that serves a use now."""
    grace: timedelta = view.partner.expiry_grace(now)
    chosen = view.partner.terms.chosen_certificate(use)
    entry = outgoing_certificate(view.certificates, use, now=now, grace=grace, chosen=chosen)
    return None if entry is None else entry.public_id


def _certificate(entry: Certificate) -> dict[str, object]:
    return {
        "id": entry.public_id,
        "name": entry.name,
        "fingerprint": entry.fingerprint,
        "subject": entry.subject,
        "uses": sorted(use.value for use in entry.uses),
        "not_before": iso(entry.x509_certificate.not_valid_before_utc),
        "expires_at": iso(entry.expires_at),
    }
