"""What goes over the wire, as documented: header fields of AS2, and every algorithm, as the partner opens them."""

import pytest

from tests.peers.samples import AWKWARD, send_body
from tests.transcripts.native.conftest import Market

DIGESTS = {"SHA1withRSA": "sha1", "SHA256withRSA": "sha-256", "SHA384withRSA": "sha-384", "SHA512withRSA": "sha-512"}


def agree(market: Market, **terms: object) -> None:
    reply = market.ours.api("PATCH", f"/v1/partners/{market.other}", body=terms)
    assert 200 == reply.status, reply.body


@pytest.mark.parametrize("name", ["acme", "other"])
@pytest.mark.documented(
    "Protocol", "AS2-From, AS2-To, Message-ID, AS2-Version, Content-Type, Disposition-Notification-To and -Options"
)
def test_message_has_the_documented_header_fields(market: Market, name: str) -> None:
    sent = market.ours.wait_for_end(market.ours.send(send_body(market.partner(name), b"H"))["id"])

    raw = market.ours.api("GET", f"/v1/messages/{sent['id']}/raw").body
    lines = raw.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    fields = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}
    assert "YOUR-AS2-ID" == fields["as2-from"]
    assert sent["to_as2_id"] == fields["as2-to"].strip('"')
    assert f"<{sent['message_id']}>" == fields["message-id"]
    assert fields["as2-version"] in ("1.0", "1.1", "1.2")
    assert fields["content-type"].startswith("application/pkcs7-mime")
    assert fields["disposition-notification-to"]
    assert "signed-receipt-protocol" in fields["disposition-notification-options"]
    assert sent["message_id"] == market.arrived(sent)["message_id"]


@pytest.mark.parametrize("algorithm", ["3DES", "AES128_CBC", "AES192_CBC", "AES256_CBC"])
@pytest.mark.documented("Protocol", "Encryption with 3DES, AES128_CBC, AES192_CBC and AES256_CBC")
def test_message_is_encrypted_as_chosen(market: Market, algorithm: str) -> None:
    agree(market, encrypt_algorithm=algorithm)
    back = market.theirs.cli("partner", "show", "YOUR-AS2-ID", "--json").json["id"]
    accept = {"accept": ["3des", "sha1"]}
    assert 200 == market.theirs.api("PATCH", f"/v1/partners/{back}", body=accept).status

    sent = market.ours.wait_for_end(market.ours.send(send_body(market.other, AWKWARD))["id"])

    assert ("delivered", AWKWARD) == (sent["status"], market.payload_there(sent))
    steps = market.ours.api("GET", f"/v1/messages/{sent['id']}/timeline").json["data"]["steps"]
    [used] = [step["algorithm"] for step in steps if step["step"] == "encrypt"]
    assert algorithm.lower().partition("_")[0] in used.lower().replace("-", "")


@pytest.mark.parametrize("algorithm", DIGESTS)
@pytest.mark.documented("Protocol", "Signatures with SHA1withRSA, SHA256withRSA, SHA384withRSA and SHA512withRSA")
def test_message_is_signed_as_chosen(market: Market, algorithm: str) -> None:
    agree(market, sign_algorithm=algorithm, encrypt=False)
    back = market.theirs.cli("partner", "show", "YOUR-AS2-ID", "--json").json["id"]
    accept = {"accept": ["3des", "sha1"]}
    assert 200 == market.theirs.api("PATCH", f"/v1/partners/{back}", body=accept).status

    sent = market.ours.wait_for_end(market.ours.send(send_body(market.other, AWKWARD, encrypt=False))["id"])

    assert ("delivered", AWKWARD) == (sent["status"], market.payload_there(sent))
    raw = market.ours.api("GET", f"/v1/messages/{sent['id']}/raw").body
    head = raw.partition(b"\r\n\r\n")[0].decode().lower()
    assert DIGESTS[algorithm].replace("-", "") in head.replace("-", "")
