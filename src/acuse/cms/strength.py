"""Which keys are good enough, and for what.

Rule: every key is judged here before it signs, verifies, encrypts or decrypts; nobody else compares sizes.
"""

from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from acuse.cms.algorithms import Curve
from acuse.cms.certificates import PublicKey, fingerprint, is_for_pss_only, public_key_of
from acuse.cms.decrepit import SHORT_KEYS, Allowed
from acuse.cms.errors import RecipientUnusable, SignerUnusable

MIN_RSA_BITS = 2048
"""Smaller keys are taken only where the caller names them (NIST SP 800-131A)."""
_LEAST_RSA_BITS = 1024
"""Smaller keys are never taken."""
CURVES: dict[Curve, type[ec.EllipticCurve]] = {
    Curve.P256: ec.SECP256R1,
    Curve.P384: ec.SECP384R1,
    Curve.P521: ec.SECP521R1,
}
_EDWARDS_AND_MONTGOMERY = (
    ed25519.Ed25519PublicKey,
    ed25519.Ed25519PrivateKey,
    x25519.X25519PublicKey,
    x25519.X25519PrivateKey,
)
AnyKey: TypeAlias = PublicKey | PrivateKeyTypes


def is_strong_enough(key: AnyKey, allow: Allowed) -> bool:
    """The key is of a supported kind, and of a size that may be used."""
    return objection_to(key, allow) is None


def check_recipient(certificate: x509.Certificate, *, allow: Allowed = ()) -> None:
    """Raises `RecipientUnusable`, which tells the operator why, when nothing can be encrypted to the certificate."""
    if is_for_pss_only(certificate):
        message = f"The certificate's key is for RSASSA-PSS signatures only. Use one with {_WANTED}."
        raise RecipientUnusable(message, fingerprint=fingerprint(certificate))
    key = public_key_of(certificate)
    if isinstance(key, ed25519.Ed25519PublicKey):
        message = f"The certificate's Ed25519 key is for signatures only. Use one with {_WANTED}, or with X25519."
        raise RecipientUnusable(message, fingerprint=fingerprint(certificate))
    if objection := objection_to(key, allow):
        raise RecipientUnusable(objection, fingerprint=fingerprint(certificate))


def check_signer_certificate(certificate: x509.Certificate, *, allow: Allowed = ()) -> None:
    """Raises `SignerUnusable`, which tells the operator why, when the certificate cannot verify any signature."""
    if objection := objection_to_signer(public_key_of(certificate), allow):
        raise SignerUnusable(objection, fingerprint=fingerprint(certificate))


def objection_to_signer(key: AnyKey, allow: Allowed) -> str | None:
    """As `objection_to`, for a key that is to sign or to verify."""
    if isinstance(key, x25519.X25519PublicKey | x25519.X25519PrivateKey):
        return f"The certificate's X25519 key is for encryption only. Use one with {_WANTED}, or with Ed25519."
    return objection_to(key, allow)


def objection_to(key: AnyKey, allow: Allowed) -> str | None:
    """What is wrong with the key and what to use instead, in two sentences; None when nothing is."""
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        if isinstance(key.curve, tuple(CURVES.values())):
            return None
        return f"The certificate's key lies on the curve {key.curve.name}. Use one with {_WANTED}."
    if isinstance(key, _EDWARDS_AND_MONTGOMERY):
        return None
    if not isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey):
        return f"The certificate's key is neither RSA nor EC. Use one with {_WANTED}."
    if key.key_size < (_LEAST_RSA_BITS if SHORT_KEYS in allow else MIN_RSA_BITS):
        return f"The certificate's RSA key has only {key.key_size} bits. Use one with {_WANTED}."
    return None


_WANTED = f"an RSA key of {MIN_RSA_BITS} bits or more, or an EC key on P-256, P-384 or P-521"
