"""`/v1/certificates` and `/v1/partners/{id}/certificates`: ours with their private keys, and the partners'.

Rule: no answer here holds a private key; `certificate_keys` has the two that do, for the scope `admin` alone.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from acuse.domain.keyring import Certificate, days_until
from acuse.domain.partner import Partner
from acuse.domain.station import Station
from acuse.errors import CertificateNotFound, InvalidInput
from acuse.ports import HeldCertificate
from acuse.services.change_certificate import (
    CertificateChange,
    activate_certificate,
    change_certificate,
    remove_certificate,
)
from acuse.services.manage_certificates import add_certificate, add_key_pair
from acuse.services.request_certificate import add_signed_certificate
from acuse.services.validate_certificate import CertificateIssue
from acuse.services.validate_certificate import validate_certificate as issues_of
from acuse.web.api.calls import MOST_PAGES, Call, json_reply, pagination
from acuse.web.api.certificate_fields import (
    Upload,
    Usage,
    in_words_of_the_request,
    read_certificate_upload,
    read_given,
)
from acuse.web.api.handles import parse_id, public_id
from acuse.web.api.objects import certificate_object, iso
from acuse.web.api.partners import named_partner
from acuse.web.api.read import find_partner
from acuse.web.asgi import Reply, note
from acuse.web.shared.fields import EitherSpelling
from acuse.web.shared.json_body import parse_object, read_json

_SOON_DAYS = 30
_MOST_DAYS = 36500


class _Type(StrEnum):
    """Whose certificates a list shows."""

    IDENTITY = "identity"
    PARTNER = "partner"


async def list_certificates(call: Call) -> Reply:
    """A page of certificates, by their ids."""
    query = EitherSpelling(call.query)
    page = query.whole("page", default=1, least=1, most=MOST_PAGES)
    per_page = query.whole("per_page", default=20, least=1, most=100)
    kind, active = query.choice("type", _Type), query.truth("active")
    is_soon = query.truth("expires_soon")
    within = query.whole("expiring_within", default=_SOON_DAYS if is_soon else 0, least=0, most=_MOST_DAYS)
    partner, scope = query.text("partner_id"), query.choice("scope", _Type)
    query.finish()

    def work() -> Mapping[str, object]:
        now = call.ports.world.now()

        def is_wanted(held: HeldCertificate) -> bool:
            whose = _Type.PARTNER if isinstance(held.owner, Partner) else _Type.IDENTITY
            left = held.entry.expires_at - now
            return (
                all(wanted in (None, whose) for wanted in (kind, scope))
                and active in (None, held.entry.is_active(now))
                and (not within or timedelta() <= left <= timedelta(days=within))
                and (is_soon is not False or left > timedelta(days=_SOON_DAYS))
            )

        owner = None if partner is None else find_partner(call, partner).id
        every = call.ports.views.held_certificates(call.caller.space)
        found = [held for held in every if owner in (None, held.entry.owner_id) and is_wanted(held)]
        return {
            "data": [shown(call, held) for held in found[(page - 1) * per_page : page * per_page]],
            "pagination": pagination(page=page, per_page=per_page, total=len(found)),
        }

    return json_reply(200, await call.lanes.run(work))


async def list_partner_certificates(call: Call) -> Reply:
    """All certificates of a partner."""

    def work() -> Mapping[str, object]:
        partner = named_partner(call)
        known = call.ports.views.partner_view(partner.id).certificates
        return {"data": [shown(call, HeldCertificate(entry=entry, owner=partner)) for entry in known]}

    return json_reply(200, await call.lanes.run(work))


async def show_certificate(call: Call) -> Reply:
    """One certificate."""
    return await call.lanes.run(lambda: json_reply(200, {"data": shown(call, named_certificate(call))}))


async def upload_certificate(call: Call) -> Reply:
    """Bring in a certificate of a partner, or one of ours."""
    given = await read_given(call)

    def work() -> Reply:
        upload = read_certificate_upload(given)
        partner = find_partner(call, upload.partner_id or "") if upload.is_partners else None
        return _stored(call, given, upload, partner)

    return await call.lanes.run(work)


async def upload_partner_certificate(call: Call) -> Reply:
    """Bring in a certificate of the partner that the path names."""
    given = await read_given(call)

    def work() -> Reply:
        partner = named_partner(call)
        return _stored(call, given, read_certificate_upload(given, is_partners=True), partner)

    return await call.lanes.run(work)


async def patch_certificate(call: Call) -> Reply:
    """Change what the body names."""
    body = await read_json(call)

    def work() -> Reply:
        held, given = named_certificate(call), parse_object(body)
        fields = EitherSpelling(given)
        usage = fields.choice("usage", Usage)
        change = CertificateChange(
            name=fields.text("name"),
            uses=None if usage is None else usage.uses,
            active=fields.flag("active"),
            active_from=fields.moment("active_from"),
            active_until=fields.moment("active_until"),
            has_no_end=fields.is_cleared("active_until"),
        )
        fields.finish()
        with in_words_of_the_request(given):
            changed = change_certificate(call.ports, held, change)
        return _told(call, "Certificate updated successfully", held, changed)

    return await call.lanes.run(work)


async def delete_certificate(call: Call) -> Reply:
    """Take a certificate out of use and out of the lists."""
    await call.lanes.run(lambda: remove_certificate(call.ports, named_certificate(call)))
    return json_reply(200, {"message": "Certificate deleted successfully"})


async def activate(call: Call) -> Reply:
    """Have a certificate be the one that is used, from now on."""
    await read_json(call)

    def work() -> Reply:
        held = named_certificate(call)
        return _told(call, "Certificate activated successfully", held, activate_certificate(call.ports, held))

    return await call.lanes.run(work)


async def validate_certificate(call: Call) -> Reply:
    """Whether a certificate may be used now, and if not why."""
    await read_json(call)

    def work() -> Reply:
        held, now = named_certificate(call), call.ports.world.now()
        issues = issues_of(held, now=now)
        expires_at = held.entry.expires_at
        expiry = {
            "expires_at": iso(expires_at),
            "days": days_until(expires_at, now=now),
            "expired": expires_at < now,
            "expires_soon": now <= expires_at <= now + timedelta(days=_SOON_DAYS),
        }
        answer = {
            "valid": not any(issue.is_error for issue in issues),
            "issues": [_issue_object(issue) for issue in issues],
            "details": shown(call, held),
            "expiryCheck": expiry,
        }
        return json_reply(200, answer)

    return await call.lanes.run(work)


def named_certificate(call: Call) -> HeldCertificate:
    """The certificate that the path names; raises CertificateNotFound."""
    text = call.path["id"]
    handle = parse_id("cert", text)
    if handle is None:
        raise CertificateNotFound(certificate_id=text)
    note(call.scope, certificate=text)
    return call.ports.views.certificate(call.caller.space, handle)


def station_for(call: Call, text: str | None) -> Station:
    """The station with this public id, else the default one. Raises InvalidInput."""
    stations = call.ports.views.stations(call.caller.space)
    for station in stations:
        if text in (None, public_id("stn", station.handle)):
            return station
    problem = "There is no such station." if stations else "There is no station yet. Make one first."
    raise InvalidInput(fields={"station_id": problem})


def shown(call: Call, held: HeldCertificate) -> dict[str, object]:
    """A certificate as answers show it."""
    return certificate_object(held, now=call.ports.world.now())


def _stored(call: Call, given: Mapping[str, object], upload: Upload, partner: Partner | None) -> Reply:
    file, serving = upload.file, upload.serving
    with in_words_of_the_request(given):
        if partner is not None:
            held = add_certificate(call.ports, partner, file.certificate, serving, chain=file.chain_pem)
        elif (pair := file.key_pair) is None:
            held = add_signed_certificate(
                call.ports, call.caller.space, file.certificate, serving, chain=file.chain_pem
            )
        else:
            station = station_for(call, upload.station_id)
            held = add_key_pair(call.ports, station, pair, serving, chain=file.chain_pem)
    note(call.scope, certificate=held.entry.public_id)
    return json_reply(201, {"message": "Certificate uploaded successfully", "data": shown(call, held)})


def _told(call: Call, message: str, held: HeldCertificate, changed: Certificate) -> Reply:
    return json_reply(200, {"message": message, "data": shown(call, HeldCertificate(entry=changed, owner=held.owner))})


def _issue_object(issue: CertificateIssue) -> dict[str, object]:
    severity = "error" if issue.is_error else "warning"
    return {"severity": severity, "code": issue.code, "message": issue.message}
