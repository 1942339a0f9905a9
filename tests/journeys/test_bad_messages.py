"""Messages whose content is bad: each gets the negative receipt of RFC 4130, and none of them is ever delivered."""

import pytest

from tests.journeys.meeting import PAYLOAD, Meeting
from tests.peers.outgoing import Letter, encrypted, signed
from tests.peers.receipts import read_receipt

pytestmark = pytest.mark.usefixtures("openssl_is_there")


def test_good_message_is_taken(meeting: Meeting) -> None:
    reply = meeting.sender.prepare(meeting.good_letter()).post()

    assert "processed" == read_receipt(reply.headers, reply.body).status


@pytest.mark.rfc(4130, "7.5.3")
def test_message_encrypted_for_another_key_is_decryption_failed(meeting: Meeting) -> None:
    letter = encrypted(signed(Letter.plain(PAYLOAD), meeting.identity), meeting.stranger.certificate)

    receipt = meeting.refusal(meeting.sender.prepare(letter))

    assert "processed/error: decryption-failed" == receipt.status
    assert receipt.mic is None


@pytest.mark.rfc(4130, "7.5.3")
def test_message_signed_by_a_stranger_is_authentication_failed(meeting: Meeting) -> None:
    letter = encrypted(signed(Letter.plain(PAYLOAD), meeting.stranger), meeting.gateway.certificate)

    receipt = meeting.refusal(meeting.sender.prepare(letter))

    assert "processed/error: authentication-failed" == receipt.status


@pytest.mark.rfc(4130, "7.5.3")
def test_signed_content_with_one_byte_changed_fails_the_integrity_check(meeting: Meeting) -> None:
    genuine = signed(Letter.plain(PAYLOAD), meeting.identity)
    tampered = Letter(entity=genuine.entity.replace(b"000000001", b"000000002"), covered=b"")

    receipt = meeting.refusal(meeting.sender.prepare(encrypted(tampered, meeting.gateway.certificate)))

    assert receipt.status in (
        "processed/error: integrity-check-failed",
        "processed/error: authentication-failed",
    )


def test_signature_over_another_message_is_refused(meeting: Meeting) -> None:
    genuine = signed(Letter.plain(PAYLOAD), meeting.identity)
    body = genuine.entity.replace(b"Content-Type: application/edi-x12", b"Content-Type: text/html")

    receipt = meeting.refusal(
        meeting.sender.prepare(encrypted(Letter(entity=body, covered=b""), meeting.gateway.certificate))
    )

    assert receipt.status.startswith("processed/error: ")


def test_no_changed_byte_changes_what_is_delivered(meeting: Meeting) -> None:
    """Not every byte is protected (RFC 4130 protects the signed entity, not the headers around it), but whatever is
    changed: either the message is refused, or what is delivered is what was signed."""
    letter = meeting.good_letter()
    outcomes = set()
    for position in range(5, len(letter.body), len(letter.body) // 40):
        changed = bytearray(letter.body)
        changed[position] ^= 1
        posting = meeting.sender.prepare(letter, change=lambda _, changed=bytes(changed): changed)  # type: ignore[misc]
        receipt = meeting.receipt(posting)
        outcomes.add(receipt.status)
        if receipt.status == "processed":
            [message] = meeting.gateway.inbound(posting.message_id)
            assert (PAYLOAD, letter.mic) == (meeting.gateway.payload(message["id"]).body, receipt.mic), position
        else:
            meeting.assert_not_delivered(posting.message_id)
    assert {"processed/error: decryption-failed"} < outcomes, outcomes


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_message_that_ends_too_early_gets_a_negative_receipt(meeting: Meeting, kept: float) -> None:
    posting = meeting.sender.prepare(meeting.good_letter(), change=lambda body: body[: int(len(body) * kept)])

    assert meeting.refusal(posting).status.startswith("processed/error: ")


@pytest.mark.rfc(4130, "7.5.3")
def test_message_that_is_not_as_secure_as_agreed_is_refused(meeting: Meeting) -> None:
    letters = {
        "not encrypted": signed(Letter.plain(PAYLOAD), meeting.identity),
        "not signed": encrypted(Letter.plain(PAYLOAD), meeting.gateway.certificate),
        "neither": Letter.plain(PAYLOAD),
    }
    for name, letter in letters.items():
        receipt = meeting.refusal(meeting.sender.prepare(letter))

        assert "processed/error: insufficient-message-security" == receipt.status, name


def test_payload_with_broken_base64_gets_a_negative_receipt(meeting: Meeting) -> None:
    headers = {"Content-Type": "application/edi-x12", "Content-Transfer-Encoding": "base64"}
    letter = encrypted(signed(Letter.plain(b"SVNB@@@@*\r\n=A", headers), meeting.identity), meeting.gateway.certificate)

    assert "processed/error: unexpected-processing-error" == meeting.refusal(meeting.sender.prepare(letter)).status


def test_refused_message_is_kept_and_visible_with_its_reason(meeting: Meeting) -> None:
    letter = encrypted(signed(Letter.plain(PAYLOAD), meeting.stranger), meeting.gateway.certificate)
    posting = meeting.sender.prepare(letter)

    meeting.refusal(posting)

    [message] = meeting.gateway.inbound(posting.message_id)
    assert "failed" == message["status"]
    assert message["error"]["message"]


@pytest.mark.rfc(4130, "7.3")
def test_receipt_that_asks_for_an_unknown_algorithm_is_told_so(meeting: Meeting) -> None:
    options = "signed-receipt-protocol=required, pkcs7-signature; signed-receipt-micalg=required, md4"
    reply = meeting.sender.prepare(meeting.good_letter(), receipt=options).post()

    receipt = read_receipt(reply.headers, reply.body)
    assert "failed/failure: unsupported mic-algorithms" == receipt.status
