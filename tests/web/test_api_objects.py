"""The objects of stations, partners and messages, as the API and the command line show them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography import x509

from acuse.as2 import Compression, MDNMode
from acuse.cms import AnyCipher, Cipher, DecrepitCipher, DecrepitDigest, Digest
from acuse.domain.message import Direction, Receipt, ReceiptState, Transmission, Wire
from acuse.domain.partner import Partner, Terms
from acuse.ports import MessageView, PartnerView
from acuse.web.api.handles import parse_id, public_id
from acuse.web.api.objects import iso, message_object, station_object
from acuse.web.api.partner_objects import partner_object
from tests.web.client import Client
from tests.web.conftest import World
from tests.web.test_api_send import wish


def test_a_station_shows_the_certificate_that_partners_need(shared_world: World) -> None:
    certificates = shared_world.ports.views.certificates(shared_world.station.id)

    shown = station_object(shared_world.station, certificates, is_default=True)

    assert {
        "id": "stn_000001",
        "name": "Acme",
        "as2_id": "ACME",
        "receive_url": "http://127.0.0.1:8080/as2",
        "email": None,
        "default": True,
        "certificate": shown["certificate"],
        "created_at": iso(shared_world.station.created_at),
        "updated_at": iso(shared_world.station.updated_at),
    } == shown
    assert certificates[0].x509_certificate == x509.load_pem_x509_certificate(str(shown["certificate"]).encode())
    assert "PRIVATE" not in json.dumps(shown)


def test_of_several_certificates_a_station_shows_the_newest(shared_world: World) -> None:
    (first,) = shared_world.ports.views.certificates(shared_world.station.id)
    (other,) = shared_world.ports.views.certificates(shared_world.partner.id)
    newer = replace(other, active_from=first.active_from + timedelta(days=1), handle=first.handle + 1)

    shown = [
        station_object(shared_world.station, entries, is_default=True) for entries in ([newer, first], [first, newer])
    ]

    assert shown[0] == shown[1]
    assert station_object(shared_world.station, [newer], is_default=True) == shown[0]


def test_a_station_without_a_certificate_shows_none(shared_world: World) -> None:
    assert station_object(shared_world.station, [], is_default=True)["certificate"] is None


def test_a_partner_shows_its_terms_and_certificates(shared_world: World) -> None:
    certificates = shared_world.ports.views.certificates(shared_world.partner.id)
    certificate = certificates[0].x509_certificate

    view = shared_world.ports.views.partner_view(shared_world.partner.id)
    shown: dict[str, Any] = partner_object(view, now=shared_world.ports.world.now())

    assert {
        "id": "prt_000001",
        "type": "tenant",
        "name": "Globex",
        "as2_id": "GLOBEX",
        "url": "http://127.0.0.1:9/as2",
        "email": None,
        "active": True,
        "sign": True,
        "encrypt": True,
        "compress": False,
        "compression": "none",
        "mdn_mode": "sync",
        "mdn_signed": True,
        "mdn_url": None,
        "receipt_within": 14400,
        "sign_algorithm": "SHA256withRSA",
        "encrypt_algorithm": "AES128_CBC",
        "signature_scheme": "pkcs1v15",
        "key_transport": "pkcs1v15",
        "accept": [],
        "login_user": None,
        "signing_authorities": None,
        "accept_unsigned_receipts": False,
        "sign_every_receipt": False,
        "check_filenames": False,
        "profile": "as2-1.1",
        "quirks": [],
        "unknown_relation": None,
        "demand": ["signed", "encrypted"],
        "receipt_hosts": [],
        "timeout": 60,
        "retry_attempts": None,
        "retry_interval": None,
        "retry_first": 2,
        "retry_longest": 3600,
        "retry_for": 86400,
        "ask_again": 0,
        "http": {
            "authorities": None,
            "redirect_hosts": [],
            "chunked": False,
            "keep_alive": True,
            "connect_timeout": 20,
            "concurrency": 4,
            "authentication": "basic",
            "basic_user": None,
            "basic_password": None,
            "client_certificate": None,
            "client_key": None,
            "headers": {},
        },
        "accept_expired_until": None,
        "encryption_cert_id": "cert_000002",
        "signing_cert_id": "cert_000002",
        "certificates": [
            {
                "id": f"cert_{certificates[0].handle:06d}",
                "name": "Globex",
                "fingerprint": shown["certificates"][0]["fingerprint"],
                "subject": certificate.subject.rfc4514_string(),
                "uses": ["encryption", "signing"],
                "not_before": iso(certificate.not_valid_before_utc),
                "expires_at": iso(certificate.not_valid_after_utc),
            }
        ],
        "created_at": iso(shared_world.partner.created_at),
        "updated_at": iso(shared_world.partner.updated_at),
    } == shown


def shown_as(partner: Partner) -> dict[str, object]:
    return partner_object(PartnerView(partner=partner), now=partner.updated_at)


def test_a_partner_with_other_terms_shows_those(shared_world: World) -> None:
    terms = Terms(
        sign=Digest.SHA512,
        encrypt=None,
        compression=Compression.AFTER_SIGN,
        mdn=MDNMode.ASYNC,
        mdn_signed=False,
        demand_signed=False,
        demand_encrypted=True,
    )

    shown = shown_as(replace(shared_world.partner, terms=terms, active=False))

    assert {
        "active": False,
        "sign": True,
        "sign_algorithm": "SHA512withRSA",
        "encrypt": False,
        "encrypt_algorithm": None,
        "compress": True,
        "compression": "after_sign",
        "mdn_mode": "async",
        "mdn_signed": False,
        "demand": ["encrypted"],
        "certificates": [],
    }.items() <= shown.items()


@pytest.mark.parametrize(
    ("cipher", "name"),
    [(Cipher.AES192_CBC, "AES192_CBC"), (Cipher.AES128_GCM, "AES128_GCM"), (DecrepitCipher.DES_EDE3_CBC, "3DES")],
)
def test_a_cipher_has_the_name_of_the_document(shared_world: World, cipher: AnyCipher, name: str) -> None:
    partner = replace(shared_world.partner, terms=Terms(encrypt=cipher, sign=DecrepitDigest.SHA1))

    shown = shown_as(partner)

    assert (name, "SHA1withRSA") == (shown["encrypt_algorithm"], shown["sign_algorithm"])


@pytest.fixture(scope="module")
def view(shared_world: World, shared_client: Client) -> MessageView:
    shared_client.api("POST", "/v1/messages", wish())
    return shared_world.ports.views.message(shared_world.space, 1)


def test_a_late_receipt_leaves_the_message_failed_and_says_so(view: MessageView) -> None:
    late = replace(
        view.message, transmission=Transmission.TRANSMITTED, receipt=ReceiptState.POSITIVE, receipt_is_late=True
    )

    shown = message_object(replace(view, message=late), detail=True)

    assert ("failed", "received", True) == (shown["status"], shown["mdn_status"], shown["late_receipt"])


@pytest.mark.parametrize(
    ("wire_id", "shown"), [("<a@b>", "a@b"), ("no-brackets", "no-brackets"), (" <a b> ", "a b"), ("<<x>>", "<x>")]
)
def test_the_message_id_is_shown_without_its_brackets(view: MessageView, wire_id: str, shown: str) -> None:
    message = replace(view.message, wire_id=wire_id)

    assert shown == message_object(replace(view, message=message), detail=False)["message_id"]


def test_a_receipt_is_shown_with_the_bare_mic(view: MessageView) -> None:
    receipt = Receipt(
        id=view.message.id,
        message_id=view.message.id,
        direction=Direction.INBOUND,
        wire=Wire(headers=(), blob_id=view.message.id),
        disposition="automatic-action/MDN-sent-automatically; processed",
        received_content_mic="abc+/=, sha-256",
        original_message_id="<a@b>",
        reporting_ua="Peer/1",
        final_recipient="rfc822; GLOBEX",
        text="Thanks",
        is_signed=True,
        is_verified=True,
        reply_url=None,
        created_at=view.message.created_at,
    )

    shown = message_object(replace(view, receipt=receipt), detail=True)["mdn_data"]

    assert {
        "disposition": "automatic-action/MDN-sent-automatically; processed",
        "received_content_mic": "abc+/=",
        "reporting_ua": "Peer/1",
        "original_message_id": "a@b",
        "final_recipient": "rfc822; GLOBEX",
        "signed": True,
        "verified": True,
    } == shown


def test_times_are_in_utc_with_six_digits() -> None:
    madrid = timezone(timedelta(hours=1))

    assert "2024-01-15T10:30:00.000000Z" == iso(datetime(2024, 1, 15, 11, 30, tzinfo=madrid))
    assert "2024-01-15T10:30:00.000007Z" == iso(datetime(2024, 1, 15, 10, 30, 0, 7, tzinfo=UTC))
    assert iso(None) is None


@pytest.mark.parametrize("number", [1, 999999, 1000000, 10**17])
def test_a_public_id_is_read_back(number: int) -> None:
    assert number == parse_id("msg", public_id("msg", number))


@pytest.mark.parametrize(
    "text", ["msg_1", "msg_0000001", "prt_000001", "msg-000001", "msg_00000x", "msg_٠٠٠٠٠١", "", "_"]
)
def test_what_is_no_public_id_of_ours_is_none(text: str) -> None:
    assert parse_id("msg", text) is None
