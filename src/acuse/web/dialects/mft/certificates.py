"""`/certificate`: what stations and partners hold, by aliases that are our ids of them."""

from datetime import datetime
from enum import StrEnum

from cryptography import x509

from acuse.domain.partner import Partner
from acuse.errors import InvalidInput, NotFound
from acuse.ports import HeldCertificate
from acuse.services.manage_certificates import Serving, add_certificate, retire_certificate
from acuse.web.asgi import Reply
from acuse.web.dialects.mft.calls import Call
from acuse.web.dialects.mft.certificate_files import read_certificate
from acuse.web.dialects.mft.errors import json_reply
from acuse.web.dialects.mft.translate import milliseconds
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.json_body import parse_object, read_json


class Kind(StrEnum):
    """What a certificate is for. Chains are not listed by themselves."""

    STATION = "STATION"
    PARTNER = "PARTNER"
    HTTPS = "HTTPS"
    PARTNER_CHAIN = "PARTNER_CHAIN"
    HTTPS_CHAIN = "HTTPS_CHAIN"


async def list_certificates(call: Call) -> Reply:
    """Aliases and types of all, or of one type."""
    query = FieldReader(call.query)
    wanted = query.choice("certType", Kind)
    query.finish()
    now = call.ports.world.now()
    held = await call.lanes.run(lambda: call.ports.views.held_certificates(call.space))
    entries = [
        {"alias": entry.entry.public_id, "type": _kind(entry).value}
        for entry in held
        if not entry.entry.is_retired(now) and wanted in (None, _kind(entry))
    ]
    return json_reply(200, entries)


async def show_certificate(call: Call) -> Reply:
    """What stands in a certificate."""
    return json_reply(200, certificate_object(await call.lanes.run(lambda: find_certificate(call, call.names[0]))))


async def create_certificate(call: Call) -> Reply:
    """Bring in the next certificate of a partner."""
    body = await read_json(call)

    def work() -> Reply:
        given = parse_object(body)
        fields = FieldReader(given)
        as2_id = fields.text("partnerIdentifier", longest=128, required=True)
        fields.value("certificate", required=True)
        fields.finish()
        owner = next((entry for entry in call.ports.views.partners(call.space) if entry.as2_id == as2_id), None)
        if owner is None:
            raise InvalidInput(fields={"partnerIdentifier": f"Unable to find partner with AS2 identifier: {as2_id}"})
        certificate = read_certificate("certificate", given["certificate"])
        made = add_certificate(call.ports, owner, certificate, Serving())
        return json_reply(200, {"message": "Certificate created successfully", "alias": made.entry.public_id})

    return await call.lanes.run(work)


async def delete_certificate(call: Call) -> Reply:
    """Take a certificate out of use."""
    await call.lanes.run(lambda: retire_certificate(call.ports, find_certificate(call, call.names[0]).entry.id))
    return json_reply(200, {"message": "Certificate deleted successfully"})


def find_certificate(call: Call, alias: str) -> HeldCertificate:
    """The certificate with that alias, unless it was taken out of use. Raises NotFound."""
    now = call.ports.world.now()
    for held in call.ports.views.held_certificates(call.space):
        if held.entry.public_id == alias and not held.entry.is_retired(now):
            return held
    raise NotFound(f"Unable to find certificate with alias: {alias}")


def certificate_object(held: HeldCertificate) -> dict[str, object]:
    """A certificate, its fields under the old names and the new ones."""
    entry = held.entry
    certificate = entry.x509_certificate
    number, starts, ends = certificate.serial_number, certificate.not_valid_before_utc, entry.expires_at
    subject, issuer = _common_name(certificate.subject), _common_name(certificate.issuer)
    shown: dict[str, object] = {
        "alias": entry.public_id,
        "type": _kind(held).value,
        "serial_number": f"{number:x}",
        "serialNumber": f"{number:x}",
        "serialNumberHex": f"{number:x}",
        "serialNumberDecimal": str(number),
        "subject_common_name": subject,
        "subjectCommonName": subject,
        "subject_distinguish_name": entry.subject,
        "subjectDistinguishName": entry.subject,
        "issuer_common_name": issuer,
        "issuerCommonName": issuer,
        "issuer_distinguish_name": entry.issuer,
        "issuerDistinguishName": entry.issuer,
        "valid_from": _text(starts),
        "validFrom": _text(starts),
        "validFromTimestamp": milliseconds(starts),
        "expiry": _text(ends),
        "expiryTimestamp": milliseconds(ends),
        "belongsTo": [held.owner.as2_id],
    }
    return {name: value for name, value in shown.items() if value is not None}


def _kind(held: HeldCertificate) -> Kind:
    if held.entry.is_for_server:
        return Kind.HTTPS
    return Kind.PARTNER if isinstance(held.owner, Partner) else Kind.STATION


def _common_name(name: x509.Name) -> str | None:
    found = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[0].value) if found else None


def _text(moment: datetime) -> str:
    """`Tue May 26 00:00:00 UTC 2015`."""
    return moment.strftime("%a %b %d %H:%M:%S UTC %Y")
