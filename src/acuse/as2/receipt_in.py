"""Receipts that partners write (RFC 4130 section 7.4, RFC 8098), signed or not, inside further layers or not.

Rule: a receipt may be spelled in any way; what it says is kept, and judging it is `settlement`'s job. Receipts are
small, so they are held whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509

from acuse.as2.disposition import AUTOMATIC, Disposition
from acuse.as2.errors import ReceiptUnreadable
from acuse.as2.forms import ALL_FORMS, FormedHashes, SignedForm
from acuse.as2.identifiers import echoed_message_id, unquote_identifier
from acuse.as2.mic import Mic
from acuse.as2.opening import DEPTH_LIMIT
from acuse.as2.receipt_out import RECEIPT_LIMIT
from acuse.as2.wrapping import PKCS7_MIME, is_compressed, without_outer_encoding
from acuse.cms import Allowed, Authorities, CmsError, KeyPair, SignatureError, decompress, decrypt, read_signature
from acuse.cms.authority import NOBODY
from acuse.mime import (
    Entity,
    Headers,
    Literal,
    MediaType,
    MimeError,
    Source,
    decode_transfer,
    open_entity,
    read_all,
    read_parts,
)

_AS_RECEIVED = frozenset({SignedForm.AS_RECEIVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReceipt:
    """What a partner's receipt says, and whether it is the partner's."""

    disposition: Disposition
    mic: Mic | None
    original_message_id: str
    """As written by the partner; empty where it is missing."""
    reporting_ua: str | None
    final_recipient: str | None
    """The AS2 identifier that it names, without the address type."""
    text: str
    """The part for people, with any Error, Failure and Warning fields."""
    is_signed: bool
    signature_problem: str | None
    """Why a signature that is there does not verify; None for a good one."""
    signer: x509.Certificate | None = None
    """The certificate whose signature holds."""
    form: SignedForm | None = None
    """Over which form of the receipt the signature holds."""

    @property
    def is_verified(self) -> bool:
        return self.is_signed and self.signature_problem is None

    @property
    def original_bare_id(self) -> str:
        """The Message-ID that the receipt speaks of, without brackets."""
        return echoed_message_id(self.original_message_id)


def read_receipt(
    headers: Headers,
    body: Source,
    certificates: Sequence[x509.Certificate],
    *,
    authorities: Authorities = NOBODY,
    keys: Sequence[KeyPair] = (),
    allow: Allowed = (),
) -> ReadReceipt:
    """Read a receipt, signed by one of the certificates or by one that the authorities vouch for.

    `keys` open one that was encrypted, which no standard asks for and some products do; `allow`
    names the weak algorithms that it may use.

    Raises ReceiptUnreadable when it is no receipt, or one without a disposition.
    """
    try:
        content_type, body = _without_wrapping(headers, body, keys, allow)
        if content_type.value == "multipart/signed":
            return _read_signed(content_type, body, certificates, authorities, allow)
        return _read_report(content_type, body)
    except (MimeError, CmsError) as error:
        raise ReceiptUnreadable(f"The answer is not a receipt that can be read: {error.message}") from error


def _without_wrapping(
    headers: Headers, body: Source, keys: Sequence[KeyPair], allow: Allowed
) -> tuple[MediaType, Source]:
    """The receipt behind its encryption and compression."""
    content_type = MediaType.parse(headers.get("Content-Type") or "")
    content = without_outer_encoding(content_type, headers, body)
    for _ in range(DEPTH_LIMIT):
        if content_type.value not in PKCS7_MIME:
            break
        opened = (
            decompress(content, limit=RECEIPT_LIMIT)
            if is_compressed(content_type)
            else decrypt(content, keys, allow=allow)
        )
        entity = open_entity(opened)
        content_type = MediaType.parse(entity.headers.get("Content-Type") or "text/plain")
        encoding = entity.headers.get("Content-Transfer-Encoding")
        content = decode_transfer(entity.body, encoding) if content_type.value in PKCS7_MIME else entity.body
    return content_type, Literal(read_all(content, limit=RECEIPT_LIMIT))


def _read_signed(
    content_type: MediaType,
    body: Source,
    certificates: Sequence[x509.Certificate],
    authorities: Authorities,
    allow: Allowed,
) -> ReadReceipt:
    pieces = [
        read_all(part, limit=RECEIPT_LIMIT) for part in read_parts(body.open(), content_type.get("boundary") or "")
    ]
    if len(pieces) != 2:
        raise ReceiptUnreadable("The receipt is multipart/signed without exactly one signature.")
    signed, signature = pieces
    problem, signer, form = None, None, None
    try:
        signer, form = _verify(signed, signature, certificates, authorities, allow)
    except (MimeError, CmsError) as error:
        problem = error.message
    entity = open_entity(Literal(signed).open())
    inner = MediaType.parse(entity.headers.get("Content-Type") or "")
    report = Literal(signed[len(entity.raw_headers) :])
    return _read_report(inner, report, is_signed=True, signature_problem=problem, signer=signer, form=form)


def _verify(
    signed: bytes,
    signature_part: bytes,
    certificates: Sequence[x509.Certificate],
    authorities: Authorities,
    allow: Allowed,
) -> tuple[x509.Certificate, SignedForm]:
    """Whose signature it is, and the form over which it holds."""
    signature = read_signature(_decoded(open_entity(Literal(signature_part).open())), allow=allow)
    possible = [*certificates, *authorities.vouched_for(signature.embedded)]
    failure: SignatureError | None = None
    for forms in (_AS_RECEIVED, ALL_FORMS - _AS_RECEIVED):
        hashes = FormedHashes(digests=signature.digests, forms=forms)
        hashes.update(signed)
        for form, hashed in hashes.results():
            try:
                return signature.verify(hashed, possible).certificate, form
            except SignatureError as error:
                failure = failure or error
    assert failure is not None
    raise failure


def _read_report(
    content_type: MediaType,
    body: Source,
    *,
    is_signed: bool = False,
    signature_problem: str | None = None,
    signer: x509.Certificate | None = None,
    form: SignedForm | None = None,
) -> ReadReceipt:
    if content_type.value != "multipart/report":
        raise ReceiptUnreadable(f"The answer is {content_type.value}, not a receipt.")
    text, fields = "", None
    for part in read_parts(body.open(), content_type.get("boundary") or ""):
        raw = read_all(part, limit=RECEIPT_LIMIT)
        try:
            entity = open_entity(Literal(raw).open())
        except MimeError:
            # IBM Sterling writes the text without any header block.
            text = text or raw.decode("utf-8", "replace").strip()
            continue
        kind = MediaType.parse(entity.headers.get("Content-Type") or "text/plain").value
        content = _decoded(entity)
        if kind == "message/disposition-notification":
            fields = Headers.parse(content.strip(b"\r\n"))
        elif kind.startswith("text/") and not text:
            text = content.decode("utf-8", "replace").strip()
    if fields is None or not fields.get("Disposition"):
        raise ReceiptUnreadable("The receipt has no disposition: it does not say what became of the message.")
    mic = fields.get("Received-Content-MIC")
    explained = [f"{name}: {value}" for name, value in fields if name.lower() in ("error", "failure", "warning")]
    return ReadReceipt(
        disposition=_with_error_fields(Disposition.parse(fields.get("Disposition") or ""), fields),
        mic=Mic.parse(mic) if mic else None,
        original_message_id=fields.get("Original-Message-ID") or "",
        reporting_ua=fields.get("Reporting-UA"),
        final_recipient=_recipient(fields.get("Final-Recipient")),
        text="\n".join([text, *explained]).strip(),
        is_signed=is_signed,
        signature_problem=signature_problem,
        signer=signer,
        form=form,
    )


def _decoded(entity: Entity) -> bytes:
    return read_all(decode_transfer(entity.body, entity.headers.get("Content-Transfer-Encoding")), limit=RECEIPT_LIMIT)


def _recipient(value: str | None) -> str | None:
    """`rfc822; identifier`, where the identifier may be quoted (RFC 8098 section 3.2.4)."""
    return unquote_identifier(value.partition(";")[2] or value) if value else None


def _with_error_fields(disposition: Disposition, fields: Headers) -> Disposition:
    """RFC 8098 style: the disposition says `processed/error` and the reason stands in an Error field."""
    if disposition.modifier is None or disposition.detail:
        return disposition
    detail = fields.get(disposition.modifier.capitalize()) or ""
    return Disposition(
        mode=disposition.mode or AUTOMATIC, type=disposition.type, modifier=disposition.modifier, detail=detail
    )
