# Made from _async by scripts/draw_sync_client.py: change it there.
"""Keys, certificates, test mode and certified e-mails: a list each, with what is special about it."""

from collections.abc import Mapping
from pathlib import Path

from acuse_client._sync.collection import Collection, Readable
from acuse_client.objects import Message, Object
from acuse_client.retrying import IDEMPOTENCY_KEY, Call


class Keys(Collection[Object]):
    """API keys. A key's text, `api_key`, is only in the answers of `create` and `rotate`."""

    def rotate(self, name: str, *, grace_seconds: int | None = None) -> Object:
        """Give a key a new text; the old one holds for a while."""
        return self._one("POST", name, "rotate", body={} if grace_seconds is None else {"grace_seconds": grace_seconds})


class Sandbox(Readable[Message]):
    """Test mode; needs a key of test mode. Lists its messages."""

    def info(self) -> Object:
        """What it can do."""
        info: Object = (self._caller.call(Call(method="GET", path="/v1/sandbox/info")))["data"]
        return info

    def simulate_incoming(self, **fields: object) -> Object:
        """Have the simulated partner send a message; returns the stored `message` and the partner's `answer`."""
        call = Call(method="POST", path="/v1/sandbox/simulate-incoming", json=fields)
        arrival: Object = (self._caller.call(call))["data"]
        return arrival

    def clear(self) -> None:
        """Forget the messages of test mode."""
        self._caller.call(Call(method="DELETE", path="/v1/sandbox/clear"))


class Notices(Readable[Object]):
    """Certified e-mails."""

    def send(self, fields: Mapping[str, object], *, idempotency_key: str) -> Object:
        """Send one; the fields are those of the reference. The key makes sure that it goes out once."""
        headers = {IDEMPOTENCY_KEY: idempotency_key}
        answer: Object = self._caller.call(Call(method="POST", path=self._path, json=fields, headers=headers))
        return answer

    def cancel(self, name: str) -> Object:
        """Take one back before it leaves."""
        return self._one("POST", name, "cancel")

    def proof(self, name: str, target: Path) -> int:
        """Write what is known of it, a PDF, to a file; returns its bytes."""
        return self._download(f"{self._path}/{name}/proof", target)
