"""Stations, partners and certificates: what is made here is seen by the native API, and serves."""

import re
from base64 import b64encode
from ssl import PEM_cert_to_DER_cert
from typing import Any

import pytest

from tests.dialects.as2expert.conftest import Expert
from tests.peers.identity import Identity


def partner_body(expert: Expert, as2_id: str, **more: object) -> dict[str, object]:
    body = {"station": expert.station, "as2_id": as2_id, "name": as2_id.title(), "email": "edi@example.com"}
    return {**body, "endpoint_url": "http://127.0.0.1:9/as2", **more}


def test_stations_are_listed_and_shown(expert: Expert) -> None:
    listed = expert.call("/stations").json

    assert listed["total"] == len(listed["data"])
    own = next(row for row in listed["data"] if row["id"] == expert.station)
    assert ("ACME", "ACME") == (own["nombre"], own["as2id"])
    assert [own] == expert.data("/stations", {"id": expert.station})
    shown = expert.data("/stations/detail", {"id": expert.station})
    assert {"id", "nombre", "as2id", "email", "certificado_cn", "encriptacion", "firma"} <= set(shown)
    assert ("ACME", "AES128", "sha256") == (shown["certificado_cn"], shown["encriptacion"], shown["firma"])


@pytest.mark.parametrize("named", ["station", "id"])
def test_the_figures_of_a_station_follow_its_messages(expert: Expert, named: str) -> None:
    before = expert.data("/stations/stats", {named: expert.station})
    expert.data(
        "/messages/send", {"partner": expert.partner, "file_name": "a.txt", "file_content": b64encode(b"a").decode()}
    )

    after = expert.data("/stations/stats", {named: expert.station})

    assert (before["context_total"] + 1, before["context_ok"] + 1) == (after["context_total"], after["context_ok"])
    assert "GLOBEX" == after["top_partners"][0]["nombre"]
    assert 0 <= after["context_success_rate"] <= 100


@pytest.mark.parametrize("name", ["Compras", "Ventas Ñ"])
def test_a_new_station_is_there_for_everybody(expert: Expert, name: str) -> None:
    as2_id = f"ST-{len(name)}"

    reply = expert.call("/stations/create", {"name": name, "as2_id": as2_id, "email": "edi@example.com"})

    assert (200, "Station created") == (reply.status, reply.json["msg"])
    made = reply.json["data"]
    assert made["id"] == made["station_id"]
    assert (name, as2_id, "edi@example.com") == (made["name"], made["as2_id"], made["email"])
    listed = expert.acme.cli("station", "list", "--json").json
    assert as2_id in [row["as2_id"] for row in listed]
    assert 409 == expert.call("/stations/create", {"name": name, "as2_id": as2_id, "email": "a@b.example"}).status


@pytest.mark.parametrize(
    ("codes", "shown"),
    [
        ({}, {"sign": "SHA256withRSA", "encrypt": "AES128_CBC", "mdn_mode": "sync"}),
        (
            {"mdn": 4, "encryption": 4, "signature": 4},
            {"sign": "SHA512withRSA", "encrypt": "AES256_CBC", "mdn_mode": "async"},
        ),
        ({"mdn": "0", "encryption": "0", "signature": "0"}, {"sign": None, "encrypt": None, "mdn_mode": "none"}),
    ],
)
def test_a_new_partner_has_the_terms_of_its_numbers(
    expert: Expert, codes: dict[str, object], shown: dict[str, object]
) -> None:
    as2_id = f"P{len(str(codes))}"

    reply = expert.call("/partners/create", partner_body(expert, as2_id, **codes))

    assert (200, "Partner created") == (reply.status, reply.json["msg"]), reply.body
    made = reply.json["data"]
    assert (made["id"], expert.station, as2_id) == (made["partner_id"], made["station_id"], made["as2_id"])
    native = expert.acme.api("GET", f"/v1/partners/prt_{made['id']:06d}").json["data"]
    assert as2_id == native["as2_id"]
    assert shown["mdn_mode"] == native["mdn_mode"]
    assert (shown["encrypt"] is not None, shown["sign"] is not None) == (native["encrypt"], native["sign"])
    again = expert.data("/partners/detail", {"id": made["id"]})
    assert {name: int(str(code)) for name, code in codes.items()}.items() <= again.items()
    assert made["id"] in [row["id"] for row in expert.data("/partners", {"station": expert.station})]


def test_partners_of_another_station_are_left_out(expert: Expert) -> None:
    second = next(row["id"] for row in expert.data("/stations") if row["as2id"] == "SECOND")
    made = expert.data("/partners/create", partner_body(expert, "THEIRS", station=second))

    assert made["id"] in [row["id"] for row in expert.data("/partners", {"station": second})]
    assert made["id"] not in [row["id"] for row in expert.data("/partners", {"station": expert.station})]


@pytest.mark.parametrize("form", ["pem", "der"])
def test_an_imported_certificate_serves_for_its_partner(expert: Expert, partner_identity: Identity, form: str) -> None:
    partner = expert.data("/partners/create", partner_body(expert, f"IMPORT-{form}"))
    pem = partner_identity.certificate.decode()
    content = pem if form == "pem" else b64encode(PEM_cert_to_DER_cert(pem)).decode()

    reply = expert.call("/certificates/import", {"partner": partner["id"], "certificate": content})

    assert (200, "Certificate imported") == (reply.status, reply.json["msg"]), reply.body
    made = reply.json["data"]
    assert partner["id"] == made["partner"]
    shown = expert.data("/certificates/detail", {"id": made["id"]})
    assert "partner.test" == shown["commonName"]
    (held,) = expert.data("/partners/detail", {"id": partner["id"]})["certificates"]
    assert made["id"] == held["id"]


@pytest.mark.parametrize("days", [365, 30])
def test_a_station_gets_another_certificate(expert: Expert, days: int) -> None:
    body = {"station": expert.station, "selfSigned": True, "commonName": "ACME", "dias": days, "hash": "sha256"}

    reply = expert.call("/certificates/create", body)

    assert (200, "Certificate created") == (reply.status, reply.json["msg"])
    made = reply.json["data"]
    assert (made["id"], expert.station) == (made["certificate_id"], made["station_id"])
    listed = {row["id"]: row for row in expert.data("/certificates")}
    row = listed[made["id"]]
    assert {
        "id",
        "email",
        "commonname",
        "commonName",
        "validitystart",
        "validityend",
        "station",
        "station_name",
    } <= set(row)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row["validityend"])
    native = expert.acme.cli("certificate", "list", "--json").json
    assert f"cert_{made['id']:06d}" in [entry["id"] for entry in native]


@pytest.mark.parametrize(
    ("path", "change", "status", "msg"),
    [
        ("/stations/create", {"name": None}, 400, "Campo requerido: name"),
        ("/stations/create", {"as2_id": None}, 400, "Campo requerido: as2_id"),
        ("/stations/create", {"email": None}, 400, "Campo requerido: email"),
        ("/stations/create", {"email": "nobody"}, 400, "Invalid field email"),
        ("/stations/create", {"as2_id": "ñ"}, 400, "Invalid field as2_id"),
        ("/stations/create", {"encryption": 99}, 400, "Invalid field encryption"),
        ("/stations/create", {"certificate_id": 1}, 400, "Invalid field certificate_id"),
        ("/partners/create", {"station": None}, 400, "Campo requerido: station"),
        ("/partners/create", {"station": 999}, 404, "Station not found"),
        ("/partners/create", {"as2_id": None}, 400, "Campo requerido: as2_id"),
        ("/partners/create", {"endpoint_url": None}, 400, "Campo requerido: endpoint_url"),
        ("/partners/create", {"endpoint_url": "nowhere"}, 400, "Invalid field endpoint_url"),
        ("/partners/create", {"mdn": 9}, 400, "Invalid field mdn"),
        ("/partners/create", {"signature": "strong"}, 400, "Invalid field signature"),
        ("/partners/create", {"encryption": 9}, 400, "Invalid field encryption"),
        ("/partners/create", {"certificate_id": 999}, 404, "Certificate not found"),
        ("/partners/create", {"certificate": "PEM"}, 400, "Invalid field certificate"),
        ("/partners/create", {"auth": True}, 400, "Invalid field auth"),
        ("/partners/create", {"as2_id": "GLOBEX"}, 409, "Already exists"),
        ("/certificates/create", {"selfSigned": False}, 400, "Invalid field selfSigned"),
        ("/certificates/create", {"selfSigned": None}, 400, "Invalid field selfSigned"),
        ("/certificates/create", {"station": 999}, 404, "Station not found"),
        ("/certificates/create", {"dias": 0}, 400, "Invalid field dias"),
        ("/certificates/create", {"keybits": 512}, 400, "Invalid field keybits"),
        ("/certificates/create", {"hash": "md5"}, 400, "Invalid field hash"),
        ("/certificates/import", {"partner": None}, 400, "Campo requerido: partner"),
        ("/certificates/import", {"partner": 999}, 404, "Partner not found"),
        ("/certificates/import", {"certificate": None}, 400, "Invalid field certificate"),
        ("/certificates/import", {"certificate": "ñ"}, 400, "Invalid field certificate"),
        ("/stations/detail", {"id": None}, 400, "Campo requerido: id"),
        ("/stations/detail", {"id": 999}, 404, "Station not found"),
        ("/partners/detail", {"id": 999}, 404, "Partner not found"),
        ("/certificates/detail", {"id": 999}, 404, "Certificate not found"),
        ("/stations/stats", {"station": None, "id": None}, 400, "Campo requerido: station"),
    ],
)
def test_a_bad_request_is_refused_and_nothing_is_kept(
    expert: Expert, path: str, change: dict[str, object], status: int, msg: str
) -> None:
    good: dict[str, Any] = {"name": "X", "email": "a@b.example", "as2_id": "BAD", "selfSigned": True, "id": 1}
    good |= {"station": expert.station, "partner": expert.partner, "endpoint_url": "http://127.0.0.1:9/"}
    counted = ("/stations", "/partners", "/certificates")
    before = [len(expert.data(each)) for each in counted]

    reply = expert.call(path, {**good, **change})

    assert status == reply.status, reply.body
    assert reply.json["msg"].startswith(msg)
    assert before == [len(expert.data(each)) for each in counted]


def test_the_figures_of_thirty_days_add_up(expert: Expert) -> None:
    figures = expert.data("/dashboard/kpis")

    assert figures["messages"] == figures["sent"] + figures["received"]
    assert figures["sent"] == figures["ok"] + figures["pending"] + figures["errors"]
    assert figures["messages"] == len(expert.acme.messages())
