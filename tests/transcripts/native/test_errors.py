"""Errors, as documented: the envelope, each code with its status, and nothing kept of what was refused."""

import http.client
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509

from tests.peers.identity import make_identity
from tests.peers.samples import send_body
from tests.peers.waiting import wait_until
from tests.peers.wire import Reply
from tests.transcripts.native.conftest import Market

PLANS = {"free": 50 << 20, "starter": 100 << 20, "professional": 500 << 20, "enterprise": 2 << 30}
"""The documented limits of a payload."""


@pytest.fixture(autouse=True)
def _nothing_is_kept(market: Market) -> object:
    before = market.ours.messages()
    yield
    assert before == market.ours.messages()


def assert_refused(reply: Reply, status: int, kind: str, code: str) -> dict[str, Any]:
    """The documented envelope with these words. Returns the details."""
    envelope = reply.json
    assert status == reply.status, reply.body
    assert (kind, code) == (envelope["error"]["type"], envelope["error"]["code"])
    assert {"type", "code", "message", "details"} == envelope["error"].keys()
    assert envelope["message"] == envelope["error"]["message"] != ""
    details: dict[str, Any] = envelope["error"]["details"]
    return details


def post(market: Market, **fields: object) -> Reply:
    return market.ours.api("POST", "/v1/messages", body=send_body(market.acme, b"X") | fields)


@pytest.mark.parametrize("partner", ["prt_999999", "prt_000000", "cert_000001"])
@pytest.mark.documented("Errors", "`PARTNER_NOT_FOUND`, 404")
@pytest.mark.documented("Errors", "The envelope `{error: {type, code, message, details}}`")
def test_unknown_partner(market: Market, partner: str) -> None:
    assert_refused(post(market, partner_id=partner), 404, "resource_error", "PARTNER_NOT_FOUND")


@pytest.mark.parametrize("name", ["acme", "other"])
@pytest.mark.documented("Errors", "`PARTNER_INACTIVE`, 400")
def test_partner_that_is_not_active(market: Market, name: str) -> None:
    path = f"/v1/partners/{market.partner(name)}"
    assert 200 == market.ours.api("PATCH", path, body={"active": False}).status

    refused = post(market, partner_id=market.partner(name))

    assert 200 == market.ours.api("PATCH", path, body={"active": True}).status
    assert_refused(refused, 400, "validation_error", "PARTNER_INACTIVE")


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.documented("Errors", "`PAYLOAD_TOO_LARGE`, 413")
@pytest.mark.documented("Plans", "Payloads of 50 MB, 100 MB, 500 MB and 2 GB")
def test_payload_above_the_plan(market: Market, plan: str) -> None:
    limit = PLANS[plan]
    assert 0 == market.ours.cli("account", "set", "--plan", plan).code
    key, kind = market.ours.api_key, "multipart/form-data; boundary=b"

    connection = http.client.HTTPConnection("127.0.0.1", market.ours.port, timeout=20)
    connection.putrequest("POST", "/v1/messages")
    for name, value in (("Authorization", f"Bearer {key}"), ("Content-Type", kind), ("Content-Length", str(limit * 2))):
        connection.putheader(name, value)
    connection.endheaders(b"--b\r\n")
    answer = connection.getresponse()
    envelope = json.loads(answer.read())
    connection.close()

    assert 0 == market.ours.cli("account", "set", "--plan", "enterprise").code
    details = envelope["error"]["details"]
    assert (413, "PAYLOAD_TOO_LARGE") == (answer.status, envelope["error"]["code"])
    assert limit == details["max_size_bytes"] < details["size_bytes"]


@pytest.mark.parametrize("wrong", ["edi", "text/", "a/b/c", "a/b\r\nX: 1", ""])
@pytest.mark.documented(
    "Errors",
    "`INVALID_CONTENT_TYPE`, 400",
    different="Any well-formed media type passes, unless the operator lists some.",
)
def test_content_type_that_is_none(market: Market, wrong: str) -> None:
    refused = post(market, content_type=wrong)

    assert refused.status in (400, 422), refused.body
    if refused.status == 400:
        assert_refused(refused, 400, "validation_error", "INVALID_CONTENT_TYPE")
    else:
        assert ["content_type"] == list(refused.json["errors"])


@pytest.mark.parametrize("headers", [{"AS2-From": "X"}, {"message-id": "<a@b>"}, {"Document-Type": "a\r\nb"}])
@pytest.mark.documented("Errors", "`INVALID_AS2_HEADERS`, 400")
def test_headers_that_the_gateway_sets_itself(market: Market, headers: dict[str, str]) -> None:
    assert_refused(post(market, headers=headers), 400, "validation_error", "INVALID_AS2_HEADERS")


@pytest.mark.documented("Errors", "`ENCRYPTION_FAILED`, 400")
def test_partner_without_a_certificate(market: Market) -> None:
    body = {"name": "Bare", "as2_id": "BARE", "url": "https://example.com/as2"}
    made = market.ours.api("POST", "/v1/partners", body=body).json["data"]

    assert_refused(post(market, partner_id=made["id"]), 400, "security_error", "ENCRYPTION_FAILED")


@pytest.mark.documented("Errors", "`CERTIFICATE_EXPIRED`, 400")
def test_partner_whose_certificate_has_ended(market: Market) -> None:
    short = make_identity("short.test", days=3 / 86400)
    partner = market.ours.add_partner(as2_id="SHORT", url="http://127.0.0.1:9/", certificate=short.certificate)
    end = x509.load_pem_x509_certificate(short.certificate).not_valid_after_utc
    wait_until(lambda: datetime.now(UTC) > end, what="the end of the certificate")

    refused = post(market, partner_id=partner["id"])

    details = assert_refused(refused, 400, "certificate_error", "CERTIFICATE_EXPIRED")
    assert f"{end:%Y-%m-%dT%H:%M:%S}.000000Z" == details["expired_at"]
    assert details["certificate_id"].startswith("cert_")


@pytest.mark.parametrize("key", ["", "pk_live_wrong", "tk_live_0", "Bearer"])
@pytest.mark.documented("Errors", "A missing or wrong key is 401")
def test_wrong_key(market: Market, key: str) -> None:
    refused = market.ours.api("GET", "/v1/messages", key=key)

    assert_refused(refused, 401, "authentication_error", "INVALID_API_KEY")
