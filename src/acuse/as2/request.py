"""The HTTP headers of a message that is sent, but for those of its content (RFC 4130 sections 6 and 7.3)."""

from datetime import datetime
from email.header import Header

from acuse.as2.agreement import Agreement, MDNMode
from acuse.as2.exchange import Exchange
from acuse.as2.identifiers import quote_identifier
from acuse.as2.profile import as2_headers


def request_headers(
    agreement: Agreement, exchange: Exchange, *, has_several_files: bool, subject: str | None, now: datetime
) -> list[tuple[str, str]]:
    """Who sends what to whom, and which receipt is asked for."""
    return [
        *as2_headers(
            agreement.our_id,
            agreement.their_id,
            exchange.message_id,
            profile=agreement.profile,
            has_several_files=has_several_files,
            now=now,
        ),
        *((("Subject", _header_text(subject)),) if subject else ()),
        *_receipt_request(agreement, exchange),
    ]


def _header_text(text: str) -> str:
    """Text for an unstructured header: as it is in ASCII, otherwise encoded words on one line (RFC 2047)."""
    return text if text.isascii() else Header(text, "utf-8").encode(maxlinelen=0)


def _receipt_request(agreement: Agreement, exchange: Exchange) -> list[tuple[str, str]]:
    """RFC 4130 section 7.3. Exactly one algorithm is listed: receivers differ in which one of several they take."""
    if agreement.mdn is MDNMode.NONE:
        return []
    headers = [("Disposition-Notification-To", quote_identifier(agreement.our_id))]
    if agreement.mdn_signed:
        name = agreement.quirks.digest_name(exchange.digest)
        options = f"signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, {name}"
        headers.append(("Disposition-Notification-Options", options))
    if agreement.mdn is MDNMode.ASYNC and agreement.receipt_url:
        headers.append(("Receipt-Delivery-Option", agreement.receipt_url))
    return headers
