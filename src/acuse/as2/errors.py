"""What can be wrong with an AS2 exchange.

As2Error
├── NotAS2                  the request is no AS2 message at all: answered by HTTP, not by a receipt
├── ReceiptUnreadable       what should be a receipt is none
├── StructureBroken         layers that AS2 does not have
└── ContentRefused          a message that must be answered with a negative receipt; it carries the disposition
"""

from acuse.as2.disposition import Disposition
from acuse.errors import CoreError


class As2Error(CoreError):
    """The AS2 exchange broke a rule of RFC 4130."""

    code = "AS2_ERROR"


class NotAS2(As2Error):
    """This is not an AS2 message: AS2-From, AS2-To, Message-ID and Content-Type are needed."""

    code = "NOT_AS2"


class ReceiptUnreadable(As2Error):
    """The answer is not a receipt that can be read."""

    code = "RECEIPT_UNREADABLE"


class StructureBroken(As2Error):
    """The message is not built as RFC 4130 and RFC 5402 allow."""

    code = "STRUCTURE_BROKEN"


class ContentRefused(As2Error):
    """The message was understood and refused."""

    code = "CONTENT_REFUSED"

    def __init__(self, disposition: Disposition, message: str) -> None:
        super().__init__(message)
        self.disposition = disposition
