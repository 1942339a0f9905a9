"""Key pairs of ours that are made here, and certificates that leave in a file.

Rule: a private key leaves for a caller with the scope `admin` and for nobody else.
"""

from datetime import timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from acuse.cms import CmsError
from acuse.cms.key_files import KeyFile, write_pkcs12
from acuse.domain.access import Scope
from acuse.domain.keyring import Certificate
from acuse.errors import InvalidInput
from acuse.services.manage_certificates import Serving, generate_key_pair
from acuse.services.request_certificate import request_certificate
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.certificate_fields import in_words_of_the_request, read_key_wish
from acuse.web.api.certificates import named_certificate, shown, station_for
from acuse.web.api.handles import public_id
from acuse.web.asgi import Reply, note
from acuse.web.shared.fields import EitherSpelling
from acuse.web.shared.json_body import parse_object, read_json


class _Format(StrEnum):
    """How a certificate is downloaded."""

    PEM = "pem"
    PKCS12 = "pkcs12"


async def generate_identity(call: Call) -> Reply:
    """Make a key pair for a station, with a certificate that it signs itself."""
    body = await read_json(call)

    def work() -> Reply:
        given = parse_object(body)
        wish = read_key_wish(given)
        with in_words_of_the_request(given):
            held = generate_key_pair(
                call.ports,
                station_for(call, wish.station_id),
                Serving(uses=wish.usage.uses, name=wish.name or wish.subject.common_name, active_from=wish.active_from),
                validity=timedelta(days=wish.validity_days),
                subject=wish.subject,
                key_size=wish.key_size,
            )
        note(call.scope, certificate=held.entry.public_id)
        return json_reply(201, {"message": "Identity generated successfully", "data": shown(call, held)})

    return await call.lanes.run(work)


async def generate_csr(call: Call) -> Reply:
    """Make a key for a station and the request for its certificate; the key stays here as well."""
    body = await read_json(call)

    def work() -> Reply:
        given = parse_object(body)
        wish = read_key_wish(given)
        with in_words_of_the_request(given):
            station = station_for(call, wish.station_id)
            request = request_certificate(call.ports, station, wish.subject, key_size=wish.key_size)
        is_admin = Scope.ADMIN in call.caller.key.scopes
        key = request.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        answer = {
            "csr": x509.load_der_x509_csr(request.pkcs10_der).public_bytes(Encoding.PEM).decode("ascii"),
            "privateKey": key.decode("ascii") if is_admin else None,
            "keySize": wish.key_size,
            "station_id": public_id("stn", station.handle),
        }
        return json_reply(201, {"message": "Certificate request generated successfully", **answer})

    return await call.lanes.run(work)


async def download_certificate(call: Call) -> Reply:
    """The certificate in PEM, or with its private key in PKCS#12."""
    query = EitherSpelling(call.query)
    form = query.choice("format", _Format) or _Format.PEM
    with_chain = query.truth("include_chain") or False
    password = query.text("password", required=form is _Format.PKCS12)
    query.finish()

    def work() -> Reply:
        entry = named_certificate(call).entry
        file = _file_of(entry, with_chain=with_chain)
        if form is _Format.PEM or password is None:
            own = entry.x509_certificate.public_bytes(Encoding.PEM)
            return _attachment(f"{entry.public_id}.pem", "application/x-pem-file", own + file.chain_pem.encode("ascii"))
        if entry.key_pair is not None:
            call.caller.key.require(Scope.ADMIN)
        try:
            data = write_pkcs12(file, name=entry.name, password=password.encode())
        except CmsError as error:
            raise InvalidInput(fields={"format": error.message}) from error
        return _attachment(f"{entry.public_id}.p12", "application/x-pkcs12", data)

    return await call.lanes.run(work)


def _file_of(entry: Certificate, *, with_chain: bool) -> KeyFile:
    has_chain = with_chain and entry.chain
    return KeyFile(
        certificate=entry.x509_certificate,
        private_key=None if entry.key_pair is None else entry.key_pair.private_key,
        chain=tuple(x509.load_pem_x509_certificates(entry.chain.encode("ascii"))) if has_chain else (),
    )


def _attachment(name: str, content_type: str, data: bytes) -> Reply:
    headers = {
        "Content-Type": content_type,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Reply(status=200, body=data, headers=tuple(headers.items()))
