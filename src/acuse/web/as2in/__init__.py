"""Where partners post messages and receipts (RFC 4130)."""

from acuse.web.as2in.receiver import AS2Receiver

__all__ = ["AS2Receiver"]
