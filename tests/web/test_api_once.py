"""Requests with an Idempotency-Key: carried out once, answered alike."""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.domain.access import Scope
from acuse.domain.message import Transmission
from acuse.domain.plan import USUAL_PLANS, PlanName
from acuse.errors import RequestUnderWay
from acuse.ports import MessageFilter
from acuse.web.api import once as once_module
from acuse.web.api.access import Caller
from acuse.web.api.calls import Call
from acuse.web.api.once import BodyDigest, Once, once
from acuse.web.asgi import Reply
from acuse.web.lanes import Lanes
from acuse.web.turns import Turns
from tests.peers.waiting import wait_until
from tests.web.client import Client, Response, read_all
from tests.web.conftest import World
from tests.web.test_api_forms import form, part
from tests.web.test_api_send import problems, wish

PATH = "/v1/messages"


def send(client: Client, key: str = "order-7", content: object = None, path: str = PATH, **headers: str) -> Response:
    return client.api("POST", path, wish() if content is None else content, Idempotency_Key=key, **headers)


def code(answer: Response) -> tuple[int, str, str]:
    return answer.status, answer.json["error"]["type"], answer.json["error"]["code"]


def test_the_same_request_is_carried_out_once_and_answered_alike(client: Client, world: World) -> None:
    first = send(client)
    message = world.message(first.json["data"]["id"])
    world.save(replace(message, transmission=Transmission.FAILED, attempts=3))

    second = send(client)

    assert (202, first.status, first.body) == (first.status, second.status, second.body)
    assert "idempotent-replayed" not in first.headers
    assert "true" == second.headers["idempotent-replayed"]
    assert "application/json" == second.headers["content-type"]
    assert 1 == world.message_count


def test_an_answer_is_repeated_although_it_could_not_be_given_any_more(client: Client, world: World) -> None:
    first = send(client)
    with closing(sqlite3.connect(world.gateway.home.database)) as driver, driver:
        driver.execute("UPDATE partner SET active = 0")
    assert 400 == client.api("POST", PATH, wish()).status

    assert first.body == send(client).body


@pytest.mark.parametrize(
    "changes", [{"subject": "another"}, {"payload": {"content": "other"}}, {"an_unknown_field": 1}]
)
def test_another_request_with_the_same_key_is_refused(client: Client, world: World, changes: dict[str, object]) -> None:
    send(client)

    answer = send(client, content=wish(**changes))

    assert (409, "idempotency_error", "IDEMPOTENCY_KEY_REUSED") == code(answer)
    assert "keep-alive" == answer.headers.get("connection", "keep-alive")
    assert 1 == world.message_count
    assert [] == world.staged_files


def test_another_key_is_another_wish(client: Client, world: World) -> None:
    assert send(client, "a").json["data"]["id"] != send(client, "b").json["data"]["id"]
    assert 2 == world.message_count


@pytest.mark.parametrize("key", ["x", "x" * 255, "msg_unique_001", "{a-uuid} of mine, nº 7"])
def test_any_line_of_text_is_a_key(client: Client, world: World, key: str) -> None:
    key = key.encode().decode("latin-1")

    assert send(client, key).body == send(client, key).body
    assert 1 == world.message_count


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_what_is_no_key_is_refused_and_nothing_is_sent(client: Client, world: World, key: str) -> None:
    assert ["Idempotency-Key"] == list(problems(send(client, key)))
    assert 0 == world.message_count


def test_a_refusal_leaves_the_key_free(client: Client, world: World) -> None:
    assert 422 == send(client, content=wish(subject="")).status
    assert 404 == send(client, content=wish(partner_id="prt_000099")).status

    assert 202 == send(client).status
    assert 1 == world.message_count


def test_a_key_is_free_again_after_its_day(client: Client, world: World) -> None:
    first = send(client)
    with closing(sqlite3.connect(world.gateway.home.database)) as driver, driver:
        driver.execute("UPDATE kept_answer SET created_at = created_at - 86400000000")

    second = send(client, content=wish(subject="another"))

    assert (202, 2) == (second.status, world.message_count)
    assert first.json["data"]["id"] != second.json["data"]["id"]
    assert second.body == send(client, content=wish(subject="another")).body


# ── Whose the key is ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_key_of_another_tenant_is_another_key(client: Client, world: World) -> None:
    send(client)
    second = world.new_key(*Scope, tenant=world.new_tenant("Second"))

    answer = send(client, Authorization=f"Bearer {second}")

    assert (404, "resource_error", "PARTNER_NOT_FOUND") == code(answer)


def test_all_keys_of_a_tenant_share_its_idempotency_keys(client: Client, world: World) -> None:
    first = send(client)

    assert first.body == send(client, Authorization=f"Bearer {world.new_key(Scope.WRITE)}").body


def test_a_key_on_another_route_is_another_key(client: Client, world: World) -> None:
    first = send(client)
    number = first.json["data"]["id"]
    world.save(replace(world.message(number), transmission=Transmission.FAILED))

    again = [send(client, content={}, path=f"{PATH}/{number}/resend") for _ in range(2)]

    assert [202, 202] == [answer.status for answer in again]
    assert again[0].body == again[1].body != first.body
    assert 2 == world.message_count


def test_who_may_not_write_learns_nothing(client: Client, world: World) -> None:
    send(client)

    answer = send(client, Authorization=f"Bearer {world.new_key(Scope.READ)}")

    assert (403, "authorization_error", "INSUFFICIENT_SCOPE") == code(answer)


# ── Forms ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

BIG = bytes(range(256)) * 12_000


def send_form(client: Client, content: bytes, *, boundary: str = "----form-7f3a", **fields: str) -> Response:
    body = form(part("file", content, filename="a.edi"), **fields).replace(b"----form-7f3a", boundary.encode())
    return send(client, content=body, Content_Type=f"multipart/form-data; boundary={boundary}")


@pytest.mark.parametrize("boundary", ["----form-7f3a", "another-boundary"])
def test_the_same_form_is_the_same_request_whatever_its_boundary(client: Client, world: World, boundary: str) -> None:
    first = send_form(client, BIG)

    second = send_form(client, BIG, boundary=boundary)

    assert (202, "true") == (second.status, second.headers["idempotent-replayed"])
    assert first.body == second.body
    assert (1, []) == (world.message_count, world.staged_files)


def test_a_form_with_another_file_or_field_is_another_request(client: Client, world: World) -> None:
    send_form(client, BIG)

    answers = [send_form(client, BIG[:-1] + b"x"), send_form(client, BIG, subject="x"), send(client)]

    assert [(409, "idempotency_error", "IDEMPOTENCY_KEY_REUSED")] * 3 == [code(answer) for answer in answers]
    assert (1, []) == (world.message_count, world.staged_files)


@given(st.binary(max_size=200), st.lists(st.integers(1, 40), max_size=20), st.sampled_from([b"b", b"--", b"form-1"]))
def test_a_digest_does_not_depend_on_the_pieces(body: bytes, sizes: list[int], boundary: bytes) -> None:
    body = body.replace(b"\x00", b"\r\n--" + boundary)
    whole, pieced = (BodyDigest(f"multipart/form-data; boundary={boundary.decode()}") for _ in range(2))
    whole.feed(body)
    rest = body
    for size in sizes:
        pieced.feed(rest[:size])
        rest = rest[size:]
    pieced.feed(rest)

    assert whole.value() == pieced.value()


@given(st.lists(st.binary(max_size=5), max_size=5), st.lists(st.binary(max_size=5), max_size=5))
def test_digests_are_equal_only_for_bodies_that_differ_in_their_boundary_alone(
    one: list[bytes], other: list[bytes]
) -> None:
    digests = []
    for parts, boundary in ((one, b"first-boundary"), (other, b"second")):
        digest = BodyDigest(f"multipart/form-data; boundary={boundary.decode()}")
        digest.feed((b"--" + boundary).join(parts))
        digests.append(digest.value())

    assert ((one or [b""]) == (other or [b""])) == (digests[0] == digests[1])


def test_a_body_of_nothing_but_boundaries_takes_no_more_steps_than_a_form_may_have_parts() -> None:
    digest = BodyDigest("multipart/form-data; boundary=b")
    for _ in range(3):
        digest.feed(b"--b" * 100_000)

    assert once_module.MOST_SEGMENTS == digest.count


def test_a_json_body_under_another_content_type_is_another_request() -> None:
    digests = {BodyDigest(name).value() for name in ("application/json", "text/plain", "multipart/form-data")}

    assert 3 == len(digests)


# ── At the same time ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_comes_while_the_first_is_under_way_waits_for_its_answer(client: Client, world: World) -> None:
    body = json.dumps(wish()).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.key}\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: k\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()

    with client.connect() as first, client.connect() as second:
        first.sendall(head + body[:20])
        wait_until(lambda: world.ports.views.keys(world.account.id)[0].last_use, what="the first to be let in")
        second.sendall(head + body)
        second.settimeout(0.2)
        with pytest.raises(TimeoutError):
            second.recv(1)
        second.settimeout(10)
        first.sendall(body[20:])
        answers = [read_all(connection) for connection in (first, second)]

    bodies = [answer.partition(b"\r\n\r\n")[2] for answer in answers]
    assert bodies[0] == bodies[1]
    assert all(answer.startswith(b"HTTP/1.1 202") for answer in answers)
    assert 1 == world.message_count


def test_a_first_request_that_breaks_off_leaves_the_key_free(client: Client, world: World) -> None:
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.key}\r\nContent-Type: application/json\r\n"
        "Idempotency-Key: order-7\r\nContent-Length: 1000\r\n\r\n{"
    ).encode()
    with client.connect() as first:
        first.sendall(head)

    assert 202 == send(client).status
    assert 1 == world.message_count


def make_call(world: World, lanes: Lanes, turns: Turns, body: bytes = b"{}") -> Call:
    """A call as the application makes it, whose body comes in one piece."""

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def ignore(_: object) -> None:
        return

    key = world.ports.views.keys(world.account.id)[0].key
    headers = [(b"idempotency-key", b"k"), (b"content-type", b"application/json")]
    return Call(
        ports=world.ports,
        lanes=lanes,
        options=world.gateway.settings,
        caller=Caller(key=key, account=world.account, space=world.space),
        scope={"type": "http", "method": "POST", "path": PATH, "headers": headers},
        receive=receive,
        send=ignore,
        turns=turns,
        plan=USUAL_PLANS[PlanName.ENTERPRISE],
    )


async def test_who_waits_too_long_is_asked_to_come_again(world: World) -> None:
    lanes, turns, may_end = Lanes(), Turns(patience=0.01), asyncio.Event()

    async def wait(_: Call) -> Reply:
        await may_end.wait()
        return Reply(status=202)

    first = asyncio.ensure_future(once(wait)(make_call(world, lanes, turns)))
    await asyncio.sleep(0)
    with pytest.raises(RequestUnderWay) as refused:
        await once(wait)(make_call(world, lanes, turns))
    may_end.set()

    assert {"retry_after": 2} == refused.value.details
    answered = await first
    assert answered is not None
    assert 202 == answered.status
    lanes.close()


async def test_two_processes_that_do_the_same_at_once_do_it_once(world: World) -> None:
    lanes = Lanes()
    guards = [Once(make_call(world, lanes, Turns(patience=1)), "k") for _ in range(2)]
    for guard in guards:
        await guard.receive()
    reply = Reply(status=202, body=b"{}")

    world.ports.units.run(lambda unit: guards[0].keep(unit, reply))

    with pytest.raises(RequestUnderWay):
        world.ports.units.run(lambda unit: guards[1].keep(unit, reply))
    assert 0 == world.ports.views.messages(world.space, MessageFilter(), limit=1, offset=0).total
    lanes.close()
