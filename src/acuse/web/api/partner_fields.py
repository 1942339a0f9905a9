"""The fields of a partner in a request, on top of what is known of it already.

Rule: null empties a field that may be empty, and counts as left out in any other. Three stars stand for a secret that
was set before and stays, so that what was read can be written back. What a field means is checked by the service; here
its type is, and its name in the answer is made that of the request.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from acuse.as2 import PRESETS, Compression, MDNMode, Profile, Quirks, UnknownRelation, Weakness
from acuse.cms import AnyCipher, AnyDigest, Cipher, Digest, KeyTransport, SignatureScheme
from acuse.domain.algorithm_names import cipher_named, digest_named
from acuse.domain.connection import Authentication, Credentials, HTTPTerms
from acuse.domain.keyring import Use
from acuse.domain.partner import MOST_OFTEN_ASKED, PartnerDetails, Terms
from acuse.domain.retry import RetryPolicy
from acuse.errors import InvalidAS2Headers, InvalidInput
from acuse.ports import PartnerView
from acuse.web.api.partner_objects import HIDDEN, QUIRKS, certificate_in_use
from acuse.web.shared.fields import EitherSpelling, FieldReader

LONGEST_URL = 2048
LONGEST_PEM = 64 * 1024
_DEMANDS = ("signed", "encrypted")
_CHOSEN = {"encryption_cert_id": Use.ENCRYPTION, "signing_cert_id": Use.SIGNING}
_NOBODY = PartnerDetails(name="", as2_id="", url="")
_NAMES = {
    "signing_ca": "signing_authorities",
    "ca": "http.authorities",
    "redirect_host": "http.redirect_hosts",
    "connect_timeout": "http.connect_timeout",
    "concurrency": "http.concurrency",
    "basic_user": "http.basic_user",
    "basic_password": "http.basic_password",
    "client_certificate": "http.client_certificate",
    "client_key": "http.client_key",
    "header": "http.headers",
}
"""The API's names of what the services and the command line call otherwise."""

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


def read_new_partner(given: Mapping[str, object]) -> PartnerDetails:
    """The details of a partner to be made. Raises InvalidInput."""
    fields = EitherSpelling(given)
    for name in ("name", "as2_id", "url"):
        fields.value(name, required=True)
    for name in ("encryption_cert_id", "signing_cert_id"):
        if fields.value(name) is not None:
            fields.refuse(name, "A new partner has no certificates yet. Give them in 'certificate'.")
    return _read(fields, _NOBODY, is_new=True)


def read_changed_partner(given: Mapping[str, object], known: PartnerDetails) -> PartnerDetails:
    """The details of a partner with what was given. Raises InvalidInput."""
    return _read(EitherSpelling(given), known, is_new=False)


def read_chosen_certificates(
    given: Mapping[str, object], view: PartnerView, *, now: datetime
) -> Mapping[str, UUID | None]:
    """Which of the partner's certificates are chosen, as fields of Terms; null chooses none.

    The one that is in use already is not a choice: what was read can be written back. Raises InvalidInput.
    """
    fields = EitherSpelling(given)
    chosen: dict[str, UUID | None] = {}
    for name in ("encryption_cert_id", "signing_cert_id"):
        wanted, use = fields.text(name), _CHOSEN[name]
        if fields.is_cleared(name):
            chosen[f"{use}_certificate"] = None
        if wanted is None or wanted == certificate_in_use(view, use, now=now):
            continue
        found = [entry for entry in view.certificates if entry.public_id == wanted]
        if not found or use not in found[0].uses or not found[0].is_active(now):
            fields.refuse(name, f"Must be a certificate of this partner that is active and serves for {use}.")
            continue
        chosen[f"{use}_certificate"] = found[0].id
    fields.finish()
    return chosen


@contextmanager
def in_words_of_the_api() -> Iterator[None]:
    """What a service says about a field is said with the field's name in the API."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(fields={_NAMES.get(name, name): why for name, why in error.fields.items()}) from error
    except InvalidAS2Headers as error:
        raise InvalidInput(fields={"http.headers": error.message}) from error


def _read(fields: FieldReader, known: PartnerDetails, *, is_new: bool) -> PartnerDetails:
    http = FieldReader(fields.mapping("http"), prefix="http.", problems=fields.problems)
    details = PartnerDetails(
        name=fields.text("name") or known.name,
        as2_id=fields.text("as2_id", longest=128) or known.as2_id,
        url=fields.text("url", longest=LONGEST_URL) or known.url,
        email=_emptied(fields, "email", fields.text("email", longest=254), known.email),
        active=_or(fields.flag("active"), known.active),
        terms=_terms(fields, http, known.terms, is_new=is_new),
        credentials=_credentials(http, known.credentials),
    )
    fields.finish()
    return details


def _terms(fields: FieldReader, http: FieldReader, known: Terms, *, is_new: bool) -> Terms:
    preset = _word(fields, "preset", PRESETS)
    start = known if preset is None else known.with_preset(PRESETS[preset])
    profile = fields.choice("profile", Profile) or start.profile
    sign, encrypt = _signature(fields, start.sign), _encryption(fields, start, profile)
    demand = _words(fields, "demand", _DEMANDS)
    if demand is None and is_new:
        demand = tuple(word for word, is_sent in zip(_DEMANDS, (sign, encrypt), strict=True) if is_sent)
    accept = _words(fields, "accept", tuple(Weakness))
    return replace(
        start,
        sign=sign,
        encrypt=encrypt,
        compression=_compression(fields, start.compression),
        mdn=fields.choice("mdn_mode", MDNMode) or start.mdn,
        mdn_signed=_or(fields.flag("mdn_signed"), start.mdn_signed),
        mdn_url=_emptied(fields, "mdn_url", fields.text("mdn_url", longest=LONGEST_URL), start.mdn_url),
        receipt_within=_or(fields.seconds("receipt_within"), start.receipt_within),
        demand_signed=start.demand_signed if demand is None else "signed" in demand,
        demand_encrypted=start.demand_encrypted if demand is None else "encrypted" in demand,
        signature_scheme=fields.choice("signature_scheme", SignatureScheme) or start.signature_scheme,
        key_transport=fields.choice("key_transport", KeyTransport) or start.key_transport,
        accept=start.accept if accept is None else frozenset(Weakness(word) for word in accept),
        signing_authorities=_emptied(
            fields, "signing_authorities", _pem(fields, "signing_authorities"), start.signing_authorities
        ),
        accept_unsigned_receipts=_or(fields.flag("accept_unsigned_receipts"), start.accept_unsigned_receipts),
        sign_every_receipt=_or(fields.flag("sign_every_receipt"), start.sign_every_receipt),
        ask_again=fields.whole("ask_again", default=start.ask_again, least=0, most=MOST_OFTEN_ASKED),
        check_filenames=_or(fields.flag("check_filenames"), start.check_filenames),
        profile=profile,
        quirks=_quirks(fields, start.quirks),
        timeout=_or(fields.seconds("timeout"), start.timeout),
        retry=_retry(fields, start.retry),
        receipt_hosts=_or(fields.texts("receipt_hosts"), start.receipt_hosts),
        accept_expired_until=_emptied(
            fields, "accept_expired_until", fields.moment("accept_expired_until"), start.accept_expired_until
        ),
        http=_http(http, start.http),
    )


def _signature(fields: FieldReader, known: AnyDigest | None) -> AnyDigest | None:
    """What was named counts where we sign at all."""
    is_wanted, name = fields.flag("sign"), fields.text("sign_algorithm")
    named = None if name is None else digest_named(name)
    if name is not None and named is None:
        fields.refuse("sign_algorithm", "Must be SHA256withRSA, SHA384withRSA, SHA512withRSA or SHA1withRSA.")
    return (named or known or Digest.SHA256) if _or(is_wanted, known is not None) else None


def _encryption(fields: FieldReader, known: Terms, profile: Profile) -> AnyCipher | None:
    """The rfc4130bis draft recommends authenticated encryption (section 7.2), so its profile has another default."""
    is_wanted, name = fields.flag("encrypt"), fields.text("encrypt_algorithm")
    named = None if name is None else cipher_named(name)
    if name is not None and named is None:
        choices = ", ".join(cipher.value.upper() for cipher in Cipher)
        fields.refuse("encrypt_algorithm", f"Must be one of {choices}, 3DES.")
    is_new_edition = profile.is_modern and profile is not known.profile
    usual = Cipher.AES128_GCM if profile.is_modern else Cipher.AES128_CBC
    kept = None if is_new_edition else known.encrypt
    return (named or kept or usual) if _or(is_wanted, known.encrypt is not None) else None


def _compression(fields: FieldReader, known: Compression) -> Compression:
    """`compress` in its two spellings, the older of which is also the place among the layers."""
    wanted: bool | None = fields.flag("compress")
    older = fields.value("compression")
    if isinstance(older, bool):
        wanted = older if wanted is None else wanted
    else:
        place = fields.choice("compression", Compression)
        if place is not None and wanted is None:
            return place
        known = place or known
    if wanted is None:
        return known
    if not wanted:
        return Compression.NONE
    return known if known is not Compression.NONE else Compression.BEFORE_SIGN


def _quirks(fields: FieldReader, known: Quirks) -> Quirks:
    names = _words(fields, "quirks", tuple(name.replace("_", "-") for name in QUIRKS))
    if names is not None:
        switches = {name: name.replace("_", "-") in names for name in QUIRKS}
        known = replace(known, **switches)  # type: ignore[arg-type]
    answer = fields.choice("unknown_relation", UnknownRelation)
    return replace(known, unknown_relation=_emptied(fields, "unknown_relation", answer, known.unknown_relation))


def _retry(fields: FieldReader, known: RetryPolicy) -> RetryPolicy:
    """`retry_interval` is the same wait each time, and `retry_attempts` a bound beside the time."""
    interval, lasting = fields.seconds("retry_interval"), fields.seconds("retry_for")
    first = _or(fields.seconds("retry_first"), _or(interval, known.first))
    longest = _or(fields.seconds("retry_longest"), _or(interval, known.longest))
    most = known.retry_limit
    if fields.is_cleared("retry_attempts"):
        most = None
    elif fields.value("retry_attempts") is not None:
        most = fields.whole("retry_attempts", default=0, least=0, most=1000)
    if lasting is None and most is not None and (interval is not None or most != known.retry_limit):
        lasting = max(known.give_up_after, longest * (most + 1))
    return RetryPolicy(first=first, longest=longest, give_up_after=_or(lasting, known.give_up_after), retry_limit=most)


def _http(http: FieldReader, known: HTTPTerms) -> HTTPTerms:
    authorities = _pem(http, "authorities")
    concurrency = http.whole("concurrency", default=known.concurrency, least=1, most=64)
    return HTTPTerms(
        authorities=_emptied(http, "authorities", authorities, known.authorities),
        redirect_hosts=_or(http.texts("redirect_hosts"), known.redirect_hosts),
        is_chunked=_or(http.flag("chunked"), known.is_chunked),
        keep_alive=_or(http.flag("keep_alive"), known.keep_alive),
        connect_timeout=_or(http.seconds("connect_timeout"), known.connect_timeout),
        concurrency=concurrency,
        authentication=http.choice("authentication", Authentication) or known.authentication,
    )


def _credentials(http: FieldReader, known: Credentials) -> Credentials:
    return Credentials(
        basic_user=_emptied(http, "basic_user", http.text("basic_user"), known.basic_user),
        basic_password=_kept(http, "basic_password", http.text("basic_password"), known.basic_password),
        client_certificate=_emptied(
            http, "client_certificate", _pem(http, "client_certificate"), known.client_certificate
        ),
        client_key=_kept(http, "client_key", _pem(http, "client_key"), known.client_key),
        headers=_headers(http, known.headers),
    )


def _headers(http: FieldReader, known: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    if http.value("headers") is None:
        return () if http.is_cleared("headers") else known
    before, chosen = dict(known), {}
    for name, value in http.mapping("headers").items():
        kept = before.get(name) if value == HIDDEN else value
        if not isinstance(kept, str):
            http.refuse("headers", f"{name[:128]!a} must have a string.")
            continue
        chosen[name] = kept
    return tuple(chosen.items())


def _pem(http: FieldReader, name: str) -> str | None:
    """A text of several lines."""
    value = http.value(name)
    if value is None or (isinstance(value, str) and 1 <= len(value) <= LONGEST_PEM):
        return value
    http.refuse(name, f"Must be a string in PEM, of up to {LONGEST_PEM} characters.")
    return None


def _kept(http: FieldReader, name: str, given: str | None, known: str | None) -> str | None:
    """A secret: as given, as it is where three stars stand, or none."""
    if given == HIDDEN:
        if known is None:
            http.refuse(name, "There is none that could be kept. Give it in full.")
        return known
    return _emptied(http, name, given, known)


def _word(fields: FieldReader, name: str, words: Mapping[str, object]) -> str | None:
    word = fields.text(name)
    if word is None or word in words:
        return word
    fields.refuse(name, f"Must be one of {', '.join(words)}.")
    return None


def _words(fields: FieldReader, name: str, words: tuple[str, ...]) -> tuple[str, ...] | None:
    given = fields.texts(name)
    if given is None or set(given) <= set(words):
        return given
    fields.refuse(name, f"Must be a list of {', '.join(words)}.")
    return None


def _emptied(fields: FieldReader, name: str, given: T | None, known: T | None) -> T | None:
    return None if fields.is_cleared(name) else given if given is not None else known


def _or(given: T | None, known: T) -> T:
    return known if given is None else given
