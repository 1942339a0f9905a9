"""The login of a partner: what is kept of it, and what it admits."""

from base64 import b64encode

import pytest

from acuse.domain.login import SALT_SIZE, Login, make_login
from acuse.errors import InvalidInput

PASSWORD = "correct horse battery"
SALT = bytes(range(SALT_SIZE))


@pytest.fixture(scope="module")
def login() -> Login:
    return make_login("globex", PASSWORD, salt=SALT)


def basic(user: str, password: str, *, scheme: str = "Basic") -> str:
    return f"{scheme} {b64encode(f'{user}:{password}'.encode()).decode()}"


@pytest.mark.rfc(7617, "2")
@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC "])
def test_right_user_and_password_are_admitted(login: Login, scheme: str) -> None:
    assert login.admits(basic("globex", PASSWORD, scheme=scheme))


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Basic",
        "Basic !!!",
        "Basic " + b64encode(b"globex").decode(),
        "Basic " + b64encode(b"\xff\xfe:x").decode(),
        basic("globex", PASSWORD, scheme="Bearer"),
        basic("globex", PASSWORD + "x"),
        basic("globex", ""),
        basic("Globex", PASSWORD),
        basic("", PASSWORD),
        basic("globex", "x" * 100_000),
    ],
    ids=str,
)
def test_everything_else_is_not(login: Login, authorization: str | None) -> None:
    assert not login.admits(authorization)


def test_colon_and_other_letters_in_a_password_are_part_of_it() -> None:
    login = make_login("globex", "mot:de:passé long", salt=SALT)

    assert login.admits(basic("globex", "mot:de:passé long"))


def test_password_is_not_kept_and_its_hash_depends_on_the_salt(login: Login) -> None:
    other = make_login("globex", PASSWORD, salt=bytes(SALT_SIZE))

    assert PASSWORD not in repr(login)
    assert login.password_hash != other.password_hash


@pytest.mark.parametrize(
    ("user", "password", "field"),
    [
        ("", PASSWORD, "login_user"),
        ("a:b", PASSWORD, "login_user"),
        ("a\nb", PASSWORD, "login_user"),
        ("x" * 256, PASSWORD, "login_user"),
        ("globex", "too short", "login_password"),
        ("globex", "with a \x00 in it", "login_password"),
        ("globex", "x" * 256, "login_password"),
    ],
)
def test_login_that_cannot_be_shown_or_is_weak_is_refused(user: str, password: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_login(user, password, salt=SALT)

    assert [field] == list(refused.value.fields)
