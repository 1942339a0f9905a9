"""Bad calls to the API: each gets its documented status and code, and leaves nothing behind."""

from collections.abc import Callable

import pytest

from tests.peers.gateway import Gateway, multipart_form
from tests.peers.identity import Identity
from tests.peers.samples import send_body
from tests.peers.wire import Reply


@pytest.fixture(scope="module")
def gateway(start_gateway: Callable[[str], Gateway]) -> Gateway:
    return start_gateway("ACME")


@pytest.fixture(scope="module")
def partner_id(gateway: Gateway, partner_identity: Identity) -> str:
    added = gateway.add_partner(as2_id="GLOBEX", url="http://127.0.0.1:9/", certificate=partner_identity.certificate)
    handle: str = added["id"]
    return handle


@pytest.fixture(autouse=True)
def _nothing_was_accepted(gateway: Gateway, partner_id: str) -> object:
    yield
    assert [] == gateway.messages()


def code_of(reply: Reply) -> str:
    code: str = reply.json["error"]["code"]
    return code


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/msg_000001", "/v1/messages/msg_000001/payload"])
@pytest.mark.parametrize("key", ["", "pk_live_wrong", "pk_live_"])
def test_call_without_a_known_key_is_401(gateway: Gateway, path: str, key: str) -> None:
    reply = gateway.api("GET", path, key=key)

    assert (401, "INVALID_API_KEY") == (reply.status, code_of(reply))
    assert reply.header("WWW-Authenticate")


def test_post_without_a_key_is_401(gateway: Gateway, partner_id: str) -> None:
    reply = gateway.api("POST", "/v1/messages", body=send_body(partner_id, b"X"), key="")

    assert (401, "INVALID_API_KEY") == (reply.status, code_of(reply))


def test_key_that_may_only_read_gets_403_for_sending(gateway: Gateway, partner_id: str) -> None:
    made = gateway.cli("key", "create", "--mode", "live", "--scopes", "read", "--json").json
    text = made["api_key"]

    reply = gateway.api("POST", "/v1/messages", body=send_body(partner_id, b"X"), key=text)

    assert (403, "INSUFFICIENT_SCOPE") == (reply.status, code_of(reply))
    assert "write" == reply.json["error"]["details"]["required_scope"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"payload": {"content": ""}}, "payload.content"),
        ({"payload": {"content": "", "encoding": "base64"}}, "payload.content"),
        ({"payload": {"content": "@@not base64@@", "encoding": "base64"}}, "payload.content"),
        ({"payload": {"content": "QUJ", "encoding": "base64"}}, "payload.content"),
        ({"payload": {"content": "X", "encoding": "utf-7"}}, "payload.encoding"),
        ({"payload": {"content": "X", "filename": ""}}, "payload.filename"),
        ({"payload": {"content": "X", "filename": "f" * 256}}, "payload.filename"),
        ({"payload": {"content": 7}}, "payload.content"),
        ({"payload": {}}, "payload.content"),
        ({"payload": None}, "payload"),
        ({"partner_id": None}, "partner_id"),
        ({"content_type": None}, "content_type"),
        ({"subject": "s" * 256}, "subject"),
        ({"priority": "urgent"}, "priority"),
        ({"compress": "maybe"}, "compress"),
        ({"mdn_mode": "later"}, "mdn_mode"),
        ({"scheduled_at": "2001-01-01T00:00:00Z"}, "scheduled_at"),
        ({"scheduled_at": "soon"}, "scheduled_at"),
        ({"headers": ["A"]}, "headers"),
    ],
)
def test_wrong_field_is_422_and_named(gateway: Gateway, partner_id: str, change: dict[str, object], field: str) -> None:
    body = {name: value for name, value in (send_body(partner_id, b"X") | change).items() if value is not None}

    reply = gateway.api("POST", "/v1/messages", body=body)

    assert (422, "VALIDATION_FAILED") == (reply.status, code_of(reply)), reply.body
    assert any(name.startswith(field) for name in reply.json["errors"]), reply.json


def test_body_that_is_no_json_is_refused(gateway: Gateway) -> None:
    for broken in (b"{", b"\xff\xfe", b"[]", b"null", b'"text"'):
        reply = gateway.api("POST", "/v1/messages", body=broken, headers={"Content-Type": "application/json"})

        assert reply.status in (400, 422), (broken, reply)
        assert reply.json["error"]["code"]


def test_body_of_another_type_is_refused(gateway: Gateway) -> None:
    reply = gateway.api("POST", "/v1/messages", body=b"ISA~", headers={"Content-Type": "application/edi-x12"})

    assert reply.status in (400, 415)


def test_unknown_partner_is_404(gateway: Gateway) -> None:
    for unknown in ("prt_999999", "GLOBEX", "prt_", "msg_000001"):
        reply = gateway.api("POST", "/v1/messages", body=send_body(unknown, b"X"))

        assert (404, "PARTNER_NOT_FOUND") == (reply.status, code_of(reply)), unknown


def test_content_type_that_is_none_is_400(gateway: Gateway, partner_id: str) -> None:
    for wrong in ("edi", "a/b\r\nX-Injected: 1", "text/", "a b/c"):
        reply = gateway.api("POST", "/v1/messages", body=send_body(partner_id, b"X") | {"content_type": wrong})

        assert reply.status in (400, 422), wrong


def test_custom_header_that_would_change_the_protocol_is_400(gateway: Gateway, partner_id: str) -> None:
    for name, value in (("AS2-To", "X"), ("Content-Length", "0"), ("X-Ok", "a\r\nAS2-To: b"), ("bad name", "x")):
        reply = gateway.api("POST", "/v1/messages", body=send_body(partner_id, b"X", headers={name: value}))

        assert (400, "INVALID_AS2_HEADERS") == (reply.status, code_of(reply)), name


def test_form_without_a_file_or_with_an_empty_one_is_422(gateway: Gateway, partner_id: str) -> None:
    fields = [("partner_id", partner_id), ("content_type", "application/edi-x12")]
    for files in ([], [("file", "empty.edi", b"")]):
        content_type, body = multipart_form(fields, files)

        reply = gateway.api("POST", "/v1/messages", body=body, headers={"Content-Type": content_type})

        assert (422, "VALIDATION_FAILED") == (reply.status, code_of(reply)), files


def test_form_that_breaks_off_is_refused(gateway: Gateway, partner_id: str) -> None:
    fields = [("partner_id", partner_id), ("content_type", "application/edi-x12")]
    content_type, body = multipart_form(fields, [("file", "order.edi", b"ISA~")])

    reply = gateway.api("POST", "/v1/messages", body=body[:-12], headers={"Content-Type": content_type})

    assert reply.status in (400, 422)


@pytest.mark.parametrize("message_id", ["msg_999999", "msg_0", "nonsense", "prt_000001", "%2e%2e"])
def test_unknown_message_is_404(gateway: Gateway, message_id: str) -> None:
    for suffix in ("", "/payload"):
        reply = gateway.api("GET", f"/v1/messages/{message_id}{suffix}")

        assert (404, "MESSAGE_NOT_FOUND") == (reply.status, code_of(reply))


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", "per_page=0", "per_page=101", "status=lost", "direction=up", "from_date=yesterday"],
)
def test_wrong_filter_is_422(gateway: Gateway, query: str) -> None:
    reply = gateway.api("GET", f"/v1/messages?{query}")

    assert (422, "VALIDATION_FAILED") == (reply.status, code_of(reply))
