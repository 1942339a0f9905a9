"""`/v1/certificates`: what is taken, what is shown, to whom, and what of it is used afterwards."""

import base64
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from acuse.cms import KeyPair, self_signed
from acuse.domain.access import Mode, Scope
from acuse.services.manage_certificates import BACKDATED
from tests.web.client import Client, Response
from tests.web.conftest import World
from tests.web.test_api_send import problems, wish

PATH = "/v1/certificates"
DAY = timedelta(days=1)
NOW = datetime.now(UTC)
IDENTITY = {"commonName": "as2.acme.example", "organization": "Acme", "country": "ES"}


def make_pair(name: str = "globex.example", *, start: timedelta = -DAY, end: timedelta = 90 * DAY) -> KeyPair:
    return self_signed(name, not_before=NOW + start, not_after=NOW + end)


def pem(pair: KeyPair) -> str:
    return pair.certificate.public_bytes(Encoding.PEM).decode()


def der(pair: KeyPair) -> bytes:
    return pair.certificate.public_bytes(Encoding.DER)


def key_pem(pair: KeyPair) -> str:
    return pair.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def openssl(*arguments: str | Path) -> bytes:
    """What the command writes."""
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout


def p12(folder: Path, pair: KeyPair, password: str, *chain: KeyPair) -> bytes:
    """Written by OpenSSL."""
    source, extra = folder / "pair.pem", folder / "chain.pem"
    source.write_text(key_pem(pair) + pem(pair))
    extra.write_text("".join(pem(each) for each in chain))
    more: list[str | Path] = ["-certfile", extra] if chain else []
    return openssl("pkcs12", "-export", "-in", source, "-passout", f"pass:{password}", *more)


def form(client: Client, path: str, fields: Mapping[str, str], file: bytes, filename: str = "c.bin") -> Response:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    head = f'--b\r\nContent-Disposition: form-data; name="certificate"; filename="{filename}"\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + file + b"\r\n--b--\r\n"
    return client.api("POST", path, body, Content_Type="multipart/form-data; boundary=b")


def made(answer: Response) -> dict[str, Any]:
    assert (201, "Certificate uploaded successfully") == (answer.status, answer.json.get("message")), answer.body
    data: dict[str, Any] = answer.json["data"]
    return data


def read(client: Client, certificate_id: str) -> dict[str, Any]:
    data: dict[str, Any] = client.api("GET", f"{PATH}/{certificate_id}").json["data"]
    return data


def ids(client: Client, query: str = "") -> list[str]:
    answer = client.api("GET", f"{PATH}{query}")
    assert 200 == answer.status, answer.body
    return [row["id"] for row in answer.json["data"]]


def test_a_partners_certificate_is_taken_as_json_and_used_for_the_next_message(client: Client, world: World) -> None:
    pair = make_pair()

    shown = made(
        client.api(
            "POST",
            PATH,
            {"name": "Globex 2027", "type": "encryption", "certificate": pem(pair), "partner_id": "prt_000001"},
        )
    )

    assert {
        "id": "cert_000003",
        "name": "Globex 2027",
        "type": "partner",
        "usage": "encryption",
        "subject": "CN=globex.example",
        "issuer": "CN=globex.example",
        "active": True,
        "partner_id": "prt_000001",
        "station_id": None,
    }.items() <= shown.items()
    assert shown == read(client, "cert_000003")
    partner = client.api("GET", "/v1/partners/prt_000001").json["data"]
    assert ("cert_000003", "cert_000002") == (partner["encryption_cert_id"], partner["signing_cert_id"])


@pytest.mark.parametrize("kind", ["pem", "der", "pkcs7"])
def test_a_partners_certificate_is_taken_from_a_form_whatever_its_kind(
    client: Client, tmp_path: Path, kind: str
) -> None:
    pair = make_pair()
    (tmp_path / "c.pem").write_text(pem(pair))
    pkcs7 = openssl("crl2pkcs7", "-nocrl", "-certfile", tmp_path / "c.pem", "-outform", "DER")
    file = {"pem": pem(pair).encode(), "der": der(pair), "pkcs7": pkcs7}[kind]

    shown = made(
        form(client, PATH, {"name": "New", "type": "partner", "usage": "both", "partnerId": "prt_000001"}, file)
    )

    assert ("partner", "both", "prt_000001") == (shown["type"], shown["usage"], shown["partner_id"])
    assert pair.certificate == x509.load_pem_x509_certificate(client.api("GET", f"{PATH}/{shown['id']}/download").body)


def test_a_partners_own_path_takes_and_lists_its_certificates(client: Client) -> None:
    shown = made(
        form(client, "/v1/partners/prt_000001/certificates", {"name": "N", "usage": "signing"}, der(make_pair()))
    )

    listed = client.api("GET", "/v1/partners/prt_000001/certificates").json["data"]
    assert ["cert_000002", "cert_000003"] == [row["id"] for row in listed]
    assert shown == listed[1]


@pytest.mark.parametrize("password", ["opensesame", "contraseña"])
def test_an_identity_is_taken_from_pkcs12_with_its_chain(client: Client, tmp_path: Path, password: str) -> None:
    pair, other = make_pair("ours.example"), make_pair("authority.example")

    shown = made(form(client, PATH, {"type": "identity", "password": password}, p12(tmp_path, pair, password, other)))

    assert ("identity", "stn_000001", None) == (shown["type"], shown["station_id"], shown["partner_id"])
    query = "format=pkcs12&password=another&includeChain=1"
    key, certificate, chain = pkcs12.load_key_and_certificates(
        client.api("GET", f"{PATH}/{shown['id']}/download?{query}").body, b"another"
    )
    assert (pair.certificate, [other.certificate]) == (certificate, chain)
    assert isinstance(key, RSAPrivateKey)
    assert pair.private_key.public_key() == key.public_key()


def test_an_identity_is_taken_as_json_with_its_private_key_beside_it_and_signs(client: Client, world: World) -> None:
    pair = make_pair("ours.example")

    shown = made(client.api("POST", PATH, {"name": "Ours", "certificate": pem(pair), "privateKey": key_pem(pair)}))

    assert "PRIVATE" not in str(shown)
    kept = world.ports.views.certificate(world.space, 3).entry.key_pair
    assert kept is not None
    assert pair.private_key.public_key() == kept.private_key.public_key()


def test_pkcs12_in_base64_is_taken_as_json(client: Client, tmp_path: Path) -> None:
    file = base64.b64encode(p12(tmp_path, make_pair("ours.example"), "pw")).decode()

    assert "identity" == made(client.api("POST", PATH, {"certificate": file, "password": "pw"}))["type"]


GOOD = make_pair()
EXPIRED = make_pair(start=-9 * DAY, end=-DAY)
FUTURE = make_pair(start=9 * DAY)


def short_certificate() -> str:
    key = ("-newkey", "rsa:1024", "-nodes", "-keyout", "/dev/null")
    return openssl("req", "-x509", *key, "-subj", "/CN=short", "-days", "9").decode()


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"certificate": None}, "certificate", "required"),
        ({"certificate": 7}, "certificate", "Must be"),
        ({"certificate": "%%%"}, "certificate", "Must be"),
        ({"certificate": "bm8="}, "certificate", "no certificate"),
        ({"certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}, "certificate", "no cert"),
        ({"certificate": pem(EXPIRED)}, "certificate", "expired on"),
        ({"certificate": pem(FUTURE)}, "certificate", "is not valid before"),
        ({"certificate": short_certificate()}, "certificate", "1024 bits"),
        ({"certificate": pem(GOOD), "private_key": key_pem(GOOD)}, "private_key", "never kept"),
        ({"certificate": pem(GOOD) + key_pem(GOOD)}, "certificate", "never kept"),
        ({"certificate": pem(GOOD), "type": "root"}, "type", "Must be one of"),
        ({"certificate": pem(GOOD), "type": "identity"}, "partner_id", "identity is ours"),
        ({"certificate": pem(GOOD), "usage": "all"}, "usage", "Must be one of"),
        ({"certificate": pem(GOOD), "owner": "me"}, "owner", "Must be one of"),
        ({"certificate": pem(GOOD), "name": ""}, "name", "1 to 255"),
        ({"certificate": pem(GOOD), "name": 7}, "name", "string"),
        ({"certificate": pem(GOOD), "active_from": "soon"}, "active_from", "ISO 8601"),
        ({"certificate": pem(GOOD), "activeUntil": "2020-01-01"}, "activeUntil", "after the activation"),
        ({"certificate": pem(GOOD), "stationId": "stn_000001"}, "stationId", "leave this out"),
        ({"certificate": pem(GOOD), "password": 7}, "password", "string"),
    ],
)
def test_a_partners_certificate_that_cannot_be_used_is_refused_by_field_and_nothing_is_stored(
    client: Client, given: dict[str, object], field: str, words: str
) -> None:
    answer = client.api("POST", PATH, {"partner_id": "prt_000001", **given})

    assert 422 == answer.status, answer.body
    assert [field] == list(problems(answer))
    assert words in problems(answer)[field][0]
    assert ["cert_000001", "cert_000002"] == ids(client)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"certificate": pem(GOOD)}, "private_key"),
        ({"certificate": pem(GOOD), "private_key": key_pem(EXPIRED)}, "private_key"),
        ({"certificate": pem(GOOD), "privateKey": "abc"}, "privateKey"),
        ({"certificate": pem(GOOD), "private_key": key_pem(GOOD), "station_id": "stn_000009"}, "station_id"),
        ({"certificate": pem(EXPIRED), "private_key": key_pem(EXPIRED)}, "certificate"),
        ({"certificate": pem(GOOD), "type": "partner"}, "partner_id"),
    ],
)
def test_an_identity_that_cannot_be_used_is_refused_by_field_and_nothing_is_stored(
    client: Client, given: dict[str, object], field: str
) -> None:
    answer = client.api("POST", PATH, given)

    assert (422, [field]) == (answer.status, list(problems(answer)))
    assert ["cert_000001", "cert_000002"] == ids(client)


def test_the_wrong_password_of_a_pkcs12_is_refused_without_a_word_of_it(client: Client, tmp_path: Path) -> None:
    answer = form(client, PATH, {"password": "guess"}, p12(tmp_path, make_pair(), "opensesame"))

    assert (422, ["certificate"]) == (answer.status, list(problems(answer)))
    assert b"guess" not in answer.body


def test_a_file_that_is_too_large_is_refused(client: Client) -> None:
    assert 413 == form(client, PATH, {}, b"x" * 300_000).status


def test_another_kind_of_body_is_refused(client: Client) -> None:
    answer = client.api("POST", PATH, b"x", Content_Type="application/x-pem-file")

    assert (400, "INVALID_CONTENT_TYPE") == (answer.status, answer.json["error"]["code"])


def test_the_same_certificate_twice_is_a_conflict(client: Client) -> None:
    body = {"partner_id": "prt_000001", "certificate": pem(make_pair())}
    made(client.api("POST", PATH, body))

    assert (409, 3) == (client.api("POST", PATH, body).status, len(ids(client)))


def test_a_certificate_that_begins_later_is_taken_with_its_activation(client: Client) -> None:
    pair = make_pair(start=9 * DAY)
    at = (NOW + 10 * DAY).isoformat()

    shown = made(client.api("POST", PATH, {"partner_id": "prt_000001", "certificate": pem(pair), "active_from": at}))

    assert ("pending", False) == (shown["state"], shown["active"])
    assert "cert_000002" == client.api("GET", "/v1/partners/prt_000001").json["data"]["encryption_cert_id"]


def test_lists_are_filtered_as_documented(client: Client) -> None:
    for days in (10, 50):
        body = {"partner_id": "prt_000001", "certificate": pem(make_pair(end=days * DAY))}
        made(client.api("POST", PATH, body))
    client.api("PATCH", f"{PATH}/cert_000004", {"active": False})

    assert ["cert_000001", "cert_000002", "cert_000003", "cert_000004"] == ids(client)
    assert ["cert_000001"] == ids(client, "?type=identity")
    assert ["cert_000002", "cert_000003", "cert_000004"] == ids(client, "?partnerId=prt_000001")
    assert ["cert_000004"] == ids(client, "?active=0")
    assert ["cert_000003"] == ids(client, "?expires_soon=true")
    assert ["cert_000003", "cert_000004"] == ids(client, "?expiringWithin=60")
    assert ["cert_000004"] == ids(client, "?type=partner&expiring_within=60&page=2&per_page=1")
    assert ["cert_000002"] == ids(client, "?scope=partner&expires_soon=0&active=true")
    assert 404 == client.api("GET", f"{PATH}?partner_id=prt_000009").status
    for query in ("type=x", "active=maybe", "expiringWithin=x", "per_page=0", "scope=x"):
        assert 422 == client.api("GET", f"{PATH}?{query}").status


def test_a_certificate_is_changed_retired_and_activated_again(client: Client) -> None:
    made(client.api("POST", PATH, {"partner_id": "prt_000001", "certificate": pem(make_pair())}))
    where = f"{PATH}/cert_000003"

    changed = client.api("PATCH", where, {"name": "Second", "usage": "signing"}).json
    assert ("Certificate updated successfully", "Second", "signing") == (
        changed["message"],
        changed["data"]["name"],
        changed["data"]["usage"],
    )
    assert "retired" == client.api("PATCH", where, {"active": False}).json["data"]["state"]
    assert client.api("POST", f"{where}/validate").json["valid"] is False
    activated = client.api("POST", f"{where}/activate").json
    assert ("Certificate activated successfully", "active") == (activated["message"], activated["data"]["state"])
    assert activated["data"] == read(client, "cert_000003")
    until = (NOW + 30 * DAY).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert until == client.api("PATCH", where, {"activeUntil": until}).json["data"]["active_until"]
    assert client.api("PATCH", where, {"active_until": None}).json["data"]["active_until"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"active": "yes"}, "active"),
        ({"usage": "x"}, "usage"),
        ({"active_until": "2020-01-01"}, "active_until"),
        ({"active_from": 7}, "active_from"),
    ],
)
def test_a_bad_change_is_refused_by_field_and_nothing_changes(
    client: Client, change: dict[str, object], field: str
) -> None:
    before = read(client, "cert_000002")

    answer = client.api("PATCH", f"{PATH}/cert_000002", change)

    assert (422, [field]) == (answer.status, list(problems(answer)))
    assert before == read(client, "cert_000002")


def test_a_deleted_certificate_is_gone_from_lists_and_use(client: Client) -> None:
    answer = client.api("DELETE", f"{PATH}/cert_000002")

    assert (200, "Certificate deleted successfully") == (answer.status, answer.json["message"])
    assert ["cert_000001"] == ids(client)
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/activate"), ("GET", "/download")):
        gone = client.api(method, f"{PATH}/cert_000002{path}", {} if method in ("PATCH", "POST") else None)
        assert (404, "CERTIFICATE_NOT_FOUND") == (gone.status, gone.json["error"]["code"])
    assert client.api("GET", "/v1/partners/prt_000001").json["data"]["encryption_cert_id"] is None
    assert (400, "ENCRYPTION_FAILED") == (
        (sent := client.api("POST", "/v1/messages", wish())).status,
        sent.json["error"]["code"],
    )


def test_the_last_key_pair_of_a_station_stays(client: Client) -> None:
    refused = client.api("DELETE", f"{PATH}/cert_000001")

    assert (409, "IN_USE") == (refused.status, refused.json["error"]["code"])
    assert 201 == client.api("POST", f"{PATH}/generate-identity", IDENTITY).status
    assert 200 == client.api("DELETE", f"{PATH}/cert_000001").status


def test_a_good_certificate_validates_and_one_that_ends_soon_is_told(client: Client) -> None:
    made(client.api("POST", PATH, {"partner_id": "prt_000001", "certificate": pem(make_pair(end=10 * DAY))}))

    good, soon = (client.api("POST", f"{PATH}/{name}/validate").json for name in ("cert_000002", "cert_000003"))

    assert (True, []) == (good["valid"], good["issues"])
    assert (True, ["EXPIRES_SOON"]) == (soon["valid"], [issue["code"] for issue in soon["issues"]])
    assert (True, False, 10) == (
        soon["expiryCheck"]["expires_soon"],
        soon["expiryCheck"]["expired"],
        soon["expiryCheck"]["days"],
    )
    assert soon["details"] == read(client, "cert_000003")


def test_a_chain_that_leads_nowhere_is_told(client: Client) -> None:
    text = pem(make_pair()) + pem(make_pair("stranger.example"))
    shown = made(client.api("POST", PATH, {"partner_id": "prt_000001", "certificate": text}))

    issues = client.api("POST", f"{PATH}/{shown['id']}/validate").json["issues"]

    assert ["CHAIN_BROKEN"] == [issue["code"] for issue in issues]
    assert 2 == client.api("GET", f"{PATH}/{shown['id']}/download?include_chain=true").body.count(b"BEGIN CERT")


def test_an_identity_is_made_as_documented_and_signs_from_then_on(client: Client, world: World) -> None:
    answer = client.api(
        "POST",
        f"{PATH}/generate-identity",
        {**IDENTITY, "email": "edi@acme.example", "keySize": 3072, "validityDays": 30},
    )

    assert 201 == answer.status
    shown = answer.json["data"]
    assert ("identity", "both", "as2.acme.example") == (shown["type"], shown["usage"], shown["name"])
    held = world.ports.views.certificate(world.space, 3).entry
    names = {each.oid: each.value for each in held.x509_certificate.subject}
    assert {
        NameOID.COUNTRY_NAME: "ES",
        NameOID.ORGANIZATION_NAME: "Acme",
        NameOID.COMMON_NAME: "as2.acme.example",
    } == names
    key = held.x509_certificate.public_key()
    assert 3072 == key.key_size  # type: ignore[union-attr]
    made = held.x509_certificate
    assert timedelta(days=30) + BACKDATED == made.not_valid_after_utc - made.not_valid_before_utc
    message = client.api("POST", "/v1/messages", wish())
    assert 202 == message.status


@pytest.mark.parametrize("route", ["generate-identity", "generate-csr"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("commonName", None),
        ("commonName", "x" * 65),
        ("organization", None),
        ("organization", 7),
        ("country", None),
        ("country", "Spain"),
        ("country", "1"),
        ("email", "nobody"),
        ("keySize", 1024),
        ("keySize", "2048"),
        ("stationId", "stn_000009"),
    ],
)
def test_a_bad_wish_for_a_key_is_refused_by_field_and_nothing_is_stored(
    client: Client, route: str, field: str, value: object
) -> None:
    answer = client.api("POST", f"{PATH}/{route}", {**IDENTITY, field: value})

    assert (422, [field]) == (answer.status, list(problems(answer)))
    assert ["cert_000001", "cert_000002"] == ids(client)


@pytest.mark.parametrize("days", [0, 3661, "x"])
def test_an_identity_for_no_time_or_for_ever_is_refused(client: Client, days: object) -> None:
    answer = client.api("POST", f"{PATH}/generate-identity", {**IDENTITY, "validityDays": days})

    assert ["validityDays"] == list(problems(answer))


def signed_by_authority(folder: Path, csr: str) -> str:
    """What an authority made with OpenSSL of a request, with its own certificate behind."""
    (folder / "r.csr").write_text(csr)
    key, own = folder / "ca.key", folder / "ca.pem"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", own, "-subj", "/CN=Authority")
    signing = ("-CA", own, "-CAkey", key, "-CAcreateserial", "-days", "90")
    return openssl("x509", "-req", "-in", folder / "r.csr", *signing).decode() + own.read_text()


def test_a_certificate_is_requested_signed_and_taken_in_without_its_key(
    client: Client, world: World, tmp_path: Path
) -> None:
    asked = client.api("POST", f"{PATH}/generate-csr", IDENTITY)

    assert (201, 2048) == (asked.status, asked.json["keySize"])
    request = x509.load_pem_x509_csr(asked.json["csr"].encode())
    key = load_pem_private_key(asked.json["privateKey"].encode(), None)
    assert request.is_signature_valid
    assert request.public_key() == key.public_key()
    text = signed_by_authority(tmp_path, asked.json["csr"])
    shown = made(client.api("POST", PATH, {"type": "identity", "name": "Issued", "certificate": text}))
    assert ("CN=Authority", "stn_000001") == (shown["issuer"], shown["station_id"])
    held = world.ports.views.certificate(world.space, 3).entry
    assert held.key_pair is not None
    assert key.public_key() == held.key_pair.private_key.public_key()
    assert 2 == client.api("GET", f"{PATH}/{shown['id']}/download?includeChain=1").body.count(b"BEGIN CERT")
    assert 409 == client.api("POST", PATH, {"type": "identity", "certificate": text}).status


def test_a_private_key_leaves_for_an_admin_alone(client: Client, world: World) -> None:
    writer = Client(client.port, key=world.new_key(Scope.READ, Scope.WRITE))
    query = "format=pkcs12&password=opensesame"

    refused = writer.api("GET", f"{PATH}/cert_000001/download?{query}")
    asked = writer.api("POST", f"{PATH}/generate-csr", IDENTITY)

    assert (403, "INSUFFICIENT_SCOPE") == (refused.status, refused.json["error"]["code"])
    assert (201, None) == (asked.status, asked.json["privateKey"])
    assert 200 == writer.api("GET", f"{PATH}/cert_000002/download?{query}").status
    plain = writer.api("GET", f"{PATH}/cert_000001/download")
    assert ("application/x-pem-file", b"PRIVATE" in plain.body) == (plain.headers["content-type"], False)


@pytest.mark.parametrize("query", ["format=pkcs12", "format=x", "include_chain=x", "format=pkcs12&password="])
def test_a_bad_download_is_refused(client: Client, query: str) -> None:
    assert 422 == client.api("GET", f"{PATH}/cert_000001/download?{query}").status


def test_a_key_of_test_mode_reads_certificates_and_changes_none(client: Client, world: World) -> None:
    test = Client(client.port, key=world.new_key(*Scope, mode=Mode.TEST))

    assert ["cert_000001", "cert_000002"] == ids(test)
    assert 403 == test.api("POST", PATH, {"partner_id": "prt_000001", "certificate": pem(make_pair())}).status


def test_a_partner_is_encrypted_to_the_certificate_that_was_chosen(client: Client, world: World) -> None:
    made(client.api("POST", PATH, {"partner_id": "prt_000001", "certificate": pem(make_pair())}))
    where = "/v1/partners/prt_000001"

    chosen = client.api("PATCH", where, {"encryption_cert_id": "cert_000002"}).json["data"]

    assert ("cert_000002", "cert_000003") == (chosen["encryption_cert_id"], chosen["signing_cert_id"])
    kept = world.ports.views.partner(world.space, 1).terms
    assert world.ports.views.certificate(world.space, 2).entry.id == kept.encryption_certificate
    client.api("POST", f"{PATH}/cert_000003/activate")
    assert "cert_000003" == client.api("GET", where).json["data"]["encryption_cert_id"]
    client.api("PATCH", where, {"encryptionCertId": "cert_000002"})
    assert "cert_000003" == client.api("PATCH", where, {"encryption_cert_id": None}).json["data"]["encryption_cert_id"]


@pytest.mark.parametrize("value", ["cert_000001", "cert_000009", "x", 7])
def test_only_a_certificate_of_the_partner_can_be_chosen(client: Client, value: object) -> None:
    for field in ("encryption_cert_id", "signing_cert_id"):
        answer = client.api("PATCH", "/v1/partners/prt_000001", {field: value})
        assert (422, [field]) == (answer.status, list(problems(answer)))
