"""Changing a certificate without a gap, in each of the six uses; and certificates that have ended.

The six: verify a message, verify a receipt, decrypt, encrypt, sign a message, sign a receipt.
"""

from datetime import datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from acuse.as2 import MDNMode
from acuse.cms import KeyPair, self_signed
from acuse.domain.keyring import Certificate, CertificatesUsed, Use
from acuse.domain.message import Message, ReceiptState, Transmission
from acuse.domain.partner import Terms
from acuse.errors import CertificateExpired, EncryptionFailed, InvalidInput
from acuse.ports import MessageView
from acuse.services.manage_certificates import (
    Serving,
    accept_expired,
    add_certificate,
    add_key_pair,
    retire_certificate,
)
from acuse.services.receive_message import Answer
from tests.services.conftest import Neighbours
from tests.services.house import House, bytes_of

DAY = timedelta(days=1)
POSITIVE = (Transmission.TRANSMITTED, ReceiptState.POSITIVE)


@cache
def make_pair(name: str, start: datetime, end: datetime) -> KeyPair:
    return self_signed(name, not_before=start, not_after=end)


def next_pair(house: House, *, active_from: datetime | None = None, uses: frozenset[Use] = frozenset(Use)) -> KeyPair:
    """The next key pair of a house, on its own side."""
    now = house.world.now()
    pair = make_pair(f"{house.as2_id} next", now - DAY, now + 2000 * DAY)
    add_key_pair(house.ports, house.station, pair, Serving(active_from=active_from, uses=uses))
    return pair


def learn(house: House, certificate: x509.Certificate, *, active_from: datetime | None = None) -> Certificate:
    """The next certificate of the partner, on this side."""
    assert house.partner
    return add_certificate(house.ports, house.partner, certificate, Serving(active_from=active_from)).entry


def exchange(sender: House, receiver: House) -> tuple[Message, Message]:
    """A message with its receipt: as the sender and as the receiver have it."""
    message = sender.accept()
    sender.send(message, receiver)
    return sender.message(message), receiver.inbound()[0].message


def states(message: Message) -> tuple[Transmission, ReceiptState]:
    return message.transmission, message.receipt


def used(house: House, message: Message) -> list[str | None]:
    """The certificates that a message used, by their numbers here: signer, recipient, signer of the receipt."""
    numbers = {each.entry.fingerprint: each.entry.public_id for each in house.ports.views.held_certificates()}
    noted = message.certificates
    return [name and numbers[name] for name in (noted.signer, noted.recipient, noted.receipt_signer)]


def first_use(house: House, number: str) -> datetime | None:
    [entry] = [each.entry for each in house.ports.views.held_certificates() if each.entry.public_id == number]
    return entry.first_used_at


def code_of(view: MessageView) -> str:
    assert view.message.problem
    return view.message.problem.code


def reason_of(view: MessageView) -> str:
    assert view.message.problem
    return view.message.problem.message


# Numbers: on each side cert_000001 is its own, cert_000002 the partner's, cert_000003 the next one.


def test_every_use_is_noted_on_both_sides(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()

    sent, received = exchange(acme, globex)

    assert ["cert_000001", "cert_000002", "cert_000002"] == used(acme, sent)
    assert ["cert_000002", "cert_000001", "cert_000001"] == used(globex, received)


def test_message_is_signed_with_the_old_certificate_until_the_switch_and_verified_throughout(
    neighbours: Neighbours,
) -> None:
    acme, globex = neighbours.meet()
    switch = neighbours.world.now() + 14 * DAY
    learn(globex, next_pair(acme, active_from=switch).certificate)
    signers, first_uses = [], []

    for step in (timedelta(), 14 * DAY, DAY):
        neighbours.world.advance(step)
        sent, received = exchange(acme, globex)
        assert POSITIVE == states(sent)
        signers.append((used(acme, sent)[0], used(globex, received)[0]))
        first_uses.append(first_use(globex, "cert_000003"))

    assert [("cert_000001", "cert_000002"), *[("cert_000003", "cert_000003")] * 2] == signers
    assert [None, switch, switch] == first_uses


def test_receipt_is_signed_with_the_old_certificate_until_the_switch_and_verified_throughout(
    neighbours: Neighbours,
) -> None:
    acme, globex = neighbours.meet()
    switch = neighbours.world.now() + 14 * DAY
    learn(acme, next_pair(globex, active_from=switch).certificate)
    signers, first_uses = [], []

    for step in (timedelta(), 14 * DAY, DAY):
        neighbours.world.advance(step)
        sent, received = exchange(acme, globex)
        assert POSITIVE == states(sent)
        signers.append((used(globex, received)[2], used(acme, sent)[2]))
        first_uses.append(first_use(acme, "cert_000003"))

    assert [("cert_000001", "cert_000002"), *[("cert_000003", "cert_000003")] * 2] == signers
    assert [None, switch, switch] == first_uses


def test_message_is_encrypted_to_the_old_certificate_until_the_switch_and_decrypted_throughout(
    neighbours: Neighbours,
) -> None:
    acme, globex = neighbours.meet()
    switch = neighbours.world.now() + 14 * DAY
    learn(acme, next_pair(globex, active_from=switch).certificate, active_from=switch)
    recipients, first_uses = [], []

    for step in (timedelta(), 14 * DAY, DAY):
        neighbours.world.advance(step)
        sent, received = exchange(acme, globex)
        assert POSITIVE == states(sent)
        recipients.append((used(acme, sent)[1], used(globex, received)[1]))
        first_uses.append(first_use(globex, "cert_000003"))

    assert [("cert_000002", "cert_000001"), *[("cert_000003", "cert_000003")] * 2] == recipients
    assert [None, switch, switch] == first_uses


def test_a_partner_that_switches_before_us_is_understood(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    later = neighbours.world.now() + 14 * DAY
    learn(acme, next_pair(globex, active_from=later).certificate)  # ACME encrypts to it at once
    learn(globex, next_pair(acme).certificate, active_from=later)  # ACME signs with it at once

    sent, _ = exchange(acme, globex)
    answered, received = exchange(globex, acme)

    assert POSITIVE == states(sent) == states(answered)
    assert ["cert_000004", "cert_000003", "cert_000002"] == used(acme, sent)
    assert ["cert_000002", "cert_000001", "cert_000004"] == used(acme, received)


def test_a_late_partner_may_use_the_old_certificates_until_they_are_retired(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    next_pair(globex)
    learn(globex, next_pair(acme, active_from=neighbours.world.now() + 900 * DAY).certificate)

    during = exchange(acme, globex)
    for entry in globex.ports.views.certificates(globex.station.id)[:1]:
        retire_certificate(globex.ports, entry.id)
    after = exchange(acme, globex)

    assert ["cert_000002", "cert_000001", "cert_000003"] == used(globex, during[1])
    assert ReceiptState.INVALID is states(during[0])[1], "ACME does not know the next certificate of GLOBEX"
    assert ReceiptState.INVALID is states(after[0])[1]
    refused = globex.inbound()[0]
    assert "DECRYPTION_FAILED" == code_of(refused)
    assert "encrypted to our certificate cert_000001, which was taken out of use on 2026-11-20" in reason_of(refused)


# ── What has ended ────────────────────────────────────────────────────────────────────────────────────────────────────


def built(sender: House) -> tuple[Message, tuple[tuple[str, str], ...], bytes]:
    message = sender.accept()
    attempt = sender.begin(message)
    return message, tuple(attempt.headers), bytes_of(attempt.body)


def words_of(answer: Answer) -> list[bytes]:
    """What a receipt says, without what differs from message to message."""
    lines = answer.body.split(b"pkcs7-signature;")[0].splitlines()
    return [line for line in lines if not any(mark in line for mark in (b"MSG_", b"TOKEN"))]


def test_a_message_signed_with_an_expired_certificate_is_refused_for_one_clear_reason(
    neighbours: Neighbours,
) -> None:
    acme, globex = neighbours.meet(Terms(encrypt=None, demand_encrypted=False))
    neighbours.world.present = acme.certificate.not_valid_after_utc - timedelta(hours=1)
    _, headers, body = built(acme)
    neighbours.world.advance(2 * DAY)
    next_pair(globex)

    answer = globex.take(headers, body)

    [refused] = globex.inbound()
    day = f"{acme.certificate.not_valid_after_utc:%Y-%m-%d}"
    assert f"signed with the partner's certificate cert_000002, which expired on {day}" in reason_of(refused)
    assert "AUTHENTICATION_FAILED" == code_of(refused)
    assert () == refused.attachments
    assert b"authentication-failed" in answer.body
    assert f"The certificate that signed the message expired on {day}.".encode() in answer.body
    assert ["refused"] == globex.events()
    assert ["cert_000002", None, "cert_000003"] == used(globex, refused.message)
    assert first_use(globex, "cert_000002") is None


def test_what_is_encrypted_to_an_expired_certificate_looks_like_any_failure_to_decrypt(
    neighbours: Neighbours,
) -> None:
    acme, globex = neighbours.meet()
    neighbours.world.present = globex.certificate.not_valid_after_utc - timedelta(hours=1)
    _, headers, body = built(acme)
    neighbours.world.advance(2 * DAY)
    stranger = make_pair("stranger", neighbours.world.now() - DAY, neighbours.world.now() + DAY)
    next_pair(globex)
    learn(globex, next_pair(acme).certificate)
    learn(acme, stranger.certificate)
    _, other_headers, other_body = built(acme)

    expired, unknown = globex.take(headers, body), globex.take(other_headers, other_body)

    newest, oldest = globex.inbound()
    day = f"{globex.certificate.not_valid_after_utc:%Y-%m-%d}"
    assert f"encrypted to our certificate cert_000001, which expired on {day}" in reason_of(oldest)
    assert "cert_" not in reason_of(newest)
    assert b"decryption-failed" in expired.body
    assert words_of(expired) == words_of(unknown)


def test_a_message_is_not_encrypted_to_an_expired_certificate(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(sign=None, mdn_signed=False, demand_signed=False))
    neighbours.world.present = globex.certificate.not_valid_after_utc + DAY

    with pytest.raises(CertificateExpired, match=r"The certificate cert_000002 expired on .*accept expired") as refused:
        acme.accept()

    assert "cert_000002" == refused.value.details["certificate_id"]


def test_a_message_is_not_encrypted_to_a_retired_certificate_whatever_is_accepted(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet(Terms(accept_expired_until=neighbours.world.now() + 9000 * DAY))
    assert acme.partner
    retire_certificate(acme.ports, acme.ports.views.certificates(acme.partner.id)[0].id)

    with pytest.raises(EncryptionFailed):
        acme.accept()


def test_expired_certificates_pass_until_the_date_that_was_agreed_and_the_log_is_told(
    neighbours: Neighbours,
) -> None:
    until = neighbours.world.now() + 900 * DAY
    acme, globex = neighbours.meet(Terms(accept_expired_until=until))
    neighbours.world.present = until - DAY
    assert globex.certificate.not_valid_after_utc < neighbours.world.now()

    message = acme.accept()
    attempt = acme.begin(message)
    answer = globex.take(attempt.headers, bytes_of(attempt.body))

    assert ("cert_000001", "cert_000002") == attempt.expired
    assert ("cert_000001", "cert_000002") == answer.expired
    [received] = globex.inbound()
    assert Transmission.RECEIVED is received.message.transmission
    neighbours.world.advance(DAY)
    with pytest.raises(CertificateExpired):
        acme.accept()


def test_a_receipt_signed_with_a_certificate_that_just_expired_still_counts(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(mdn=MDNMode.ASYNC))
    neighbours.world.present = globex.certificate.not_valid_after_utc - timedelta(minutes=1)
    message = acme.accept()
    acme.send(message, globex)
    receipt = globex.inbound()[0].receipt
    assert receipt
    neighbours.world.advance(timedelta(hours=1))

    answer = acme.take(receipt.wire.headers, globex.read(receipt.wire.blob_id))

    assert POSITIVE == states(acme.message(message))
    assert ("cert_000002",) == answer.expired
    assert "cert_000002" == used(acme, acme.message(message))[2]


def test_a_receipt_signed_with_a_certificate_that_expired_long_ago_proves_nothing(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(mdn=MDNMode.ASYNC))
    neighbours.world.present = globex.certificate.not_valid_after_utc - timedelta(minutes=1)
    message = acme.accept()
    acme.send(message, globex)
    receipt = globex.inbound()[0].receipt
    assert receipt
    neighbours.world.advance(8 * DAY)

    acme.take(receipt.wire.headers, globex.read(receipt.wire.blob_id))

    judged = acme.view(message)
    assert ReceiptState.PENDING is judged.message.receipt
    assert "cert_000002, which expired on" in reason_of(judged)
    assert first_use(acme, "cert_000002") is None


def test_a_certificate_that_was_renewed_with_the_same_key_is_the_one_that_counts(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(encrypt=None, demand_encrypted=False))
    [entry] = acme.ports.views.certificates(acme.station.id)
    assert entry.key_pair
    neighbours.world.present = acme.certificate.not_valid_after_utc - timedelta(hours=1)
    _, headers, body = built(acme)
    neighbours.world.advance(DAY)
    renewed = renew(entry.key_pair, neighbours.world.now())
    learn(globex, renewed)

    globex.take(headers, body)

    [received] = globex.inbound()
    assert Transmission.RECEIVED is received.message.transmission
    assert "cert_000003" == used(globex, received.message)[0]


def test_a_message_that_used_no_certificate_notes_none(neighbours: Neighbours) -> None:
    open_terms = Terms(sign=None, encrypt=None, mdn_signed=False, demand_signed=False, demand_encrypted=False)
    acme, globex = neighbours.meet(open_terms)

    sent, received = exchange(acme, globex)

    assert CertificatesUsed() == sent.certificates == received.certificates


def renew(pair: KeyPair, now: datetime) -> x509.Certificate:
    name = pair.certificate.subject
    assert isinstance(pair.private_key, RSAPrivateKey)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(pair.private_key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - DAY).not_valid_after(now + DAY).sign(pair.private_key, SHA256())


def test_the_operator_lets_expired_certificates_pass_with_one_partner_and_ends_that(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(sign=None, mdn=MDNMode.NONE, demand_signed=False))
    now = neighbours.world.now()
    neighbours.world.present = globex.certificate.not_valid_after_utc + DAY
    assert acme.partner
    with pytest.raises(InvalidInput, match="a time in the future"):
        accept_expired(acme.ports, acme.partner, now)

    changed = accept_expired(acme.ports, acme.partner, neighbours.world.now() + 9 * DAY)
    attempt = acme.begin(acme.accept())
    accept_expired(acme.ports, acme.partner, None)

    assert ("cert_000002",) == attempt.expired
    assert neighbours.world.now() + 9 * DAY == changed.terms.accept_expired_until
    with pytest.raises(CertificateExpired):
        acme.accept()


def test_an_expired_certificate_of_a_partner_may_be_added_where_that_was_agreed(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet(Terms(accept_expired_until=neighbours.world.now() + DAY))
    now = neighbours.world.now()

    added = learn(acme, make_pair("GLOBEX old", now - 9 * DAY, now - DAY).certificate)

    assert "cert_000003" == added.public_id
