"""Certificates and keystores as this API sends them: base64 around PEM, DER or PKCS#12."""

import binascii
from base64 import b64decode

from cryptography import x509

from acuse.cms import KeyPair
from acuse.cms.errors import CmsError
from acuse.cms.key_files import load_key_pair
from acuse.errors import InvalidInput

LONGEST = 256 * 1024
_PEM = "-----BEGIN"


def read_certificate(field: str, value: object) -> x509.Certificate:
    """The certificate of a field: PEM, or base64 around PEM or DER. Raises InvalidInput."""
    data = _decoded(field, value)
    try:
        if _PEM.encode() in data:
            return x509.load_pem_x509_certificate(data)
        return x509.load_der_x509_certificate(data)
    except ValueError:
        raise InvalidInput(fields={field: "Must be an X.509 certificate in PEM, or in base64."}) from None


def read_keystore(field: str, value: object, password: str | None) -> KeyPair:
    """The key pair in a PKCS#12 keystore, in base64. Raises InvalidInput."""
    data = _decoded(field, value)
    try:
        return load_key_pair(data, password=None if password is None else password.encode())
    except CmsError as error:
        raise InvalidInput(fields={field: error.message}) from error


def _decoded(field: str, value: object) -> bytes:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST:
        raise InvalidInput(fields={field: f"Must be a string in base64, of up to {LONGEST} characters."})
    if _PEM in value:
        return value.encode()
    try:
        return b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput(fields={field: "Is not valid base64."}) from None
