"""`/messages/send` as the documented service answers it, read back by the native API and at the partner's."""

import re
import threading
from base64 import b64encode, encodebytes
from typing import Any

import pytest

from tests.dialects.as2expert.conftest import Expert
from tests.peers.listener import Answer, Posted, listening
from tests.peers.waiting import wait_until
from tests.peers.wire import Reply

UNB = b"UNA:+.? 'UNB+UNOA:1+ACME+GLOBEX+261121:1200+1'UNZ+0+1'"


def encoded(content: bytes) -> str:
    return b64encode(content).decode()


def content_at_partner(expert: Expert, message: dict[str, Any], number: int = 1) -> bytes:
    reply = expert.globex.api("GET", f"/v1/messages/{message['id']}/attachments/{number}")
    assert 200 == reply.status
    return reply.body


@pytest.mark.parametrize(
    ("name", "content", "subject"),
    [
        ("invoice.txt", b"Invoice #001\n", "Invoice #001"),
        ("ORDERS_7.edi", UNB, "Pedido Nº 7 – ñandú"),
        ("a b.bin", bytes(range(256)) * 300, "x" * 255),
    ],
)
def test_one_file_arrives_as_it_was_given(expert: Expert, name: str, content: bytes, subject: str) -> None:
    reply = expert.call(
        "/messages/send",
        {
            "station": expert.station,
            "partner": expert.partner,
            "subject": subject,
            "file_name": name,
            "file_content": encoded(content),
            "encrypt": True,
            "sign": True,
        },
    )

    assert 200 == reply.status, reply.body
    answer = reply.json
    assert {"status", "msg", "data"} == set(answer)
    assert ("success", "Message sent") == (answer["status"], answer["msg"])
    data = answer["data"]
    assert {"id", "message_id", "message_as2_id", "station", "files_count"} == set(data)
    assert (data["id"], expert.station, 1) == (data["message_id"], data["station"], data["files_count"])
    assert isinstance(data["id"], int)
    assert not re.search("[<>]", data["message_as2_id"])
    sent = expert.acme.message(f"msg_{data['id']:06d}")
    assert (data["message_as2_id"], subject, "delivered") == (sent["message_id"], sent["subject"], sent["status"])
    arrived = expert.arrived(data["message_as2_id"])
    assert (True, True, False) == (arrived["encrypted"], arrived["signed"], arrived["compressed"])
    assert (subject, name) == (arrived["subject"], arrived["attachments"][0]["filename"])
    assert content == content_at_partner(expert, arrived)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_several_files_travel_in_one_message(expert: Expert, count: int) -> None:
    files = {f"doc{number}.txt": f"document {number}\n".encode() * number for number in range(1, count + 1)}

    data = expert.data(
        "/messages/send",
        {
            "station": expert.station,
            "partner": expert.partner,
            "subject": "Batch of documents",
            "uploads": [{"filename": name, "content": encoded(content)} for name, content in files.items()],
            "sign": True,
        },
    )

    assert count == data["files_count"]
    arrived = expert.arrived(data["message_as2_id"])
    assert list(files) == [entry["filename"] for entry in arrived["attachments"]]
    assert list(files.values()) == [content_at_partner(expert, arrived, number + 1) for number in range(count)]


@pytest.mark.parametrize(
    "names",
    [
        {"partner": "socio", "subject": "asunto", "compress": "comprimir", "encrypt": "cifrar", "sign": "firmar"},
        {"station": "estacion", "file_name": "fichero_nombre", "file_content": "fichero_contenido"},
        {},
    ],
)
def test_spanish_names_say_the_same(expert: Expert, names: dict[str, str]) -> None:
    given = {
        "station": str(expert.station),
        "partner": str(expert.partner),
        "subject": "Con alias",
        "file_name": "a.txt",
        "file_content": encoded(b"a" * 5000),
        "compress": True,
        "encrypt": True,
        "sign": True,
    }

    data = expert.data("/messages/send", {names.get(name, name): value for name, value in given.items()})

    arrived = expert.arrived(data["message_as2_id"])
    assert ("Con alias", True) == (arrived["subject"], arrived["compressed"])
    assert b"a" * 5000 == content_at_partner(expert, arrived)


@pytest.mark.parametrize("wished", [None, False, 0, "false"])
def test_a_wish_is_kept_and_none_is_the_partners(expert: Expert, wished: object) -> None:
    given = {"partner": expert.partner, "file_name": "a.txt", "file_content": encoded(b"wish"), "compress": wished}

    data = expert.data("/messages/send", given)

    sent = expert.acme.message(f"msg_{data['id']:06d}")
    assert (False, True, True) == (sent["compressed"], sent["encrypted"], sent["signed"])
    assert "a.txt" == sent["subject"]


def test_base64_with_line_breaks_is_base64(expert: Expert) -> None:
    content = bytes(range(200))

    data = expert.data(
        "/messages/send",
        {"partner": expert.partner, "file_name": "lines.bin", "file_content": encodebytes(content).decode()},
    )

    assert content == content_at_partner(expert, expert.arrived(data["message_as2_id"]))


def test_what_nobody_answers_is_told_as_an_error_and_stays_queued(expert: Expert) -> None:
    reply = expert.call(
        "/messages/send", {"partner": expert.nobody, "file_name": "a.txt", "file_content": encoded(b"nobody")}
    )

    assert 400 == reply.status
    answer = reply.json
    assert ("error", "SEND_FAILED") == (answer["status"], answer["code"])
    assert answer["msg"].startswith("Send error: ")
    assert "do not send it anew" in answer["msg"]
    sent = expert.acme.message(f"msg_{answer['data']['id']:06d}")
    assert ("processing", 1) == (sent["status"], sent["attempts"])
    assert "pending" == expert.data("/messages/detail", {"id": answer["data"]["id"]})["mdn"]


def test_what_the_partner_refuses_is_told_as_an_error(expert: Expert) -> None:
    with listening(lambda _: Answer(reply=Reply(status=403))) as gate:
        refusing = expert.data(
            "/partners/create",
            {"station": expert.station, "as2_id": "GATE", "name": "Gate", "email": "a@b.example", "mdn": 0,
             "endpoint_url": gate.url, "encryption": 0, "signature": 0},
        )  # fmt: skip
        reply = expert.call(
            "/messages/send",
            {"partner": refusing["id"], "file_name": "a.txt", "file_content": encoded(b"refused")},
            headers={"Accept-Language": "es-ES,es;q=0.9"},
        )

    assert (400, 1) == (reply.status, len(gate.posted))
    assert reply.json["msg"].startswith("Error de envío: The partner answered HTTP 403")
    assert "failed" == expert.acme.message(f"msg_{reply.json['data']['id']:06d}")["status"]
    assert "error" == expert.data("/messages/detail", {"id": reply.json["data"]["id"]})["mdn"]


@pytest.mark.parametrize(
    ("change", "status", "msg", "path"),
    [
        ({"partner": None}, 400, "Campo requerido: partner", "partner"),
        ({"file_name": None}, 400, "Campo requerido: file_name", "file_name"),
        ({"file_content": None}, 400, "Campo requerido: file_content", "file_content"),
        ({"partner": "abc"}, 400, "Invalid field partner", "partner"),
        ({"partner": -1}, 400, "Invalid field partner", "partner"),
        ({"partner": True}, 400, "Invalid field partner", "partner"),
        ({"partner": 1.5}, 400, "Invalid field partner", "partner"),
        ({"partner": 999}, 404, "Partner not found", None),
        ({"station": 999}, 404, "Station not found", None),
        ({"subject": 7}, 400, "Invalid field subject", "subject"),
        ({"subject": "two\nlines"}, 400, "Invalid field subject", "subject"),
        ({"sign": "maybe"}, 400, "Invalid field sign", "sign"),
        ({"encrypt": 2}, 400, "Invalid field encrypt", "encrypt"),
        ({"compress": []}, 400, "Invalid field compress", "compress"),
        ({"file_content": "%%%"}, 400, "Invalid field file_content", "file_content"),
        ({"file_content": ""}, 400, "Invalid field file_content", "file_content"),
        ({"file_content": 7}, 400, "Invalid field file_content", "file_content"),
        ({"uploads": []}, 400, "Invalid field uploads", "uploads"),
        ({"uploads": {}}, 400, "Invalid field uploads", "uploads"),
        ({"uploads": [7], "file_name": None, "file_content": None}, 400, "Invalid field uploads.0", "uploads.0"),
        ({"uploads": [{"filename": "a"}], "file_name": None, "file_content": None}, 400,
         "Campo requerido: uploads.0.content", "uploads.0.content"),
        ({"uploads": [{"content": "YQ=="}], "file_name": None, "file_content": None}, 400,
         "Campo requerido: uploads.0.filename", "uploads.0.filename"),
        ({"uploads": [{"filename": "a", "content": "YQ=="}]}, 400, "Invalid field uploads", "uploads"),
    ],
)  # fmt: skip
def test_a_bad_request_is_refused_in_these_words_and_nothing_is_kept(
    expert: Expert, change: dict[str, object], status: int, msg: str, path: str | None
) -> None:
    good = {"partner": expert.partner, "file_name": "a.txt", "file_content": "YQ==", "subject": "a"}
    before = expert.message_count

    reply = expert.call("/messages/send", {**good, **change})

    assert status == reply.status, reply.body
    assert "error" == reply.json["status"]
    assert reply.json["msg"].startswith(msg)
    assert [path] == [entry["path"] for entry in reply.json.get("fields", [{"path": None}])]
    assert before == expert.message_count


def test_a_station_that_is_not_the_partners_is_refused(expert: Expert) -> None:
    second = next(row["id"] for row in expert.data("/stations") if row["as2id"] == "SECOND")
    theirs = expert.data(
        "/partners/create",
        {"station": second, "as2_id": "OF-SECOND", "name": "Of second", "email": "a@b.example",
         "endpoint_url": "http://127.0.0.1:9/as2"},
    )  # fmt: skip
    before = expert.message_count

    told = expert.error(
        "/messages/send",
        {"station": expert.station, "partner": theirs["id"], "file_name": "a.txt", "file_content": "YQ=="},
    )

    assert (400, "Station does not match partner") == told
    assert before == expert.message_count


def test_the_answer_comes_when_the_first_attempt_ended_and_not_before(expert: Expert) -> None:
    """The partner's server holds the request; the answer waits for it."""
    go_on, answered = threading.Event(), threading.Event()

    def hold(_: Posted) -> Answer:
        go_on.wait(10)
        return Answer()

    with listening(hold) as slow:
        partner = expert.data(
            "/partners/create",
            {"station": expert.station, "as2_id": "SLOW", "name": "Slow", "email": "a@b.example", "mdn": 0,
             "endpoint_url": slow.url, "encryption": 0, "signature": 0},
        )  # fmt: skip
        given = {"partner": partner["id"], "file_name": "a.txt", "file_content": encoded(b"slow")}
        found: list[Any] = []

        def send() -> None:
            found.append(expert.data("/messages/send", given))
            answered.set()

        sending = threading.Thread(target=send)
        sending.start()
        wait_until(lambda: slow.posted, what="the request at the partner")
        assert not answered.is_set()
        go_on.set()
        sending.join(20)

    assert "none" == expert.data("/messages/detail", {"id": found[0]["id"]})["mdn"]
