"""Media types as partners write them (RFC 2045 section 5).

Rule: type, subtype and parameter names are compared in lower case; nothing else is changed, because a partner's
spelling is handed on with the attachment.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from acuse.mime.errors import MimeError
from acuse.mime.parameters import split_parameters

_TYPE = re.compile(r"[^\s/;,\"]+\s*/\s*[^\s/;,\"]+")
_BLANKS = re.compile(r"\s+")
_SHORT = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaType:
    """A media type with its parameters."""

    value: str
    """Type and subtype in lower case, as in `multipart/signed`."""
    original: str
    """Type and subtype as they were written."""
    parameters: Mapping[str, str]
    """Values under lower-case names, unquoted and decoded."""

    @classmethod
    def parse(cls, value: str) -> "MediaType":
        """Read the value of a Content-Type field. Raises `MimeError` when there is no type/subtype in it."""
        return _parse_again(value) if len(value) <= _SHORT else _parse(value)

    def get(self, parameter: str) -> str | None:
        """The value of a parameter, whatever the case of its name."""
        return self.parameters.get(parameter.lower())


def _parse(value: str) -> MediaType:
    written, parameters = split_parameters(value)
    if not _TYPE.fullmatch(written):
        raise MimeError("This is not a media type.", value=value[:200])
    original = _BLANKS.sub("", written)
    return MediaType(value=original.lower(), original=original, parameters=parameters)


_parse_again = lru_cache(1024)(_parse)
"""Partners write the same few media types in every message."""
