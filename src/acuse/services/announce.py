"""Events: how each service tells what happened, and to whom it will be delivered.

Rule: the deliveries are written in the unit of the change itself, so that none can be lost. Where nobody subscribed,
this costs one lookup.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from acuse.domain.event import CertificateNotice, Event, EventKind, MessageState, NoticeState, PartnerState
from acuse.domain.keyring import Certificate, days_until
from acuse.domain.message import Message
from acuse.domain.notice import Notice
from acuse.domain.partner import Partner
from acuse.domain.webhook import Delivery
from acuse.ports import Job, JobKind, Ports, Unit


def announce(
    unit: Unit, ports: Ports, kind: EventKind, message: Message, *, now: datetime, receipt_id: UUID | None = None
) -> None:
    """Publish that this happened to the message, with the state that it has now; `receipt_id` names the receipt that
    it is about.
    """
    event = Event(
        id=ports.world.new_id(),
        account_id=message.account_id,
        tenant_id=message.tenant_id,
        mode=message.mode,
        kind=kind,
        subject_id=message.id,
        occurred_at=now,
        state=MessageState.of(message, receipt_id=receipt_id),
    )
    _publish(unit, ports, event, now=now, concerned=(message.station_id, message.partner_id))


def announce_certificate(
    unit: Unit, ports: Ports, kind: EventKind, entry: Certificate, account_id: UUID, *, now: datetime
) -> None:
    """Publish that this happened to the certificate, which is held in this account."""
    event = Event(
        id=ports.world.new_id(),
        account_id=account_id,
        tenant_id=entry.tenant_id,
        kind=kind,
        subject_id=entry.id,
        occurred_at=now,
        state=CertificateNotice(days=days_until(entry.expires_at, now=now)),
    )
    _publish(unit, ports, event, now=now)


def announce_notice(unit: Unit, ports: Ports, kind: EventKind, notice: Notice, *, now: datetime) -> None:
    """Publish that this happened to the notice, with the state that it has now."""
    event = Event(
        id=ports.world.new_id(),
        account_id=notice.account_id,
        tenant_id=notice.tenant_id,
        mode=notice.mode,
        kind=kind,
        subject_id=notice.id,
        occurred_at=now,
        state=NoticeState.of(notice),
    )
    _publish(unit, ports, event, now=now)


def announce_partner(unit: Unit, ports: Ports, kind: EventKind, partner: Partner, *, now: datetime) -> None:
    """Publish that this happened to the partner, with the state that it has now."""
    event = Event(
        id=ports.world.new_id(),
        account_id=partner.account_id,
        tenant_id=partner.tenant_id,
        kind=kind,
        subject_id=partner.id,
        occurred_at=now,
        state=PartnerState.of(partner),
    )
    _publish(unit, ports, event, now=now)


def _publish(unit: Unit, ports: Ports, event: Event, *, now: datetime, concerned: Collection[UUID] = ()) -> None:
    """`concerned` are the station and the partner whose message it is."""
    position = unit.publish(event)
    for subscription in unit.webhooks.subscriptions(event.tenant_id, event.mode):
        for name in subscription.names_for(event, concerned):
            delivery = Delivery(
                id=ports.world.new_id(),
                endpoint_id=subscription.endpoint_id,
                position=position,
                subject_id=event.subject_id,
                told_as=name,
                created_at=now,
                next_attempt_at=now,
            )
            is_first = unit.webhooks.first_pending(delivery.endpoint_id, event.subject_id) is None
            unit.webhooks.add_delivery(delivery)
            if is_first:
                unit.jobs.submit(delivery_job(delivery, due_at=now))


def delivery_job(delivery: Delivery, *, due_at: datetime) -> Job:
    """The job of the next attempt. Its key counts the attempts, so that it may wait while the last one ends."""
    return Job(
        kind=JobKind.DELIVER_EVENT,
        subject_id=delivery.id,
        key=f"event:{delivery.id}:{delivery.attempts}",
        lane=f"webhook:{delivery.endpoint_id}",
        due_at=due_at,
    )
