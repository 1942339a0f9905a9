"""A partner that runs on pyas2lib: it reads what we send, answers with receipts, and sends messages of its own.

Two things about pyas2lib shape this file.
- It computes a MIC for signed messages only. For the others this partner computes it as RFC 4130 section 7.3.1 and
  RFC 5402 section 4 say, with pyas2lib's own CMS functions, and has pyas2lib put it into the receipt.
- It ends lines with CRLF in every payload that is not application/octet-stream. So that type is what it sends here.
"""

import base64
import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.peers import entities, wire
from tests.peers.identity import Identity
from tests.peers.listener import Answer, Listener, Posted
from tests.peers.repaired_pyas2lib import as2, cms
from tests.peers.wire import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message that reached this partner's application."""

    message_id: str
    payload: bytes
    content_type: str
    filename: str | None
    is_signed: bool
    is_encrypted: bool
    is_compressed: bool
    status: str
    mic: str
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What this partner made of one of our receipts: `processed` only if the signature held and the MIC matched."""

    message_id: str
    status: str
    detail: str | None
    reply: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapping:
    """How this partner sends a message and which receipt it asks for."""

    sign: bool = True
    encrypt: str | None = "aes_128_cbc"
    compress: bool = False
    mdn: str | None = "SYNC"
    mdn_signed: bool = True
    digest: str = "sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message of this partner, as posted, and the direct answer."""

    message_id: str
    mic: str | None
    headers: dict[str, str]
    body: bytes
    reply: Reply
    judgement: Judgement | None = field(default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """The gateway's side as this partner knows it."""

    as2_id: str
    url: str
    certificate: bytes


class Pyas2Peer:
    """Listens on loopback under any number of AS2 identifiers, all with one key pair, until `close`."""

    def __init__(
        self,
        *,
        as2_ids: Sequence[str],
        identity: Identity,
        port: int = 0,
        hold: threading.Event | None = None,
        loses: int = 0,
    ) -> None:
        """`hold` keeps every answer back until it is set; what was posted is in `listener.posted` before that.

        `loses` is how many of its first answers are lost on the way, each after the message was taken.
        """
        self._hold = hold
        self._loses = loses
        self.as2_ids = tuple(as2_ids)
        self.identity = identity
        self.deliveries: list[Delivery] = []
        """Each Message-ID once: a repeat gets the stored answer, as a careful partner does it."""
        self.judgements: list[Judgement] = []
        """Our asynchronous receipts."""
        self._answers: dict[str, Answer] = {}
        self._sent: dict[str, Any] = {}
        self._stations: dict[str, Station] = {}
        self._one_at_a_time = threading.Lock()
        self.listener = Listener(self._answer, port=port)

    @property
    def url(self) -> str:
        return self.listener.url

    def close(self) -> None:
        self.listener.close()

    def meet(self, station: Station) -> None:
        """Know a station of the gateway."""
        self._stations[station.as2_id] = station

    def delivery(self, message_id: str) -> Delivery | None:
        """What the application got under a Message-ID, with or without brackets."""
        return next((found for found in self.deliveries if found.message_id == message_id.strip("<>")), None)

    # ── What it receives ──────────────────────────────────────────────────────────────────────────────────────────────

    def _answer(self, posted: Posted) -> Answer:
        if self._hold:
            self._hold.wait()
        message_id = (posted.header("Message-ID") or "").strip("<>")
        if _is_receipt(posted):
            self.judgements.append(self._judge(posted.raw, Reply(headers=posted.headers, body=posted.body)))
            return Answer()
        with self._one_at_a_time:
            if message_id not in self._answers:
                self._answers[message_id] = self._receive(posted)
            if self._loses > 0:
                self._loses -= 1
                return Answer(reply=None)
            return self._answers[message_id]

    def _receive(self, posted: Posted) -> Answer:
        message = as2.Message()
        status, (problem, trace), mdn = message.parse(posted.raw, self._organization, self._partner)
        if status == "processed" and message.mic is None:
            message.digest_alg, message.mic = "sha256", _mic_of_unsigned(posted, self._organization_key)
            mdn = mdn and self._receipt(message, mdn)
        self.deliveries.append(
            Delivery(
                message_id=message.message_id,
                payload=message.payload.get_payload(decode=True),
                content_type=message.payload.get_content_type(),
                filename=message.payload.get_filename(),
                is_signed=message.signed,
                is_encrypted=message.encrypted,
                is_compressed=message.compressed,
                status=status,
                mic=message.mic.decode() if message.mic else "",
                problem=f"{problem!r} {trace}" if problem else None,
            )
        )
        if mdn is None:
            return Answer()
        if mdn.mdn_mode == "SYNC":
            return Answer(reply=Reply(headers=tuple(mdn.headers.items()), body=mdn.content))
        return Answer(afterwards=lambda: _post_receipt(mdn))

    def _receipt(self, message: Any, first: Any) -> Any:
        mdn = as2.Mdn(mdn_mode=first.mdn_mode, mdn_url=first.mdn_url, digest_alg=first.digest_alg)
        mdn.build(message=message, status="processed")
        return mdn

    def _organization(self, as2_id: str) -> Any:
        if as2_id not in self.as2_ids:
            return None
        return as2.Organization(
            as2_name=as2_id,
            sign_key=self.identity.pem,
            decrypt_key=self.identity.pem,
            mdn_url=self.url,
            domain="pyas2.test",
        )

    @property
    def _organization_key(self) -> Any:
        return self._organization(self.as2_ids[0]).decrypt_key

    def _partner(self, as2_id: str, wrapping: Wrapping | None = None) -> Any:
        station = self._stations.get(as2_id)
        if station is None:
            return None
        settings: dict[str, Any] = {}
        if wrapping:
            settings = {
                "sign": wrapping.sign,
                "digest_alg": wrapping.digest,
                "encrypt": wrapping.encrypt is not None,
                "enc_alg": wrapping.encrypt or "aes_128_cbc",
                "compress": wrapping.compress,
                "mdn_mode": wrapping.mdn,
                "mdn_digest_alg": wrapping.digest if wrapping.mdn_signed else None,
            }
        return as2.Partner(
            as2_name=as2_id,
            verify_cert=station.certificate,
            encrypt_cert=station.certificate,
            validate_certs=False,
            **settings,
        )

    # ── What it sends ─────────────────────────────────────────────────────────────────────────────────────────────────

    def send(
        self,
        payload: bytes,
        *,
        to: str,
        wrapping: Wrapping | None = None,
        sender: str | None = None,
        filename: str | None = "order.bin",
        content_type: str = "application/octet-stream",
    ) -> Sent:
        """Build a message, post it, and judge the receipt if it comes in the answer."""
        wrapping = wrapping or Wrapping()
        message = as2.Message(
            sender=self._organization(sender or self.as2_ids[0]), receiver=self._partner(to, wrapping)
        )
        message.build(payload, filename=filename, content_type=content_type)
        self._sent[message.message_id] = message
        reply = wire.post(self._stations[to].url, headers=message.headers, body=message.content)
        sent = Sent(
            message_id=message.message_id,
            mic=message.mic.decode() if message.mic else None,
            headers=message.headers,
            body=message.content,
            reply=reply,
        )
        if wrapping.mdn != "SYNC":
            return sent
        return replace(sent, judgement=self._judge(_raw(reply), reply))

    def judgement(self, message_id: str) -> Judgement | None:
        """What was made of the asynchronous receipt for a message."""
        return next((found for found in self.judgements if found.message_id == message_id), None)

    def _judge(self, raw: bytes, reply: Reply) -> Judgement:
        mdn = as2.Mdn()
        status, detail = mdn.parse(raw, lambda message_id, _recipient: self._sent.get(message_id))
        return Judgement(message_id=mdn.orig_message_id or "", status=status, detail=detail, reply=reply)


def _is_receipt(posted: Posted) -> bool:
    content_type = (posted.header("Content-Type") or "").lower()
    return content_type.startswith("multipart/report") or (
        content_type.startswith("multipart/signed") and b"multipart/report" in posted.body[:500]
    )


def _raw(reply: Reply) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in reply.headers).encode() + b"\r\n" + reply.body


def _post_receipt(mdn: Any) -> None:
    wire.post(mdn.mdn_url, headers=mdn.headers, body=mdn.content)


def _mic_of_unsigned(posted: Posted, key: Any) -> bytes:
    """RFC 4130 section 7.3.1: the body alone if nothing was wrapped around it, otherwise the innermost entity."""
    headers = {name.lower(): value for name, value in posted.headers}
    entity = entities.Entity(headers=headers, body=posted.body)
    covered = posted.body
    while (kind := entities.parameter(entity.headers.get("content-type", "text/plain"), "smime-type")) is not None:
        covered = (
            cms.decrypt_message(entity.body, key)[1]
            if kind == "enveloped-data"
            else cms.decompress_message(entity.body)
        )
        entity = entities.read_entity(covered)
    return base64.b64encode(hashlib.sha256(covered).digest())
