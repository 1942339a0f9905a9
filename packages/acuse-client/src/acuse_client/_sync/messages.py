# Made from _async by scripts/draw_sync_client.py: change it there.
"""Messages: send, look, download, decide, wait."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from acuse_client._sync.collection import Readable
from acuse_client.errors import NotSettled
from acuse_client.objects import MDNMode, Message, Object, Priority, is_settled
from acuse_client.retrying import IDEMPOTENCY_KEY, Call
from acuse_client.wishes import Content, sending

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0


class Messages(Readable[Message]):
    """What was sent and received."""

    def send(
        self,
        partner_id: str,
        content: Content | Sequence[Content],
        *,
        content_type: str | None = None,
        filename: str | None = None,
        subject: str | None = None,
        station_id: str | None = None,
        priority: Priority | None = None,
        compress: bool | None = None,
        encrypt: bool | None = None,
        sign: bool | None = None,
        mdn_mode: MDNMode | None = None,
        scheduled_at: datetime | None = None,
        headers: Mapping[str, str] | None = None,
        metadata: Mapping[str, object] | None = None,
        simulate: str | None = None,
        idempotency_key: str | None = None,
    ) -> Message:
        """Send a file, bytes or text, or several as one message; returns when the gateway keeps it for good.

        A None means what is agreed with the partner. Files are read while they are sent. Without a key for it, the call
        gets one of its own, so that it is repeated without sending twice. Raises Invalid, NotFound, PayloadTooLarge.
        """
        fields = {
            "station_id": station_id,
            "subject": subject,
            "priority": priority,
            "compress": compress,
            "encrypt": encrypt,
            "sign": sign,
            "mdn_mode": mdn_mode,
            "scheduled_at": scheduled_at,
            "headers": headers,
            "metadata": metadata,
            "simulate": simulate,
        }
        with ExitStack() as stack:
            call = sending(
                stack,
                partner_id,
                content,
                fields,
                content_type=content_type,
                filename=filename,
                idempotency_key=idempotency_key,
            )
            message: Message = (self._caller.call(call))["data"]
        return message

    def resend(self, name: str, *, idempotency_key: str | None = None) -> Message:
        """The same files as a new message. Raises Conflict while the message is under way."""
        keyed = {IDEMPOTENCY_KEY: idempotency_key} if idempotency_key else {}
        call = Call(method="POST", path=f"{self._path}/{name}/resend", headers=keyed)
        message: Message = (self._caller.call(call))["data"]
        return message

    def retry(self, name: str, *, force: bool = False) -> Message:
        """The same bytes again, now. Raises Conflict for what cannot be tried again."""
        return self._one("POST", name, "retry", body={"force": force})

    def cancel(self, name: str) -> Message:
        """Send nothing more of it. Raises Conflict when it has left."""
        return self._one("POST", name, "cancel")

    def timeline(self, name: str) -> Sequence[Object]:
        """What was done with it, step by step."""
        steps: Sequence[Object] = (self._call("GET", name, "timeline"))["data"]["steps"]
        return steps

    def wait(self, name: str, *, timeout: float = 60.0) -> Message:
        """The message once it is delivered, failed or received. Raises NotSettled after `timeout` seconds."""
        deadline, pause = time.monotonic() + timeout, _FIRST_PAUSE
        while not is_settled(message := self.get(name)):
            left = deadline - time.monotonic()
            if left <= 0:
                raise NotSettled(message, timeout)
            time.sleep(min(pause, left))
            pause = min(pause * 2, _LONGEST_PAUSE)
        return message

    def payload(self, name: str) -> Iterator[bytes]:
        """The payload in pieces, as they arrive. Raises NotFound for a message that could not be opened."""
        with self._caller.stream(Call(method="GET", path=f"{self._path}/{name}/payload")) as response:
            for piece in response.iter_bytes():
                yield piece

    def download(self, name: str, target: Path, *, attachment: int | None = None) -> int:
        """Write the payload, or one of several files by its position from 1, to a file; returns its bytes."""
        part = "payload" if attachment is None else f"attachments/{attachment}"
        return self._download(f"{self._path}/{name}/{part}", target)
