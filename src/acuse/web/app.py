"""All faces of one process as one ASGI application, chosen by its role."""

from collections.abc import Callable, Mapping

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from acuse.errors import AcuseError
from acuse.ports import Ports
from acuse.web.access_log import AccessLog
from acuse.web.api.application import api_application
from acuse.web.as2in import AS2Receiver
from acuse.web.asgi import Reply, answer, refuse
from acuse.web.dialects.as2expert.application import AS2ExpertApplication
from acuse.web.dialects.mensatek import MensatekAPI
from acuse.web.dialects.mft.application import MFTApplication
from acuse.web.dialects.mft.routes import ROOTS as MFT_ROOTS
from acuse.web.lanes import Lanes
from acuse.web.openapi.face import serve_docs, serve_document
from acuse.web.options import WebOptions
from acuse.web.sender_page import SenderPage
from acuse.web.shared.limiter import Limiter
from acuse.web.visit import VisitPages

_CALLED_BY_PROGRAMS = (
    "/v1",
    "/api",
    "/v7",
    "/openapi.json",
    "/docs",
    "/s",
    *MFT_ROOTS,
)
_OF_RECIPIENTS = ("/n",)
ROLES: Mapping[str, tuple[str, ...]] = {
    "all": ("/as2", *_CALLED_BY_PROGRAMS, *_OF_RECIPIENTS),
    "api": (*_CALLED_BY_PROGRAMS, *_OF_RECIPIENTS),
    "as2": ("/as2",),
    "worker": (),
    "console": (),
}
"""The faces of each role, by the first part of their paths. `/health` is everywhere."""


class WebApp:
    """The ASGI application. Close it when the server has stopped."""

    def __init__(self, faces: Mapping[str, ASGIApp], *, ports: Ports, lanes: Lanes) -> None:
        self._faces = faces
        self._ports = ports
        self._lanes = lanes
        self._logged = AccessLog(self._dispatch, new_id=ports.world.new_id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._logged(scope, receive, send)

    def close(self) -> None:
        """End the threads."""
        self._lanes.close()

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        face = self._faces.get("/" + path.split("/", 2)[1] if path.startswith("/") else "")
        if face is not None:
            await face(scope, receive, send)
        elif path == "/health":
            await answer(send, await self._health())
        else:
            await refuse(scope, receive, send, Reply.text(404, "There is nothing at this path."))

    async def _health(self) -> Reply:
        """Healthy is who can read the database."""
        try:
            await self._lanes.run(self._ports.views.account)
        except AcuseError:
            return _status(503, "unavailable")
        return _status(200, "ok")


def build_app(ports: Ports, options: WebOptions) -> WebApp:
    """The faces of the role in `options`, over one set of threads."""
    lanes, limiter = Lanes(), Limiter()
    mft = MFTApplication(ports, options, lanes, limiter)
    makers: Mapping[str, Callable[[], ASGIApp]] = {
        "/as2": lambda: AS2Receiver(ports, lanes=lanes, max_body=options.max_body),
        "/v1": lambda: api_application(ports, options, lanes, limiter),
        "/api": lambda: AS2ExpertApplication(ports, options, lanes, limiter),
        "/v7": lambda: MensatekAPI(ports, options, lanes),
        "/n": lambda: VisitPages(ports, lanes=lanes),
        "/s": lambda: SenderPage(ports, lanes=lanes),
        "/openapi.json": lambda: serve_document,
        "/docs": lambda: serve_docs,
        **dict.fromkeys(MFT_ROOTS, lambda: mft),
    }
    return WebApp({path: makers[path]() for path in ROLES[options.role]}, ports=ports, lanes=lanes)


def _status(status: int, word: str) -> Reply:
    body = msgspec.json.encode({"status": word})
    return Reply(status=status, body=body, headers=(("Content-Type", "application/json"),))
