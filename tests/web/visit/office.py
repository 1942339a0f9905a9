"""A gateway that has sent certified e-mails, and a browser without a screen that follows their links."""

import email
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.policy import default
from html import unescape
from urllib.parse import urlencode

from acuse.domain.notice import Notice, Recipient
from acuse.domain.sender import Assurance
from acuse.mime import read_all
from acuse.ports import MailAnswer, Said
from acuse.services.accept_message import OutgoingFile
from acuse.services.begin_notice import begin_notice
from acuse.services.manage_credits import grant_credits
from acuse.services.manage_senders import add_sender
from acuse.services.send_notices import SendNotices, send_notices
from acuse.services.settle_notice import settle_notice
from tests.web.client import Client, Response
from tests.web.conftest import World

ANA = Recipient(address="ana@example.net", name="Ana Pérez")
TEXT = "<h1>Fin del contrato</h1><p>El contrato acaba el 31 de mayo.</p>"
TAKEN = MailAnswer(said=Said.TAKEN, text="250 Ok", code=250, server="mx.example.net")


class Office:
    """What a test of the pages needs of a gateway."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ports = world.ports
        add_sender(
            self.ports,
            space=world.space,
            address="legal@example.com",
            name="Gestoría Olmedo, S.L.",
            assurance=Assurance.OPERATOR,
        )
        grant_credits(self.ports, world.account.id, 100_000)

    def send(
        self,
        recipient: Recipient = ANA,
        *,
        days: int | None = None,
        text: str = TEXT,
        language: str = "es",
        files: Mapping[str, bytes] | None = None,
        scheduled_at: datetime | None = None,
    ) -> tuple[Notice, str]:
        """A notice that the recipient's server took, and the path of its page."""
        (notice,) = send_notices(
            self.ports,
            SendNotices(
                space=self.world.space,
                sender_address="legal@example.com",
                recipients=(recipient,),
                subject="Fin del contrato de arrendamiento, calle Mayor 18, 2.º B",
                text=text,
                files=tuple(self._file(name, content) for name, content in (files or {}).items()),
                acceptance_days=days,
                language=language,
                scheduled_at=scheduled_at,
            ),
        ).notices
        begun = begin_notice(self.ports, notice.id)
        assert begun is not None
        message = email.message_from_bytes(read_all(begun.message.open(), limit=1 << 24), policy=default)
        body = message.get_body(("plain",))
        assert body is not None
        found = re.search(r"/n/[A-Za-z0-9]+", body.get_content())
        assert found is not None
        settle_notice(self.ports, begun, TAKEN)
        return self.now(notice), found[0]

    def _file(self, name: str, content: bytes) -> OutgoingFile:
        stage = self.ports.blobs.stage()
        stage.write(content)
        return OutgoingFile(filename=name, content_type="application/pdf", stage=stage)

    def now(self, notice: Notice) -> Notice:
        return self.ports.views.notices.notice_by_id(notice.id).notice


@dataclass(slots=True, kw_only=True)
class Visitor:
    """A browser: it keeps its cookie, follows redirects, and presses the buttons that a page has."""

    client: Client
    cookie: str = ""
    page: str = ""
    sent: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, method: str = "GET", **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.request(method, path, None, {"Cookie": self.cookie, **named})
        return self._seen(answer)

    def post(self, path: str, **fields: str) -> Response:
        """A form, whether the page has it or not."""
        body = urlencode(fields).encode()
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        return self._seen(self.client.request("POST", path, body, headers))

    def press(self, end: str, **fields: str) -> Response:
        """The button of the form whose action ends so, and the page that follows."""
        for action, inside in re.findall(r'<form method="post" action="([^"]+)">(.*?)</form>', self.page, re.DOTALL):
            if unescape(action).partition("?")[0].endswith(end):
                hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', inside))
                answer = self.post(unescape(action), **hidden, **fields)
                return self.get(answer.headers["location"]) if answer.status == 303 else answer
        raise AssertionError(f"the page has no form that ends in {end}: {self.page}")

    def _seen(self, answer: Response) -> Response:
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.page = answer.body.decode()
        return answer
