"""The envelope: what the headers of a request say before any layer of its body is opened (RFC 4130 sections 6
and 7.3).
"""

import re
from dataclasses import dataclass
from typing import Self

from acuse.as2.agreement import usable_digests
from acuse.as2.errors import NotAS2
from acuse.as2.identifiers import unquote_identifier
from acuse.as2.mic import digest_named
from acuse.as2.wrapping import PKCS7_MIME
from acuse.cms import Allowed, AnyDigest
from acuse.mime import Headers, MediaType, MimeError, Source, decode_words, open_entity, read_parts

LONGEST_IDENTIFIER = 128
"""RFC 4130 section 6.2."""
_PRINTABLE_ASCII = re.compile(r"[ -~]+")
"""The same; nothing else could go back in the headers of an answer."""
LONGEST_MESSAGE_ID = 998
"""The longest line of RFC 5322 section 2.1.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRequest:
    """The receipt that the sender asked for (RFC 4130 section 7.3)."""

    url: str | None
    """Where an asynchronous receipt goes; None asks for it in the answer."""
    is_signed: bool
    digests: tuple[AnyDigest, ...]
    """The listed algorithms that we compute, in the sender's order, weak ones too."""
    lists_algorithms: bool
    """Some were listed, whether or not we compute them."""
    names_unknown_protocol: bool
    """A signature format other than pkcs7-signature was asked for."""

    @classmethod
    def of(cls, headers: Headers) -> Self | None:
        """The request in these headers. The content of Disposition-Notification-To means nothing beyond being there."""
        if "Disposition-Notification-To" not in headers:
            return None
        options = _options(headers.get("Disposition-Notification-Options") or "")
        protocol, algorithms = options.get("signed-receipt-protocol", []), options.get("signed-receipt-micalg", [])
        return cls(
            url=(headers.get("Receipt-Delivery-Option") or "").strip().strip("<>") or None,
            is_signed=bool(protocol),
            digests=tuple(digest for name in algorithms if (digest := digest_named(name))),
            lists_algorithms=bool(algorithms),
            names_unknown_protocol=bool(protocol) and "pkcs7-signature" not in {name.lower() for name in protocol},
        )

    def names_only_unusable_algorithms(self, allow: Allowed) -> bool:
        """None of the listed algorithms can be used, so the request cannot be honoured."""
        return self.lists_algorithms and not usable_digests(self.digests, allow)


def _options(value: str) -> dict[str, list[str]]:
    """`name=importance, value, value; …` without the importance, which changes nothing for us."""
    options: dict[str, list[str]] = {}
    for part in value.split(";"):
        name, separator, listed = part.partition("=")
        if separator:
            values = [item.strip().strip('"') for item in listed.split(",")]
            options[name.strip().lower()] = [
                item for item in values if item and item.lower() not in ("optional", "required")
            ]
    return options


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who sends what to whom."""

    as2_from: str
    as2_to: str
    message_id: str
    """Exactly as received; empty where a receipt came without one."""
    version: str
    subject: str | None
    """For people, encoded words decoded (RFC 2047)."""
    content_type: MediaType
    receipt_request: ReceiptRequest | None
    headers: Headers


def open_envelope(headers: Headers) -> Envelope:
    """Read the headers of a request. Raises NotAS2, naming what is missing or broken."""
    missing = [name for name in ("AS2-From", "AS2-To", "Content-Type") if not (headers.get(name) or "").strip()]
    if missing:
        raise NotAS2(f"This is not an AS2 message: {', '.join(missing)} missing.")
    try:
        content_type = MediaType.parse(headers.get("Content-Type") or "")
    except MimeError as error:
        raise NotAS2(f"This is not an AS2 message: {error.message}") from error
    as2_from, as2_to = (unquote_identifier(headers.get(name) or "") for name in ("AS2-From", "AS2-To"))
    message_id = (headers.get("Message-ID") or "").strip()
    if not all(
        1 <= len(name) <= LONGEST_IDENTIFIER and _PRINTABLE_ASCII.fullmatch(name) for name in (as2_from, as2_to)
    ):
        bounds = f"1 to {LONGEST_IDENTIFIER} printable ASCII characters"
        raise NotAS2(f"This is not an AS2 message: AS2-From and AS2-To have {bounds}.")
    if len(message_id) > LONGEST_MESSAGE_ID:
        raise NotAS2(f"This is not an AS2 message: its Message-ID has more than {LONGEST_MESSAGE_ID} characters.")
    return Envelope(
        as2_from=as2_from,
        as2_to=as2_to,
        message_id=message_id,
        version=(headers.get("AS2-Version") or "1.0").strip(),
        subject=decode_words(headers.get("Subject") or "") or None,
        content_type=content_type,
        receipt_request=ReceiptRequest.of(headers),
        headers=headers,
    )


def is_wrapped(envelope: Envelope) -> bool:
    """Whether the outermost layer is encryption or compression, so that its headers do not tell what came."""
    return envelope.content_type.value in PKCS7_MIME


def is_receipt(envelope: Envelope, body: Source) -> bool:
    """Whether a receipt came, not a message: told by its format alone, before anything else is decided about it."""
    if envelope.content_type.value == "multipart/report":
        return True
    boundary = envelope.content_type.get("boundary")
    if envelope.content_type.value != "multipart/signed" or not boundary:
        return False
    try:
        first = next(iter(read_parts(body.open(), boundary)), None)
        inner = open_entity(first).headers.get("Content-Type") if first else None
        return inner is not None and MediaType.parse(inner).value == "multipart/report"
    except MimeError:
        return False
