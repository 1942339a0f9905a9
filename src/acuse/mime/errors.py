"""What can be wrong with a MIME entity.

Rule: a tolerant reader comes first; these are raised only where going on would mean guessing at the partner's bytes.

MimeError
├── HeadersTooLarge           no blank line within the bound
├── MultipartBroken           no boundary, no end, or too many parts
├── TransferEncodingBroken    unknown Content-Transfer-Encoding, or bytes that are not in it
└── ContentTooLarge           more bytes than the reader of a small thing wants to hold
"""

from acuse.errors import CoreError


class MimeError(CoreError):
    """The MIME structure is broken. Ask the partner to check its software."""

    code = "MIME_BROKEN"


class HeadersTooLarge(MimeError):
    """A header block does not end within its bound. Ask the partner to check its software."""

    code = "MIME_HEADERS_TOO_LARGE"


class MultipartBroken(MimeError):
    """A multipart body has no usable boundaries or was cut off. Ask the partner to send it again."""

    code = "MIME_MULTIPART_BROKEN"


class TransferEncodingBroken(MimeError):
    """The content is not in the transfer encoding that it names. Ask the partner to send it as binary."""

    code = "MIME_TRANSFER_ENCODING_BROKEN"


class ContentTooLarge(MimeError):
    """A part that must be short is too long. Ask the partner to check its software."""

    code = "MIME_CONTENT_TOO_LARGE"
