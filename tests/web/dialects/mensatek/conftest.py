"""A gateway that speaks the dialect, with a validated sender, a credential and 100 credits."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from acuse.domain.access import Mode
from acuse.domain.account import Tenant
from acuse.domain.dialect import Dialect
from acuse.domain.sender import Assurance
from acuse.services.issue_credential import USUAL_SCOPES, issue_credential
from acuse.services.manage_credits import grant_credits
from acuse.services.manage_senders import add_sender
from tests.web.client import Client, Response
from tests.web.conftest import StartServer, World

SENDER = "tucorreo@tudominio.com"
Body = Callable[[Mapping[str, object]], tuple[bytes, str]]


def as_json(fields: Mapping[str, object]) -> tuple[bytes, str]:
    return json.dumps(fields).encode(), "application/json"


def as_form(fields: Mapping[str, object]) -> tuple[bytes, str]:
    return urlencode(_texts(fields)).encode(), "application/x-www-form-urlencoded"


def as_multipart(fields: Mapping[str, object]) -> tuple[bytes, str]:
    parts = [
        f'--b7\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in _texts(fields).items()
    ]
    return ("".join(parts) + "--b7--\r\n").encode(), "multipart/form-data; boundary=b7"


def _texts(fields: Mapping[str, object]) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in fields.items()
    }


class Caller:
    """A program written for the service."""

    def __init__(self, client: Client, user: str, token: str, *, account: str = "") -> None:
        self.client = client
        self.user = user
        self.token = token
        self.account = account

    def call(self, function: str, *, body: Body = as_json, **fields: object) -> Response:
        """One call, by default in JSON, whose answer is asked for in the form that `Resp` says."""
        content, kind = body(fields)
        login = b64encode(f"{self.user}:{self.token}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": kind}
        return self.client.request("POST", f"/v7/{function}", content, headers)

    def ask(self, function: str, *, body: Body = as_json, **fields: object) -> dict[str, Any]:
        """The object of an answer in JSON."""
        answer = self.call(function, body=body, **{"Resp": "JSON", **fields})
        assert 200 == answer.status, answer.body
        (shown,) = answer.json
        assert isinstance(shown, dict)
        return shown

    def send(self, *, body: Body = as_json, **fields: object) -> dict[str, Any]:
        return self.ask("EnviarEMAILCERTIFICADO", body=body, **{**message(), **fields})


def message() -> dict[str, Any]:
    """The sample of the published description, with the variable that its text names."""
    return {
        "Remitente": SENDER,
        "Destinatarios": [
            {
                "Nombre": "Pedro Pérez",
                "Email": "destinatario@eldominio.com",
                "Variable_1": "Variable to personalize subject and message per recipient",
                "DNI": "00000000T",
            }
        ],
        "Asunto": "Esto es una Notificacion para {{Nombre}} con motivo de {{Variable_1}}",
        "Mensaje": "A la atención de {{Nombre}} con NIF {{DNI}}, Te enviamos esta notificación .....",
    }


def caller_for(world: World, client: Client, *, tenant: Tenant | None = None, mode: Mode = Mode.LIVE) -> Caller:
    issued = issue_credential(
        world.ports,
        dialect=Dialect.MENSATEK,
        account_id=world.account.id,
        tenant_id=tenant.id if tenant else None,
        name="erp",
        mode=mode,
        scopes=USUAL_SCOPES,
    )
    assert issued.key.token_id is not None
    return Caller(client, issued.key.token_id, issued.text)


@pytest.fixture
def office(world: World) -> World:
    add_sender(world.ports, space=world.space, address=SENDER, name="Tu empresa", assurance=Assurance.OPERATOR)
    grant_credits(world.ports, world.account.id, 10_000)
    return world


@pytest.fixture
def caller(office: World, start: StartServer) -> Caller:
    return caller_for(office, start(like_calls=1000))
