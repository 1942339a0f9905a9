"""The file name that travels with an attachment (RFC 2183 section 2.3, RFC 2231, RFC 2047, RFC 6266 appendix D).

Rule: a partner's name is metadata, kept as it came, path and all. Nothing may use it as a path.
"""

import re
import unicodedata
from binascii import Error as Base64Error
from binascii import a2b_base64, a2b_qp
from urllib.parse import quote as percent_encode

from acuse.mime.headers import Headers
from acuse.mime.parameters import decode_bytes, quote, split_parameters

_ENCODED_WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bq])\?([^?\s]*)\?=", re.IGNORECASE)
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`{|}~0-9A-Za-z]+")
_BETWEEN_ENCODED_WORDS = re.compile(r"(\?=)\s+(?==\?)")
_DROPPED_CATEGORIES = ("Cc", "Cs", "Zl", "Zp")
# RFC 5987 section 3.2.1: attr-char, without what `percent_encode` keeps anyway.
_ATTRIBUTE_CHARACTERS = "!#$&+^`|"


def filename_of(headers: Headers) -> str | None:
    """The attachment's name: Content-Disposition's `filename`, else Content-Type's `name`, else None."""
    for field, parameter in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        _, parameters = split_parameters(headers.get(field) or "")
        if name := parameters.get(parameter):
            return decode_words(name)
    return None


def attachment_disposition(filename: str, *, is_quoted: bool = True) -> str:
    """The value of a Content-Disposition field for that name; characters that could break a header are left out.

    A name that is not ASCII is sent twice: simplified for old readers, and exactly (RFC 2231). Without `is_quoted` a
    name that is a token (RFC 2045 section 5.1) stands without quotation marks.
    """
    name = "".join(character for character in filename if unicodedata.category(character) not in _DROPPED_CATEGORIES)
    if name.isascii():
        return f"attachment; filename={name if not is_quoted and _TOKEN.fullmatch(name) else quote(name)}"
    exact = percent_encode(name, safe=_ATTRIBUTE_CHARACTERS)
    return f"attachment; filename={quote(_simplified(name))}; filename*=UTF-8''{exact}"


def _simplified(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    base = (character for character in decomposed if not unicodedata.combining(character))
    return "".join(character if character.isascii() else "_" for character in base)


def decode_words(name: str) -> str:
    """Text with its encoded words decoded (RFC 2047); what cannot be decoded stays as it is."""
    if "=?" not in name:
        return name
    return _ENCODED_WORD.sub(_decode_word, _BETWEEN_ENCODED_WORDS.sub(r"\1", name))


def _decode_word(word: re.Match[str]) -> str:
    charset, encoding, text = word.groups()
    try:
        encoded = text.encode("ascii")
        raw = a2b_base64(encoded) if encoding in "bB" else a2b_qp(encoded, header=True)
    except (Base64Error, UnicodeEncodeError):
        return word[0]
    return decode_bytes(raw, charset)
