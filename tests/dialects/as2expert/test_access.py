"""Who is let in, what a token may do, and in which words everything else is refused."""

import pytest

from tests.dialects.as2expert.conftest import Expert
from tests.peers import wire

READING = ["/stations", "/partners", "/certificates", "/messages", "/messages/folders", "/dashboard/kpis"]
WRITING = ["/messages/send", "/messages/mark-read", "/webhooks/configure", "/partners/create", "/stations/create"]


@pytest.mark.parametrize("path", ["/messages/send", "/messages", "/stations/create", "/nothing"])
@pytest.mark.parametrize("token", ["", "wrong", "ae_live_wrong", "{native}", "{mft}", "é"])
def test_without_a_token_of_this_api_nothing_is_done(expert: Expert, path: str, token: str) -> None:
    text = token
    if token == "{native}":
        text = expert.acme.api_key
    elif token == "{mft}":
        text = expert.acme.cli("key", "create", "--dialect", "mft", "--json").json["token_secret"]
    before = expert.message_count

    reply = wire.request(
        "POST",
        expert.base_url + path,
        headers={"Authorization": f"Bearer {text}".encode().decode("latin-1")} if text else {},
        body=b'{"partner": 1}',
    )

    assert (401, {"status": "error", "msg": "Invalid token", "code": "INVALID_API_KEY"}) == (reply.status, reply.json)
    assert before == expert.message_count


def test_a_token_opens_no_other_api(expert: Expert) -> None:
    assert 401 == expert.acme.api("GET", "/v1/messages", key=expert.token).status


def test_a_revoked_token_is_unknown(expert: Expert) -> None:
    made = expert.acme.cli("key", "create", "--dialect", "as2expert", "--json").json
    assert 200 == expert.call("/stations", token=made["token"]).status

    expert.acme.cli("key", "revoke", made["id"])

    assert (401, "Invalid token") == expert.error("/stations", token=made["token"])


def test_an_expired_token_is_refused(expert: Expert) -> None:
    made = expert.acme.api(
        "POST", "/v1/api-keys", body={"name": "soon", "dialect": "as2expert", "allowed_ips": ["192.0.2.1"]}
    ).json["data"]

    assert (403, "Address not allowed") == expert.error("/stations", token=made["token"])


@pytest.mark.parametrize("path", WRITING)
def test_a_reading_token_writes_nothing(expert: Expert, path: str) -> None:
    token = expert.new_token("--scopes", "read")

    assert (403, "Scope write requerido") == expert.error(path, {"id": 1}, token=token)


@pytest.mark.parametrize("path", READING)
def test_a_writing_token_reads_nothing_and_an_admin_reads_all(expert: Expert, path: str) -> None:
    assert (403, "Scope read requerido") == expert.error(path, token=expert.new_token("--scopes", "write"))
    assert 200 == expert.call(path, token=expert.new_token("--scopes", "admin")).status


def test_a_token_of_one_tenant_sees_nothing_of_another(expert: Expert) -> None:
    tenant = expert.acme.cli("tenant", "add", "--name", "Other", "--json").json
    token = expert.new_token("--tenant", tenant["id"])

    for path in ("/messages", "/partners", "/stations", "/certificates"):
        assert [] == expert.call(path, token=token).json["data"]
    assert (404, "Partner not found") == expert.error(
        "/messages/send", {"partner": expert.partner, "file_name": "a", "file_content": "YQ=="}, token=token
    )


@pytest.mark.parametrize(
    ("accepted", "told"),
    [
        ("", "Campo requerido: id"),
        ("es", "Campo requerido: id"),
        ("es-MX,en;q=0.5", "Campo requerido: id"),
        ("en-GB", "Required field: id"),
        ("fr,en", "Required field: id"),
        ("fr", "Campo requerido: id"),
    ],
)
def test_errors_are_told_in_the_language_that_is_asked_for(expert: Expert, accepted: str, told: str) -> None:
    assert (400, told) == expert.error("/messages/detail", {}, headers={"Accept-Language": accepted})


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"7", b'{"id": }', b"\xff", b'{"partner": 1', b"[" * 5000])
def test_what_is_no_object_is_refused(expert: Expert, body: bytes) -> None:
    before = expert.message_count

    status, told = expert.error("/messages/send", body)

    assert (400, "Invalid field body") == (status, told.partition(":")[0])
    assert before == expert.message_count


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_every_path_takes_post_alone(expert: Expert, method: str) -> None:
    reply = wire.request(method, f"{expert.base_url}/messages", headers={"Authorization": f"Bearer {expert.token}"})

    assert (405, "POST") == (reply.status, reply.header("Allow"))
    assert "error" == reply.json["status"]


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/messages/nothing", "/messages/send/more"])
def test_an_unknown_path_is_not_found(expert: Expert, path: str) -> None:
    assert (404, "Not found") == expert.error(path)


@pytest.mark.parametrize(
    "path",
    [
        "/auth/token",
        "/business-documents",
        "/business-documents/detail",
        "/business-documents/diagnostics",
        "/edifact/analyze",
        "/edifact/convert",
        "/edifact/acknowledge",
        "/edifact/skeleton",
    ],
)
def test_what_is_no_part_of_a_gateway_says_so(expert: Expert, path: str) -> None:
    assert (501, "Not available in this gateway") == expert.error(path, {"edifact": "UNB"})


def test_too_large_a_body_is_refused(expert: Expert) -> None:
    reply = wire.request(
        "POST",
        f"{expert.base_url}/messages/send",
        headers={"Authorization": f"Bearer {expert.token}", "Content-Length": str(1 << 40), "Expect": "100-continue"},
    )

    assert (413, "PAYLOAD_TOO_LARGE") == (reply.status, reply.json["code"])
