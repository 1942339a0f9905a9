"""The objects of the API, made from the values of the domain. The command line prints the same ones.

Rule: an object never holds a private key, the text of an API key, or a path of this machine.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding

from acuse.domain.account import Account, Tenant
from acuse.domain.keyring import Certificate, Use
from acuse.domain.message import Attachment, Direction, Message, Receipt
from acuse.domain.moments import written
from acuse.domain.partner import Partner
from acuse.domain.plan import Plan
from acuse.domain.station import Station
from acuse.ports import HeldCertificate, MessageView
from acuse.web.api.errors import error_type
from acuse.web.api.handles import public_id
from acuse.web.api.status import mdn_status_of, status_of


def iso(moment: datetime | None) -> str | None:
    """UTC with six digits, as in `2024-01-15T10:30:00.000000Z`."""
    return None if moment is None else written(moment)


def message_object(view: MessageView, *, detail: bool) -> dict[str, object]:
    """A message as lists show it; with `detail` also the partner's URL, the attachments and the receipt."""
    message = view.message
    shown = {
        "id": message.public_id,
        "message_id": _without_brackets(message.wire_id),
        "partner": _partner_of(view, detail=detail),
        "status": status_of(message.transmission, message.receipt, is_late=message.receipt_is_late).value,
        "direction": message.direction.value,
        **_identifiers(view),
        "subject": message.subject,
        "content_type": message.content_type,
        "bytes": message.size,
        "compressed": message.is_compressed,
        "encrypted": message.is_encrypted,
        "signed": message.is_signed,
        "mdn_mode": message.mdn.value,
        "mdn_status": mdn_status_of(message.transmission, message.receipt).value,
        "late_receipt": message.receipt_is_late,
        "priority": message.priority.value,
        "mode": message.mode.value,
        "attempts": message.attempts,
        "error": _error(message),
        "metadata": dict(message.metadata),
        "resend_of": None if message.resend_of is None else public_id("msg", message.resend_of),
        **_moments(message),
    }
    if detail:
        shown["form"] = message.form
        shown["repeats"] = message.repeats
        shown["resent_as"] = [public_id("msg", handle) for handle in message.resent_as]
        shown["simulate"] = message.simulate
        shown["mdn_data"] = None if view.receipt is None else mdn_data(view.receipt)
        shown["certificates"] = _certificates_used(message)
        shown["attachments"] = [attachment_object(entry) for entry in view.attachments]
    return shown


def station_object(station: Station, certificates: Sequence[Certificate], *, is_default: bool) -> dict[str, object]:
    """A station, with the certificate that partners need: the newest that signs."""
    signing = [entry for entry in certificates if Use.SIGNING in entry.uses and entry.removed_at is None]
    newest = max(signing, key=lambda entry: (entry.active_from, entry.handle), default=None)
    return {
        "id": public_id("stn", station.handle),
        "name": station.name,
        "as2_id": station.as2_id,
        "receive_url": station.receive_url,
        "email": station.email,
        "default": is_default,
        "certificate": newest and newest.x509_certificate.public_bytes(Encoding.PEM).decode("ascii"),
        "created_at": iso(station.created_at),
        "updated_at": iso(station.updated_at),
    }


def certificate_object(held: HeldCertificate, *, now: datetime) -> dict[str, object]:
    """A certificate without its private key: an `identity` of ours, or a partner's."""
    entry, certificate = held.entry, held.entry.x509_certificate
    is_partners = isinstance(held.owner, Partner)
    return {
        "id": entry.public_id,
        "name": entry.name,
        "type": "partner" if is_partners else "identity",
        "usage": _usage(entry),
        "subject": entry.subject,
        "issuer": entry.issuer,
        "serial_number": format(certificate.serial_number, "x"),
        "fingerprint": entry.fingerprint,
        "active": entry.is_active(now),
        "state": entry.state(now).value,
        "active_from": iso(entry.active_from),
        "active_until": iso(entry.active_until),
        "not_before": iso(certificate.not_valid_before_utc),
        "expires_at": iso(entry.expires_at),
        "first_used_at": iso(entry.first_used_at),
        "partner_id": public_id("prt", held.owner.handle) if is_partners else None,
        "station_id": None if is_partners else public_id("stn", held.owner.handle),
        "created_at": iso(entry.created_at),
        "updated_at": iso(entry.updated_at),
    }


def account_object(account: Account, *, plan: Plan, tenants_count: int) -> dict[str, object]:
    """An account, with the limits of its plan; null where there is none."""
    rate = {"rate_per_minute": plan.rate, "burst": plan.rate and (plan.burst or plan.rate)}
    return {
        "id": public_id("acc", account.handle),
        "name": account.name,
        "slug": account.slug,
        "plan_type": account.plan_name.value,
        "status": "active",
        "tenants_count": tenants_count,
        "limits": {"payload_bytes": plan.payload, "concurrency": plan.concurrency, **rate},
        "created_at": iso(account.created_at),
        "updated_at": iso(account.updated_at),
    }


def tenant_object(tenant: Tenant, account: Account) -> dict[str, object]:
    """A tenant of an account."""
    return {
        "id": public_id("tnt", tenant.handle),
        "account_id": public_id("acc", account.handle),
        "name": tenant.name,
        "slug": tenant.slug,
        "status": "active",
        "created_at": iso(tenant.created_at),
        "updated_at": iso(tenant.updated_at),
    }


def _usage(entry: Certificate) -> str:
    if entry.is_for_server:
        return "client"
    return "both" if len(entry.uses) > 1 else next(iter(entry.uses)).value


def _partner_of(view: MessageView, *, detail: bool) -> dict[str, object]:
    partner = view.partner
    shown: dict[str, object] = {
        "id": public_id("prt", partner.handle),
        "name": partner.name,
        "as2_id": partner.as2_id,
    }
    return {**shown, "url": partner.url} if detail else shown


def _identifiers(view: MessageView) -> dict[str, object]:
    ours, theirs = view.station.as2_id, view.partner.as2_id
    sender, recipient = (ours, theirs) if view.message.direction is Direction.OUTBOUND else (theirs, ours)
    return {"from_as2_id": sender, "to_as2_id": recipient}


def _moments(message: Message) -> dict[str, object]:
    return {
        "scheduled_at": iso(message.scheduled_at),
        "last_attempt_at": iso(message.last_attempt_at),
        "next_attempt_at": iso(message.next_attempt_at),
        "sent_at": iso(message.sent_at),
        "delivered_at": iso(message.delivered_at),
        "created_at": iso(message.created_at),
        "updated_at": iso(message.updated_at),
    }


def _error(message: Message) -> dict[str, object] | None:
    problem = message.problem
    if problem is None:
        return None
    return {
        "type": error_type(problem.code),
        "code": problem.code,
        "message": problem.message,
        "details": dict(problem.details),
    }


def mdn_data(receipt: Receipt) -> Mapping[str, object]:
    """What a receipt says."""
    mic, original = receipt.received_content_mic, receipt.original_message_id
    return {
        "disposition": receipt.disposition,
        # The value alone: the algorithm stands behind a comma in the receipt (RFC 4130 section 7.4.3).
        "received_content_mic": mic and mic.partition(",")[0].strip(),
        "reporting_ua": receipt.reporting_ua,
        "original_message_id": original and _without_brackets(original),
        "final_recipient": receipt.final_recipient,
        "signed": receipt.is_signed,
        "verified": receipt.is_verified,
    }


def attachment_object(entry: Attachment) -> dict[str, object]:
    """One file of a message."""
    return {
        "position": entry.position,
        "filename": entry.filename,
        "content_type": entry.content_type,
        "bytes": entry.size,
        "sha256": entry.sha256,
    }


def _certificates_used(message: Message) -> dict[str, object]:
    """By fingerprint; null where there was none, or where it is not known yet."""
    used = message.certificates
    return {"signer": used.signer, "recipient": used.recipient, "receipt_signer": used.receipt_signer}


def _without_brackets(wire_id: str) -> str:
    return wire_id.strip().removeprefix("<").removesuffix(">")
