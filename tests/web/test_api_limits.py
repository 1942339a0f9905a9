"""What a plan allows: payloads, calls in a minute, calls at once; and calls without a good key."""

import base64
import socket
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from itertools import pairwise

import pytest

from acuse.config.plans import read_plans
from acuse.domain.access import Scope
from acuse.domain.plan import USUAL_PLANS, Plan, PlanName
from acuse.errors import RateLimited
from acuse.services.manage_accounts import change_account
from acuse.web.shared.limiter import FAILURES, Buckets, Limiter
from tests.web.client import Client, Response
from tests.web.conftest import StartServer, World
from tests.web.test_api_forms import BOUNDARY, form, part
from tests.web.test_api_forms import send as send_form
from tests.web.test_api_send import wish

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LIMITS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")


def code(answer: Response) -> tuple[int, str, str]:
    return answer.status, answer.json["error"]["type"], answer.json["error"]["code"]


# ── Payloads ──────────────────────────────────────────────────────────────────────────────────────────────────────────

LIMIT = 100_000


@pytest.fixture
def small(start: StartServer) -> Client:
    """A gateway whose plan takes payloads of LIMIT bytes."""
    return start(plans=read_plans(f"enterprise.payload={LIMIT}"))


@pytest.mark.parametrize("encoding", ["utf-8", "base64"])
def test_a_json_payload_may_be_as_large_as_the_plan_and_no_larger(small: Client, world: World, encoding: str) -> None:
    def send(size: int) -> Response:
        content = b"x" * size
        text = base64.b64encode(content) if encoding == "base64" else content
        return small.api("POST", "/v1/messages", wish(payload={"content": text.decode(), "encoding": encoding}))

    taken, refused = send(LIMIT), send(LIMIT + 1)

    assert 202 == taken.status
    assert (413, "validation_error", "PAYLOAD_TOO_LARGE") == code(refused)
    details = refused.json["error"]["details"]
    assert LIMIT == details["max_size_bytes"]
    assert LIMIT < details["size_bytes"] < 2 * LIMIT
    assert (1, []) == (world.message_count, world.staged_files)


def test_a_file_may_be_as_large_as_the_plan_and_no_larger(small: Client, world: World) -> None:
    taken, refused = (send_form(small, form(part("file", bytes(size), filename="a"))) for size in (LIMIT, LIMIT + 1))

    assert 202 == taken.status
    assert (413, "validation_error", "PAYLOAD_TOO_LARGE") == code(refused)
    assert LIMIT == refused.json["error"]["details"]["max_size_bytes"]
    assert (1, []) == (world.message_count, world.staged_files)


def test_the_files_of_one_message_count_together(small: Client, world: World) -> None:
    half = part("file", bytes(LIMIT // 2), filename="a")

    taken = send_form(small, form(half, half))
    refused = send_form(small, form(half, half, part("file", b"x", filename="b")))

    assert 202 == taken.status
    assert {"size_bytes": LIMIT + 1, "max_size_bytes": LIMIT} == refused.json["error"]["details"]
    assert (1, []) == (world.message_count, world.staged_files)


@pytest.mark.parametrize("content_type", ["application/json", f"multipart/form-data; boundary={BOUNDARY}"])
def test_a_body_that_is_announced_too_large_is_refused_before_it_is_read(small: Client, content_type: str) -> None:
    head = (
        f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {small.key}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: 90000000\r\n\r\n"
    )

    with small.connect() as connection:
        connection.sendall(head.encode())
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413")
    assert b'"size_bytes":90000000,"max_size_bytes":100000' in answer


def test_a_body_of_unknown_length_is_refused_while_it_arrives(small: Client, world: World) -> None:
    head = (
        f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {small.key}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    opening = part("file", b"", filename="a")[:-2]

    with small.connect() as connection:
        connection.sendall(head.encode() + b"%x\r\n%s\r\n" % (len(opening), opening))
        answer = _send_until_answered(connection, b"10000\r\n" + bytes(0x10000) + b"\r\n")

    assert answer.startswith(b"HTTP/1.1 413")
    assert 0 == world.message_count


def _send_until_answered(connection: socket.socket, chunk: bytes) -> bytes:
    """Send chunks without an end until the server says something."""
    connection.settimeout(0.1)
    for _ in range(100):
        connection.sendall(chunk)
        try:
            return connection.recv(4096)
        except TimeoutError:
            continue
    raise AssertionError("no answer")


def test_an_account_has_the_limits_of_its_plan(start: StartServer, world: World) -> None:
    client = start(plans=read_plans(f"free.payload={LIMIT}"))
    body = form(part("file", bytes(LIMIT + 1), filename="a"))
    before = send_form(client, body)

    change_account(world.ports, world.account, plan=PlanName.FREE)

    assert (202, 413) == (before.status, send_form(client, body).status)
    assert "free" == client.api("GET", "/v1/accounts").json["data"]["plan_type"]
    assert {"payload_bytes": LIMIT, "concurrency": 5, "rate_per_minute": 100, "burst": 20} == client.api(
        "GET", "/v1/accounts"
    ).json["data"]["limits"]


# ── Calls in a minute ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_limit_nothing_is_said_of_one(client: Client) -> None:
    answer = client.api("GET", "/v1/messages")

    assert not set(LIMITS) & answer.headers.keys()


def test_every_answer_tells_what_is_left(start: StartServer, world: World) -> None:
    client = start(plans=read_plans("enterprise.rate=60, enterprise.burst=5"))
    sent = client.api("POST", "/v1/messages", wish())
    began = datetime.now(UTC).timestamp()

    answers = [
        client.api("GET", f"/v1/messages/{sent.json['data']['id']}/payload"),
        client.api("GET", "/v1/messages/msg_000099"),
        client.api("POST", "/v1/messages", {}),
        client.api("GET", "/v1/messages"),
    ]

    assert [202, 200, 404, 422, 200] == [answer.status for answer in (sent, *answers)]
    assert {"60"} == {answer.headers[LIMITS[0]] for answer in answers}
    left = [int(answer.headers[LIMITS[1]]) for answer in (sent, *answers)]
    assert 4 == left[0]
    assert all(0 <= after <= before for before, after in pairwise(left))
    assert left[-1] < 4
    assert all(began - 1 <= int(answer.headers[LIMITS[2]]) <= began + 12 for answer in answers)


def test_who_calls_too_often_is_told_when_to_come_again(start: StartServer, world: World) -> None:
    client = start(plans=read_plans("enterprise.rate=1, enterprise.burst=2"))
    other = world.new_key(Scope.READ)
    for key in (client.key, other):
        assert 200 == client.api("GET", "/v1/messages", Authorization=f"Bearer {key}").status

    answer = client.api("POST", "/v1/messages", wish())

    assert (429, "rate_limit_error", "RATE_LIMITED") == code(answer)
    wait = answer.json["error"]["details"]["retry_after"]
    assert 50 <= wait <= 60
    assert str(wait) == answer.headers["retry-after"]
    assert ("1", "0") == (answer.headers[LIMITS[0]], answer.headers[LIMITS[1]])
    assert 0 == world.message_count


def test_the_limit_is_exact_by_the_clock() -> None:
    limiter, plan, told = Limiter(), USUAL_PLANS[PlanName.FREE], list[tuple[str, str]]()

    def count(now: datetime) -> dict[str, str]:
        told.clear()
        limiter.count("acme", plan, told, now=now)
        return dict(told)

    left = [int(count(NOON)["X-RateLimit-Remaining"]) for _ in range(20)]
    assert list(range(19, -1, -1)) == left
    assert str(int(NOON.timestamp()) + 12) == dict(told)["X-RateLimit-Reset"]
    for early in (timedelta(), timedelta(milliseconds=599, microseconds=999)):
        with pytest.raises(RateLimited) as refused:
            count(NOON + early)
        assert {"retry_after": 1, "limit": 100} == refused.value.details
    assert "0" == count(NOON + timedelta(milliseconds=600))["X-RateLimit-Remaining"]
    limiter.count("globex", plan, told, now=NOON)


def test_a_plan_without_a_burst_may_come_with_its_whole_minute() -> None:
    limiter, plan = Limiter(), Plan(name=PlanName.ENTERPRISE, payload=1, rate=7)

    for _ in range(7):
        limiter.count("acme", plan, [], now=NOON)
    with pytest.raises(RateLimited):
        limiter.count("acme", plan, [], now=NOON)


def test_no_more_buckets_are_remembered_than_allowed() -> None:
    buckets = Buckets(most=3)
    for who in "abcad":
        buckets.take(who, FAILURES, now=0)

    assert 3 == len(buckets)
    assert [97, 98] == [buckets.take(who, FAILURES, now=0).remaining for who in "ad"]


# ── Calls at once ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_calls_above_the_plan_are_asked_to_come_again(start: StartServer) -> None:
    client = start(plans=read_plans("enterprise.concurrency=2"))
    head = (
        f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.key}\r\n"
        "Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    ).encode()

    with client.connect() as first, client.connect() as second:
        for connection in (first, second):
            connection.sendall(head)
            assert connection.recv(4096).startswith(b"HTTP/1.1 100")  # the body is awaited: the call is under way
        refused = client.api("GET", "/v1/messages")
        first.sendall(b"{}")
        assert first.recv(4096).startswith(b"HTTP/1.1 422")
        accepted = client.api("GET", "/v1/messages")

    assert (429, "rate_limit_error", "RATE_LIMITED") == code(refused)
    assert ("1", 1) == (refused.headers["retry-after"], refused.json["error"]["details"]["retry_after"])
    assert 200 == accepted.status


def test_a_call_that_breaks_leaves_its_place() -> None:
    limiter, plan = Limiter(), Plan(name=PlanName.FREE, payload=1, concurrency=1)

    def break_off() -> None:
        with limiter.running("acme", plan), limiter.running("globex", plan):
            with pytest.raises(RateLimited), limiter.running("acme", plan):
                raise AssertionError
            raise ValueError("broken")

    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            break_off()


# ── Calls without a good key ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_address_that_keeps_failing_is_slowed_but_a_good_key_still_gets_in(client: Client) -> None:
    answers = [client.api("GET", "/v1/messages", Authorization="Bearer pk_live_no") for _ in range(FAILURES.burst + 5)]

    assert {401} == {answer.status for answer in answers[: FAILURES.burst]}
    last = answers[-1]
    assert (429, "rate_limit_error", "RATE_LIMITED") == code(last)
    assert 1 <= int(last.headers["retry-after"]) <= 2
    assert 200 == client.api("GET", "/v1/messages").status


def test_failures_of_one_address_are_not_those_of_another(start: StartServer) -> None:
    client = start(trusted_proxy=(ip_network("127.0.0.1"),))

    def fail(address: str) -> int:
        return client.api("GET", "/v1/messages", Authorization="Bearer x", X_Forwarded_For=address).status

    for _ in range(FAILURES.burst):
        fail("192.0.2.1")

    assert (429, 401) == (fail("192.0.2.1"), fail("192.0.2.2"))


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8:0:0:ffff::9", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        (None, "no address", True),
    ],
)
def test_an_address_stands_for_whoever_may_choose_it(one: str | None, other: str | None, is_same: bool) -> None:
    limiter = Limiter()
    for _ in range(FAILURES.burst):
        limiter.note_failure(one, now=NOON)

    if is_same:
        with pytest.raises(RateLimited):
            limiter.note_failure(other, now=NOON)
    else:
        limiter.note_failure(other, now=NOON)


def test_a_near_miss_is_answered_like_nonsense(client: Client) -> None:
    near, far = (
        client.api("GET", "/v1/messages", Authorization=f"Bearer {key}") for key in (client.key[:-1] + "!", "nonsense")
    )

    assert (near.status, near.body) == (far.status, far.body)
