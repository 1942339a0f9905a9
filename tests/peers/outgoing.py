"""A partner that builds its messages by hand and with the openssl command, layer by layer in any order.

It knows the MIC that the receipt must return, because it knows the bytes that the RFCs say it covers.
"""

import base64
import hashlib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.peers import openssl, wire
from tests.peers.entities import build_entity, build_pkcs7, build_signed, read_entity
from tests.peers.identity import Identity
from tests.peers.wire import Reply

_counter = itertools.count(1)
SIGNED_RECEIPT = "signed-receipt-protocol=required, pkcs7-signature; signed-receipt-micalg=optional, sha-256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message under construction: its entity so far, and what a MIC of it would cover."""

    entity: bytes
    covered: bytes

    @classmethod
    def plain(cls, payload: bytes, headers: Mapping[str, str] | None = None) -> "Letter":
        """The payload as the innermost entity. Unwrapped, the MIC covers the body alone (RFC 4130 section 7.3.1)."""
        defaults = {"Content-Type": "application/edi-x12", "Content-Transfer-Encoding": "binary"}
        return cls(entity=build_entity(dict(headers or defaults), payload), covered=payload)

    @property
    def body(self) -> bytes:
        return read_entity(self.entity).body

    @property
    def mic(self) -> str:
        return base64.b64encode(hashlib.sha256(self.covered).digest()).decode()


def signed(letter: Letter, identity: Identity) -> Letter:
    """multipart/signed: from here on the MIC covers what was signed (RFC 4130 section 7.3.1, first bullet)."""
    return Letter(entity=build_signed(letter.entity, openssl.sign(letter.entity, identity)), covered=letter.entity)


def compressed(letter: Letter) -> Letter:
    """RFC 5402: without a signature the MIC covers the entity before compression, headers included."""
    return Letter(entity=build_pkcs7("compressed-data", openssl.compress(letter.entity)), covered=_wrapped(letter))


def encrypted(letter: Letter, certificate: bytes, *, cipher: str = "aes-128-cbc", stream: bool = False) -> Letter:
    """Without a signature the MIC covers the decrypted entity, headers included (RFC 4130 section 7.3.1)."""
    enveloped = openssl.encrypt(letter.entity, certificate=certificate, cipher=cipher, stream=stream)
    return Letter(entity=build_pkcs7("enveloped-data", enveloped), covered=_wrapped(letter))


def _wrapped(letter: Letter) -> bytes:
    return letter.entity if letter.covered == letter.body else letter.covered


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A letter on its way: the AS2 headers around it, ready to be posted any number of times."""

    url: str
    message_id: str
    headers: dict[str, str]
    body: bytes

    def post(self) -> Reply:
        return wire.post(self.url, headers=self.headers, body=self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who posts to which station."""

    as2_id: str
    to: str
    url: str
    extra: dict[str, str] = field(default_factory=dict)

    def prepare(
        self,
        letter: Letter | bytes,
        *,
        receipt: str | None = SIGNED_RECEIPT,
        receipt_url: str | None = None,
        without: tuple[str, ...] = (),
        message_id: str | None = None,
        change: Callable[[bytes], bytes] = lambda body: body,
        **headers: str,
    ) -> Posting:
        """Put AS2 headers around a letter.

        `receipt` is what stands in Disposition-Notification-Options: "" asks for an unsigned receipt, None for none.
        `without` leaves headers out, `change` damages the body, `headers` replace others (underscores are hyphens).
        """
        entity = read_entity(letter.entity if isinstance(letter, Letter) else letter)
        message_id = message_id or f"<letter-{next(_counter)}@{self.as2_id.lower()}.test>"
        complete = {
            "AS2-Version": "1.1",
            "AS2-From": self.as2_id,
            "AS2-To": self.to,
            "Message-ID": message_id,
            "Date": "Thu, 19 Nov 2026 10:00:00 GMT",
            "Subject": "Order",
            **{name.title(): value for name, value in entity.headers.items()},
        }
        if receipt is not None:
            complete["Disposition-Notification-To"] = "orders@partner.test"
        if receipt:
            complete["Disposition-Notification-Options"] = receipt
        if receipt_url:
            complete["Receipt-Delivery-Option"] = receipt_url
        complete |= self.extra | {name.replace("_", "-"): value for name, value in headers.items()}
        complete = {name: value for name, value in complete.items() if name not in without}
        return Posting(url=self.url, message_id=message_id, headers=complete, body=change(entity.body))
