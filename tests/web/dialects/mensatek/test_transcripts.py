"""The calls of the published description, in each form of body and answer; what they did is read by the native API."""

import io
import json
import xml.etree.ElementTree as ElementTree
from base64 import b64encode, encodebytes
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from zipfile import ZipFile

import pytest

from acuse.domain.access import Mode
from acuse.domain.notice import Act, Notice, Step
from acuse.ports import MailAnswer, Said
from acuse.services.begin_notice import begin_notice
from acuse.services.manage_credits import grant_credits
from acuse.services.settle_notice import settle_notice
from tests.web.client import Response
from tests.web.conftest import StartServer, World
from tests.web.dialects.mensatek.conftest import (
    SENDER,
    Body,
    Caller,
    as_form,
    as_json,
    as_multipart,
    caller_for,
    message,
)

BODIES = pytest.mark.parametrize("body", [as_json, as_form, as_multipart])
FAR = "2099-05-01 15:10"


def shown(caller: Caller, number: int) -> dict[str, Any]:
    """The message as the native API shows it."""
    answer = caller.client.api("GET", f"/v1/notices/ntc_{number:06d}")
    assert 200 == answer.status, answer.body
    data: dict[str, Any] = answer.json["data"]
    return data


def text_of(answer: Response) -> str:
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.body.decode()


def stored(office: World, number: int) -> Notice:
    return office.ports.views.notices.notice(office.space, number).notice


def deliver(office: World, number: int) -> None:
    """Let the mail of a message be taken by a server, and no bounce come."""
    begun = begin_notice(office.ports, stored(office, number).id)
    assert begun is not None
    taken = MailAnswer(said=Said.TAKEN, text="250 2.0.0 Ok: queued as 4F2", code=250, server="mx.example.net")
    settle_notice(office.ports, begun, taken)
    now = office.ports.world.now()
    after = stored(office, number).step(Step.CONFIRM, now=now, certified_at=now)
    office.ports.units.run(lambda unit: unit.notices.save(after))


# ── Sending ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@BODIES
def test_the_sample_is_sent_and_answered_with_numbers_as_numbers(caller: Caller, body: Body) -> None:
    answer = caller.send(body=body, Aceptacion="NO", Referenciausuario="Tu referencia", Report="0")

    assert {
        "Res": 1,
        "Error": "",
        "Destinatarios": [{**message()["Destinatarios"][0], "idMensaje": 1, "IDMENSAJE": 1}],
        "Cred": 91,
        "Enviados": 1,
        "NoEnviados": 0,
        "Duplicados": 0,
        "CreditosUsados": 9,
    } == answer
    seen = shown(caller, 1)
    subject = "Esto es una Notificacion para Pedro Pérez con motivo de Variable to personalize subject and message per"
    assert (f"{subject} recipient", "direct") == (seen["subject"], seen["delivery"])
    assert ("Tu referencia", SENDER) == (seen["reference"], seen["sender"]["address"])


@BODIES
def test_other_values_are_sent_as_well(caller: Caller, body: Body) -> None:
    people = [
        {"nombre": "Ελένη", "EMAIL": "e@example.net", "Expediente": 12},
        {"Nombre": "Юрий", "Email": "y@example.net", "Expediente": 13.5},
    ]
    answer = caller.send(
        body=body,
        Destinatarios=people,
        Asunto="Exp. {{expediente}}",
        Mensaje="<p>Hola {{NOMBRE}}</p>",
        Fecha=FAR,
        Aceptacion="SI",
        Caducidadaceptacion="10" if body is as_form else 10,
        Adjuntos=[{"Nombre": "contrato.pdf", "Contenido": encodebytes(b"%PDF-1.7" * 30).decode()}, None],
    )

    assert (2, 2, 18, 82) == (answer["Res"], answer["Enviados"], answer["CreditosUsados"], answer["Cred"])
    assert [1, 2] == [entry["idMensaje"] for entry in answer["Destinatarios"]]
    first, second = shown(caller, 1), shown(caller, 2)
    assert ("Exp. 12", "Exp. 13.5") == (first["subject"], second["subject"])
    assert ("Ελένη", "hosted", "scheduled") == (first["recipient"]["name"], first["delivery"], first["status"])
    assert ("2099-05-01T13:10:00.000000Z", "2099-05-11T13:10:00.000000Z") == (
        first["scheduled_at"],
        first["expires_at"],
    )
    assert [("contrato.pdf", "application/pdf", 240)] == [
        (file["filename"], file["content_type"], file["size"]) for file in first["attachments"]
    ]


def test_names_of_functions_and_parameters_match_without_regard_to_case(caller: Caller) -> None:
    fields = {name.upper(): value for name, value in message().items()}
    answer = caller.call("enviarEmailCertificado", **fields, rEsP="json")

    assert 1 == answer.json[0]["Res"]


def test_recipients_may_be_a_text_that_holds_json(caller: Caller) -> None:
    assert 1 == caller.send(Destinatarios=json.dumps(message()["Destinatarios"]))["Res"]


def test_txt_is_one_key_in_a_line_with_lists_in_brackets(caller: Caller) -> None:
    answer = caller.call("EnviarEMAILCERTIFICADO", **{**message(), "Resp": "TXT", "Asunto": "x"})

    assert (
        "Res:1;\nError:;\nDestinatarios:[\n0:[\nNombre:Pedro Pérez;\nEmail:destinatario@eldominio.com;\n"
        "Variable_1:Variable to personalize subject and message per recipient;\nDNI:00000000T;\n"
        "idMensaje:1;\nIDMENSAJE:1;\n]\n]\n"
        "Cred:91,00;\nEnviados:1;\nNoEnviados:0;\nDuplicados:0;\nCreditosUsados:9,00;\n"
    ) == text_of(answer)


def test_xml_has_items_with_names_in_upper_case(caller: Caller) -> None:
    answer = caller.call("EnviarEMAILCERTIFICADO", **{**message(), "Resp": "XML"})

    assert answer.headers["content-type"].startswith("text/xml")
    result = ElementTree.fromstring(answer.body)
    assert ("result", "1", "91") == (result.tag, result.findtext("Res"), result.findtext("Cred"))
    item = result.find("Destinatarios/item0")
    assert item is not None
    assert {"NOMBRE": "Pedro Pérez", "EMAIL": "destinatario@eldominio.com", "IDMENSAJE": "1"}.items() <= {
        child.tag: child.text for child in item
    }.items()


def test_without_resp_the_answer_has_the_oldest_form(caller: Caller) -> None:
    sent = caller.call("EnviarEMAILCERTIFICADO", **message())
    failed = caller.call("EnviarEMAILCERTIFICADO", **{**message(), "Asunto": ""})

    assert "Res:1;\nMsgid:1;\nCred:91,00;\n" == text_of(sent)
    assert "-3" == text_of(failed)


def test_duplicates_and_bad_recipients_are_counted_and_cost_nothing(caller: Caller) -> None:
    good = {"Nombre": "Ana", "Email": "ana@example.net"}
    answer = caller.send(
        Destinatarios=[good, {**good, "Email": "ANA@example.net"}, {**good, "Email": "no"}], Asunto="x", Mensaje="y"
    )

    assert (1, 1, 1, 1, 9) == tuple(
        answer[name] for name in ("Res", "Enviados", "NoEnviados", "Duplicados", "CreditosUsados")
    )
    assert [1, 0, 0] == [entry["idMensaje"] for entry in answer["Destinatarios"]]


@pytest.mark.parametrize(
    ("res", "fields"),
    [
        (-3, {"Asunto": ""}),
        (-3, {"Mensaje": None}),
        (-3, {"Destinatarios": []}),
        (-3, {"Destinatarios": "x"}),
        (-3, {"Destinatarios": ["x"]}),
        (-3, {"Destinatarios": [{"Nombre": "A", "Email": "nobody"}]}),
        (-3, {"Destinatarios": [{"Nombre": ["A"], "Email": "a@example.net"}]}),
        (-3, {"Remitente": ""}),
        (-3, {"Remitente": "no address"}),
        (-3, {"Remitente": {"a": 1}}),
        (-3, {"Aceptacion": "QUIZAS"}),
        (-3, {"Mensaje": "{{Falta}}"}),
        (-3, {"Asunto": "a\r\nBcc: x@example.com"}),
        (-3, {"Asunto": "a\u202eb"}),
        (-3, {"Referenciausuario": "a\nb"}),
        (-3, {"Destinatarios": [{"Nombre": "A\r\nBcc: x@example.com", "Email": "a@example.net"}]}),
        (-3, {"Destinatarios": [{"Nombre": "A", "Email": "a@example.net\r\nRCPT TO:<x@example.com>"}]}),
        (-3, {"Mensaje": "{{v}}" * 400_000, "Destinatarios": [{"Email": "a@example.net", "v": "x" * 4000}]}),
        (-6, {"Fecha": "2022-05-01 15:10"}),
        (-6, {"Fecha": "mañana"}),
        (-6, {"Fecha": "2099-03-29 02:30"}),
        (-8, {"Destinatarios": [{"Email": f"a{number}@example.net"} for number in range(1001)]}),
        (-10, {"Adjuntos": [{"Nombre": "a.pdf", "Contenido": b64encode(bytes(10 << 20) + b"x").decode()}]}),
        (-11, {"Adjuntos": [{"Nombre": "a.exe", "Contenido": "QQ=="}]}),
        (-11, {"Adjuntos": [{"Nombre": "a.pdf", "Contenido": b64encode(b"MZ\x90\0").decode()}]}),
        (-12, {"Adjuntos": [{"Nombre": "a.pdf", "Contenido": "QQ"}]}),
        (-12, {"Adjuntos": [{"Nombre": "a.pdf", "Contenido": ""}]}),
        (-3, {"Adjuntos": [{"Contenido": "QQ=="}]}),
        (-3, {"Adjuntos": [{"Nombre": "a\r\nb.pdf", "Contenido": "QQ=="}]}),
        (-19, {"Remitente": "otro@tudominio.com"}),
        (-20, {"Aceptacion": "SI"}),
        (-20, {"Aceptacion": "SI", "Caducidadaceptacion": "31"}),
        (-20, {"Aceptacion": "si", "Caducidadaceptacion": 0}),
        (-21, {"Destinatarios": [{"Email": "a@example.net", "Proteccion": "HUELLA"}]}),
        (-21, {"Destinatarios": [{"Email": "a@example.net", "Proteccion": "OTPSMS"}]}),
        (-21, {"Destinatarios": [{"Email": "a@example.net", "Proteccion": "DNI"}]}),
        (-21, {"Destinatarios": [{"Email": "a@b.net", "Proteccion": "OTPEMAIL", "OTPEmail": "A@b.net"}]}),
    ],
)
def test_a_call_that_cannot_be_carried_out_has_its_number_and_stores_nothing(
    caller: Caller, office: World, res: int, fields: Mapping[str, object]
) -> None:
    plain: dict[str, Any] = {
        "Destinatarios": [{"Nombre": "A", "Email": "a@example.net"}],
        "Asunto": "x",
        "Mensaje": "y",
    }
    answer = caller.send(**{**plain, **fields})

    assert res == answer["Res"], answer
    assert answer["Error"]
    assert [] == caller.client.api("GET", "/v1/notices").json["data"]
    assert [] == office.staged_files
    assert 100 == caller.ask("GetCreditos")["Cred"]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("none", {"Proteccion": "NINGUNA"}),
        ("sms_code", {"Proteccion": "OTPSMS", "OTPMovil": "+34600000000"}),
        ("email_code", {"Proteccion": "otpemail"}),
        ("email_code", {"PROTECCION": "OTPEMAIL", "OTPEmail": "b@example.net"}),
        ("document_number", {"Proteccion": "DNI", "DNI": "00000000T"}),
        ("client_certificate", {"Proteccion": "CERTIFICADO", "CertificadoNIF": "00000000T"}),
        ("pin", {"Proteccion": "PIN", "PIN": "4711-x"}),
        ("none", {"DNI": "00000000T"}),
    ],
)
def test_protection_is_what_its_own_variable_names(caller: Caller, kind: str, fields: Mapping[str, str]) -> None:
    person = {"Nombre": "Ana", "Email": "ana@example.net", **fields}
    answer = caller.send(Destinatarios=[person], Asunto="x", Mensaje="{{DNI}}" if "DNI" in fields else "y")

    seen = shown(caller, 1)
    assert (kind, "direct" if kind == "none" else "hosted") == (seen["protection"], seen["delivery"])
    assert "4711-x" not in json.dumps(answer) + json.dumps(seen)


def test_nothing_that_was_sent_can_become_a_line_or_a_tag_of_the_answer(caller: Caller) -> None:
    person = {"Nombre": "A;Res:99;", "Email": "a@example.net", "v": "x\nRes:98;\n</result><Res>97</Res>"}
    fields = {**message(), "Destinatarios": [person], "Asunto": "x", "Mensaje": "y"}
    text = text_of(caller.call("EnviarEMAILCERTIFICADO", **{**fields, "Resp": "TXT"}))
    xml = caller.call("EnviarEMAILCERTIFICADO", **{**fields, "Resp": "XML"}).body

    assert ["Res:1;"] == [line for line in text.split("\n") if line.startswith("Res:")]
    assert ";Res" not in text
    assert ["1"] == [found.text for found in ElementTree.fromstring(xml).iter("Res")]


def test_two_calls_that_spend_the_last_credits_at_once_send_one_message(caller: Caller, office: World) -> None:
    grant_credits(office.ports, office.account.id, 900 - 10_000)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: caller.send(), range(2)))

    assert [-2, 1] == sorted(answer["Res"] for answer in answers)
    assert 0 == caller.ask("GetCreditos")["Cred"]
    assert 1 == len(caller.client.api("GET", "/v1/notices").json["data"])


# ── Afterwards ────────────────────────────────────────────────────────────────────────────────────────────────────────


@BODIES
def test_a_scheduled_message_is_cancelled_once_and_its_credits_come_back(caller: Caller, body: Body) -> None:
    caller.send(Fecha=FAR)
    assert {"Res": 1, "Cred": 100} == caller.ask("CancelarEMAILCERTIFICADO", body=body, Idmensaje="1")

    assert "cancelled" == shown(caller, 1)["status"]
    assert -5 == caller.ask("CancelarEMAILCERTIFICADO", body=body, Idmensaje=1)["Res"]
    assert 29 == caller.ask("GetReportEMAILCERTIFICADO", body=body, Idmensaje=1)["Estado"]


@BODIES
def test_a_scheduled_message_is_moved(caller: Caller, body: Body) -> None:
    caller.send(Fecha=FAR)
    moved = caller.ask("ReprogramarEMAILCERTIFICADO", body=body, Idmensaje="1", Fecha="2098-12-03 11:14:24")

    assert {"Res": 1, "Cred": 91} == moved
    assert "2098-12-03T10:14:24.000000Z" == shown(caller, 1)["scheduled_at"]
    for fecha, res in [("", -3), ("2020-01-01 10:00", -6), ("2098-03-30 02:30", -6), ("x", -6)]:
        assert res == caller.ask("ReprogramarEMAILCERTIFICADO", body=body, Idmensaje=1, Fecha=fecha)["Res"], fecha


def test_what_has_left_is_neither_cancelled_nor_moved(caller: Caller, office: World) -> None:
    caller.send()
    deliver(office, 1)

    assert -4 == caller.ask("CancelarEMAILCERTIFICADO", Idmensaje=1)["Res"]
    assert -4 == caller.ask("ReprogramarEMAILCERTIFICADO", Idmensaje=1, Fecha=FAR)["Res"]


@BODIES
def test_the_report_of_a_message_that_was_read_is_that_of_the_sample(caller: Caller, office: World, body: Body) -> None:
    caller.send()
    deliver(office, 1)
    assert (14, "Mensaje entregado y certificado") == tuple(
        caller.ask("GetReportEMAILCERTIFICADO", body=body, Idmensaje=1)[name] for name in ("Estado", "txtEstado")
    )
    read = stored(office, 1).act(Act.READ, now=office.ports.world.now())
    office.ports.units.run(lambda unit: unit.notices.save(read))

    answer = caller.ask("GetReportEMAILCERTIFICADO", body=body, Idmensaje="1")
    assert {
        "Res": 1,
        "Programado": answer["Programado"],
        "Remitente": SENDER,
        "Destinatario": "destinatario@eldominio.com",
        "Cred": 91,
        "Estado": 11,
        "txtEstado": "Mensaje entregado, abierto, leído y certificado",
    } == answer


def test_a_scheduled_message_is_reported_with_its_date(caller: Caller) -> None:
    caller.send(Fecha="2099-10-10 10:10:59")
    text = text_of(caller.call("GetReportEMAILCERTIFICADO", Idmensaje=1, Resp="TXT"))

    assert (
        f"Res:1;\nProgramado:2099-10-10 10:10;\nRemitente:{SENDER};\nDestinatario:destinatario@eldominio.com;\n"
        "Cred:91,00;\nEstado:1;\ntxtEstado:Mensaje programado;\n"
    ) == text


def test_the_certificate_is_a_zip_with_a_pdf_and_a_table(caller: Caller, office: World) -> None:
    person = {"Nombre": "=1+1", "Email": "a@example.net"}
    caller.send(Destinatarios=[person], Asunto="x", Mensaje="y")
    assert -7 == caller.ask("GetCertificadoEMAILCERTIFICADO", Idmensaje=1)["Res"]
    deliver(office, 1)

    first, again = (caller.call("GetCertificadoEMAILCERTIFICADO", Idmensaje=1, Resp="JSON") for _ in range(2))
    assert (200, "application/zip") == (first.status, first.headers["content-type"])
    assert first.body == again.body
    archive = ZipFile(io.BytesIO(first.body))
    assert ["1_a@example.net.pdf", "resultado.csv"] == archive.namelist()
    pdf = archive.read("1_a@example.net.pdf")
    assert pdf == caller.client.api("GET", "/v1/notices/ntc_000001/proof").body
    head, line = archive.read("resultado.csv").decode("utf-8-sig").splitlines()
    assert (
        "idMensaje;Nombre;Email;Asunto;Enviado;Entregado;Abierto;Leido;Aceptado;Rechazado;Estado;txtEstado;CSV;SHA256"
    ) == head
    cells = dict(zip(head.split(";"), line.split(";"), strict=True))
    assert ("1", "'=1+1", "14", "") == (cells["idMensaje"], cells["Nombre"], cells["Estado"], cells["Leido"])
    assert cells["Entregado"]


@BODIES
@pytest.mark.parametrize(
    ("resp", "expected"),
    [
        ("JSON", b'[{"Res":1,"Cred":100}]'),
        ("TXT", b"Res:1;\nCred:100,00;\n"),
        ("XML", b'<?xml version="1.0" encoding="UTF-8"?>\n<result><Res>1</Res><Cred>100</Cred></result>\n'),
        ("", b"Res:1;\nCred:100,00;\n"),
    ],
)
def test_credits_are_told_in_each_form(caller: Caller, body: Body, resp: str, expected: bytes) -> None:
    assert expected == caller.call("GetCreditos", body=body, Resp=resp).body


def test_parts_of_a_credit_are_told(caller: Caller, office: World) -> None:
    grant_credits(office.ports, office.account.id, 25)

    assert 100.25 == caller.ask("GetCreditos")["Cred"]
    assert "Cred:100,25;" in text_of(caller.call("GetCreditos", Resp="TXT"))


@pytest.mark.parametrize("number", ["", "x", "0", "-1", "1.5", "9" * 30, [1]])
@pytest.mark.parametrize(
    "function", ["CancelarEMAILCERTIFICADO", "GetReportEMAILCERTIFICADO", "GetCertificadoEMAILCERTIFICADO"]
)
def test_what_is_no_number_of_a_message_is_told(caller: Caller, function: str, number: object) -> None:
    assert -3 == caller.ask(function, Idmensaje=number)["Res"]


# ── Who may call ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_of_another_tenant_does_not_exist(caller: Caller, office: World) -> None:
    caller.send(Fecha=FAR)
    stranger = caller_for(office, caller.client, tenant=office.new_tenant("Other"))

    assert -2 == stranger.ask("CancelarEMAILCERTIFICADO", Idmensaje=1)["Res"]
    assert -2 == stranger.ask("ReprogramarEMAILCERTIFICADO", Idmensaje=1, Fecha=FAR)["Res"]
    assert -4 == stranger.ask("GetReportEMAILCERTIFICADO", Idmensaje=1)["Res"]
    assert -4 == stranger.ask("GetCertificadoEMAILCERTIFICADO", Idmensaje=1)["Res"]
    assert -19 == stranger.send()["Res"]
    assert "scheduled" == shown(caller, 1)["status"]


def test_a_credential_of_test_mode_sees_no_live_message(caller: Caller, office: World) -> None:
    caller.send()
    tester = caller_for(office, caller.client, mode=Mode.TEST)

    assert -4 == tester.ask("GetReportEMAILCERTIFICADO", Idmensaje=1)["Res"]
    assert 2 == tester.send()["Destinatarios"][0]["idMensaje"]


@pytest.mark.parametrize(("user", "token"), [("", None), (None, "mk_live_x"), ("x", "y"), (None, ""), ("ü", "ñ")])
@pytest.mark.parametrize(("resp", "expected"), [("JSON", b'[{"Res":-1,'), ("TXT", b"Res:-1;"), ("", b"-1")])
def test_a_bad_login_is_401_in_the_form_that_was_asked_for(
    caller: Caller, user: str | None, token: str | None, resp: str, expected: bytes
) -> None:
    wrong = Caller(caller.client, caller.user if user is None else user, caller.token if token is None else token)
    answer = wrong.call("GetCreditos", Resp=resp)

    assert 401 == answer.status
    assert answer.body.startswith(expected)
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_a_key_of_the_native_api_is_no_credential_of_this_one_nor_the_other_way_round(
    caller: Caller, office: World
) -> None:
    assert 401 == Caller(caller.client, caller.user, office.key).call("GetCreditos").status
    answer = caller.client.api("GET", "/v1/credits", Authorization=f"Bearer {caller.token}")
    assert 401 == answer.status


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_another_method_than_post_is_405(caller: Caller, method: str) -> None:
    answer = caller.client.request(method, "/v7/GetCreditos")

    assert (405, "POST") == (answer.status, answer.headers["allow"])
    assert 405 == caller.client.request("GET", "/v7").status


def test_an_unknown_function_is_404(caller: Caller) -> None:
    assert 404 == caller.call("EnviarFAX").status


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b'{"Resp":"JSON","x":"\xff"}', "application/json"),
        (b"a=%ff", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % number for number in range(200)), "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=b7"),
        (b"x", "multipart/form-data"),
    ],
)
def test_a_body_that_cannot_be_read_is_told(caller: Caller, body: bytes, kind: str) -> None:
    answer = caller.call("CancelarEMAILCERTIFICADO", body=lambda _: (body, kind))

    assert (200, b"-3") == (answer.status, answer.body)


# ── Calls in a loop ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_question_in_a_loop_is_blocked_and_says_for_how_long(office: World, start: StartServer) -> None:
    caller = caller_for(office, start(like_calls=5))
    caller.send(Fecha=FAR)
    answers = [caller.call("GetReportEMAILCERTIFICADO", Idmensaje=1, Resp="JSON") for _ in range(6)]

    assert [200] * 5 + [429] == [answer.status for answer in answers]
    assert -9 == answers[-1].json[0]["Res"]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert b"-9" == caller.call("GetCreditos").body
    assert 200 == caller_for(office, caller.client).call("GetCreditos").status


def test_empty_calls_and_bad_logins_in_a_loop_are_blocked(office: World, start: StartServer) -> None:
    client = start(like_calls=5)
    caller = caller_for(office, client)
    empty = [caller.call("EnviarEMAILCERTIFICADO", body=lambda _: (b"", "application/json")) for _ in range(6)]
    assert [200] * 5 + [429] == [answer.status for answer in empty]

    wrong = Caller(client, "x", "y")
    assert [401] * 5 + [429] == [wrong.call("GetCreditos", Resp="JSON").status for _ in range(6)]


def test_different_messages_are_sent_as_fast_as_they_come(office: World, start: StartServer) -> None:
    caller = caller_for(office, start(like_calls=5))
    person = {"Email": "a@example.net"}

    assert [1] * 8 == [
        caller.send(Destinatarios=[person], Asunto=f"n {number}", Mensaje="y")["Res"] for number in range(8)
    ]
