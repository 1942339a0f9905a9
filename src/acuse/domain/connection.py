"""The HTTP connection to a partner: what was agreed on it, and what opens the partner's server to us.

Rule: what is secret, or may be, stands in `Credentials`, which is sealed at rest and never shown; `HTTPTerms` holds
the rest. A header may carry a token, so headers count as secret.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from acuse.cms import is_authority
from acuse.domain.custom_headers import check_headers
from acuse.errors import InvalidInput

USUAL_CONCURRENCY = 4
MOST_CONCURRENT = 64
"""The largest number of requests to one partner at once: a quarter of what a runner has under way in all."""
_LARGEST_PEM = 64 * 1024
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_.])?|[0-9a-f:.]{2,45}")


class Authentication(StrEnum):
    """How the user name and the password are shown to the partner's server."""

    BASIC = "basic"
    """With the first request (RFC 7617). A server that asks for Digest gets that from then on."""
    DIGEST = "digest"
    """Only as an answer to a challenge for Digest (RFC 7616): the password itself never leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPTerms:
    """How the partner's server is reached and spoken to."""

    authorities: str | None = None
    """Certificates in PEM that alone vouch for the partner's server, instead of those that this machine trusts. The
    server's own certificate may be among them.
    """
    redirect_hosts: tuple[str, ...] = ()
    """Hosts, in lower case, to which the partner may redirect a request. They get none of our credentials."""
    is_chunked: bool = False
    """Send without a Content-Length. Some products read a chunked body in quadratic time or not at all."""
    keep_alive: bool = True
    """Use a connection for several requests."""
    connect_timeout: timedelta = timedelta(seconds=20)
    """How long the name, the connection and its TLS may take together."""
    concurrency: int = USUAL_CONCURRENCY
    """Requests under way at once, from 1 to `MOST_CONCURRENT`."""
    authentication: Authentication = Authentication.BASIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What shows the partner's server who we are."""

    basic_user: str | None = None
    basic_password: str | None = field(default=None, repr=False)
    client_certificate: str | None = field(default=None, repr=False)
    """PEM: ours first, then those that lead to an authority."""
    client_key: str | None = field(default=None, repr=False)
    """PEM, unencrypted."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Header fields for every request."""


NO_CREDENTIALS = Credentials()


def check_http_terms(terms: HTTPTerms) -> HTTPTerms:
    """The terms with their hosts in lower case and nothing but certificates in PEM. Raises InvalidInput."""
    hosts = tuple(host.strip().lower().strip("[]") for host in terms.redirect_hosts)
    if bad := [host for host in hosts if not _HOST.fullmatch(host)]:
        raise InvalidInput(fields={"redirect_host": f"{bad[0]!a} is no host: a name or an address, without a port"})
    if not 1 <= terms.concurrency <= MOST_CONCURRENT:
        raise InvalidInput(fields={"concurrency": f"a number from 1 to {MOST_CONCURRENT}"})
    if terms.connect_timeout <= timedelta(0):
        raise InvalidInput(fields={"connect_timeout": "more than 0 seconds"})
    authorities = None if terms.authorities is None else _pem("ca", read_chain("ca", terms.authorities))
    return replace(terms, authorities=authorities, redirect_hosts=hosts)


def check_credentials(credentials: Credentials) -> Credentials:
    """The credentials in the form in which they are kept. Raises InvalidInput and InvalidAS2Headers."""
    user, password = credentials.basic_user, credentials.basic_password
    if (user is None) != (password is None):
        raise InvalidInput(fields={"basic_user": "a user name and a password come together"})
    if user is not None and password is not None:
        _check_basic(user, password)
    headers = check_headers(_each_once(credentials.headers))
    if user is not None and any(name.lower() == "authorization" for name, _ in headers):
        raise InvalidInput(fields={"header": "Authorization comes from the user name and the password already"})
    certificate, key = credentials.client_certificate, credentials.client_key
    if (certificate is None) != (key is None):
        raise InvalidInput(fields={"client_certificate": "a client certificate and its key come together"})
    if certificate is not None and key is not None:
        certificate, key = _check_client(certificate, key)
    return Credentials(
        basic_user=user,
        basic_password=password,
        client_certificate=certificate,
        client_key=key,
        headers=headers,
    )


def read_chain(field_name: str, pem: str) -> tuple[x509.Certificate, ...]:
    """Every certificate of a PEM text. Raises InvalidInput that names `field_name`."""
    try:
        return tuple(x509.load_pem_x509_certificates(pem.encode()))
    except ValueError as error:
        raise InvalidInput(fields={field_name: "one or more X.509 certificates in PEM"}) from error


def check_authorities(pem: str) -> str:
    """Authorities for certificates that sign messages, as they are kept. Raises InvalidInput."""
    chain = read_chain("signing_ca", pem)
    if bad := [entry for entry in chain if not is_authority(entry)]:
        name = bad[0].subject.rfc4514_string()
        raise InvalidInput(fields={"signing_ca": f"{name} is no authority: its basic constraints do not say so"})
    return _pem("signing_ca", chain)


def _check_basic(user: str, password: str) -> None:
    """RFC 7617 section 2: a user name has no colon, neither has control characters."""
    if not user or ":" in user or not user.isprintable():
        raise InvalidInput(fields={"basic_user": "one or more printable characters, none of them a colon"})
    if not password or not password.isprintable():
        raise InvalidInput(fields={"basic_password": "one or more printable characters"})


def _each_once(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    named: dict[str, str] = {}
    for name, value in headers:
        if name in named:
            raise InvalidInput(fields={"header": f"{name} is given twice"})
        named[name] = value
    return named


def _check_client(certificate: str, key: str) -> tuple[str, str]:
    chain = read_chain("client_certificate", certificate)
    try:
        private_key = load_pem_private_key(key.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidInput(fields={"client_key": "an unencrypted private key in PEM"}) from error
    if chain[0].public_key() != private_key.public_key():
        raise InvalidInput(fields={"client_key": "the key of the first client certificate; this is another one's"})
    kept = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return _pem("client_certificate", chain), kept.decode("ascii")


def _pem(field_name: str, certificates: Iterable[x509.Certificate]) -> str:
    text = "".join(certificate.public_bytes(Encoding.PEM).decode("ascii") for certificate in certificates)
    if len(text) > _LARGEST_PEM:
        raise InvalidInput(fields={field_name: f"not more than {_LARGEST_PEM // 1024} KiB of certificates"})
    return text
