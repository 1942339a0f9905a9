"""`/v1/notices`, `/v1/senders` and `/v1/credits`: what is taken, what is shown, and what is refused."""

import json
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from acuse.domain.access import Mode, Scope
from acuse.domain.sender import Assurance
from acuse.ports import JobKind
from acuse.services.manage_credits import grant_credits
from acuse.services.manage_senders import add_sender, new_validation
from acuse.services.write_to_sender import write_to_sender
from tests.web.client import Client, Response
from tests.web.conftest import World

SENDER = "avisos@example.com"


def notice(**fields: object) -> dict[str, object]:
    return {
        "sender": SENDER,
        "recipients": [{"email": "ana@example.net", "name": "Ana", "variables": {"DNI": "00000000T"}}],
        "subject": "Para {{Nombre}}",
        "text": "Su DNI es {{dni}}.",
        **fields,
    }


@pytest.fixture
def office(world: World) -> World:
    """A gateway that may send from SENDER and has 100 credits."""
    add_sender(world.ports, space=world.space, address=SENDER, name="Avisos", assurance=Assurance.OPERATOR)
    grant_credits(world.ports, world.account.id, 10_000)
    return world


@pytest.fixture
def api(office: World, client: Client) -> Client:
    return client


def send(client: Client, **fields: object) -> dict[str, Any]:
    answer = client.api("POST", "/v1/notices", notice(**fields))
    assert 202 == answer.status, answer.body
    data: dict[str, Any] = answer.json["data"]
    return data


def problems(answer: Response) -> set[str]:
    assert 422 == answer.status, answer.body
    return set(answer.json["errors"])


def test_what_is_sent_is_shown_again_with_its_journal(api: Client) -> None:
    sent = send(api, reference="exp-7", acceptance_days=5, language="en", scheduled_at="2099-01-01T10:00:00Z")

    assert [{"id": "ntc_000001", "email": "ana@example.net", "status": "scheduled", "credits": 9.0}] == sent["notices"]
    assert (9.0, [], []) == (sent["credits_used"], sent["refused"], sent["duplicates"])
    shown = api.api("GET", "/v1/notices/ntc_000001").json["data"]
    assert ("Para Ana", "hosted", "exp-7") == (shown["subject"], shown["delivery"], shown["reference"])
    assert "2099-01-06T10:00:00.000000Z" == shown["expires_at"]
    (entry,) = shown["journal"]
    assert entry["record"]["ERDSEventId"].endswith("/SubmissionAcceptance")
    assert 91.0 == api.api("GET", "/v1/credits").json["data"]["balance"]


def test_a_form_says_the_same_as_json_and_brings_its_files(api: Client) -> None:
    boundary = "x1"
    fields = {**notice(), "recipients": json.dumps(notice()["recipients"]), "acceptance_days": "3"}
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n%PDF-1.7\r\n"
    )
    body = ("".join(parts) + f"--{boundary}--\r\n").encode()
    answer = api.api("POST", "/v1/notices", body, Content_Type=f"multipart/form-data; boundary={boundary}")

    assert 202 == answer.status, answer.body
    shown = api.api("GET", "/v1/notices/ntc_000001").json["data"]
    assert [("a.pdf", "application/pdf", 8)] == [
        (file["filename"], file["content_type"], file["size"]) for file in shown["attachments"]
    ]


def test_one_bad_recipient_keeps_nobody_else_from_the_mail(api: Client) -> None:
    good = {"email": "ana@example.net", "variables": {"DNI": "1"}}
    lacking = {"email": "bea@example.net"}
    sent = send(api, recipients=[lacking, good, {**good, "email": "ANA@example.net"}, {**good, "email": "x@@y"}])

    assert ["ana@example.net"] == [entry["email"] for entry in sent["notices"]]
    assert [(0, "variable_missing"), (3, "address_invalid")] == [
        (entry["recipient"], entry["failure"]) for entry in sent["refused"]
    ]
    assert [2] == [entry["recipient"] for entry in sent["duplicates"]]
    assert 9.0 == sent["credits_used"]


def test_where_nobody_can_be_written_to_nothing_is_stored(api: Client, office: World) -> None:
    answer = api.api("POST", "/v1/notices", notice(recipients=[{"email": "nobody"}]))

    assert {"recipients.0"} == problems(answer)
    assert [] == api.api("GET", "/v1/notices").json["data"]
    assert [] == office.staged_files
    assert 100.0 == api.api("GET", "/v1/credits").json["data"]["balance"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"sender": None}, "sender"),
        ({"sender": "x" * 300}, "sender"),
        ({"recipients": None}, "recipients"),
        ({"recipients": []}, "recipients"),
        ({"recipients": "ana@example.net"}, "recipients"),
        ({"recipients": ["ana@example.net"]}, "recipients"),
        ({"recipients": [{}]}, "recipients.0.email"),
        ({"recipients": [{"email": 7}]}, "recipients.0.email"),
        ({"recipients": [{"email": "a@b.example", "variables": {"x": 1}}]}, "recipients.0.variables"),
        ({"recipients": [{"email": "a@b.example", "protection": {"kind": "no"}}]}, "recipients.0.protection.kind"),
        ({"recipients": [{"email": "a@b.example", "protection": {"value": "7"}}]}, "recipients.0.protection.kind"),
        ({"subject": ""}, "subject"),
        ({"subject": "a\nBcc: x@example.com"}, "subject"),
        ({"text": ""}, "text"),
        ({"text": 7}, "text"),
        ({"scheduled_at": "2020-01-01T00:00:00Z"}, "scheduled_at"),
        ({"acceptance_days": 0}, "acceptance_days"),
        ({"acceptance_days": 31}, "acceptance_days"),
        ({"acceptance_days": "5"}, "acceptance_days"),
        ({"reference": "a\r\nb"}, "reference"),
        ({"language": "xx"}, "language"),
        ({"attachments": {}}, "attachments"),
        ({"attachments": [{"filename": "a.pdf", "content": "§"}]}, "attachments.0.content"),
        ({"attachments": [{"content": "QQ=="}]}, "attachments.0.filename"),
        ({"attachments": [{"filename": "a.exe", "content": "QQ=="}]}, "attachments"),
        ({"attachments": [{"filename": "a.pdf", "content": b64encode(b"MZ\x90").decode()}]}, "attachments"),
        ({"attachments": [{"filename": "a.pdf", "content": ""}]}, "attachments"),
        ({"attachments": [{"filename": "a\nb.pdf", "content": "QQ=="}]}, "attachments.0.filename"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_stored(
    api: Client, office: World, fields: dict[str, object], named: str
) -> None:
    answer = api.api("POST", "/v1/notices", notice(**fields))

    assert named in problems(answer)
    assert [] == api.api("GET", "/v1/notices").json["data"]
    assert [] == office.staged_files


def test_a_text_that_would_grow_without_bound_is_refused(api: Client) -> None:
    recipients = [{"email": "ana@example.net", "variables": {"v": "x" * 4096}}]
    answer = api.api("POST", "/v1/notices", notice(recipients=recipients, subject="s", text="{{v}}" * 100_000))

    assert {"recipients.0"} == problems(answer)


def test_an_address_that_was_not_validated_sends_nothing(api: Client) -> None:
    made = api.api("POST", "/v1/senders", {"address": "otra@example.com", "name": "Otra"})
    assert (201, False) == (made.status, made.json["data"]["validated"])

    answer = api.api("POST", "/v1/notices", notice(sender="otra@example.com"))

    assert (403, "SENDER_NOT_VALIDATED") == (answer.status, answer.json["error"]["code"])


def test_the_link_of_the_mail_validates_by_its_button_and_once(api: Client, office: World) -> None:
    made = api.api("POST", "/v1/senders", {"address": "otra@example.com"}).json["data"]
    sender = office.ports.views.notices.sender(office.space, 2)
    letter = write_to_sender(office.ports, sender.id)
    assert letter is not None
    assert ("", "otra@example.com") == (letter.envelope.return_path, letter.envelope.recipient.text)
    path = f"/s/{new_validation(office.ports, sender)}"

    assert 200 == api.request("GET", path).status
    assert api.api("GET", f"/v1/senders/{made['id']}").json["data"]["validated"] is False
    assert 200 == api.request("POST", path).status
    assert "link" == api.api("GET", f"/v1/senders/{made['id']}").json["data"]["assurance"]
    assert 404 == api.request("POST", path).status
    assert write_to_sender(office.ports, sender.id) is None


def test_a_sender_that_was_removed_sends_nothing(api: Client) -> None:
    assert 200 == api.api("DELETE", "/v1/senders/snd_000001").status
    assert 404 == api.api("GET", "/v1/senders/snd_000001").status
    assert 403 == api.api("POST", "/v1/notices", notice()).status


def test_asking_for_the_link_again_submits_a_mail(api: Client, office: World) -> None:
    api.api("POST", "/v1/senders", {"address": "otra@example.com"})
    assert 202 == api.api("POST", "/v1/senders/snd_000002/validate").status
    waiting = office.gateway.database.jobs.claim(office.ports.world.now(), limit=10)
    assert {JobKind.VALIDATE_SENDER} == {job.kind for job in waiting}


def test_a_scheduled_notice_is_moved_and_taken_back_with_its_credits(api: Client) -> None:
    send(api, scheduled_at="2099-01-01T10:00:00Z")
    moved = api.api("POST", "/v1/notices/ntc_000001/reschedule", {"scheduled_at": "2099-02-01T10:00:00Z"})
    assert (200, "2099-02-01T10:00:00.000000Z") == (moved.status, moved.json["data"]["scheduled_at"])
    assert {"scheduled_at"} == problems(api.api("POST", "/v1/notices/ntc_000001/reschedule", {}))

    taken_back = api.api("POST", "/v1/notices/ntc_000001/cancel")
    assert (200, "cancelled") == (taken_back.status, taken_back.json["data"]["status"])
    again = api.api("POST", "/v1/notices/ntc_000001/cancel")
    assert (409, "NOTICE_GONE") == (again.status, again.json["error"]["code"])
    assert 100.0 == api.api("GET", "/v1/credits").json["data"]["balance"]


def test_what_is_not_locked_is_not_unlocked(api: Client) -> None:
    send(api)
    answer = api.api("POST", "/v1/notices/ntc_000001/unlock")
    assert (409, "NOTICE_NOT_LOCKED") == (answer.status, answer.json["error"]["code"])


def test_lists_are_filtered_and_paged(api: Client) -> None:
    send(api, reference="a")
    send(api, reference="b", recipients=[{"email": "bea@example.net"}], text="x", subject="y")

    def ids(query: str) -> list[str]:
        return [entry["id"] for entry in api.api("GET", f"/v1/notices?{query}").json["data"]]

    assert ["ntc_000002", "ntc_000001"] == ids("")
    assert ["ntc_000001"] == ids("reference=a")
    assert ["ntc_000002"] == ids("email=bea@example.net&passage=queued&reading=unseen")
    assert ["ntc_000001"] == ids("page=2&per_page=1")
    assert {"passage"} == problems(api.api("GET", "/v1/notices?passage=nowhere"))


def test_two_calls_that_spend_the_last_credit_at_once_send_one_notice(api: Client, office: World) -> None:
    grant_credits(office.ports, office.account.id, 900 - 10_000)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: api.api("POST", "/v1/notices", notice()), range(2)))

    assert [202, 402] == sorted(answer.status for answer in answers)
    assert 1 == len(api.api("GET", "/v1/notices").json["data"])
    assert 0 == api.api("GET", "/v1/credits").json["data"]["balance"]


def test_the_same_request_with_a_key_is_carried_out_once(api: Client) -> None:
    first, second = (api.api("POST", "/v1/notices", notice(), Idempotency_Key="k-1") for _ in range(2))

    assert (202, first.body, "true") == (second.status, second.body, second.headers["idempotent-replayed"])
    assert 1 == len(api.api("GET", "/v1/notices").json["data"])


def test_nobody_sees_or_uses_what_belongs_to_another_tenant(api: Client, office: World) -> None:
    send(api)
    stranger = Client(api.port, key=office.new_key(*Scope, tenant=office.new_tenant("Other")))

    assert [] == stranger.api("GET", "/v1/notices").json["data"]
    assert [] == stranger.api("GET", "/v1/senders").json["data"]
    for method, path in [
        ("GET", "ntc_000001"),
        ("GET", "ntc_000001/proof"),
        ("POST", "ntc_000001/cancel"),
        ("POST", "ntc_000001/unlock"),
    ]:
        assert 404 == stranger.api(method, f"/v1/notices/{path}").status
    assert 403 == stranger.api("POST", "/v1/notices", notice()).status


def test_a_key_of_test_mode_sends_notices_of_its_own(api: Client, office: World) -> None:
    tester = Client(api.port, key=office.new_key(*Scope, mode=Mode.TEST))
    send(tester)

    assert [] == api.api("GET", "/v1/notices").json["data"]
    assert 403 == tester.api("POST", "/v1/senders", {"address": "a@example.com"}).status


def test_what_a_recipient_has_to_show_is_never_shown(api: Client) -> None:
    recipient = {"email": "ana@example.net", "protection": {"kind": "pin", "value": "4711-secret"}}
    send(api, recipients=[recipient], text="x", subject="y")
    answer = api.api("GET", "/v1/notices/ntc_000001")

    assert "pin" == answer.json["data"]["protection"]
    assert b"4711-secret" not in answer.body
    assert b"4711-secret" not in api.api("GET", "/v1/notices/ntc_000001/proof").body


def test_the_proof_is_a_pdf_and_the_same_for_the_same_facts(api: Client) -> None:
    send(api)
    first, second = (api.api("GET", "/v1/notices/ntc_000001/proof") for _ in range(2))

    assert (200, "application/pdf") == (first.status, first.headers["content-type"])
    assert first.body.startswith(b"%PDF-")
    assert first.body == second.body
