"""Reports by POST: one for each change of the status, in JSON or as a form, with a login where one is set."""

import json
from base64 import b64decode
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import pytest

from acuse.ports import JobKind
from acuse.services.deliver_event import EventAttempt, begin_event_delivery
from acuse.web.rendering import event_body
from tests.web.conftest import World
from tests.web.dialects.mensatek.conftest import SENDER, Caller
from tests.web.dialects.mensatek.test_transcripts import deliver

URL = "https://erp.example.com/informes?token=x"


def configure(caller: Caller, **fields: object) -> dict[str, Any]:
    answer = caller.client.api("PUT", "/v1/notices/settings", fields)
    assert 200 == answer.status, answer.body
    data: dict[str, Any] = answer.json["data"]
    return data


def posts(office: World) -> list[EventAttempt]:
    """What is due to be posted, as it would be."""
    claimed = office.gateway.database.jobs.claim(office.ports.world.now(), limit=100)
    begin = partial(begin_event_delivery, office.ports, render=event_body)
    attempts = [begin(job.subject_id) for job in claimed if job.kind is JobKind.DELIVER_EVENT]
    return [attempt for attempt in attempts if attempt is not None]


@pytest.mark.parametrize("form", ["json", "form"])
def test_a_change_of_the_status_is_posted_in_the_words_of_the_dialect(caller: Caller, office: World, form: str) -> None:
    configure(caller, report_url=URL, report_format=form, report_user="erp", report_password="s3cret:x")
    caller.send(Referenciausuario="Su referencia", Asunto="Asunto del email", Mensaje="x")
    assert [] == posts(office)
    deliver(office, 1)

    (attempt,) = posts(office)
    headers = dict(attempt.headers)
    assert URL == attempt.endpoint.url
    assert b"erp:s3cret:x" == b64decode(headers["Authorization"].removeprefix("Basic "))
    told = json.loads(attempt.body) if form == "json" else dict(parse_qsl(attempt.body.decode()))
    kind = "application/json" if form == "json" else "application/x-www-form-urlencoded"
    assert kind == headers["Content-Type"]
    expected = {
        "Servicio": "EMAILCERTIFICADO",
        "Resultado": 10,
        "Remitente": SENDER,
        "Destinatario": "destinatario@eldominio.com",
        "Asunto": "Asunto del email",
        "idMensaje": 1,
        "Referencia": "Su referencia",
    }
    assert {name: str(value) for name, value in expected.items()} == {name: str(told[name]) for name in expected}
    assert form == "form" or 10 == told["Resultado"]
    assert int(told["Secuencia"]) > 0
    assert len("2020-12-03 11:14:24") == len(told["Fecha"])


def test_a_report_tells_the_status_of_its_moment_whatever_came_after(caller: Caller, office: World) -> None:
    configure(caller, report_url=URL)
    caller.send(Fecha="2099-01-01 10:00")
    caller.ask("CancelarEMAILCERTIFICADO", Idmensaje=1)

    assert [29] == [json.loads(attempt.body)["Resultado"] for attempt in posts(office)]


def test_settings_are_shown_without_the_password_changed_and_ended(caller: Caller) -> None:
    nowhere = {"report_url": None, "report_format": None, "report_user": None}
    assert nowhere == caller.client.api("GET", "/v1/notices/settings").json["data"]

    configure(caller, report_url=URL, report_user="erp", report_password="s3cret")
    changed = configure(caller, report_url=URL + "2", report_format="form")
    assert {"report_url": URL + "2", "report_format": "form", "report_user": None} == changed
    (endpoint,) = caller.client.api("GET", "/v1/webhook-endpoints").json["data"]
    assert ("mensatek", ["EMAILCERTIFICADO.FORM"]) == (endpoint["format"], endpoint["events"])
    assert nowhere == configure(caller)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"report_url": "http://erp.example.com/"}, "report_url"),
        ({"report_url": "https://127.0.0.1/"}, "report_url"),
        ({"report_url": 7}, "report_url"),
        ({"report_url": URL, "report_format": "xml"}, "report_format"),
        ({"report_url": URL, "report_password": "x"}, "report_user"),
        ({"report_url": URL, "report_user": "a:b"}, "report_user"),
    ],
)
def test_bad_settings_are_named_and_change_nothing(caller: Caller, fields: dict[str, object], named: str) -> None:
    answer = caller.client.api("PUT", "/v1/notices/settings", fields)

    assert (422, [named]) == (answer.status, list(answer.json["errors"]))
    assert caller.client.api("GET", "/v1/notices/settings").json["data"]["report_url"] is None


def test_the_reports_of_another_tenant_stay_there(caller: Caller, office: World) -> None:
    configure(caller, report_url=URL)
    other = office.new_tenant("Other")
    endpoints = office.ports.views.webhooks.endpoints(
        type(office.space)(account_id=office.account.id, tenant_id=other.id)
    )

    assert () == tuple(endpoints)
