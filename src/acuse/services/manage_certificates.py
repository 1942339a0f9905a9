"""Certificates of stations and partners: bringing in the next one, and taking the old one out of use.

Rule: a certificate is never forgotten. What was signed with it has to be explained for years; so it is retired, which
ends its use at once, or at a time that is set before. One that is removed is retired and left out of the lists.

Beside this file: `request_certificate` asks an authority for the certificate of a new key and takes in what it signed,
`change_certificate` changes, activates and removes one, `validate_certificate` tells whether it may be used now.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from cryptography import x509

from acuse.as2.agreement import allowed_by
from acuse.cms import KeyPair, self_signed
from acuse.cms.requests import KEY_SIZES, Subject
from acuse.domain.keyring import NO_GRACE, Certificate, Use, fitting_uses
from acuse.domain.partner import Partner, PartnerDetails
from acuse.domain.station import Station, check_email, check_name
from acuse.errors import AlreadyExists, InvalidInput
from acuse.ports import Handle, HeldCertificate, Ports, Unit
from acuse.services.manage_partners import change_partner, check_key_of

VALIDITY = timedelta(days=730)
LONGEST_VALIDITY = timedelta(days=3660)
BACKDATED = timedelta(hours=1)
"""A partner whose clock runs behind ours must not find a certificate that is not valid yet."""
_LONGEST_NAMES = {
    "common_name": 64,
    "organization": 64,
    "organizational_unit": 64,
    "locality": 128,
    "state": 128,
}
"""RFC 5280 appendix A.1."""
_COUNTRY = re.compile("[A-Za-z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """How a certificate is to serve."""

    uses: Collection[Use] = tuple(Use)
    name: str | None = None
    """For people; None takes the owner's name."""
    active_from: datetime | None = None
    """From when it is the one for what goes out; None is now."""
    active_until: datetime | None = None
    """When it is retired; None leaves it until it expires."""


def add_certificate(
    ports: Ports, owner: Partner, certificate: x509.Certificate, serving: Serving, *, chain: str = ""
) -> HeldCertificate:
    """Add a certificate to a partner. Once it is active, messages are encrypted to it.

    What the partner signs with it is accepted at once: partners switch when they like. `chain` are those between it
    and an authority, in PEM. Raises InvalidInput, and AlreadyExists when the partner has it for these uses and it is
    not retired.
    """
    check_key_of(certificate, serving.uses, allow=allowed_by(owner.terms.accept))
    return _add(ports, owner, certificate, None, serving, chain=chain)


def add_key_pair(
    ports: Ports,
    owner: Station,
    key_pair: KeyPair,
    serving: Serving,
    *,
    chain: str = "",
    request_id: UUID | None = None,
) -> HeldCertificate:
    """Add a key pair to a station. It decrypts at once, and signs once it is active.

    The keys that the station has go on decrypting until they expire or are retired. `request_id` is the request that
    this certificate answers, which is over by it. Raises InvalidInput, AlreadyExists.
    """
    check_use_of_own(key_pair.certificate, serving.uses)
    return _add(ports, owner, key_pair.certificate, key_pair, serving, chain=chain, request_id=request_id)


def check_use_of_own(certificate: x509.Certificate, uses: Collection[Use]) -> None:
    """Raises InvalidInput when the key of a certificate of ours is not good for these uses."""
    if not fitting_uses(certificate) >= frozenset(uses):
        [only] = fitting_uses(certificate)
        raise InvalidInput(fields={"use": f"the key of this certificate is good for {only} alone"})


def generate_key_pair(
    ports: Ports,
    owner: Station,
    serving: Serving,
    *,
    validity: timedelta = VALIDITY,
    subject: Subject | None = None,
    key_size: int = KEY_SIZES[0],
) -> HeldCertificate:
    """Make the next RSA key pair of a station, signed by itself; `validity`, 1 to 3660 days, counts from its
    activation. Without a subject it has the station's AS2 identifier for a name.

    Its certificate is valid from now on, so that partners can install it before. Raises InvalidInput.
    """
    if not timedelta(days=1) <= validity <= LONGEST_VALIDITY:
        raise InvalidInput(fields={"days": f"1 to {LONGEST_VALIDITY.days}"})
    check_key_size(key_size)
    now = ports.world.now()
    begin = max(now, serving.active_from or now)
    key_pair = self_signed(
        owner.as2_id,
        key_size=key_size,
        subject=None if subject is None else check_subject(subject).name,
        alternative_names=None if subject is None else subject.alternative_names,
        not_before=now - BACKDATED,
        not_after=begin + validity,
    )
    # Making a key takes its time: the certificate serves from the moment from which its validity counts.
    return add_key_pair(ports, owner, key_pair, replace(serving, active_from=serving.active_from or begin))


def check_key_size(bits: int) -> int:
    """The size of a key to be made. Raises InvalidInput."""
    if bits not in KEY_SIZES:
        raise InvalidInput(fields={"key_size": f"one of {', '.join(map(str, KEY_SIZES))}"})
    return bits


def check_subject(subject: Subject) -> Subject:
    """A subject that X.520 allows: names of up to 64 characters (128 for places), a country of two letters. Raises
    InvalidInput."""
    problems: dict[str, str] = {}
    for name, longest in _LONGEST_NAMES.items():
        value = getattr(subject, name)
        if value is not None and not (1 <= len(value) <= longest and value.isprintable()):
            problems[name] = f"1 to {longest} characters on one line"
    if subject.country is not None and not _COUNTRY.fullmatch(subject.country):
        problems["country"] = "two letters, such as ES"
    if problems:
        raise InvalidInput(fields=problems)
    if subject.email is not None:
        check_email("email", subject.email)
    return subject


def set_activation(
    ports: Ports, certificate_id: UUID, *, active_from: datetime, active_until: datetime | None
) -> Certificate:
    """Change from when and until when a certificate serves. Raises InvalidInput and CertificateNotFound."""
    check_window(active_from, active_until)
    return _change(ports, certificate_id, lambda _: {"active_from": active_from, "active_until": active_until})


def retire_certificate(ports: Ports, certificate_id: UUID) -> Certificate:
    """Take a certificate out of use now; one that is retired stays as it is. Raises CertificateNotFound."""
    now = ports.world.now()

    def end_now(entry: Certificate) -> Mapping[str, object]:
        return {} if entry.is_retired(now) else {"active_until": now}

    return _change(ports, certificate_id, end_now)


def accept_expired(ports: Ports, partner: Partner, until: datetime | None) -> Partner:
    """Let expired certificates of either side pass in the exchange with this partner until a time; None ends that.

    Raises InvalidInput for a time that has passed.
    """
    now = ports.world.now()
    if until is not None and until <= now:
        raise InvalidInput(fields={"until": "a time in the future"})

    def change(details: PartnerDetails) -> PartnerDetails:
        return replace(details, terms=replace(details.terms, accept_expired_until=until))

    return change_partner(ports, partner.id, change, url_is_vouched=False)


def _add(
    ports: Ports,
    owner: Station | Partner,
    certificate: x509.Certificate,
    key_pair: KeyPair | None,
    serving: Serving,
    *,
    chain: str = "",
    request_id: UUID | None = None,
) -> HeldCertificate:
    now = ports.world.now()
    draft = Certificate(
        id=ports.world.new_id(),
        handle=0,
        tenant_id=owner.tenant_id,
        owner_id=owner.id,
        name=owner.name if serving.name is None else check_name("name", serving.name),
        uses=frozenset(serving.uses),
        x509_certificate=certificate,
        key_pair=key_pair,
        active_from=serving.active_from or now,
        active_until=serving.active_until,
        created_at=now,
        updated_at=now,
        chain=chain,
    )
    if not draft.uses:
        raise InvalidInput(fields={"usage": f"choose from {', '.join(Use)}"})
    check_window(draft.active_from, draft.active_until)
    _check_validity(draft, owner, now=now)
    for entry in ports.views.certificates(owner.id):
        is_same = entry.x509_certificate == certificate and entry.uses >= draft.uses
        if is_same and not entry.is_retired(now):
            raise AlreadyExists(f"{owner.as2_id} has this certificate already: {entry.public_id}.")

    def decide(unit: Unit) -> Certificate:
        entry = replace(draft, handle=unit.next_handle(owner.account_id, Handle.CERTIFICATE))
        unit.directory.add_certificate(entry)
        if request_id is not None:
            unit.directory.remove_certificate_request(request_id)
        return entry

    return HeldCertificate(entry=ports.units.run(decide), owner=owner)


def _check_validity(draft: Certificate, owner: Station | Partner, *, now: datetime) -> None:
    """One that begins later is taken where its activation waits for that, so that nobody waits for it unawares."""
    grace = owner.expiry_grace(now) if isinstance(owner, Partner) else NO_GRACE
    if now - draft.expires_at > grace:
        raise InvalidInput(fields={"certificate": f"expired on {draft.expires_at:%Y-%m-%d}; use a current one"})
    begin = draft.x509_certificate.not_valid_before_utc
    if begin > max(draft.active_from, now + BACKDATED):
        raise InvalidInput(
            fields={
                "certificate": f"is not valid before {begin:%Y-%m-%dT%H:%M:%SZ}; use a current one, or set its "
                "activation to then"
            }
        )


def check_window(active_from: datetime, active_until: datetime | None) -> None:
    """Raises InvalidInput where a certificate would be retired before it serves."""
    if active_until is not None and active_until <= active_from:
        raise InvalidInput(fields={"active_until": "a time after the activation"})


def _change(ports: Ports, certificate_id: UUID, change: Callable[[Certificate], Mapping[str, object]]) -> Certificate:
    now = ports.world.now()

    def decide(unit: Unit) -> Certificate:
        entry = unit.directory.get_certificate(certificate_id)
        changes = change(entry)
        if not changes:
            return entry
        changed = replace(entry, **changes, updated_at=now)  # type: ignore[arg-type]
        unit.directory.save_certificate(changed)
        return changed

    return ports.units.run(decide)
