"""Logging in, going on, and being shut out again."""

import base64
import json
from datetime import timedelta

import pytest

from acuse.domain.access import Mode, Scope
from acuse.domain.session import SESSION_LIFE, TOKEN_LIFE
from acuse.services.manage_keys import create_key, revoke_key
from tests.web.client import Response
from tests.web.dialects.mft.desk import Desk
from tests.web.dialects.mft.transcript import transcript

UNAUTHORIZED = (401, {"message": "Unauthorized"})
BAD = (401, {"message": "Authentication Failed: Bad credentials"})


def told(answer: Response) -> tuple[int, object]:
    return answer.status, answer.json


def refresh(desk: Desk, **given: object) -> Response:
    return desk.client.request("POST", "/refresh-session", json.dumps(given).encode())


@transcript("POST /authorize with user name and password", "both spellings of the tokens", "apiTokenExpiryIn")
@pytest.mark.parametrize("username", ["edi@acme.example", "warehouse 7"])
def test_a_user_gets_a_pair_of_tokens_in_both_spellings(desk: Desk, username: str) -> None:
    credential = desk.credential if username == "edi@acme.example" else desk.issue(username)

    pair = desk.log_in(credential)

    assert pair["apiToken"] == pair["api_token"] != pair["refreshToken"] == pair["refresh_token"]
    assert 3600 == pair["apiTokenExpiryIn"]
    desk.token = pair["api_token"]
    assert 200 == desk("GET", "/message/inbox").status


@transcript("POST /authorize with token id and token secret")
def test_the_two_parts_of_a_token_log_in_like_a_password(desk: Desk) -> None:
    answer = desk.authorize(tokenID=desk.credential.key.token_id, tokenSecret=desk.credential.text)

    assert 200 == answer.status
    desk.token = answer.json["apiToken"]
    assert {"messages": []} == desk("GET", "/message/inbox").json


@transcript("401 for bad credentials")
def test_wrong_credentials_are_refused_in_one_way_whatever_is_wrong(desk: Desk) -> None:
    token = desk.credential.key.token_id
    _, native = create_key(
        desk.acme.ports,
        account_id=desk.acme.space.account_id,
        tenant_id=None,
        name="native",
        mode=Mode.LIVE,
        scopes=frozenset(Scope),
    )

    assert BAD == told(desk.authorize(username="edi@acme.example", password="wrong password"))
    assert BAD == told(desk.authorize(username="nobody", password=desk.credential.password))
    assert BAD == told(desk.authorize(username="x", password="x"))
    assert BAD == told(desk.authorize(tokenID=token, tokenSecret="wrong"))
    assert BAD == told(desk.authorize(tokenID="wrong", tokenSecret=desk.credential.text))
    assert BAD == told(desk.authorize(tokenID=token, tokenSecret=native))


def test_what_is_missing_for_logging_in_is_named(desk: Desk) -> None:
    assert {"errors": [{"password": "This field is required."}]} == _without_message(desk.authorize(username="x"))
    assert 422 == desk.client.request("POST", "/authorize", b"not json").status
    assert 405 == desk.client.request("GET", "/authorize").status


def _without_message(answer: Response) -> dict[str, object]:
    assert 422 == answer.status
    return {name: value for name, value in answer.json.items() if name != "message"}


@transcript("the token alone in Authorization", "the token behind Bearer")
@pytest.mark.parametrize("form", ["{}", "Bearer {}", "bearer  {}"])
def test_a_token_is_taken_raw_and_behind_bearer(desk: Desk, form: str) -> None:
    desk.token = form.format(desk.token)

    assert 200 == desk("GET", "/message/outbox").status


@transcript("401 for a bad token")
def test_missing_broken_and_foreign_tokens_are_refused(desk: Desk) -> None:
    good = desk.token
    head, claims, signature = good.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    refresh_token = desk.log_in()["refreshToken"]

    for shown in ("", "Bearer", "x", f"{good}x", f"{head}.{claims}.", f"{none}.{claims}.", refresh_token):
        desk.token = shown
        assert UNAUTHORIZED == told(desk("GET", "/message/inbox")), shown
    assert good.endswith(signature)


def test_a_token_is_refused_once_its_session_is_gone(desk: Desk) -> None:
    desk.acme.execute("DELETE FROM session")

    assert UNAUTHORIZED == told(desk("GET", "/message/inbox"))


@transcript("a token lives for an hour")
def test_a_token_ends_after_an_hour_and_not_before(desk: Desk) -> None:
    desk.world.advance(TOKEN_LIFE - timedelta(seconds=1))
    assert 200 == desk("GET", "/message/inbox").status

    desk.world.advance(timedelta(seconds=1))
    assert UNAUTHORIZED == told(desk("GET", "/message/inbox"))


@transcript("POST /refresh-session")
def test_a_refresh_token_gives_a_new_pair_once(desk: Desk) -> None:
    first = desk.log_in()
    desk.world.advance(timedelta(hours=2))

    second = refresh(desk, username="edi@acme.example", refreshToken=first["refreshToken"])

    assert 200 == second.status, second.body
    assert set(first) == set(second.json)
    desk.token = second.json["apiToken"]
    assert 200 == desk("GET", "/message/inbox").status
    again = refresh(desk, username="edi@acme.example", refreshToken=first["refreshToken"])
    assert (401, {"message": "Error occurred while refreshing the user session"}) == told(again)
    assert UNAUTHORIZED == told(desk("GET", "/message/inbox")), "a copied refresh token ends the session"


@transcript("401 instead of 500 for a bad refresh token")
def test_a_refresh_token_is_refused_when_it_is_over_foreign_or_for_another_user(desk: Desk) -> None:
    pair = desk.log_in()

    assert 401 == refresh(desk, refreshToken=pair["apiToken"]).status
    assert 401 == refresh(desk, refreshToken="x").status
    assert 401 == refresh(desk, username="somebody else", refreshToken=pair["refreshToken"]).status
    assert 200 == refresh(desk, refresh_token=pair["refreshToken"]).status
    late = desk.log_in()
    desk.world.advance(SESSION_LIFE)
    assert 401 == refresh(desk, refreshToken=late["refreshToken"]).status


@transcript("removing a credential ends its sessions")
def test_removing_a_credential_ends_its_sessions_at_once(desk: Desk) -> None:
    pair = desk.log_in()

    revoke_key(desk.acme.ports, desk.acme.space.account_id, desk.credential.key.handle)

    assert UNAUTHORIZED == told(desk("GET", "/message/inbox"))
    assert 401 == refresh(desk, refreshToken=pair["refreshToken"]).status
    assert 0 == desk.acme.count("session")


def test_a_credential_of_this_api_opens_no_other(desk: Desk) -> None:
    for shown in (desk.token, desk.credential.text):
        answer = desk.client.request("GET", "/v1/messages", None, {"Authorization": f"Bearer {shown}"})
        assert 401 == answer.status


def test_a_reader_changes_nothing(desk: Desk) -> None:
    wire_id = desk.sent()
    desk.token = desk.log_in(desk.issue("reader", Scope.READ))["apiToken"]

    assert 200 == desk("GET", "/message/outbox/queued").status
    assert 403 == desk.submit().status
    assert 403 == desk("DELETE", f"/message/outbox/{wire_id}").status
    assert 1 == desk.acme.count("message")
