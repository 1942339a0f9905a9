"""Which kind of layer an entity is, told by its headers (RFC 8551 section 3.2, RFC 5402 section 3)."""

from acuse.mime import Headers, MediaType, MimeError, Reader, Source, decode_transfer

PKCS7_MIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
WRAPPED = PKCS7_MIME | {"multipart/signed"}
SEVERAL_FILES = frozenset({"multipart/related", "multipart/mixed"})


def is_compressed(content_type: MediaType) -> bool:
    """Whether application/pkcs7-mime is CompressedData: by its type, or by the file name that RFC 5402 gives it."""
    smime_type, name = content_type.get("smime-type") or "", content_type.get("name") or ""
    return smime_type.lower() == "compressed-data" or name.lower().endswith(".p7z")


def is_report(content_type: str) -> bool:
    """Whether a media type is a receipt's (RFC 8098 section 3)."""
    try:
        media_type = MediaType.parse(content_type)
    except MimeError:
        return False
    kind = (media_type.get("report-type") or "disposition-notification").lower()
    return media_type.value == "multipart/report" and kind == "disposition-notification"


def without_outer_encoding(content_type: MediaType, headers: Headers, body: Source) -> Reader:
    """Some products send a wrapped HTTP body in base64 and say so in a header, others say so and send it as it is.

    A DER structure and a multipart both begin with a byte that base64 text of theirs cannot begin with. A payload that
    is not wrapped is decoded when it is kept, because its MIC covers the encoded form (RFC 5402 section 4).
    """
    encoding = (headers.get("Content-Transfer-Encoding") or "").strip().lower()
    if encoding != "base64" or content_type.value not in WRAPPED or body.open().read(1) in (b"0", b"-"):
        return body.open()
    return decode_transfer(body.open(), encoding)
