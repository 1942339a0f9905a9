"""`/partner`: the other parties, by their AS2 identifiers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from cryptography import x509

from acuse.domain.partner import Partner
from acuse.errors import AlreadyExists, InvalidAS2Headers, InvalidInput, NotFound
from acuse.services.manage_certificates import Serving, add_certificate
from acuse.services.manage_partners import add_partner, change_partner
from acuse.services.remove_partner import remove_partner
from acuse.web.asgi import Reply, note
from acuse.web.dialects.mft.calls import Call
from acuse.web.dialects.mft.certificate_files import read_certificate
from acuse.web.dialects.mft.errors import json_reply
from acuse.web.dialects.mft.partner_fields import partner_object, read_changed_partner, read_new_partner
from acuse.web.shared.json_body import parse_object, read_json

_NAMES = {"as2_id": "as2Identifier", "certificate": "encryptionCertificate", "header": "customHeaders"}
_CERTIFICATES = ("signatureCertificate", "encryptionCertificate")
"""Of several, messages are encrypted to the last."""


async def list_partners(call: Call) -> Reply:
    """All partners."""
    partners = await call.lanes.run(lambda: call.ports.views.partners(call.space))
    return json_reply(200, {"partners": [partner_object(entry) for entry in partners]})


async def show_partner(call: Call) -> Reply:
    """One partner."""
    return json_reply(200, partner_object(await call.lanes.run(lambda: find_partner(call, call.names[0]))))


async def create_partner(call: Call) -> Reply:
    """Make a partner with its certificate."""
    body = await read_json(call)

    def work() -> Reply:
        given = parse_object(body)
        details = read_new_partner(given)
        with in_words_of_the_api(f"Partner already exists with AS2 identifier: {details.as2_id}"):
            made = add_partner(
                call.ports,
                space=call.space,
                name=details.name,
                as2_id=details.as2_id,
                url=details.url,
                certificates=_certificates(given),
                terms=details.terms,
                url_is_vouched=False,
                credentials=details.credentials,
                allows_private=call.options.allow_private_networks,
            )
        note(call.scope, partner=made.public_id)
        return json_reply(200, {"message": "Partner created successfully", "partnerId": made.handle})

    return await call.lanes.run(work)


async def update_partner(call: Call) -> Reply:
    """Change what the body names; it names the partner, unless the path does."""
    body = await read_json(call)

    def work() -> Reply:
        given = parse_object(body)
        partner = find_partner(call, call.names[0] if call.names else given.get("identifier"))
        with in_words_of_the_api(f"Partner already exists with AS2 identifier: {given.get('as2Identifier')}"):
            certificates = _certificates(given)
            changed = change_partner(
                call.ports,
                partner.id,
                lambda known: read_changed_partner(given, known),
                url_is_vouched=False,
                allows_private=call.options.allow_private_networks,
            )
            for certificate in certificates:
                with suppress(AlreadyExists):
                    add_certificate(call.ports, changed, certificate, Serving())
        return json_reply(200, {"message": "Partner updated successfully", "partnerId": changed.handle})

    return await call.lanes.run(work)


async def delete_partner(call: Call) -> Reply:
    """Remove a partner; what was exchanged with it stays."""
    await call.lanes.run(lambda: remove_partner(call.ports, find_partner(call, call.names[0]).id))
    return json_reply(200, {"message": "Partner deleted successfully"})


def find_partner(call: Call, as2_id: object) -> Partner:
    """The partner with that AS2 identifier. Raises InvalidInput and NotFound."""
    if not isinstance(as2_id, str):
        raise InvalidInput(fields={"identifier": "This field is required."})
    for partner in call.ports.views.partners(call.space):
        if partner.as2_id == as2_id:
            note(call.scope, partner=partner.public_id)
            return partner
    raise NotFound(f"Unable to find partner with AS2 identifier: {as2_id}")


@contextmanager
def in_words_of_the_api(duplicate: str) -> Iterator[None]:
    """What a service says about a field is said with the field's name here."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(fields={_NAMES.get(name, name): why for name, why in error.fields.items()}) from error
    except InvalidAS2Headers as error:
        raise InvalidInput(fields={"customHeaders": error.message}) from error
    except AlreadyExists as error:
        raise InvalidInput(fields={"as2Identifier": duplicate}) from error


def _certificates(given: Mapping[str, object]) -> Sequence[x509.Certificate]:
    return [read_certificate(name, given[name]) for name in _CERTIFICATES if given.get(name) is not None]
