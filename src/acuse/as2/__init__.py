"""AS2 as a library: build what is sent, judge what comes back, read what arrives and answer it (RFC 4130).

Nothing here opens a socket or a file, waits, reads a clock or invents an id: the caller does.

    sent = as2.prepare(attachments, agreement, ...)            # headers, a readable body, and the exchange to remember
    receipt = as2.read_receipt(headers, body, certificates)
    verdict = as2.settle(sent.exchange, receipt)

    envelope = as2.open_envelope(headers)                      # who sends what to whom
    arrival = as2.receive(envelope, body, agreement, ...)      # the files, or why not
    answer = as2.write_receipt(envelope, ...)                  # store first, then send it
"""

from acuse.as2 import disposition
from acuse.as2.agreement import Agreement, Compression, MDNMode, Weakness
from acuse.as2.disposition import Disposition
from acuse.as2.envelope import Envelope, ReceiptRequest, is_receipt, is_wrapped, open_envelope
from acuse.as2.errors import As2Error, NotAS2, ReceiptUnreadable
from acuse.as2.exchange import Exchange
from acuse.as2.forms import SignedForm
from acuse.as2.identifiers import bare_message_id, quote_identifier, unquote_identifier
from acuse.as2.inbound import Arrival, receive
from acuse.as2.metering import LayerStep
from acuse.as2.mic import Mic
from acuse.as2.opening import Limits
from acuse.as2.outbound import OutgoingAttachment, PreparedMessage, prepare
from acuse.as2.presets import PRESETS, Preset
from acuse.as2.profile import Profile, speaks_modern
from acuse.as2.quirks import Quirks, UnknownRelation
from acuse.as2.receipt_in import ReadReceipt, read_receipt
from acuse.as2.receipt_out import RECEIPT_LIMIT, WrittenReceipt, write_receipt
from acuse.as2.received_files import ReceivedAttachment
from acuse.as2.settlement import Judgement, Verdict, settle, shows_whose_it_is

__all__ = [
    "PRESETS",
    "RECEIPT_LIMIT",
    "Agreement",
    "Arrival",
    "As2Error",
    "Compression",
    "Disposition",
    "Envelope",
    "Exchange",
    "Judgement",
    "LayerStep",
    "Limits",
    "MDNMode",
    "Mic",
    "NotAS2",
    "OutgoingAttachment",
    "PreparedMessage",
    "Preset",
    "Profile",
    "Quirks",
    "ReadReceipt",
    "ReceiptRequest",
    "ReceiptUnreadable",
    "ReceivedAttachment",
    "SignedForm",
    "UnknownRelation",
    "Verdict",
    "Weakness",
    "WrittenReceipt",
    "bare_message_id",
    "disposition",
    "is_receipt",
    "is_wrapped",
    "open_envelope",
    "prepare",
    "quote_identifier",
    "read_receipt",
    "receive",
    "settle",
    "shows_whose_it_is",
    "speaks_modern",
    "unquote_identifier",
    "write_receipt",
]
