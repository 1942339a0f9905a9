"""`POST /message/submit`: what is sent, under which names, and what the partner gets of it."""

import pytest

from acuse.domain.access import Mode, Scope
from acuse.domain.dialect import Dialect
from acuse.domain.message import Direction, Transmission
from acuse.services.issue_credential import issue_credential
from acuse.services.manage_tenants import add_tenant
from tests.web.dialects.mft.desk import INVOICE, Desk, of
from tests.web.dialects.mft.transcript import transcript

BOUNDARY = "limit-of-parts"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def form(*parts: tuple[str, str | None, bytes]) -> bytes:
    """Files by name, content type and bytes."""
    written = b""
    for name, content_type, data in parts:
        kind = f"Content-Type: {content_type}\r\n" if content_type else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="any"; filename="{name}"\r\n{kind}\r\n'
        written += head.encode() + data + b"\r\n"
    return written + f"--{BOUNDARY}--\r\n".encode()


@transcript(
    "POST /message/submit with the file as body",
    "202 with both spellings of the id",
    "Link: an absolute URL without brackets",
)
@pytest.mark.parametrize("size", [1, 200, 300_000])
def test_a_file_is_queued_and_arrives_as_it_was(desk: Desk, size: int) -> None:
    data = b"\x00\xff" * (size // 2) + b"x"

    answer = desk.submit(data, Subject="Invoice 7", Attachment_Name="invoice 7.x12")

    assert 202 == answer.status, answer.body
    wire_id = answer.json["as2MessageId"]
    assert {
        "message": "Message queued successfully",
        "as2MessageId": wire_id,
        "messageIdentifier": wire_id,
    } == answer.json
    assert wire_id.startswith("<")
    assert wire_id.endswith(">")
    link = answer.headers["link"]
    assert f"http://127.0.0.1:{desk.client.port}/message/outbox/{of(wire_id)}" == link
    shown = desk("GET", link.removeprefix(f"http://127.0.0.1:{desk.client.port}"))
    assert wire_id == shown.json["identifier"]
    desk.deliver(wire_id)
    [arrived] = desk.globex.inbound()
    assert [data] == desk.globex.payloads(arrived)
    [file] = arrived.attachments
    assert ("invoice 7.x12", "application/edi-x12", "Invoice 7") == (
        file.filename,
        file.content_type,
        arrived.message.subject,
    )
    assert wire_id == arrived.message.wire_id


@transcript("Subject and Attachment-Name have defaults", "Content-Type has a default")
def test_what_is_left_out_has_the_documented_defaults(desk: Desk) -> None:
    headers = {"AS2-From": "ACME", "AS2-To": "GLOBEX"}
    wire_id = desk("POST", "/message/submit", INVOICE, headers=headers).json["messageIdentifier"]

    desk.deliver(wire_id)
    [arrived] = desk.globex.inbound()
    assert "AS2 message from MFT Gateway REST API" == arrived.message.subject
    assert [("Attachment", "application/octet-stream")] == [
        (file.filename, file.content_type) for file in arrived.attachments
    ]


@transcript("POST /message/submit as a form with several attachments")
def test_each_part_of_a_form_is_an_attachment_with_its_own_type(desk: Desk) -> None:
    files = [
        ("one.x12", "application/edi-x12", INVOICE),
        ("zwei ü.xml", None, b"<a/>"),
        ("three", None, b"3" * 100_000),
    ]

    wire_id = desk.sent(form(*files), Content_Type=FORM)

    desk.deliver(wire_id)
    [arrived] = desk.globex.inbound()
    assert [INVOICE, b"<a/>", b"3" * 100_000] == desk.globex.payloads(arrived)
    assert [
        ("one.x12", "application/edi-x12"),
        ("zwei ü.xml", "application/xml"),
        ("three", "application/octet-stream"),
    ] == [(file.filename, file.content_type) for file in arrived.attachments]
    outbox = desk("GET", f"/message/outbox/{of(wire_id)}/attachments").json
    assert (3, ["one.x12", "zwei ü.xml", "three.raw"]) == (
        outbox["total"],
        [entry["name"] for entry in outbox["attachments"]],
    )


def test_a_subject_that_is_not_ascii_arrives_as_it_was_meant(desk: Desk) -> None:
    raw = "Rechnung für März".encode().decode("latin-1")

    assert "Rechnung für März" == desk.message(desk.sent(Subject=raw)).subject
    assert "Año" == desk.message(desk.sent(Subject="=?utf-8?q?A=C3=B1o?=")).subject


@transcript("422 for an unknown station or partner")
def test_an_unknown_station_or_partner_is_named_and_nothing_is_kept(desk: Desk) -> None:
    partner = desk.submit(AS2_To="MyPartner")
    station = desk.submit(AS2_From="my station")

    assert (422, {"message": "Unable to find partner with AS2 identifier: MyPartner"}) == (partner.status, partner.json)
    assert (422, {"message": "Unable to find station with AS2 identifier: my station"}) == (
        station.status,
        station.json,
    )
    assert 0 == desk.acme.count("message")
    assert [] == desk.acme.files()


def test_bad_input_is_named_and_nothing_is_kept(desk: Desk) -> None:
    empty = desk.submit(b"")
    assert 422 == empty.status
    assert ["body"] == [name for entry in empty.json["errors"] for name in entry]
    missing = desk("POST", "/message/submit", INVOICE)
    assert ["AS2-From", "AS2-To"] == [name for entry in missing.json["errors"] for name in entry]
    assert 422 == desk.submit(INVOICE, Content_Type="nonsense").status
    assert 422 == desk.submit(b"--no form", Content_Type=FORM).status
    assert 422 == desk.submit(form(("a", None, b"")), Content_Type=FORM).status
    assert 422 == desk.submit(INVOICE, Content_Type="multipart/form-data").status
    assert 413 == desk.submit(b"x" * ((4 << 20) + 1)).status
    assert 422 == desk.submit(INVOICE, Attachment_Name="n" * 256).status
    assert 0 == desk.acme.count("message")
    assert [] == desk.acme.files()


def test_an_identifier_with_blanks_and_signs_finds_its_partner(desk: Desk) -> None:
    desk.acme.execute("UPDATE partner SET as2_id = 'Glo bex@100%'")
    desk.acme.execute("UPDATE directory_version SET version = version + 1")

    wire_id = desk.sent(AS2_To="Glo bex@100%")

    assert "Glo bex@100%" == desk("GET", f"/message/outbox/{of(wire_id)}").json["receiverAS2Id"]


def test_a_partner_of_another_tenant_is_not_found(desk: Desk) -> None:
    tenant = add_tenant(desk.acme.ports, desk.acme.space.account_id, name="Other")
    foreign = issue_credential(
        desk.acme.ports,
        dialect=Dialect.MFT,
        account_id=desk.acme.space.account_id,
        tenant_id=tenant.id,
        name="other",
        mode=Mode.LIVE,
        scopes=tuple(Scope),
        username="other",
    )
    wire_id = desk.sent()
    desk.token = desk.log_in(foreign)["apiToken"]

    assert 422 == desk.submit().status
    assert 404 == desk("GET", f"/message/outbox/{of(wire_id)}").status
    assert {"messages": []} == desk("GET", "/message/outbox/queued").json
    assert 404 == desk("DELETE", f"/message/outbox/{of(wire_id)}").status
    assert Transmission.QUEUED is desk.message(wire_id).transmission


def test_every_face_sees_the_message_with_a_status_that_agrees(desk: Desk) -> None:
    wire_id = desk.sent()

    def native() -> tuple[str, str]:
        [listed] = [entry for entry in desk.native("/v1/messages")["data"] if entry["message_id"] in wire_id]
        return listed["status"], desk.native(f"/v1/messages/{listed['id']}")["data"]["mdn_status"]

    assert ("queued", "pending") == native()
    assert "Queued" == desk("GET", f"/message/outbox/{of(wire_id)}").json["msgStatus"]
    desk.deliver(wire_id)
    assert ("delivered", "received") == native()
    shown = desk("GET", f"/message/outbox/{of(wire_id)}").json
    assert ("Sent", "Received; MDN Signature Verified") == (shown["msgStatus"], shown["mdnStatus"])
    assert Direction.OUTBOUND is desk.message(wire_id).direction
