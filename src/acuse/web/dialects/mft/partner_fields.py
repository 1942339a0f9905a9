"""The fields of a partner, from this API's words to ours and back: dictionaries in, values out, and the other way.

Rule: weak algorithms hold when they are named and never by default. What the gateway cannot do is refused when it is
asked for, not passed over.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from acuse.as2 import Compression, MDNMode
from acuse.cms import AnyCipher, AnyDigest, Cipher, DecrepitCipher, DecrepitDigest, Digest
from acuse.domain.connection import Credentials
from acuse.domain.partner import Partner, PartnerDetails, Terms
from acuse.domain.retry import RetryPolicy
from acuse.web.shared.fields import FieldReader

A = TypeVar("A")

LONGEST_URL = 2048
LONGEST_SUBJECT = 128
_LONGEST_RETRY = 24 * 3600
_TIMEOUTS = (60, 120, 180, 300)
_USUAL_TIMEOUT = 120
_DIGESTS: Mapping[str, AnyDigest] = {
    "SHA1": DecrepitDigest.SHA1,
    "SHA256": Digest.SHA256,
    "SHA384": Digest.SHA384,
    "SHA512": Digest.SHA512,
}
_CIPHERS: Mapping[str, AnyCipher] = {
    "DES_EDE3_CBC": DecrepitCipher.DES_EDE3_CBC,
    **{cipher.value.upper(): cipher for cipher in Cipher},
}
_NOT_HERE = ("validateTrustAnchor", "useStaticIP", "deleteAttachmentsOnSuccessMdn")
_NEW = PartnerDetails(name="", as2_id="", url="", terms=Terms(timeout=timedelta(seconds=_USUAL_TIMEOUT)))


class RetryKind(StrEnum):
    """How the waits between attempts run."""

    FIXED = "FIXED"
    GROWING = "GROWING"


def read_new_partner(given: Mapping[str, object]) -> PartnerDetails:
    """The details of a partner to be made. Raises InvalidInput."""
    fields = FieldReader(given)
    for name in ("name", "as2Identifier", "url", "encryptionCertificate"):
        fields.value(name, required=True)
    return _read(fields, _NEW)


def read_changed_partner(given: Mapping[str, object], known: PartnerDetails) -> PartnerDetails:
    """The details of a partner with what was given. Raises InvalidInput."""
    return _read(FieldReader(given), known)


def _read(fields: FieldReader, known: PartnerDetails) -> PartnerDetails:
    for name in _NOT_HERE:
        if fields.flag(name):
            fields.refuse(name, "This is not available in this gateway. Leave it out or set it to false.")
    fields.flag("autoRetryIncompleteMessages")
    fields.text("description", longest=1024)
    details = replace(
        known,
        name=fields.text("name") or known.name,
        as2_id=fields.text("as2Identifier", longest=128) or known.as2_id,
        url=fields.text("url", longest=LONGEST_URL) or known.url,
        terms=_terms(fields, known.terms),
        credentials=_credentials(fields, known.credentials),
    )
    fields.finish()
    return details


def _terms(fields: FieldReader, known: Terms) -> Terms:
    sign = _algorithm(fields, "signMessage", "signatureAlgorithm", _DIGESTS, known.sign, Digest.SHA256)
    encrypt = _algorithm(fields, "encryptMessage", "encryptionAlgorithm", _CIPHERS, known.encrypt, Cipher.AES128_CBC)
    signed = fields.flag("requestSignedMDN")
    return replace(
        known,
        sign=sign,
        encrypt=encrypt,
        demand_signed=sign is not None,
        demand_encrypted=encrypt is not None,
        compression=_compression(fields, known.compression),
        mdn=_mdn(fields, known.mdn),
        mdn_signed=known.mdn_signed if signed is None else signed,
        timeout=_timeout(fields, known.timeout),
        subject=fields.text("messageSubject", longest=LONGEST_SUBJECT) or known.subject,
        retry=_retry(fields, known.retry),
    )


def _algorithm(
    fields: FieldReader, switch: str, field: str, names: Mapping[str, A], known: A | None, usual: A
) -> A | None:
    """What was named counts where it is used at all."""
    is_wanted, name = fields.flag(switch), fields.text(field)
    if name is not None and name.upper() not in names:
        fields.refuse(field, f"Must be one of {', '.join(names)}.")
    named = names.get((name or "").upper())
    is_used = known is not None if is_wanted is None else is_wanted
    return (named or known or usual) if is_used else None


def _compression(fields: FieldReader, known: Compression) -> Compression:
    before, after = fields.flag("compressBefore"), fields.flag("compressAfter")
    if before and after:
        fields.refuse("compressAfter", "Compress before signing or after it, not both.")
    if before:
        return Compression.BEFORE_SIGN
    if after:
        return Compression.AFTER_SIGN
    is_off = (before is False and known is Compression.BEFORE_SIGN) or (
        after is False and known is Compression.AFTER_SIGN
    )
    return Compression.NONE if is_off else known


def _mdn(fields: FieldReader, known: MDNMode) -> MDNMode:
    is_asked, is_async = fields.flag("requestMDN"), fields.flag("requestAsyncMDN")
    if is_asked is False or (is_asked is None and known is MDNMode.NONE):
        return MDNMode.NONE
    if is_async is None:
        return MDNMode.SYNC if known is MDNMode.NONE else known
    return MDNMode.ASYNC if is_async else MDNMode.SYNC


def _timeout(fields: FieldReader, known: timedelta) -> timedelta:
    seconds = fields.number("transmissionTimeout")
    if seconds is None:
        return known
    if seconds not in _TIMEOUTS:
        fields.refuse("transmissionTimeout", f"Must be one of {', '.join(map(str, _TIMEOUTS))}.")
    return timedelta(seconds=seconds)


def _retry(fields: FieldReader, known: RetryPolicy) -> RetryPolicy:
    """Waits that are equal each time, or that double from `retryInterval` seconds on."""
    kind = fields.choice("retryIntervalType", RetryKind)
    seconds = fields.whole("retryInterval", default=0, least=1, most=_LONGEST_RETRY)
    if kind is None and not seconds:
        return known
    first = timedelta(seconds=seconds) if seconds else known.first
    usual = RetryPolicy()
    return replace(known, first=first, longest=first if kind is RetryKind.FIXED else max(first, usual.longest))


def _credentials(fields: FieldReader, known: Credentials) -> Credentials:
    entries = fields.value("customHeaders")
    if entries is None:
        return known
    headers: list[tuple[str, str]] = []
    for entry in entries if isinstance(entries, list) else [entries]:
        name = entry.get("headerName") if isinstance(entry, dict) else None
        value = entry.get("headerValue") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not isinstance(value, str):
            fields.refuse("customHeaders", "Must be a list of objects with headerName and headerValue.")
            continue
        if name.lower() in {known_name.lower() for known_name, _ in headers}:
            fields.refuse("customHeaders", f"{name[:128]!a} is given twice.")
            continue
        headers.append((name, value))
    return replace(known, headers=tuple(headers))


def partner_object(partner: Partner) -> dict[str, object]:
    """A partner in this API's words. Values of its header fields are not shown: they may be passwords."""
    terms = partner.terms
    names = {algorithm: name for name, algorithm in (*_DIGESTS.items(), *_CIPHERS.items())}
    shown: dict[str, object] = {
        "partnerId": partner.handle,
        "identifier": partner.as2_id,
        "as2Identifier": partner.as2_id,
        "name": partner.name,
        "url": partner.url,
        "signMessage": terms.sign is not None,
        "signatureAlgorithm": terms.sign and names[terms.sign],
        "encryptMessage": terms.encrypt is not None,
        "encryptionAlgorithm": terms.encrypt and names[terms.encrypt],
        "compressBefore": terms.compression is Compression.BEFORE_SIGN,
        "compressAfter": terms.compression is Compression.AFTER_SIGN,
        "requestMDN": terms.mdn is not MDNMode.NONE,
        "requestSignedMDN": terms.mdn_signed,
        "requestAsyncMDN": terms.mdn is MDNMode.ASYNC,
        "messageSubject": terms.subject,
        "transmissionTimeout": int(terms.timeout.total_seconds()),
        "retryIntervalType": (RetryKind.FIXED if terms.retry.first == terms.retry.longest else RetryKind.GROWING).value,
        "retryInterval": int(terms.retry.first.total_seconds()),
    }
    return {name: value for name, value in shown.items() if value is not None}
