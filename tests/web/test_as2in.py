"""What partners meet at `/as2`: how bodies arrive, break off, are too large, and what is answered then."""

import re
from collections.abc import Iterator
from dataclasses import replace
from threading import Event, Thread
from typing import Any

import pytest

from acuse.as2 import MDNMode
from acuse.domain.message import Direction
from acuse.domain.partner import Partner, Terms
from acuse.ports import MessageFilter, MessageView
from acuse.web.app import WebApp, build_app
from acuse.web.as2in import AS2Receiver
from acuse.web.lanes import Lanes
from tests.peers.waiting import wait_until
from tests.web.client import Client, Response, read_all
from tests.web.conftest import StartServer, World, logged_request

OPEN = Terms(sign=None, encrypt=None, demand_signed=False, demand_encrypted=False, mdn=MDNMode.SYNC, mdn_signed=False)
LARGE = 3 * 1024 * 1024


@pytest.fixture
def partner(world: World) -> Partner:
    """A partner who may send in the clear."""
    return world.new_partner("OPEN", OPEN)


def as2_headers(message_id: str = "<1@open>", **more: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return {
        "AS2-From": "OPEN",
        "AS2-To": "ACME",
        "AS2-Version": "1.0",
        "Message-ID": message_id,
        "Content-Type": "application/edi-x12",
        "Disposition-Notification-To": "open@example.com",
        **named,
    }


def head(*lines: str, path: str = "/as2", **more: str) -> bytes:
    """The bytes above a body."""
    fields = [f"{name}: {value}" for name, value in as2_headers(**more).items()]
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", *fields, *lines, "", ""]).encode()


def received(world: World) -> tuple[MessageView, ...]:
    wanted = MessageFilter(direction=Direction.INBOUND)
    rows = world.ports.views.messages(world.space, wanted, limit=10, offset=0).rows
    return tuple(world.ports.views.message_by_id(view.message.id) for view in rows)


def stored_payload(world: World) -> bytes:
    (view,) = received(world)
    with world.ports.blobs.open(view.attachments[0].blob_id) as file:
        return file.read()


@pytest.mark.parametrize("size", [1, 64 * 1024, 64 * 1024 + 1, 256 * 1024, LARGE])
def test_a_body_of_any_size_is_taken_and_answered_with_its_receipt(
    world: World, partner: Partner, client: Client, size: int
) -> None:
    payload = bytes(number % 251 for number in range(4096)) * (size // 4096 + 1)

    answer = client.request("POST", "/as2", payload[:size], as2_headers())

    assert 200 == answer.status
    assert "multipart/report" in answer.headers["content-type"]
    assert str(len(answer.body)) == answer.headers["content-length"]
    assert b"processed" in answer.body
    assert payload[:size] == stored_payload(world)
    assert [] == world.staged_files


@pytest.mark.parametrize("spelling", ["Upgrade: h2c", "UPGRADE:h2c"])
def test_an_offer_to_speak_another_protocol_is_ignored_and_the_body_is_read(
    world: World, partner: Partner, client: Client, spelling: str
) -> None:
    body = b"ISA*00*Upgrade: me~\r\n\r\n"
    offer = ("Connection: Upgrade, HTTP2-Settings", spelling, "HTTP2-Settings: AAEAAEAA")

    with client.connect() as connection:
        for number in (1, 2):
            fields = head(*offer, f"Content-Length: {len(body)}", message_id=f"<{number}@java>")
            connection.sendall(fields + body)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")

    assert [len(body)] * 2 == [view.message.size for view in received(world)]


@pytest.mark.parametrize("path", ["/as2", "/as2/", "/as2/ACME", "/as2/stn_000001"])
def test_the_address_may_name_the_station(partner: Partner, client: Client, path: str) -> None:
    assert 200 == client.request("POST", path, b"x", as2_headers()).status


def test_the_address_of_another_station_is_not_found(world: World, partner: Partner, client: Client) -> None:
    assert 404 == client.request("POST", "/as2/OTHER", b"x", as2_headers()).status
    assert 0 == world.message_count


def test_a_chunked_body_is_taken(world: World, partner: Partner, client: Client) -> None:
    chunks = b"".join(b"%x  \r\n%s\r\n" % (len(piece), piece) for piece in (b"one", b"two" * 50_000))

    answer = client.raw(head("Transfer-Encoding: chunked", "Connection: close") + chunks + b"0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"one" + b"two" * 50_000 == stored_payload(world)


def test_a_content_length_with_leading_zeros_is_taken(world: World, partner: Partner, client: Client) -> None:
    answer = client.raw(head("Content-Length: 0003", "Connection: close") + b"abc")

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"abc" == stored_payload(world)


def test_an_authorization_nobody_asked_for_is_ignored(partner: Partner, client: Client) -> None:
    answer = client.request("POST", "/as2", b"x", as2_headers(Authorization="Basic eDp5"))

    assert 200 == answer.status


def test_an_http_1_0_client_gets_its_answer_and_the_end_of_the_connection(partner: Partner, client: Client) -> None:
    answer = client.raw(head("Content-Length: 1").replace(b"HTTP/1.1", b"HTTP/1.0") + b"x")

    assert answer.startswith(b"HTTP/1.1 200")


def test_who_expects_100_is_told_to_go_on(partner: Partner, client: Client) -> None:
    with client.connect() as connection:
        connection.sendall(head("Content-Length: 3", "Expect: 100-continue", "Connection: close"))
        assert connection.recv(1024).startswith(b"HTTP/1.1 100")
        connection.sendall(b"abc")
        assert b"HTTP/1.1 200" in read_all(connection)


def test_who_expects_100_for_too_large_a_body_is_refused_instead(start: StartServer) -> None:
    client = start(max_body=1000)

    answer = client.raw(head("Content-Length: 1001", "Expect: 100-continue", "Connection: close"))

    assert answer.startswith(b"HTTP/1.1 413")


def test_a_slow_body_holds_up_nobody(world: World, partner: Partner, client: Client) -> None:
    with client.connect() as slow:
        slow.sendall(head(f"Content-Length: {LARGE}", "Connection: close") + b"s" * (LARGE // 2))
        wait_until(lambda: world.staged_files, what="half a body in its stage")

        others = [client.request("POST", "/as2", b"x", as2_headers(message_id=f"<{n}@open>")) for n in range(2, 8)]

        assert {200} == {answer.status for answer in others}
        slow.sendall(b"s" * (LARGE // 2))
        assert read_all(slow).startswith(b"HTTP/1.1 200")
    assert 7 == len(received(world))


@pytest.mark.parametrize("framing", [f"Content-Length: {LARGE}", "Transfer-Encoding: chunked"])
def test_a_body_that_breaks_off_leaves_nothing_behind(
    world: World, partner: Partner, client: Client, framing: str
) -> None:
    with client.connect() as connection:
        connection.sendall(head(framing) + b"100000\r\n" + b"x" * (LARGE // 4))
        wait_until(lambda: world.staged_files, what="a part of the body in its stage")

    wait_until(lambda: not world.staged_files, what="an empty stage")
    assert 0 == world.message_count


def test_a_small_body_that_breaks_off_leaves_nothing_behind(world: World, partner: Partner, client: Client) -> None:
    with client.connect() as connection:
        connection.sendall(head("Content-Length: 100") + b"x" * 99)
    assert 200 == client.request("GET", "/health").status

    assert 0 == world.message_count


def test_a_body_that_is_announced_as_too_large_is_refused_unread(world: World, start: StartServer) -> None:
    client = start(max_body=100_000)

    answer = client.request("POST", "/as2", b"x" * 100_001, as2_headers())

    assert (413, "close") == (answer.status, answer.headers["connection"])
    assert 0 == world.message_count


def test_a_body_that_turns_out_too_large_is_refused_while_it_arrives(
    world: World, partner: Partner, start: StartServer
) -> None:
    client = start(max_body=100_000)
    piece = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"

    with client.connect() as connection:
        connection.sendall(head("Transfer-Encoding: chunked") + piece * 4)
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413")
    wait_until(lambda: not world.staged_files, what="an empty stage")
    assert 0 == world.message_count


@pytest.mark.rfc(9112, "6.3")
def test_both_framings_at_once_are_refused(world: World, partner: Partner, client: Client) -> None:
    answer = client.raw(head("Content-Length: 3", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 400")
    assert 0 == world.message_count


@pytest.mark.parametrize("length", ["-1", "1x", "3, 3", "99999999999999999999999"])
def test_a_content_length_that_is_no_number_is_refused(shared_client: Client, length: str) -> None:
    assert shared_client.raw(head(f"Content-Length: {length}") + b"abc").startswith(b"HTTP/1.1 4")


def test_header_fields_beyond_64_kib_are_refused(shared_client: Client) -> None:
    fields = [f"X-{number}: {'x' * 1000}" for number in range(70)]

    assert shared_client.raw(head("Content-Length: 1", *fields) + b"x").startswith(b"HTTP/1.1 431")


def test_a_header_without_end_is_cut_off(shared_client: Client) -> None:
    assert shared_client.raw(b"POST /as2 HTTP/1.1\r\nX: " + b"x" * 2_000_000).startswith(b"HTTP/1.1 431")


@pytest.mark.rfc(4130, "5.4")
def test_what_is_not_as2_is_a_bad_request(shared_world: World, shared_client: Client) -> None:
    answer = shared_client.request("POST", "/as2", b"hello", {"Content-Type": "text/plain"})

    assert 400 == answer.status
    assert 0 == shared_world.message_count


def test_head_gets_an_empty_200(shared_client: Client) -> None:
    answer = shared_client.request("HEAD", "/as2")

    assert (200, "0", b"") == (answer.status, answer.headers["content-length"], answer.body)


@pytest.mark.parametrize(
    "content_range", ["bytes 5-9/10", "bytes 0-4/10", "bytes */10", "bytes 0-", "items 0-9/10", ""]
)
def test_f15_rest_of_a_transfer_is_416_because_nothing_is_held(
    shared_world: World, shared_client: Client, content_range: str
) -> None:
    before = shared_world.message_count
    answer = shared_client.request("POST", "/as2", b"hello", {"AS2-From": "A", "Content-Range": content_range})

    assert (416, "bytes */0") == (answer.status, answer.headers["content-range"])
    assert before == shared_world.message_count


@pytest.mark.parametrize("content_range", ["bytes 0-4/5", "BYTES  0-4/*"])
def test_range_of_a_whole_message_is_no_hindrance(shared_client: Client, content_range: str) -> None:
    answer = shared_client.request("POST", "/as2", b"hello", {"Content-Range": content_range})

    assert 400 == answer.status  # because it is no AS2 message


def test_get_shows_a_short_page_without_secrets(shared_client: Client) -> None:
    answer = shared_client.request("GET", "/as2/ACME")

    assert 200 == answer.status
    assert answer.headers["content-type"].startswith("text/plain")
    assert b"ACME" not in answer.body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/as2", 200),
        ("/as2/", 200),
        ("/as2/ACME", 200),
        ("/as2/stn_000001", 200),
        ("/as2/acme", 404),
        ("/as2/stn_000009", 404),
        ("/as2/unknown", 404),
        ("/as2/ACME/more", 404),
    ],
)
def test_address_of_a_station_that_is_not_there_is_not_found(
    shared_client: Client, method: str, path: str, status: int
) -> None:
    assert status == shared_client.request(method, path).status


def test_authorization_that_came_with_a_message_is_not_kept(world: World, partner: Partner, client: Client) -> None:
    client.request("POST", "/as2", b"x", as2_headers(Authorization="Basic c2VjcmV0OnNlY3JldA=="))

    [view] = received(world)
    assert view.message.wire
    assert "c2VjcmV0OnNlY3JldA==" not in str(view.message.wire.headers)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_told_what_is_allowed(shared_client: Client, method: str) -> None:
    answer = shared_client.request(method, "/as2")

    assert (405, "POST, GET, HEAD") == (answer.status, answer.headers["allow"])


def test_a_disk_that_takes_no_body_is_503_and_the_partner_may_come_again(
    world: World, partner: Partner, client: Client
) -> None:
    world.gateway.home.staging.rmdir()

    answer = client.request("POST", "/as2", b"x" * LARGE, as2_headers())

    assert (503, "5") == (answer.status, answer.headers["retry-after"])
    world.gateway.home.staging.mkdir()
    assert 200 == client.request("POST", "/as2", b"x" * LARGE, as2_headers()).status


def test_what_nobody_expected_is_500_and_tells_only_an_id(
    world: World, partner: Partner, start: StartServer, caplog: pytest.LogCaptureFixture
) -> None:
    broken: Any = None
    client = start(app=build_app(replace(world.ports, units=broken), world.gateway.settings))

    answer = client.request("POST", "/as2", b"secret payload", as2_headers())

    assert 500 == answer.status
    found = re.fullmatch(r"Something went wrong here\. Our log knows it as ([0-9a-f-]{36})\.\n", answer.body.decode())
    assert found
    assert found[1] in {getattr(record, "fields", {}).get("id") for record in caplog.records}
    assert "secret payload" not in caplog.text


@pytest.fixture
def few(world: World) -> Iterator[WebApp]:
    """Faces that take one message at a time and wait for a body but briefly."""
    lanes = Lanes()
    receiver = AS2Receiver(world.ports, lanes=lanes, max_body=LARGE, max_running=1, idle=0.2)
    yield WebApp({"/as2": receiver}, ports=world.ports, lanes=lanes)
    lanes.close()


def test_more_messages_than_can_run_are_asked_to_come_again(
    world: World, partner: Partner, start: StartServer, few: WebApp
) -> None:
    client = start(app=few)
    with client.connect() as first:
        first.sendall(head(f"Content-Length: {LARGE}") + b"x" * (LARGE // 2))
        wait_until(lambda: world.staged_files, what="a body under way")

        answer = client.request("POST", "/as2", b"x", as2_headers(message_id="<2@open>"))

    assert (503, "5") == (answer.status, answer.headers["retry-after"])


@pytest.fixture
def busy_lanes() -> Iterator[tuple[Lanes, Event]]:
    """Lanes whose threads are all at work until the event is set."""
    lanes, released = Lanes(), Event()
    for _ in range(16):
        lanes.small.submit(released.wait, 30)
    yield lanes, released
    released.set()
    lanes.close()


def post_apart(client: Client) -> tuple[Thread, list[Response]]:
    """Post the same message in a thread of its own."""
    answers: list[Response] = []
    thread = Thread(target=lambda: answers.append(client.request("POST", "/as2", b"x", as2_headers())))
    thread.start()
    return thread, answers


@pytest.mark.rfc(4130, "5.5")
def test_a_message_repeated_while_the_first_is_at_work_waits_and_gets_the_same_receipt(
    world: World, partner: Partner, start: StartServer, busy_lanes: tuple[Lanes, Event]
) -> None:
    lanes, released = busy_lanes
    receiver = AS2Receiver(world.ports, lanes=lanes, max_body=LARGE)
    client = start(app=WebApp({"/as2": receiver}, ports=world.ports, lanes=lanes))

    posts = [post_apart(client) for _ in range(3)]
    wait_until(lambda: receiver.running == 3, what="three requests under way")
    released.set()
    for thread, _ in posts:
        thread.join(10)

    first, *others = [answer for _, answers in posts for answer in answers]
    assert 200 == first.status
    assert [first.body] * 2 == [answer.body for answer in others]
    [view] = received(world)
    assert 2 == view.message.repeats


@pytest.mark.rfc(4130, "5.5")
def test_a_repeated_message_whose_first_takes_too_long_is_asked_to_come_again(
    world: World, partner: Partner, start: StartServer, busy_lanes: tuple[Lanes, Event]
) -> None:
    lanes, released = busy_lanes
    receiver = AS2Receiver(world.ports, lanes=lanes, max_body=LARGE, patience=0.1)
    client = start(app=WebApp({"/as2": receiver}, ports=world.ports, lanes=lanes))
    thread, answers = post_apart(client)
    wait_until(lambda: receiver.running == 1, what="the first request under way")

    answer = client.request("POST", "/as2", b"x", as2_headers())

    assert (503, "5") == (answer.status, answer.headers["retry-after"])
    released.set()
    thread.join(10)
    assert [200] == [first.status for first in answers]
    assert [0] == [view.message.repeats for view in received(world)]


def test_a_body_that_stops_arriving_is_given_up(
    world: World, partner: Partner, start: StartServer, few: WebApp
) -> None:
    client = start(app=few)

    with client.connect() as connection:
        connection.sendall(head(f"Content-Length: {LARGE}") + b"x" * (LARGE // 2))
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 408")
    assert [] == world.staged_files
    assert 0 == world.message_count


def test_the_log_has_one_line_with_the_ids_of_the_message(
    world: World, partner: Partner, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "acuse.web")

    client.request("POST", "/as2?token=secret", b"payload", as2_headers())

    fields = logged_request(caplog)
    told = {name: fields[name] for name in ("method", "path", "status", "as2_from", "as2_to", "message_id", "received")}
    assert {
        "method": "POST",
        "path": "/as2",
        "status": 200,
        "as2_from": "OPEN",
        "as2_to": "ACME",
        "message_id": "<1@open>",
        "received": 7,
    } == told
    assert "payload" not in str(fields)
    assert "secret" not in str(fields)


def test_build_app_has_the_face_by_default(world: World, start: StartServer) -> None:
    app = build_app(world.ports, world.gateway.settings)

    assert 200 == start(app=app).request("HEAD", "/as2").status
