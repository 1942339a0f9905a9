"""Lists, folders, marks and downloads, for messages of both directions; what is marked is read back by other calls."""

import csv
import io
from base64 import b64decode, b64encode
from email import message_from_bytes
from email.policy import HTTP
from typing import Any

import pytest

from tests.dialects.as2expert.conftest import Expert
from tests.peers.waiting import wait_until

FIELDS = {"id", "message_id", "asunto", "entrante", "fecha", "mdn", "socio_nombre"}


def encoded(content: bytes) -> str:
    return b64encode(content).decode()


def send(expert: Expert, *contents: bytes, **more: object) -> dict[str, Any]:
    uploads = [{"filename": f"f{number}.txt", "content": encoded(body)} for number, body in enumerate(contents, 1)]
    sent: dict[str, Any] = expert.data("/messages/send", {"partner": expert.partner, "uploads": uploads, **more})
    return sent


def receive(expert: Expert, content: str, subject: str = "Something came") -> int:
    """Have the partner send; the number of the message here."""
    sent = expert.globex.send(
        {
            "partner_id": "prt_000001",
            "content_type": "text/plain",
            "subject": subject,
            "payload": {"content": content, "filename": "in.txt"},
        }
    )
    expert.globex.wait_for_end(sent["id"])
    (row,) = wait_until(lambda: expert.acme.inbound(sent["message_id"]), what="the message")
    return int(row["id"].partition("_")[2])


def listed(expert: Expert, **wanted: object) -> list[int]:
    return [row["id"] for row in expert.data("/messages", wanted)]


def test_a_list_mixes_both_directions_newest_first(expert: Expert) -> None:
    sent = send(expert, b"one", subject="Sent")
    came = receive(expert, "two", subject="Came")

    reply = expert.call("/messages", {"limit": 2}).json

    assert ("success", [came, sent["id"]]) == (reply["status"], [row["id"] for row in reply["data"]])
    assert reply["total"] >= 2
    incoming, outgoing = reply["data"]
    assert set(incoming) >= FIELDS
    assert (True, "Came", "ok") == (incoming["entrante"], incoming["asunto"], incoming["mdn"])
    assert (False, "Sent", "ok", "GLOBEX") == tuple(
        outgoing[name] for name in ("entrante", "subject", "mdn", "socio_nombre")
    )
    assert sent["message_as2_id"] == outgoing["message_id"]


def test_a_list_is_narrowed_and_paged(expert: Expert) -> None:
    sent, came = send(expert, b"narrow")["id"], receive(expert, "narrow")
    second = next(row["id"] for row in expert.data("/stations") if row["as2id"] == "SECOND")

    assert [] == listed(expert, station=second)
    assert sent in listed(expert, station=expert.station, partner=expert.partner)
    assert (came in listed(expert, folder="inbox"), sent in listed(expert, folder="inbox")) == (True, False)
    assert (came in listed(expert, folder="sent"), sent in listed(expert, folder="sent")) == (False, True)
    assert listed(expert, limit=1, offset=1) == listed(expert, limit=2)[1:]


def test_detail_names_the_message_in_both_languages(expert: Expert) -> None:
    number = send(expert, b"detail", subject="Factura")["id"]

    shown = expert.data("/messages/detail", {"id": str(number)})

    assert (number, "Factura", "Factura") == (shown["id"], shown["subject"], shown["asunto"])
    assert shown["message_id"] == shown["idmensaje"]
    assert ("GLOBEX", "ACME", "f1.txt") == (shown["partner_name"], shown["station_name"], shown["file_name"])


@pytest.mark.parametrize("contents", [[b"\x00\xff only"], [b"one", b"two" * 1000]])
def test_download_gives_the_content_as_one(expert: Expert, contents: list[bytes]) -> None:
    number = send(expert, *contents)["id"]

    data = expert.data("/messages/download", {"id": number})

    content = b64decode(data["content_b64"], validate=True)
    assert data["content_b64"] == data["contenido_base64"]
    if len(contents) == 1:
        assert contents == [content]
    else:
        whole = message_from_bytes(f"Content-Type: {data['content_type']}\r\n\r\n".encode() + content, policy=HTTP)
        assert contents == [part.get_payload(decode=True) for part in whole.iter_parts()]


def test_files_are_listed_and_fetched_one_by_one(expert: Expert) -> None:
    number = send(expert, b"first", b"second!")["id"]

    files = expert.data("/messages/files", {"id": number})

    assert [("f1.txt", 5), ("f2.txt", 7)] == [(entry["filename"], entry["size"]) for entry in files]
    fetched = [expert.data("/messages/file-download", {"id": number, "file_id": entry["id"]}) for entry in files]
    assert [b"first", b"second!"] == [b64decode(entry["content_b64"]) for entry in fetched]
    assert (404, "File not found") == expert.error("/messages/file-download", {"id": number, "file_id": 3})


def test_marks_are_seen_by_every_token_and_change_nothing_else(expert: Expert) -> None:
    number = receive(expert, "to be read")
    before = expert.acme.message(f"msg_{number:06d}")

    marked = expert.data("/messages/mark-read", {"id": number})

    assert {"id": number, "read": True, "folder": "inbox"} == marked
    other = expert.call("/messages/detail", {"id": number}, token=expert.new_token()).json["data"]
    assert (True, True) == (other["read"], other["leido"])
    assert number not in listed(expert, unread=True)
    expert.data("/messages/mark-unread", {"id": number})
    assert number in listed(expert, unread=True)
    assert before == expert.acme.message(f"msg_{number:06d}")


def test_moving_makes_a_folder_that_counts(expert: Expert) -> None:
    number = receive(expert, "to be filed")
    name = f"Año {number}"

    expert.data("/messages/move", {"id": number, "folder": name})

    assert [number] == listed(expert, folder=name)
    assert number not in listed(expert, folder="inbox")
    folders = {row["name"]: row for row in expert.data("/messages/folders", {"station": expert.station})}
    assert (1, False, "ACME") == tuple(folders[name][field] for field in ("count", "especial", "station_name"))
    assert {"id", "name", "parent_id", "count", "icono", "especial", "station_id", "station_name"} <= set(folders[name])
    assert folders["inbox"]["especial"]
    assert folders["sent"]["count"] == len(listed(expert, folder="sent", limit=500, station=expert.station))
    expert.data("/messages/move", {"id": number, "folder": "inbox"})
    assert number in listed(expert, folder="inbox")
    status, told = expert.error("/messages/move", {"id": number, "folder": "sent"})
    assert (400, "Invalid field folder") == (status, told.partition(":")[0])


def test_a_deleted_message_is_hidden_here_and_kept_as_evidence(expert: Expert) -> None:
    number = receive(expert, "to be deleted")

    assert {"id": number} == expert.data("/messages/delete", {"id": number})

    assert number not in listed(expert)
    for path in ("detail", "download", "files", "mark-read", "delete"):
        assert (404, "Message not found") == expert.error(f"/messages/{path}", {"id": number})
    assert "received" == expert.acme.message(f"msg_{number:06d}")["status"]


def test_changes_are_told_once_from_a_cursor_on(expert: Expert) -> None:
    def changes(since: int) -> dict[str, Any]:
        found: dict[str, Any] = expert.call("/messages/changes", {"since": since, "limit": 500}).json
        return found

    start = changes(0)["cursor"]
    assert [] == changes(start)["data"]
    number = send(expert, b"changed")["id"]

    first = changes(start)

    assert [number] == [row["id"] for row in first["data"]]
    assert first["cursor"] > start
    assert [] == changes(first["cursor"])["data"]


def test_an_export_is_a_list_that_no_spreadsheet_takes_for_formulas(expert: Expert) -> None:
    number = send(expert, b"x", subject="=1+1")["id"]

    data = expert.data("/messages/export", {"folder": "sent"})

    rows = list(csv.DictReader(io.StringIO(b64decode(data["content_b64"]).decode())))
    assert data["total"] == len(rows)
    assert (str(number), "'=1+1", "False") == tuple(rows[0][name] for name in ("id", "asunto", "entrante"))


@pytest.mark.parametrize(
    "path",
    ["detail", "download", "files", "file-download", "mark-read", "mark-unread", "move", "delete"],
)
def test_a_message_is_named_by_its_number_alone(expert: Expert, path: str) -> None:
    data = send(expert, b"named")
    more = {"folder": "a", "file_id": 1}

    assert (400, "Campo requerido: id") == expert.error(f"/messages/{path}", more)
    status, told = expert.error(f"/messages/{path}", {"id": data["message_as2_id"], **more})
    assert (400, "Invalid field id: must be an integer") == (status, told)
    for unknown in (0, 999_999, "999999999999999999"):
        assert (404, "Message not found") == expert.error(f"/messages/{path}", {"id": unknown, **more})


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/messages", {"limit": 0}, "limit"),
        ("/messages", {"limit": 501}, "limit"),
        ("/messages", {"limit": "many"}, "limit"),
        ("/messages", {"offset": -1}, "offset"),
        ("/messages", {"unread": "perhaps"}, "unread"),
        ("/messages", {"folder": 7}, "folder"),
        ("/messages", {"station": []}, "station"),
        ("/messages/changes", {"since": "now"}, "since"),
        ("/messages/export", {"limit": 1000}, "limit"),
        ("/messages/folders", {"station": "x"}, "station"),
    ],
)
def test_a_bad_list_is_refused(expert: Expert, path: str, body: dict[str, object], field: str) -> None:
    status, told = expert.error(path, body)

    assert (400, f"Invalid field {field}") == (status, told.partition(":")[0])
