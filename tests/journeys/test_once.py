"""A client that is unsure whether its order went out sends it again, and it goes out once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.journeys.meeting import Meeting
from tests.peers.gateway import Gateway, multipart_form
from tests.peers.identity import Identity
from tests.peers.wire import Reply

ORDER = {"partner_id": "prt_000001", "payload": {"content": "ISA*00*~"}, "content_type": "application/edi-x12"}


def test_two_hundred_at_once_with_one_key_make_one_message(meeting: Meeting) -> None:
    before = len(meeting.gateway.messages())

    def send(_: int) -> Reply:
        return meeting.gateway.api("POST", "/v1/messages", body=ORDER, headers={"Idempotency-Key": "order-7"})

    with ThreadPoolExecutor(200) as clients:
        answers = list(clients.map(send, range(200)))

    assert {202} == {answer.status for answer in answers}
    assert 1 == len({bytes(answer.body) for answer in answers})
    assert before + 1 == len(meeting.gateway.messages())


def test_fifty_forms_at_once_with_one_key_make_one_message(meeting: Meeting) -> None:
    before = len(meeting.gateway.messages())
    fields = [("partner_id", "prt_000001"), ("content_type", "application/edi-x12")]
    content_type, body = multipart_form(fields, [("file", "a.edi", bytes(500_000))])
    headers = {"Idempotency-Key": "form-7", "Content-Type": content_type}

    with ThreadPoolExecutor(50) as clients:
        answers = list(
            clients.map(lambda _: meeting.gateway.api("POST", "/v1/messages", body=body, headers=headers), range(50))
        )

    assert {202} == {answer.status for answer in answers}
    assert 1 == len({bytes(answer.body) for answer in answers})
    assert before + 1 == len(meeting.gateway.messages())


def test_an_answer_that_was_lost_with_the_gateway_is_given_by_the_next(
    new_gateway: Callable[[str], Gateway], partner_identity: Identity
) -> None:
    gateway = new_gateway("ACME")
    gateway.add_partner(as2_id="GLOBEX", url="http://127.0.0.1:9/", certificate=partner_identity.certificate)
    headers = {"Idempotency-Key": "order-7"}
    first = gateway.api("POST", "/v1/messages", body=ORDER, headers=headers)
    gateway.kill()
    gateway.restart()

    second = gateway.api("POST", "/v1/messages", body=ORDER, headers=headers)

    assert (202, first.body) == (second.status, second.body)
    assert 1 == len(gateway.messages())
