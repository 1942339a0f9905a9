"""Words on the command line for the terms of an exchange, in any of the spellings that people know."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from acuse.as2 import Weakness
    from acuse.cms import AnyCipher, AnyDigest
    from acuse.domain.partner import Terms

NONE = "none"
_LONGEST_SPAN = 365 * 86400


class SignatureType(click.ParamType["AnyDigest | None"]):
    """The digest of a signature, or none."""

    name = "algorithm"

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> "AnyDigest | None":
        """Fails for what is unknown."""
        from acuse.cms import DecrepitDigest, Digest
        from acuse.domain.algorithm_names import digest_named

        if value is None or isinstance(value, Digest | DecrepitDigest):
            return value
        word = str(value)
        if word.lower() == NONE:
            return None
        digest = digest_named(word)
        choices = ", ".join([*Digest, *DecrepitDigest, NONE])
        return digest or self.fail(f"{value} is unknown; choose from {choices}", parameter, context)


class EncryptionType(click.ParamType["AnyCipher | None"]):
    """A content encryption, or none."""

    name = "algorithm"

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> "AnyCipher | None":
        """Fails for what is unknown."""
        from acuse.cms import Cipher, DecrepitCipher
        from acuse.domain.algorithm_names import cipher_named

        if value is None or isinstance(value, Cipher | DecrepitCipher):
            return value
        word = str(value)
        if word.lower() == NONE:
            return None
        cipher = cipher_named(word)
        choices = ", ".join([*Cipher, *DecrepitCipher, NONE])
        return cipher or self.fail(f"{value} is unknown; choose from {choices}", parameter, context)


class AcceptType(click.ParamType["frozenset[Weakness]"]):
    """Weak algorithms, by name and with commas between them."""

    name = "algorithms"

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> "frozenset[Weakness]":
        """Fails for any other word."""
        from acuse.as2 import Weakness

        if isinstance(value, frozenset):
            return value
        words = frozenset(word.strip().lower().replace("_", "-") for word in str(value).split(","))
        if not words <= {*Weakness}:
            self.fail(f"{value} is unknown; choose from {', '.join(Weakness)}", parameter, context)
        return frozenset(Weakness(word) for word in words)


class DemandType(click.ParamType[frozenset[str]]):
    """What an inbound message must be: `signed`, `encrypted`, both with a comma, or `none`."""

    name = "demand"

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> frozenset[str]:
        """Fails for any other word."""
        if isinstance(value, frozenset):
            return value
        words = frozenset(word.strip().lower() for word in str(value).split(","))
        if words == {NONE}:
            return frozenset()
        if not words <= {"signed", "encrypted"}:
            self.fail(f"{value} is unknown; choose signed,encrypted or signed or encrypted or none", parameter, context)
        return words


class SecondsType(click.ParamType[timedelta]):
    """A span of time in seconds, more than none and up to a year."""

    name = "seconds"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> timedelta:
        """Fails for what is no number, or out of bounds."""
        if isinstance(value, timedelta):
            return value
        try:
            seconds = float(str(value))
        except ValueError:
            seconds = 0.0
        if not 0 < seconds <= _LONGEST_SPAN:
            self.fail(f"{value} is not a number of seconds, from above 0 to {_LONGEST_SPAN}", parameter, context)
        return timedelta(seconds=seconds)


def wrapping_words(terms: "Terms") -> str:
    """How messages to a partner are wrapped, for people."""
    return _wrapping_words(terms.sign, terms.encrypt, terms.compression)


def receipt_words(terms: "Terms") -> str:
    """Which receipt is asked for, for people."""
    return _receipt_words(terms.mdn, is_signed=terms.mdn_signed)


def shown_words(partner: Mapping[str, Any]) -> tuple[str, str]:
    """The same two for a partner as the API shows it."""
    sign, encrypt = partner["sign_algorithm"], partner["encrypt_algorithm"]
    wrapping = _wrapping_words(
        sign and sign.removesuffix("withRSA").lower(), encrypt and encrypt.lower(), partner["compression"]
    )
    return wrapping, _receipt_words(partner["mdn_mode"], is_signed=partner["mdn_signed"])


def _wrapping_words(sign: str | None, encrypt: str | None, compression: str) -> str:
    layers = (
        "compressed" if compression == "before_sign" else None,
        f"signed {sign}" if sign else None,
        "compressed" if compression == "after_sign" else None,
        f"encrypted {encrypt}" if encrypt else None,
    )
    return ", ".join(layer for layer in layers if layer) or "plain"


def _receipt_words(mdn: str, *, is_signed: bool) -> str:
    return mdn if mdn == "none" else f"{'signed' if is_signed else 'unsigned'}, {mdn}"
