"""A partner: the other party, where it is reached and on which terms."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Address
from typing import Self
from urllib.parse import urlsplit
from uuid import UUID

from acuse.as2 import Preset, Profile, Quirks, SignedForm, Weakness
from acuse.as2.agreement import Agreement, Compression, MDNMode
from acuse.cms import AnyCipher, AnyDigest, Authorities, Cipher, Digest, KeyTransport, SignatureScheme
from acuse.domain.connection import NO_CREDENTIALS, Credentials, HTTPTerms, read_chain
from acuse.domain.keyring import NO_GRACE, Use
from acuse.domain.login import Login
from acuse.domain.retry import RetryPolicy
from acuse.domain.station import Station
from acuse.errors import InvalidInput

_LABEL = r"[A-Za-z0-9_-]{1,63}"
_PLACE = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[(?P<ipv6>[0-9A-Fa-f:.]+)\])(?::[0-9]*)?")
"""Host and port of a URL. Names may hold underscores, because hosts of partners do."""


MOST_OFTEN_ASKED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The settings of an agreement that belong to the partner, whichever station speaks with it."""

    sign: AnyDigest | None = Digest.SHA256
    encrypt: AnyCipher | None = Cipher.AES128_CBC
    compression: Compression = Compression.NONE
    mdn: MDNMode = MDNMode.SYNC
    mdn_signed: bool = True
    demand_signed: bool = True
    demand_encrypted: bool = True
    signature_scheme: SignatureScheme = SignatureScheme.PKCS1V15
    key_transport: KeyTransport = KeyTransport.PKCS1V15
    accept: frozenset[Weakness] = frozenset()
    login: Login | None = None
    """What the partner has to show when it posts to us, messages and receipts alike."""
    signing_authorities: str | None = None
    """Authorities in PEM: what the partner signs may also be signed with a certificate that one of them issued."""
    accept_unsigned_receipts: bool = False
    """An unsigned receipt counts although a signed one was asked for."""
    sign_every_receipt: bool = False
    """Sign our receipts also where no signed one is asked for."""
    check_filenames: bool = False
    """Refuse file names that are illegal for a file system, or that the partner used before."""
    profile: Profile = Profile.AS2_1_1
    quirks: Quirks = field(default_factory=Quirks)
    timeout: timedelta = timedelta(seconds=60)
    """How long one attempt waits while nothing moves: for the answer after the last byte went out, above all."""
    receipt_within: timedelta = timedelta(hours=4)
    """How long an asynchronous receipt may take, counted from the partner's 2xx."""
    ask_again: int = 0
    """How often a message is sent again, byte for byte, when its asynchronous receipt is overdue, up to
    `MOST_OFTEN_ASKED`: a receiver that knows the Message-ID gives the receipt again. Each time has its own
    `receipt_within`.
    """
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    mdn_url: str | None = None
    """Where the partner is asked to post asynchronous receipts, instead of to the station's own address."""
    receipt_hosts: tuple[str, ...] = ()
    """Hosts that the partner may have its receipts sent to, besides the host of its own URL."""
    accept_expired_until: datetime | None = None
    """Until when expired certificates, of either side, are used in the exchange with this partner."""
    http: HTTPTerms = field(default_factory=HTTPTerms)
    encryption_certificate: UUID | None = None
    """The partner's certificate to encrypt to while it is active; None leaves that to the newest one."""
    signing_certificate: UUID | None = None
    """The one that the partner says it signs with. What it signs with another of its certificates counts as well."""
    subject: str | None = None
    """The subject of messages whose sender gives none, in dialects that have one."""

    def chosen_certificate(self, use: Use) -> UUID | None:
        """The one that was chosen for a use."""
        return self.encryption_certificate if use is Use.ENCRYPTION else self.signing_certificate

    def with_preset(self, preset: Preset) -> Self:
        """These terms with what the preset changes."""
        return replace(self, **preset.changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """The other party."""

    id: UUID
    handle: int
    account_id: UUID
    tenant_id: UUID
    name: str
    as2_id: str
    url: str
    url_is_vouched: bool
    """The operator gave the URL by hand, so it may lead into a private network."""
    active: bool
    terms: Terms
    created_at: datetime
    updated_at: datetime
    form: SignedForm = SignedForm.AS_RECEIVED
    """Over which form of its content it was last found to sign."""
    email: str | None = None
    """Where its people are reached."""
    removed_at: datetime | None = None
    """When it was removed. Its messages still refer to it; nothing else does."""
    station_id: UUID | None = None
    """The station that it belongs to, for faces where a partner belongs to one; None: to any."""

    @property
    def public_id(self) -> str:
        """The handle that people and the native API use."""
        return f"prt_{self.handle:06d}"

    def details(self, credentials: Credentials) -> "PartnerDetails":
        """What its user decided; the credentials are ours for its server."""
        return PartnerDetails(
            name=self.name,
            as2_id=self.as2_id,
            url=self.url,
            email=self.email,
            active=self.active,
            terms=self.terms,
            credentials=credentials,
        )

    def expiry_grace(self, now: datetime) -> timedelta:
        """How long after its end a certificate still serves the exchange with this partner."""
        until = self.terms.accept_expired_until
        return timedelta.max if until is not None and now < until else NO_GRACE

    def agreement_with(self, station: Station) -> Agreement:
        """What shapes the bytes between this station and this partner."""
        return Agreement(
            our_id=station.as2_id,
            their_id=self.as2_id,
            sign=self.terms.sign,
            encrypt=self.terms.encrypt,
            compression=self.terms.compression,
            mdn=self.terms.mdn,
            mdn_signed=self.terms.mdn_signed,
            receipt_url=self.terms.mdn_url or station.receive_url,
            demand_signed=self.terms.demand_signed,
            demand_encrypted=self.terms.demand_encrypted,
            signature_scheme=self.terms.signature_scheme,
            key_transport=self.terms.key_transport,
            accept=self.terms.accept,
            check_filenames=self.terms.check_filenames,
            profile=self.terms.profile,
            quirks=self.terms.quirks,
        )

    def authorities(self, now: datetime) -> Authorities:
        """Who vouches for certificates of the partner that we do not hold."""
        pem = self.terms.signing_authorities
        return Authorities(certificates=read_chain("signing_ca", pem) if pem else (), now=now)

    def may_receive_receipts_at(self, url: str) -> bool:
        """Whether an asynchronous receipt may be posted there: the partner's own host, or one that was named."""
        try:
            host = urlsplit(check_url("url", url)).hostname
        except InvalidInput:
            return False
        return host in {urlsplit(self.url).hostname, *(host.lower() for host in self.terms.receipt_hosts)}

    @property
    def redirect_hosts(self) -> frozenset[str]:
        """Hosts to which a redirect is followed: the partner's own, and those that were named."""
        return frozenset({urlsplit(self.url).hostname or "", *self.terms.http.redirect_hosts})

    def may_see_credentials(self, url: str) -> bool:
        """Whether our credentials may be sent there: to the partner's own host, and no less protected than to it."""
        own, other = urlsplit(self.url), urlsplit(url)
        return own.hostname == other.hostname and (other.scheme == "https" or own.scheme == "http")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerDetails:
    """What its user decides about a partner."""

    name: str
    as2_id: str
    url: str
    email: str | None = None
    active: bool = True
    terms: Terms = field(default_factory=Terms)
    credentials: Credentials = field(default=NO_CREDENTIALS, repr=False)


def check_url(field_name: str, value: str) -> str:
    """An absolute http or https URL, written as RFC 3986 wants it, without user, password or fragment.

    Raises InvalidInput.
    """
    if not _is_url(value):
        raise InvalidInput(fields={field_name: "an absolute http:// or https:// URL without user name or fragment"})
    return value


def _is_url(value: str) -> bool:
    if not value.isascii() or not value.isprintable() or " " in value or "#" in value:
        return False
    try:
        parts = urlsplit(value)
        place = _PLACE.fullmatch(parts.netloc)
        if place is None or parts.scheme not in ("http", "https") or parts.port == 0:
            return False
        if place["ipv6"]:
            IPv6Address(place["ipv6"])
    except ValueError:
        return False
    return True
