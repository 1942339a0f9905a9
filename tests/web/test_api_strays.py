"""`/v1/stray-receipts`: what was posted for nothing we sent."""

from base64 import b64decode

from acuse.domain.access import Scope
from tests.web.client import Client
from tests.web.conftest import StartServer, World

BODY = b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n"
HEADERS = {
    "AS2-From": "NOBODY",
    "AS2-To": "ACME",
    "Message-ID": "<r@nobody>",
    "Content-Type": "multipart/report; report-type=disposition-notification; boundary=b",
}


def test_receipt_of_a_stranger_is_listed_and_its_bytes_can_be_read(client: Client) -> None:
    posted = client.request("POST", "/as2", BODY, HEADERS)

    listed = client.api("GET", "/v1/stray-receipts").json["data"]
    shown = client.api("GET", "/v1/stray-receipts/rcp_000001").json["data"]

    assert 200 == posted.status
    assert [("rcp_000001", "NOBODY", "ACME", False)] == [
        (entry["id"], entry["from_as2_id"], entry["to_as2_id"], entry["verified"]) for entry in listed
    ]
    raw = b64decode(shown.pop("raw"))
    assert listed == [shown]
    assert raw.endswith(b"\r\n\r\n" + BODY)
    assert b"as2-from: NOBODY\r\n" in raw


def test_unknown_stray_receipt_is_not_found(shared_client: Client) -> None:
    for name in ("rcp_000009", "rcp_9", "msg_000001"):
        answer = shared_client.api("GET", f"/v1/stray-receipts/{name}")
        assert (404, "RECEIPT_NOT_FOUND") == (answer.status, answer.json["error"]["code"])


def test_number_of_stray_receipts_must_make_sense(shared_client: Client) -> None:
    assert 422 == shared_client.api("GET", "/v1/stray-receipts?per_page=0").status


def test_stray_receipts_need_the_right_to_read_and_are_their_tenant_s(world: World, start: StartServer) -> None:
    client = start()
    client.request("POST", "/as2", BODY, HEADERS)
    tenant = world.new_tenant("Other")
    reader, writer = world.new_key(Scope.READ, tenant=tenant), world.new_key(Scope.WRITE)

    of_the_other = client.api("GET", "/v1/stray-receipts", Authorization=f"Bearer {reader}")
    by_a_writer = client.api("GET", "/v1/stray-receipts", Authorization=f"Bearer {writer}")

    assert (200, []) == (of_the_other.status, of_the_other.json["data"])
    assert 403 == by_a_writer.status
