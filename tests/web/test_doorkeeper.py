"""Partners who have to show a user name and a password: nothing of theirs is read without."""

from base64 import b64encode
from dataclasses import replace

import pytest

from acuse.domain.login import Login, make_login
from acuse.domain.partner import Partner
from tests.web.client import Client, Response
from tests.web.conftest import World
from tests.web.test_as2in import OPEN, as2_headers, head

PASSWORD = "correct horse battery"
OTHER = "another long password"


@pytest.fixture(scope="module")
def login() -> Login:
    return make_login("globex", PASSWORD, salt=bytes(16))


@pytest.fixture
def partner(world: World, login: Login) -> Partner:
    """A partner who may send in the clear, once it has shown who it is."""
    return world.new_partner("OPEN", replace(OPEN, login=login))


def shown(password: str, user: str = "globex") -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def post(client: Client, message_id: str = "<1@open>", **headers: str) -> Response:
    return client.request("POST", "/as2", b"x", as2_headers(message_id, **headers))


@pytest.mark.rfc(9110, "15.5.2")
@pytest.mark.parametrize("headers", [{}, {"Authorization": shown(OTHER)}, {"Authorization": "Bearer x"}], ids=str)
def test_f9_partner_that_does_not_show_its_login_is_answered_with_401_and_a_challenge(
    world: World, partner: Partner, client: Client, headers: dict[str, str]
) -> None:
    answer = post(client, **headers)

    assert 401 == answer.status
    assert answer.headers["www-authenticate"].startswith("Basic realm=")
    assert 0 == world.message_count
    assert [] == world.staged_files


def test_partner_that_shows_its_login_is_taken_again_and_again(world: World, partner: Partner, client: Client) -> None:
    answers = [post(client, f"<{number}@open>", Authorization=shown(PASSWORD)) for number in range(3)]

    assert [200] * 3 == [answer.status for answer in answers]
    assert 3 == world.message_count
    assert 401 == post(client, "<4@open>", Authorization=shown(OTHER)).status


def test_challenge_comes_before_the_body(partner: Partner, client: Client) -> None:
    with client.connect() as connection:
        connection.sendall(head("Content-Length: 1000000", "Expect: 100-continue"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("spelling", ['"OPEN"', "OPEN for business"])
def test_no_spelling_of_its_name_leads_around_the_login(partner: Partner, client: Client, spelling: str) -> None:
    headers = {**as2_headers(), "AS2-From": spelling}

    assert 401 == client.request("POST", "/as2", b"x", headers).status


def test_login_that_is_shown_twice_is_shown_in_doubt(partner: Partner, client: Client) -> None:
    lines = [f"Authorization: {shown(PASSWORD)}", f"Authorization: {shown(OTHER)}"]

    answer = client.raw(head(*lines, "Content-Length: 1", "Connection: close") + b"x")

    assert answer.startswith(b"HTTP/1.1 401 ")


def test_receipt_in_the_name_of_the_partner_needs_the_login_too(partner: Partner, client: Client) -> None:
    report = "multipart/report; report-type=disposition-notification; boundary=b"

    assert 401 == post(client, Content_Type=report).status


def test_partner_without_a_login_shows_what_it_likes(world: World, client: Client) -> None:
    world.new_partner("OPEN", OPEN)

    assert 200 == post(client, Authorization=shown("whatever")).status
