"""The keys that sign mail: one for each domain that notices are sent from, sealed in the store.

Making a new key for a domain takes another selector, so that the record of the old one can stand in DNS for as long as
mail that it signed is under way.
"""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from acuse.errors import InvalidInput, NotFound
from acuse.mail import AddressInvalid, DKIMKey, read_address
from acuse.ports import Ports

KEY_BITS = 2048
_SELECTOR_DIGITS = 8


class DKIMKeyMissing(NotFound):
    """This domain has no DKIM key. Make one with: acuse dkim create DOMAIN."""

    code = "DKIM_KEY_NOT_FOUND"


def create_dkim_key(ports: Ports, domain: str) -> DKIMKey:
    """Make a key for a domain; from now on it signs what is sent from its addresses. Raises InvalidInput."""
    checked = _checked(domain)
    private_key = rsa.generate_private_key(65537, KEY_BITS)
    public = private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key = DKIMKey(
        domain=checked,
        selector=f"acuse-{hashlib.sha256(public).hexdigest()[:_SELECTOR_DIGITS]}",
        # The library that signs reads this older form of RSA keys.
        private_key=private_key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
    )
    ports.units.run(lambda unit: unit.notices.add_dkim_key(key))
    return key


def find_dkim_key(ports: Ports, domain: str) -> DKIMKey:
    """The key of a domain. Raises InvalidInput and DKIMKeyMissing."""
    key = ports.views.notices.dkim_key(_checked(domain))
    if key is None:
        raise DKIMKeyMissing
    return key


def dkim_record(key: DKIMKey) -> tuple[str, str]:
    """The name and the text of the TXT record that lets others check signatures (RFC 6376 section 3.6)."""
    public = load_pem_private_key(key.private_key, password=None).public_key()
    encoded = base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    return f"{key.selector}._domainkey.{key.domain}", f"v=DKIM1; k=rsa; p={encoded}"


def _checked(domain: str) -> str:
    try:
        return read_address(f"postmaster@{domain}").domain
    except AddressInvalid as error:
        raise InvalidInput(fields={"domain": "a domain name, such as example.com"}) from error
