"""The message integrity check: the digest that says sender and receiver speak of the same bytes (RFC 4130 section
7.3.1).

Rule: nobody else decides what a MIC covers. `MicScope` names the three cases, in the order in which RFC 4130 section
7.3.1 and RFC 5402 section 4 give them; the builder and the reader of messages both ask `scope_of`.
"""

from base64 import b64encode
from dataclasses import dataclass
from enum import Enum, auto
from typing import Self

from acuse.cms import AnyDigest, DecrepitDigest, Digest


class MicScope(Enum):
    """What is hashed."""

    SIGNED_ENTITY = auto()
    """Exactly what was signed, with its headers: compressed where compression came first."""
    INNERMOST_ENTITY = auto()
    """The payload's MIME entity with its headers, decrypted and decompressed."""
    BODY = auto()
    """The payload without headers, because those of a plain message are HTTP's."""


def digest_named(name: str) -> AnyDigest | None:
    """The digest that a partner means by a name, weak ones too; None when we compute no such."""
    return Digest.from_micalg(name) or DecrepitDigest.from_micalg(name)


def scope_of(*, is_signed: bool, is_wrapped: bool) -> MicScope:
    """What the MIC covers; `is_wrapped` means encrypted or compressed."""
    if is_signed:
        return MicScope.SIGNED_ENTITY
    return MicScope.INNERMOST_ENTITY if is_wrapped else MicScope.BODY


@dataclass(frozen=True, slots=True)
class Mic:
    """A Received-Content-MIC: the digest in base64 and the name of the algorithm."""

    value: str
    algorithm: str

    @classmethod
    def of(cls, hashed: bytes, digest: AnyDigest) -> Self:
        return cls(b64encode(hashed).decode("ascii"), digest.micalg)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the field's value; blanks, folding and the algorithm's spelling do not matter."""
        value, _, algorithm = text.rpartition(",") if "," in text else (text, "", "")
        return cls("".join(value.split()), algorithm.strip())

    @property
    def digest(self) -> AnyDigest | None:
        """The algorithm, if it is one that we compute."""
        return digest_named(self.algorithm)

    def __str__(self) -> str:
        return f"{self.value}, {self.algorithm}"
