"""Asking an authority for a certificate: the key is made and kept here, and what the authority signed is taken in.

Rule: the private key stays sealed in this home from the first moment on. The certificate that comes back is
recognised by its key, so nobody has to bring both together.
"""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from acuse.cms import KeyPair
from acuse.cms.certificates import public_key_of
from acuse.cms.requests import KEY_SIZES, Subject, key_digest, new_rsa_key, signing_request
from acuse.domain.account import Space
from acuse.domain.keyring import CertificateRequest
from acuse.domain.station import Station
from acuse.errors import InvalidInput
from acuse.ports import HeldCertificate, Ports
from acuse.services.manage_certificates import Serving, add_key_pair, check_key_size, check_subject


def request_certificate(
    ports: Ports, owner: Station, subject: Subject, *, key_size: int = KEY_SIZES[0]
) -> CertificateRequest:
    """Make an RSA key of 2048, 3072 or 4096 bits for a station, keep it sealed, and write the request for its
    certificate. Raises InvalidInput."""
    check_subject(subject)
    key: rsa.RSAPrivateKey = new_rsa_key(check_key_size(key_size))
    request = CertificateRequest(
        id=ports.world.new_id(),
        tenant_id=owner.tenant_id,
        station_id=owner.id,
        key_sha256=key_digest(key.public_key()),
        pkcs10_der=signing_request(key, subject).public_bytes(Encoding.DER),
        private_key=key,
        created_at=ports.world.now(),
    )
    ports.units.run(lambda unit: unit.directory.add_certificate_request(request))
    return request


def add_signed_certificate(
    ports: Ports, space: Space, certificate: x509.Certificate, serving: Serving, *, chain: str = ""
) -> HeldCertificate:
    """Take in a certificate of ours that came without its private key, because that is here: it was requested, or it
    renews one that a station has with the same key. Raises InvalidInput, AlreadyExists.
    """
    known = _find(ports, space, certificate)
    if known is None:
        raise InvalidInput(
            fields={"private_key": "required; no request and no certificate here has the key of this certificate"}
        )
    return add_key_pair(
        ports,
        known.station,
        known.key_pair,
        serving,
        chain=chain,
        request_id=None if known.request is None else known.request.id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The private key of a certificate, and whose it is."""

    station: Station
    key_pair: KeyPair
    request: CertificateRequest | None = None


def _find(ports: Ports, space: Space, certificate: x509.Certificate) -> _Known | None:
    key = public_key_of(certificate)
    if key is None:
        return None
    stations = {station.id: station for station in ports.views.stations(space)}
    request = ports.views.certificate_request(space, key_digest(key))
    if request is not None and request.station_id in stations:
        pair = KeyPair(certificate, request.private_key)
        return _Known(station=stations[request.station_id], key_pair=pair, request=request)
    for station in stations.values():
        for entry in ports.views.certificates(station.id):
            if entry.key_pair is not None and public_key_of(entry.x509_certificate) == key:
                return _Known(station=station, key_pair=KeyPair(certificate, entry.key_pair.private_key))
    return None
