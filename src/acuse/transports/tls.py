"""TLS to partners: whom we believe, what we show, and what a failure means.

Rule: nothing older than TLS 1.2 (RFC 8996), and no connection without a certificate that was checked against the host's
name. Only a certificate that was rejected, on either side, is final; anything else may have been a cut line.
"""

import hashlib
import secrets
import ssl
import tempfile
from functools import lru_cache

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from acuse.ports import Protection

_KEPT = 1024
_CERTIFICATE_ALERTS = (
    "BAD_CERTIFICATE",
    "UNSUPPORTED_CERTIFICATE",
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_UNKNOWN",
    "CERTIFICATE_REQUIRED",
    "UNKNOWN_CA",
    "ACCESS_DENIED",
)
"""Alerts by which the partner rejects what we showed or did not (RFC 8446 section 6.2), as OpenSSL writes them."""


@lru_cache(_KEPT)
def client_context(authorities: str | None, client_certificate: str | None, client_key: str | None) -> ssl.SSLContext:
    """A context that trusts these authorities, else the machine's, and shows this certificate. All are PEM.

    Kept by content, because connections are only used again in the same context. Raises ssl.SSLError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authorities is None:
        context.load_default_certs()
    else:
        # What the operator names is believed as it is: partners hand out the certificate of their server alone.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=authorities)
    if client_certificate is not None and client_key is not None:
        _show(context, client_certificate, client_key)
    return context


def _show(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """The library takes a key from a file only, so it gets one that is encrypted and gone at once."""
    passphrase = secrets.token_bytes(32).hex()
    encryption = BestAvailableEncryption(passphrase.encode())
    private_key = load_pem_private_key(key.encode(), password=None)
    with tempfile.NamedTemporaryFile(prefix="acuse-") as file:
        file.write(private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        file.write(certificate.encode())
        file.flush()
        context.load_cert_chain(file.name, password=passphrase)


def protection_of(session: ssl.SSLObject) -> Protection | None:
    """What protects a connection whose handshake is over; None where it ended meanwhile."""
    try:
        cipher, certificate = session.cipher(), session.getpeercert(binary_form=True)
    except ValueError:
        return None  # an alert came that ended it, about our certificate for one
    if cipher is None or certificate is None:
        return None
    return Protection(
        version=session.version() or cipher[1], cipher=cipher[0], certificate=hashlib.sha256(certificate).hexdigest()
    )


def rejection(error: BaseException | None) -> str | None:
    """In one sentence, which certificate was rejected and why; None when this error is of another kind."""
    while error is not None:
        # The client library wraps these errors in some that count as the same classes and lack their fields.
        if told := getattr(error, "verify_message", None):
            return f"The certificate of the partner's server was rejected: {told.rstrip('.')}."
        if alert := _certificate_alert(getattr(error, "reason", None)):
            return f"The partner's server rejected our client certificate, or the lack of one ({alert})."
        error = error.__cause__ or error.__context__
    return None


def _certificate_alert(reason: object) -> str | None:
    if not isinstance(reason, str) or "ALERT_" not in reason or not reason.endswith(_CERTIFICATE_ALERTS):
        return None
    return reason.partition("ALERT_")[2].lower().replace("_", " ")
