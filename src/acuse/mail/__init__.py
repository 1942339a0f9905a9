"""E-mail as bytes and values: addresses, templates, messages, signatures and bounces.

Pure: no socket, no DNS, no clock. What goes to SMTP is exactly what `compose` and `sign` gave, because these are the
bytes that evidence hashes.
"""

from acuse.mail.address import Address, AddressInvalid, read_address
from acuse.mail.bounce import LARGEST_REPORT, Action, Report, read_reports
from acuse.mail.compose import Draft, Enclosure, HeaderInvalid, compose
from acuse.mail.dkim_signature import DKIMKey, sign
from acuse.mail.html import html_from_text, looks_like_html, sanitise, text_from_html
from acuse.mail.return_path import read_return_path, return_path
from acuse.mail.template import RenderedTooLarge, VariableMissing, render, variables_in

__all__ = [
    "LARGEST_REPORT",
    "Action",
    "Address",
    "AddressInvalid",
    "DKIMKey",
    "Draft",
    "Enclosure",
    "HeaderInvalid",
    "RenderedTooLarge",
    "Report",
    "VariableMissing",
    "compose",
    "html_from_text",
    "looks_like_html",
    "read_address",
    "read_reports",
    "read_return_path",
    "render",
    "return_path",
    "sanitise",
    "sign",
    "text_from_html",
    "variables_in",
]
