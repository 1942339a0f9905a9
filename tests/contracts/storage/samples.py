"""Values with good defaults for whoever tests a storage, and the clock and ids that make them predictable."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography import x509

from acuse.as2 import Exchange, MDNMode, SignedForm
from acuse.cms import Digest, KeyPair
from acuse.domain.access import ApiKey, Mode, Scope
from acuse.domain.account import Account, Space, Tenant
from acuse.domain.event import Event, EventKind, MessageState
from acuse.domain.keyring import Certificate, Use
from acuse.domain.message import (
    Attachment,
    Direction,
    Message,
    Priority,
    Problem,
    Receipt,
    ReceiptState,
    Transmission,
    Wire,
)
from acuse.domain.partner import Partner, Terms
from acuse.domain.plan import PlanName
from acuse.domain.station import Station
from acuse.ports import Blob, Directory, Job, JobKind, Unit

NOON = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)


class Clock:
    """The present, until somebody moves it."""

    def __init__(self) -> None:
        self.present = NOON

    def now(self) -> datetime:
        return self.present

    def advance(self, **amount: float) -> datetime:
        self.present += timedelta(**amount)
        return self.present


class Ids:
    """UUIDs of version 7 that differ in each call and not from run to run."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)

    def __call__(self) -> UUID:
        value = (0x019A << 112) | self._random.getrandbits(112)
        value &= ~(0xF << 76) & ~(0x3 << 62)
        return UUID(int=value | 0x7 << 76 | 0x2 << 62)


def write(unit: Unit, value: object) -> None:
    """Store any one value where it belongs. A message may come in a pair with its attachments."""
    match value:
        case Message():
            unit.messages.add(value, [])
        case (Message() as message, list(attachments)):
            unit.messages.add(message, attachments)
        case Receipt():
            unit.messages.add_receipt(value)
        case Blob():
            unit.blobs.add(value)
        case Job():
            unit.jobs.submit(value)
        case Event():
            unit.publish(value)
        case _:
            _write_entry(unit.directory, value)


def _write_entry(directory: Directory, value: object) -> None:
    match value:
        case Account():
            directory.add_account(value)
        case Tenant():
            directory.add_tenant(value)
        case Station():
            directory.add_station(value)
        case Partner():
            directory.add_partner(value)
        case Certificate():
            directory.add_certificate(value)
        case ApiKey():
            directory.add_key(value)
        case _:
            raise TypeError(value)


@dataclass
class World:
    """An account with a tenant, a station and a partner, and makers of what happens between them."""

    new_id: Ids = field(default_factory=Ids)
    station_as2_id: str = "ACME"
    partner_as2_id: str = "Globex"

    def __post_init__(self) -> None:
        self.account = Account(
            id=self.new_id(), handle=1, name="Acme", slug="acme", created_at=NOON, updated_at=NOON, plan=PlanName.FREE
        )
        self.tenant = self.make_tenant()
        self.space = Space(account_id=self.account.id, tenant_id=self.tenant.id)
        self.station = self.make_station()
        self.partner = self.make_partner()

    @property
    def entries(self) -> tuple[object, ...]:
        return self.account, self.tenant, self.station, self.partner

    def make_tenant(self, **changes: Any) -> Tenant:
        tenant = Tenant(
            id=self.new_id(),
            handle=1,
            account_id=self.account.id,
            name="Default",
            slug=f"tenant-{changes.get('handle', 1)}",
            created_at=NOON,
            updated_at=NOON + timedelta(seconds=3),
        )
        return replace(tenant, **changes)

    def make_station(self, **changes: Any) -> Station:
        station = Station(
            id=self.new_id(),
            handle=1,
            account_id=self.account.id,
            tenant_id=self.tenant.id,
            name="Acme headquarters",
            as2_id=self.station_as2_id,
            receive_url="https://acme.test/as2",
            created_at=NOON,
            updated_at=NOON,
        )
        return replace(station, **changes)

    def make_partner(self, **changes: Any) -> Partner:
        partner = Partner(
            id=self.new_id(),
            handle=1,
            account_id=self.account.id,
            tenant_id=self.tenant.id,
            name="Globex",
            as2_id=self.partner_as2_id,
            url="https://globex.test/as2",
            url_is_vouched=True,
            active=False,
            terms=Terms(sign=None, timeout=timedelta(seconds=7.5), receipt_hosts=("mdn.globex.test",)),
            created_at=NOON,
            updated_at=NOON + timedelta(seconds=1),
        )
        return replace(partner, **changes)

    def make_certificate(self, certificate: x509.Certificate, **changes: Any) -> Certificate:
        entry = Certificate(
            id=self.new_id(),
            handle=1,
            tenant_id=self.tenant.id,
            owner_id=self.partner.id,
            name="Globex 2026",
            uses=frozenset({Use.SIGNING}),
            x509_certificate=certificate,
            key_pair=None,
            active_from=NOON,
            active_until=None,
            created_at=NOON,
            updated_at=NOON + timedelta(seconds=2),
        )
        return replace(entry, **changes)

    def make_own_certificate(self, pair: KeyPair, **changes: Any) -> Certificate:
        uses = frozenset({Use.SIGNING, Use.ENCRYPTION})
        return self.make_certificate(
            pair.certificate, **{"owner_id": self.station.id, "uses": uses, "key_pair": pair, **changes}
        )

    def make_key(self, **changes: Any) -> ApiKey:
        key = ApiKey(
            id=self.new_id(),
            handle=1,
            account_id=self.account.id,
            tenant_id=self.tenant.id,
            name="ERP",
            mode=Mode.TEST,
            scopes=frozenset({Scope.READ, Scope.WRITE}),
            hint="pk_test_abc",
            digest=b"\x00" * 32,
            created_at=NOON,
            expires_at=NOON + timedelta(days=1),
        )
        return replace(key, **changes)

    def make_message(self, **changes: Any) -> Message:
        """Fresh and outbound, with nothing that is optional."""
        number = changes.get("handle", 1)
        message = Message(
            id=self.new_id(),
            handle=number,
            account_id=self.account.id,
            tenant_id=self.tenant.id,
            station_id=self.station.id,
            partner_id=self.partner.id,
            direction=Direction.OUTBOUND,
            wire_id=f"<{number}@acme.test>",
            subject=None,
            content_type="application/edi-x12",
            size=10,
            is_signed=True,
            is_encrypted=True,
            is_compressed=False,
            mdn=MDNMode.SYNC,
            transmission=Transmission.QUEUED,
            receipt=ReceiptState.PENDING,
            created_at=NOON + timedelta(seconds=number),
            updated_at=NOON + timedelta(seconds=number),
        )
        return replace(message, **changes)

    def make_full_message(self, blob_id: UUID, **changes: Any) -> Message:
        """With a value in every field, each time another."""
        times = iter(NOON + timedelta(microseconds=number) for number in range(100))
        message = self.make_message(
            subject="Pedido nº 7 “urgente”",
            is_compressed=True,
            transmission=Transmission.RETRY_WAIT,
            receipt_is_late=True,
            priority=Priority.HIGH,
            attempts=3,
            attempt_token=self.new_id(),
            updated_at=next(times),
            scheduled_at=next(times),
            first_attempt_at=next(times),
            last_attempt_at=next(times),
            next_attempt_at=next(times),
            sent_at=next(times),
            delivered_at=next(times),
            receipt_due_at=next(times),
            problem=Problem(code="MDN_TIMEOUT", message="No receipt.", details={"tries": [1, 2.5, None, True, "x"]}),
            custom_headers=(("X-A", "1"), ("X-A", "2")),
            metadata={"order": {"number": 7}},
            wire=Wire(headers=(("AS2-To", '"A B"'), ("Subject", "é")), blob_id=blob_id),
            raw_sha256="ab" * 32,
            exchange=Exchange(
                message_id="<1@acme.test>",
                our_id="ACME",
                their_id="Globex",
                mics={Digest.SHA256: "YQ==", Digest.SHA512: "Yg=="},
                digest=Digest.SHA512,
                mdn=MDNMode.SYNC,
                mdn_signed=True,
            ),
            form=SignedForm.LINE_ENDS,
            repeats=2,
            resend_of=3,
            resent_as=(5, 8),
        )
        return replace(message, **changes)

    def make_attachment(self, blob: Blob, **changes: Any) -> Attachment:
        attachment = Attachment(
            position=1,
            filename="order.x12",
            content_type="application/edi-x12",
            size=blob.size,
            sha256=blob.sha256,
            blob_id=blob.id,
        )
        return replace(attachment, **changes)

    def make_blob(self, data: bytes = b"some bytes") -> Blob:
        return Blob(id=self.new_id(), size=len(data), sha256="cd" * 32, inline=data)

    def make_receipt(self, message: Message, blob: Blob, **changes: Any) -> Receipt:
        receipt = Receipt(
            id=self.new_id(),
            message_id=message.id,
            direction=Direction.INBOUND,
            wire=Wire(headers=(("AS2-From", "Globex"),), blob_id=blob.id),
            disposition="automatic-action/MDN-sent-automatically; processed",
            received_content_mic="YQ==, sha-256",
            original_message_id=message.wire_id,
            reporting_ua="globex",
            final_recipient="Globex",
            text="Thank you.",
            is_signed=True,
            is_verified=True,
            reply_url="https://globex.test/mdn",
            created_at=NOON,
        )
        return replace(receipt, **changes)

    def make_event(self, message: Message, **changes: Any) -> Event:
        event = Event(
            id=self.new_id(),
            account_id=self.account.id,
            tenant_id=self.tenant.id,
            kind=EventKind.MESSAGE_QUEUED,
            subject_id=message.id,
            occurred_at=NOON,
            state=MessageState.of(message),
        )
        return replace(event, **changes)

    def make_job(self, **changes: Any) -> Job:
        job = Job(
            kind=JobKind.SEND_MESSAGE,
            subject_id=self.new_id(),
            key="send:1",
            lane="partner:1",
            due_at=NOON,
            priority=Priority.NORMAL,
            lane_width=7,
        )
        return replace(job, **changes)
