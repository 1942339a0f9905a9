"""What TLS has to show before a message is trusted to it.

The order is that of RFC 8461 section 2: records of DANE (RFC 7672) bind more than a policy of MTA-STS, and where there
is neither, TLS is taken as it is offered (RFC 7435): it keeps out who only listens.
"""

import hashlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dns.rdtypes.ANY.TLSA import TLSA

DANE, MTA_STS, OPPORTUNISTIC, NONE = "dane", "mta-sts", "opportunistic", "none"

_END_ENTITY = 3
"""DANE-EE. Usages 0 and 1 are not for SMTP (RFC 7672 section 3.1.3); usage 2 names an authority, whose certificate the
standard library does not give away on every version that we support."""
_WHOLE_CERTIFICATE, _PUBLIC_KEY = 0, 1
_HASHES = {1: hashlib.sha256, 2: hashlib.sha512}


@cache
def unverified() -> ssl.SSLContext:
    """For TLS as it is offered: any certificate, which is recorded."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@cache
def verified() -> ssl.SSLContext:
    """For servers whose name and certificate are checked against the machine's authorities."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@dataclass(frozen=True, slots=True, kw_only=True)
class TLSDemand:
    """What is asked of a connection."""

    policy: str = OPPORTUNISTIC
    is_required: bool = False
    """Without TLS nothing is sent."""
    context: ssl.SSLContext = field(default_factory=unverified)
    records: tuple[TLSA, ...] = ()
    """One of which the server's certificate has to match; none: the context has checked what there is to check."""

    def is_met_by(self, certificate: bytes) -> bool:
        """Whether the server's certificate, in DER, is one that the records name."""
        return not self.records or any(_matches(record, certificate) for record in self.records)


def demand_of_records(records: Sequence[TLSA]) -> TLSDemand | None:
    """What authenticated TLSA records ask for; None where there are none. Records that cannot be used still ask for
    TLS (RFC 7672 section 2.2).
    """
    if not records:
        return None
    usable = tuple(record for record in records if _is_usable(record))
    return TLSDemand(policy=DANE, is_required=True, context=unverified(), records=usable)


def _is_usable(record: TLSA) -> bool:
    return (
        record.usage == _END_ENTITY
        and record.selector in (_WHOLE_CERTIFICATE, _PUBLIC_KEY)
        and (record.mtype == 0 or record.mtype in _HASHES)
    )


def _matches(record: TLSA, certificate: bytes) -> bool:
    chosen = certificate
    if record.selector == _PUBLIC_KEY:
        public_key = x509.load_der_x509_certificate(certificate).public_key()
        chosen = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = _HASHES.get(record.mtype)
    return bool(record.cert == (digest(chosen).digest() if digest else chosen))
