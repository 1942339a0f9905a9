"""Which calls are made again: against a server that fails as it is told."""

import json
from collections.abc import Callable, Iterator

import pytest

from acuse_client import Acuse, Conflict, ConnectionFailed, RateLimited, RetryPolicy, ServerFailed
from tests.peers.listener import Answer, Listener, Posted, listening
from tests.peers.wire import Reply, free_port

QUICK = RetryPolicy(retries=2, first=0.01)
ACCEPTED = Reply(status=202, body=json.dumps({"data": {"id": "msg_000001"}}).encode())

Serve = Callable[..., tuple[Listener, Acuse]]


def refusal(status: int, code: str = "", *, after: str | None = None) -> Reply:
    headers = (("Retry-After", after),) if after else ()
    return Reply(status=status, headers=headers, body=json.dumps({"error": {"code": code}}).encode())


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A server that gives these answers, one after the other, and its client. None hangs up."""
    made: list[tuple[Acuse, object]] = []

    def start(*replies: Reply | None) -> tuple[Listener, Acuse]:
        left = list(replies)

        def answer(_: Posted) -> Answer:
            return Answer(reply=left.pop(0))

        context = listening(answer)
        listener = context.__enter__()
        client = Acuse(f"http://127.0.0.1:{listener.port}", "pk_live_x", retry=QUICK)
        made.append((client, context))
        return listener, client

    yield start
    for client, context in made:
        client.close()
        context.__exit__(None, None, None)  # type: ignore[attr-defined] # a context manager


@pytest.mark.parametrize("first", [None, refusal(503), refusal(502), refusal(429, after="0"), refusal(504)])
def test_message_is_sent_again_under_the_same_key_with_the_same_bytes(serve: Serve, first: Reply | None) -> None:
    listener, client = serve(first, ACCEPTED)

    client.messages.send("prt_000001", b"ISA~" * 1000)

    keys = {posted.header("Idempotency-Key") for posted in listener.posted}
    assert 2 == len(listener.posted)
    assert 1 == len(keys)
    assert all(posted.body.count(b"ISA~") == 1000 for posted in listener.posted)


def test_key_that_is_in_use_is_waited_for(serve: Serve) -> None:
    listener, client = serve(refusal(409, "IDEMPOTENCY_KEY_IN_USE", after="0"), ACCEPTED)

    client.messages.send("prt_000001", b"X")

    assert 2 == len(listener.posted)


@pytest.mark.parametrize(
    ("reply", "error"), [(refusal(409, "IDEMPOTENCY_KEY_REUSED"), Conflict), (refusal(500), ServerFailed)]
)
def test_final_refusal_is_raised_at_once(serve: Serve, reply: Reply, error: type[Exception]) -> None:
    listener, client = serve(reply)

    with pytest.raises(error):
        client.messages.send("prt_000001", b"X")

    assert 1 == len(listener.posted)


@pytest.mark.parametrize(("reply", "error"), [(None, ConnectionFailed), (refusal(503), ServerFailed)])
def test_call_that_could_be_carried_out_twice_is_made_once(
    serve: Serve, reply: Reply | None, error: type[Exception]
) -> None:
    listener, client = serve(reply)

    with pytest.raises(error):
        client.messages.retry("msg_000001")

    assert 1 == len(listener.posted)


def test_call_that_was_not_begun_is_made_again(serve: Serve) -> None:
    listener, client = serve(refusal(429, after="0"), Reply(body=b'{"data": {}}'))

    client.messages.retry("msg_000001")

    assert 2 == len(listener.posted)


def test_retries_end(serve: Serve) -> None:
    listener, client = serve(*[refusal(429, after="0")] * 5)

    with pytest.raises(RateLimited) as caught:
        client.messages.send("prt_000001", b"X")

    assert (3, 0) == (len(listener.posted), caught.value.retry_after)


def test_pause_that_is_too_long_is_left_to_the_caller(serve: Serve) -> None:
    listener, client = serve(refusal(503, after="3600"))

    with pytest.raises(ServerFailed) as caught:
        client.messages.send("prt_000001", b"X")

    assert (1, 3600) == (len(listener.posted), caught.value.retry_after)


def test_gateway_that_is_not_there_is_told() -> None:
    with Acuse(f"http://127.0.0.1:{free_port()}", "pk_live_x", retry=QUICK) as client, pytest.raises(ConnectionFailed):
        client.messages.page()


def test_answer_that_is_no_json_is_an_error_all_the_same(serve: Serve) -> None:
    _, client = serve(Reply(status=500, body=b"<html>"))

    with pytest.raises(ServerFailed, match="HTTP 500"):
        client.messages.cancel("msg_000001")
