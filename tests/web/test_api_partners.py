"""`/v1/partners`: what is taken, what is shown, and to whom."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from acuse.domain.access import Mode, Scope
from acuse.domain.message import Step, Transmission
from tests.web.client import Client, Response
from tests.web.conftest import StartServer, World
from tests.web.test_api_send import problems, wish

PATH = "/v1/partners"
INITECH = {"name": "Initech", "as2_id": "INITECH-AS2", "url": "https://as2.initech.example/as2"}
FULL = {
    "email": "edi@initech.example",
    "active": False,
    "sign": True,
    "encrypt": True,
    "compress": True,
    "compression": "after_sign",
    "mdn_mode": "async",
    "mdn_signed": False,
    "mdn_url": "https://receipts.acme.example/as2",
    "receipt_within": 600,
    "sign_algorithm": "SHA512withRSA",
    "encrypt_algorithm": "AES256_CBC",
    "signature_scheme": "pss",
    "key_transport": "oaep",
    "accept": ["3des", "sha1"],
    "accept_unsigned_receipts": True,
    "sign_every_receipt": True,
    "ask_again": 2,
    "check_filenames": True,
    "profile": "as2-1.2",
    "quirks": ["plain-digest-names", "base64-parts"],
    "unknown_relation": "authentication-failed",
    "demand": ["signed"],
    "receipt_hosts": ["mdn.initech.example"],
    "timeout": 7.5,
    "retry_attempts": 3,
    "retry_first": 1,
    "retry_longest": 60,
    "retry_for": 600,
    "accept_expired_until": "2031-01-15T00:00:00.000000Z",
}
HTTP = {
    "redirect_hosts": ["other.initech.example"],
    "chunked": True,
    "keep_alive": False,
    "connect_timeout": 3,
    "concurrency": 2,
    "authentication": "digest",
    "basic_user": "acme",
    "basic_password": "opensesame",
    "headers": {"X-Token": "opensesame too"},
}


def create(client: Client, **fields: object) -> dict[str, Any]:
    answer = client.api("POST", PATH, {**INITECH, **fields})
    assert 201 == answer.status, answer.body
    made: dict[str, Any] = answer.json["data"]
    return made


def read(client: Client, partner_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = client.api("GET", f"{PATH}/{partner_id}").json["data"]
    return shown


def with_key(client: Client, key: str, method: str, path: str, content: object = None) -> Response:
    return client.api(method, path, content, Authorization=f"Bearer {key}")


def own_certificate(world: World) -> str:
    (entry,) = world.ports.views.certificates(world.station.id)
    return entry.x509_certificate.public_bytes(Encoding.PEM).decode()


def test_a_partner_is_made_as_the_document_says(client: Client) -> None:
    answer = client.api("POST", PATH, INITECH)

    assert (201, "Partner created successfully") == (answer.status, answer.json["message"])
    made = answer.json["data"]
    assert {
        **INITECH,
        "id": "prt_000002",
        "type": "tenant",
        "active": True,
        "email": None,
        "sign": True,
        "encrypt": True,
        "compress": False,
        "mdn_mode": "sync",
        "mdn_url": None,
        "sign_algorithm": "SHA256withRSA",
        "encrypt_algorithm": "AES128_CBC",
        "encryption_cert_id": None,
        "signing_cert_id": None,
        "certificates": [],
    }.items() <= made.items()
    assert made == read(client, "prt_000002")
    assert [made["id"]] == [row["id"] for row in client.api("GET", f"{PATH}?search=initech").json["data"]]


def test_every_field_is_taken_and_shown_again(client: Client, world: World) -> None:
    made = create(client, **FULL, http=HTTP, certificate=own_certificate(world))

    assert {**made, **FULL} == made
    hidden = {**HTTP, "basic_password": "***", "headers": {"X-Token": "***"}}
    assert {**made["http"], **hidden} == made["http"]
    assert made == read(client, made["id"])
    assert made["certificates"][0]["id"] == made["encryption_cert_id"] == made["signing_cert_id"]
    kept = world.ports.views.partner_view(world.ports.views.partner(world.space, 2).id).credentials
    assert ("opensesame", (("X-Token", "opensesame too"),)) == (kept.basic_password, kept.headers)


def test_what_was_read_can_be_written_back_unchanged(client: Client, world: World) -> None:
    made = create(client, **FULL, http=HTTP)

    answer = client.api("PATCH", f"{PATH}/{made['id']}", made)

    assert (200, made) == (answer.status, answer.json["data"])
    kept = world.ports.views.credentials(world.ports.views.partner(world.space, 2).id)
    assert "opensesame" == kept.basic_password


@pytest.mark.parametrize(
    ("field", "value"),
    [(name, value) for name, value in FULL.items() if name not in ("sign", "encrypt")]
    + [("name", "New"), ("sign", False)],
)
def test_a_change_concerns_only_what_it_names(client: Client, field: str, value: object) -> None:
    made = create(client)

    answer = client.api("PATCH", f"{PATH}/{made['id']}", {field: value})

    changed = answer.json["data"]
    by_field: dict[str, dict[str, object]] = {
        "compress": {"compression": "before_sign"},
        "compression": {"compress": True},
        "sign": {"sign_algorithm": None},
    }
    linked = by_field.get(field, {})
    assert {**made, field: value, **linked, "updated_at": changed["updated_at"]} == changed
    assert changed == read(client, made["id"])


def test_null_empties_what_may_be_empty_and_leaves_the_rest(client: Client) -> None:
    made = create(client, **FULL, http=HTTP)

    emptied = ("email", "mdn_url", "unknown_relation", "accept_expired_until", "retry_attempts")
    http = {"basic_user": None, "basic_password": None, "headers": None}
    answer = client.api(
        "PATCH", f"{PATH}/{made['id']}", {**dict.fromkeys(emptied), "http": http, "name": None, "timeout": None}
    )

    changed = answer.json["data"]
    assert {**made, **dict.fromkeys(emptied), "updated_at": changed["updated_at"]} == {**changed, "http": made["http"]}
    assert (None, None, {}) == (
        changed["http"]["basic_user"],
        changed["http"]["basic_password"],
        changed["http"]["headers"],
    )


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"compression": True}, {"compress": True, "compression": "before_sign"}),
        ({"compression": "after_sign", "compress": False}, {"compress": False, "compression": "none"}),
        (
            {"sign": False, "sign_algorithm": "SHA512withRSA"},
            {"sign": False, "sign_algorithm": None, "demand": ["encrypted"]},
        ),
        ({"sign_algorithm": "sha-384"}, {"sign_algorithm": "SHA384withRSA"}),
        ({"encrypt_algorithm": "3DES"}, {"encrypt_algorithm": "3DES"}),
        ({"encrypt_algorithm": "DES_EDE3_CBC"}, {"encrypt_algorithm": "3DES"}),
        ({"profile": "as2-1.3"}, {"encrypt_algorithm": "AES128_GCM"}),
        ({"profile": "as2-1.3", "encrypt_algorithm": "AES256_CBC"}, {"encrypt_algorithm": "AES256_CBC"}),
        ({"preset": "mulesoft"}, {"quirks": ["base64-parts"]}),
        ({"preset": "mulesoft", "quirks": []}, {"quirks": []}),
        (
            {"retry_attempts": 3, "retry_interval": 300},
            {"retry_first": 300, "retry_longest": 300, "retry_interval": 300},
        ),
        ({"retry_attempts": 1000, "retry_interval": 300}, {"retry_attempts": 1000, "retry_for": 300300}),
    ],
)
def test_other_spellings_and_shorthands_are_understood(
    client: Client, given: dict[str, object], shown: dict[str, object]
) -> None:
    made = create(client, **given)

    assert shown.items() <= made.items()


BAD: list[tuple[dict[str, object], str]] = [
    ({"name": None}, "name"),
    ({"name": 7}, "name"),
    ({"name": "x" * 256}, "name"),
    ({"name": "  "}, "name"),
    ({"as2_id": None}, "as2_id"),
    ({"as2_id": "x" * 129}, "as2_id"),
    ({"as2_id": "É"}, "as2_id"),
    ({"as2_id": " X"}, "as2_id"),
    ({"url": None}, "url"),
    ({"url": "as2.initech.example"}, "url"),
    ({"url": "ftp://as2.initech.example/"}, "url"),
    ({"url": "http://127.0.0.1/"}, "url"),
    ({"url": "http://localhost:1/"}, "url"),
    ({"url": "https://192.168.1.7/"}, "url"),
    ({"url": "https://" + "a" * 2100}, "url"),
    ({"email": "nobody"}, "email"),
    ({"email": "a@b\n"}, "email"),
    ({"active": "yes"}, "active"),
    ({"sign": 1}, "sign"),
    ({"encrypt": "true"}, "encrypt"),
    ({"compress": "no"}, "compress"),
    ({"compression": "zip"}, "compression"),
    ({"mdn_mode": "pigeon"}, "mdn_mode"),
    ({"mdn_signed": 0}, "mdn_signed"),
    ({"mdn_url": "x"}, "mdn_url"),
    ({"receipt_within": 0}, "receipt_within"),
    ({"sign_algorithm": "MD5withRSA"}, "sign_algorithm"),
    ({"encrypt_algorithm": "RC2"}, "encrypt_algorithm"),
    ({"profile": "as2-1.3", "sign_algorithm": "SHA1withRSA"}, "sign_algorithm"),
    ({"profile": "as2-1.3", "encrypt_algorithm": "3DES"}, "encrypt_algorithm"),
    ({"signature_scheme": "dsa"}, "signature_scheme"),
    ({"key_transport": "kem"}, "key_transport"),
    ({"accept": "sha1"}, "accept"),
    ({"accept": ["md5"]}, "accept"),
    ({"check_filenames": "x"}, "check_filenames"),
    ({"profile": "as2-9"}, "profile"),
    ({"preset": "acme"}, "preset"),
    ({"quirks": ["loud"]}, "quirks"),
    ({"unknown_relation": "who"}, "unknown_relation"),
    ({"demand": ["sealed"]}, "demand"),
    ({"ask_again": 11}, "ask_again"),
    ({"accept_unsigned_receipts": "x"}, "accept_unsigned_receipts"),
    ({"sign_every_receipt": 1}, "sign_every_receipt"),
    ({"http": {"authentication": "ntlm"}}, "http.authentication"),
    ({"receipt_hosts": "x"}, "receipt_hosts"),
    ({"timeout": 0}, "timeout"),
    ({"timeout": "60"}, "timeout"),
    ({"timeout": 1e300}, "timeout"),
    ({"retry_attempts": -1}, "retry_attempts"),
    ({"retry_attempts": "many"}, "retry_attempts"),
    ({"retry_interval": True}, "retry_interval"),
    ({"retry_first": 0}, "retry_first"),
    ({"retry_longest": 400 * 86400}, "retry_longest"),
    ({"retry_for": -1}, "retry_for"),
    ({"accept_expired_until": "soon"}, "accept_expired_until"),
    ({"http": "fast"}, "http"),
    ({"http": {"authorities": "no PEM"}}, "http.authorities"),
    ({"http": {"authorities": 7}}, "http.authorities"),
    ({"http": {"redirect_hosts": ["a b"]}}, "http.redirect_hosts"),
    ({"http": {"chunked": "x"}}, "http.chunked"),
    ({"http": {"keep_alive": 1}}, "http.keep_alive"),
    ({"http": {"connect_timeout": 0}}, "http.connect_timeout"),
    ({"http": {"concurrency": 65}}, "http.concurrency"),
    ({"http": {"basic_user": "opensesame"}}, "http.basic_user"),
    ({"http": {"basic_user": "a:b", "basic_password": "opensesame"}}, "http.basic_user"),
    ({"http": {"basic_user": "a", "basic_password": "***"}}, "http.basic_password"),
    ({"http": {"client_certificate": "x", "client_key": "y"}}, "http.client_certificate"),
    ({"http": {"headers": {"Host": "x"}}}, "http.headers"),
    ({"http": {"headers": {"X": 7}}}, "http.headers"),
    ({"http": {"headers": {"X": "a\nb"}}}, "http.headers"),
    ({"certificate": "no PEM"}, "certificate"),
    ({"certificate": 7}, "certificate"),
]


@pytest.mark.parametrize(("fields", "field"), BAD, ids=str)
def test_a_wrong_field_is_named_and_nothing_is_stored(
    shared_client: Client, shared_world: World, fields: dict[str, object], field: str
) -> None:
    answer = shared_client.api("POST", PATH, {**INITECH, **fields})

    assert [field] == list(problems(answer))
    assert b"opensesame" not in answer.body
    assert 1 == len(shared_world.ports.views.partners(shared_world.space))


@pytest.mark.parametrize(
    ("fields", "field"), [each for each in BAD if each[1] != "certificate" and None not in each[0].values()], ids=str
)
def test_a_wrong_change_changes_nothing(
    shared_client: Client, shared_world: World, fields: dict[str, object], field: str
) -> None:
    before = shared_world.ports.views.partner_view(shared_world.partner.id)

    answer = shared_client.api("PATCH", f"{PATH}/prt_000001", {"email": "new@globex.example", **fields})

    assert [field] == list(problems(answer))
    assert before == shared_world.ports.views.partner_view(shared_world.partner.id)


def test_all_that_is_wrong_is_told_at_once(shared_client: Client) -> None:
    answer = shared_client.api("POST", PATH, {"timeout": "x", "http": {"chunked": 7}})

    assert {"name", "as2_id", "url", "timeout", "http.chunked"} == set(problems(answer))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
def test_a_body_that_is_no_object_is_refused(shared_client: Client, body: bytes) -> None:
    assert ["body"] == list(problems(shared_client.api("POST", PATH, body)))
    assert ["body"] == list(problems(shared_client.api("PATCH", f"{PATH}/prt_000001", body)))


def test_an_as2_id_belongs_to_one_partner_of_a_tenant(client: Client, world: World) -> None:
    made = create(client)

    again = client.api("POST", PATH, {**INITECH, "name": "Another"})
    taken = client.api("PATCH", f"{PATH}/{made['id']}", {"as2_id": "GLOBEX"})
    key = world.new_key(*Scope, tenant=world.new_tenant("Other"))
    elsewhere = with_key(client, key, "POST", PATH, INITECH)

    assert [(409, "ALREADY_EXISTS")] * 2 == [(each.status, each.json["error"]["code"]) for each in (again, taken)]
    assert 201 == elsewhere.status
    assert "INITECH-AS2" == read(client, made["id"])["as2_id"]


def test_a_deactivated_partner_gets_nothing_until_it_is_active_again(client: Client) -> None:
    client.api("PATCH", f"{PATH}/prt_000001", {"active": False})
    refused = client.api("POST", "/v1/messages", wish())
    client.api("PATCH", f"{PATH}/prt_000001", {"active": True})

    assert (400, "PARTNER_INACTIVE") == (refused.status, refused.json["error"]["code"])
    assert 202 == client.api("POST", "/v1/messages", wish()).status


def test_changed_terms_hold_for_the_next_message(client: Client) -> None:
    client.api("PATCH", f"{PATH}/prt_000001", {"encrypt": False, "mdn_mode": "none"})

    sent = client.api("POST", "/v1/messages", wish()).json["data"]

    assert (False, True, "none") == (sent["encrypted"], sent["signed"], sent["mdn_mode"])


def test_a_partner_without_a_certificate_is_taken_and_its_messages_are_not(client: Client) -> None:
    made = create(client)

    answer = client.api("POST", "/v1/messages", wish(partner_id=made["id"]))

    assert (400, "ENCRYPTION_FAILED") == (answer.status, answer.json["error"]["code"])


def test_a_list_is_filtered_searched_and_paged(client: Client) -> None:
    for number in range(3):
        create(
            client, as2_id=f"INI-{number}", name=f"Ini 100% {number}", active=number > 0, email=f"n{number}@ini.example"
        )

    def found(query: str) -> list[str]:
        return [row["as2_id"] for row in client.api("GET", f"{PATH}?{query}").json["data"]]

    assert ["GLOBEX", "INI-0", "INI-1", "INI-2"] == found("") == found("type=tenant") == found("type=all")
    assert [] == found("type=inherited")
    assert ["INI-0"] == found("active=false") == found("active=0")
    assert ["INI-1", "INI-2"] == found("active=true&search=ini-")
    assert ["INI-0", "INI-1", "INI-2"] == found("search=100%25")
    assert [] == found("search=100_")
    assert ["INI-2"] == found("search=N2@INI")
    page = client.api("GET", f"{PATH}?per_page=3&page=2").json
    assert ["INI-2"] == [row["as2_id"] for row in page["data"]]
    assert {"current_page": 2, "last_page": 2, "per_page": 3, "total": 4, "has_more": False} == page["pagination"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("per_page=101", "per_page"),
        ("active=maybe", "active"),
        ("type=foreign", "type"),
        ("search=" + "x" * 256, "search"),
    ],
)
def test_a_wrong_query_is_named(shared_client: Client, query: str, field: str) -> None:
    assert [field] == list(problems(shared_client.api("GET", f"{PATH}?{query}")))


def test_a_deleted_partner_is_gone_and_its_as2_id_is_free(client: Client, world: World) -> None:
    made = create(client, certificate=own_certificate(world))

    answer = client.api("DELETE", f"{PATH}/{made['id']}")

    assert (200, {"message": "Partner deleted successfully"}) == (answer.status, answer.json)
    for method in ("GET", "PATCH", "DELETE"):
        gone = client.api(method, f"{PATH}/{made['id']}", {})
        assert (404, "PARTNER_NOT_FOUND") == (gone.status, gone.json["error"]["code"])
    assert (404, "PARTNER_NOT_FOUND") == (
        (sent := client.api("POST", "/v1/messages", wish(partner_id=made["id"]))).status,
        sent.json["error"]["code"],
    )
    assert ["GLOBEX"] == [row["as2_id"] for row in client.api("GET", PATH).json["data"]]
    assert made["id"] not in [held.owner.handle for held in world.ports.views.held_certificates(world.space)]
    assert "prt_000003" == create(client)["id"]


def test_messages_of_a_deleted_partner_stay(client: Client, world: World) -> None:
    sent = client.api("POST", "/v1/messages", wish()).json["data"]
    stored = world.message(sent["id"]).step(Step.START, now=datetime.now(UTC))
    world.save(replace(stored, transmission=Transmission.FAILED))

    assert 200 == client.api("DELETE", f"{PATH}/prt_000001").status

    shown = client.api("GET", f"/v1/messages/{sent['id']}").json["data"]
    assert ("prt_000001", "GLOBEX", "failed") == (shown["partner"]["id"], shown["to_as2_id"], shown["status"])
    assert 200 == client.api("GET", f"/v1/messages/{sent['id']}/payload").status


def test_a_partner_with_open_messages_is_not_deleted_unless_they_may_be_cancelled(client: Client) -> None:
    ids = [
        client.api("POST", "/v1/messages", wish(**more)).json["data"]["id"]
        for more in ({}, {"scheduled_at": "2031-01-01"})
    ]

    refused = client.api("DELETE", f"{PATH}/prt_000001")

    assert (409, "IN_USE") == (refused.status, refused.json["error"]["code"])
    assert {"partner_id": "prt_000001", "open_messages": 2} == refused.json["error"]["details"]
    assert 200 == client.api("GET", f"{PATH}/prt_000001").status
    assert 200 == client.api("DELETE", f"{PATH}/prt_000001?cancel=true").status
    for sent in ids:
        shown = client.api("GET", f"/v1/messages/{sent}").json["data"]
        assert ("failed", "CANCELLED") == (shown["status"], shown["error"]["code"])


def test_what_is_under_way_keeps_its_partner(client: Client, world: World) -> None:
    sent = client.api("POST", "/v1/messages", wish()).json["data"]
    world.save(world.message(sent["id"]).step(Step.START, now=datetime.now(UTC)))

    refused = client.api("DELETE", f"{PATH}/prt_000001?cancel=true")

    assert (409, 1) == (refused.status, refused.json["error"]["details"]["open_messages"])
    assert 200 == client.api("GET", f"{PATH}/prt_000001").status


def test_what_happens_to_partners_is_told_as_it_was(client: Client) -> None:
    client.api("POST", "/v1/webhook-endpoints", {"url": "https://erp.acme.example/", "events": ["partner.updated"]})
    made = create(client, http=HTTP)
    changed = client.api("PATCH", f"{PATH}/{made['id']}", {"name": "Initech Ltd"}).json["data"]
    client.api("PATCH", f"{PATH}/{made['id']}", {"name": "Initech Ltd"})
    client.api("DELETE", f"{PATH}/{made['id']}")

    events = client.api("GET", "/v1/events").json["data"]

    assert ["partner.created", "partner.updated", "partner.deleted"] == [event["type"] for event in events]
    assert [made, changed] == [event["data"] for event in events[:2]]
    assert "Initech Ltd" == events[2]["data"]["name"]
    (delivery,) = client.api("GET", "/v1/webhook-endpoints/wh_000001/deliveries").json["data"]
    assert ("partner.updated", made["id"], None) == (delivery["event"], delivery["partner_id"], delivery["message_id"])


def test_a_url_that_the_operator_gave_loses_its_rights_when_the_api_changes_it(client: Client, world: World) -> None:
    def is_vouched() -> bool:
        return world.ports.views.partner(world.space, 1).url_is_vouched

    client.api("PATCH", f"{PATH}/prt_000001", {"name": "still the operator's", "url": world.partner.url})
    assert is_vouched()
    problems(client.api("PATCH", f"{PATH}/prt_000001", {"url": "http://127.0.0.1:9/other"}))
    assert is_vouched()
    assert 200 == client.api("PATCH", f"{PATH}/prt_000001", {"url": "https://as2.globex.example/"}).status
    assert not is_vouched()


def test_an_operator_may_allow_private_networks(start: StartServer) -> None:
    assert "http://127.0.0.1:9/x" == create(start(allow_private_networks=True), url="http://127.0.0.1:9/x")["url"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", PATH, Scope.READ),
        ("POST", PATH, Scope.WRITE),
        ("GET", f"{PATH}/prt_000007", Scope.READ),
        ("PATCH", f"{PATH}/prt_000007", Scope.WRITE),
        ("DELETE", f"{PATH}/prt_000007", Scope.DELETE),
    ],
)
def test_a_call_needs_its_scope(
    shared_client: Client, shared_world: World, method: str, path: str, scope: Scope
) -> None:
    others = [each for each in Scope if each not in (scope, Scope.ADMIN)]

    refused = with_key(shared_client, shared_world.new_key(*others), method, path, {})
    taken = with_key(shared_client, shared_world.new_key(scope), method, path, {})

    assert (403, "INSUFFICIENT_SCOPE") == (refused.status, refused.json["error"]["code"])
    assert taken.status in (200, 404, 422)


def test_nothing_of_another_tenant_can_be_seen_or_touched(client: Client, world: World) -> None:
    foreign = world.new_key(*Scope, tenant=world.new_tenant("Other"))

    for method in ("GET", "PATCH", "DELETE"):
        answer = with_key(client, foreign, method, f"{PATH}/prt_000001", {"name": "Stolen"})
        assert (404, "PARTNER_NOT_FOUND") == (answer.status, answer.json["error"]["code"])
    assert [] == with_key(client, foreign, "GET", PATH).json["data"]
    assert "Globex" == read(client, "prt_000001")["name"]


def test_a_key_of_test_mode_reads_and_changes_nothing(shared_client: Client, shared_world: World) -> None:
    key = shared_world.new_key(*Scope, mode=Mode.TEST)

    for method, path in [("POST", PATH), ("PATCH", f"{PATH}/prt_000001"), ("DELETE", f"{PATH}/prt_000001")]:
        answer = with_key(shared_client, key, method, path, INITECH)
        assert (403, "LIVE_KEY_REQUIRED") == (answer.status, answer.json["error"]["code"])
    assert 200 == with_key(shared_client, key, "GET", f"{PATH}/prt_000001").status


@pytest.mark.parametrize("name", ["prt_1", "prt_0000001", "msg_000001", "x", "prt_000099"])
def test_an_unknown_id_is_not_found(shared_client: Client, name: str) -> None:
    assert 404 == shared_client.api("GET", f"{PATH}/{name}").status


def test_no_secret_is_in_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    made = create(client, http=HTTP)
    client.api("PATCH", f"{PATH}/{made['id']}", {"http": {"basic_password": "opensesame"}})

    lines = [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
    assert lines
    assert not [line for line in lines if "opensesame" in line]
