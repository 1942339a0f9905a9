"""`/v1/partners`: the other parties, and the terms on which we exchange with them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from cryptography import x509

from acuse.domain.partner import Partner, PartnerDetails
from acuse.errors import InvalidInput
from acuse.ports import PartnerFilter, PartnerPage
from acuse.services.manage_partners import add_partner, change_partner
from acuse.services.remove_partner import remove_partner
from acuse.web.api.calls import MOST_PAGES, Call, json_reply, pagination
from acuse.web.api.partner_fields import (
    in_words_of_the_api,
    read_changed_partner,
    read_chosen_certificates,
    read_new_partner,
)
from acuse.web.api.partner_objects import partner_object
from acuse.web.api.read import find_partner
from acuse.web.asgi import Reply, note
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.json_body import parse_object, read_json

_NO_PARTNERS = PartnerPage(rows=(), total=0)


class _Origin(StrEnum):
    """Whose partners a list shows."""

    TENANT = "tenant"
    INHERITED = "inherited"
    ALL = "all"


async def list_partners(call: Call) -> Reply:
    """A page of partners, in the order in which they were added."""
    query = FieldReader(call.query)
    page = query.whole("page", default=1, least=1, most=MOST_PAGES)
    per_page = query.whole("per_page", default=20, least=1, most=100)
    wanted = PartnerFilter(search=query.text("search"), active=query.truth("active"))
    origin = query.choice("type", _Origin)
    query.finish()

    def work() -> Mapping[str, object]:
        views, now = call.ports.views, call.ports.world.now()
        is_none = origin is _Origin.INHERITED
        offset = (page - 1) * per_page
        found = (
            _NO_PARTNERS if is_none else views.partner_page(call.caller.space, wanted, limit=per_page, offset=offset)
        )
        return {
            "data": [partner_object(view, now=now) for view in found.rows],
            "pagination": pagination(page=page, per_page=per_page, total=found.total),
        }

    return json_reply(200, await call.lanes.run(work))


async def show_partner(call: Call) -> Reply:
    """One partner."""
    return await call.lanes.run(lambda: json_reply(200, {"data": _shown(call, named_partner(call))}))


async def create_partner(call: Call) -> Reply:
    """Make a partner."""
    body = await read_json(call)

    def work() -> Reply:
        given = parse_object(body)
        details = read_new_partner(given)
        with in_words_of_the_api():
            made = add_partner(
                call.ports,
                space=call.caller.space,
                name=details.name,
                as2_id=details.as2_id,
                url=details.url,
                certificates=_certificates(given),
                terms=details.terms,
                url_is_vouched=False,
                credentials=details.credentials,
                email=details.email,
                active=details.active,
                needs_certificate=False,
                allows_private=call.options.allow_private_networks,
            )
        note(call.scope, partner=made.public_id)
        return json_reply(201, {"message": "Partner created successfully", "data": _shown(call, made)})

    return await call.lanes.run(work)


async def patch_partner(call: Call) -> Reply:
    """Change what the body names."""
    body = await read_json(call)

    def work() -> Reply:
        partner, given = named_partner(call), parse_object(body)
        view = call.ports.views.partner_view(partner.id)
        chosen = read_chosen_certificates(given, view, now=call.ports.world.now())

        def change(known: PartnerDetails) -> PartnerDetails:
            details = read_changed_partner(given, known)
            return replace(details, terms=replace(details.terms, **chosen))  # type: ignore[arg-type]

        with in_words_of_the_api():
            changed = change_partner(
                call.ports,
                partner.id,
                change,
                url_is_vouched=False,
                allows_private=call.options.allow_private_networks,
            )
        return json_reply(200, {"message": "Partner updated successfully", "data": _shown(call, changed)})

    return await call.lanes.run(work)


async def delete_partner(call: Call) -> Reply:
    """Remove a partner; what was exchanged with it stays."""
    query = FieldReader(call.query)
    cancels_waiting = query.truth("cancel") or False
    query.finish()
    await call.lanes.run(lambda: remove_partner(call.ports, named_partner(call).id, cancels_waiting=cancels_waiting))
    return json_reply(200, {"message": "Partner deleted successfully"})


def named_partner(call: Call) -> Partner:
    """The partner that the path names; raises PartnerNotFound."""
    partner = find_partner(call, call.path["id"])
    note(call.scope, partner=partner.public_id)
    return partner


def _shown(call: Call, partner: Partner) -> dict[str, object]:
    return partner_object(call.ports.views.partner_view(partner.id), now=call.ports.world.now())


def _certificates(given: Mapping[str, object]) -> Sequence[x509.Certificate]:
    """The certificates to begin with, in PEM, one after the other."""
    text = given.get("certificate")
    if text is None:
        return ()
    try:
        if isinstance(text, str):
            return x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        pass
    raise InvalidInput(fields={"certificate": "Must be one or more X.509 certificates in PEM."})
