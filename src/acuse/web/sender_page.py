"""`/s/{token}`: the page behind the link that validates a sender address.

Rule: opening the link has no effect, because mail programs and scanners open links too; the button on the page has.
"""

import html

from starlette.types import Receive, Scope, Send

from acuse.errors import SenderNotFound
from acuse.ports import Ports
from acuse.services.manage_senders import validate_sender
from acuse.web.asgi import Reply, answer, note, refuse
from acuse.web.lanes import Lanes

_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
)
_ASK = """<p>¿Confirma que esta dirección puede enviar correos electrónicos certificados?</p>
<p lang="en">Do you confirm that this address may send certified e-mails?</p>
<form method="post"><button type="submit">Confirmar / Confirm</button></form>"""
_DONE = """<p>La dirección está confirmada. Puede cerrar esta página.</p>
<p lang="en">The address is confirmed. You can close this page.</p>"""
_GONE = """<p>Este enlace ya no es válido. Pida otro.</p>
<p lang="en">{reason}</p>"""


class SenderPage:
    """The ASGI application of the page."""

    def __init__(self, ports: Ports, *, lanes: Lanes) -> None:
        self._ports = ports
        self._lanes = lanes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = scope["path"].removeprefix("/s").strip("/")
        note(scope, path="/s/…")  # who has the token may use it, so the log has it not
        if scope["method"] in ("GET", "HEAD"):
            await answer(send, _page(200, _ASK))
        elif scope["method"] == "POST":
            await refuse(scope, receive, send, await self._lanes.run(lambda: self._validate(token)))
        else:
            await refuse(scope, receive, send, Reply.text(405, "Use GET or POST.", ("Allow", "GET, POST")))

    def _validate(self, token: str) -> Reply:
        try:
            validate_sender(self._ports, token)
        except SenderNotFound as error:
            return _page(404, _GONE.format(reason=html.escape(error.message)))
        return _page(200, _DONE)


def _page(status: int, body: str) -> Reply:
    page = f"""<!doctype html>
<html lang="es"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Confirmar dirección</title></head><body><main>{body}</main></body></html>
"""
    return Reply(status=status, body=page.encode(), headers=_HEADERS)
