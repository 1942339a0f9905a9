"""One message over one connection: greeting, TLS, envelope, message, answer (RFC 5321, 3207, 3461).

Rule: the answer says what is known and no more. Until the last dot has left, a broken connection means that nothing was
taken; after it, that nobody can tell; and only a 250 means that the message was taken.
"""

import asyncio
import base64
import hashlib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum

from aiosmtplib import SMTPException, SMTPResponse, SMTPResponseException, SMTPServerDisconnected
from aiosmtplib.esmtp import parse_esmtp_extensions

from acuse.mime import CHUNK, Source
from acuse.ports import Envelope, MailAnswer, Said
from acuse.transports.smtp.dialogue import Dialogue, RecordedProtocol, readable
from acuse.transports.smtp.protection import NONE, TLSDemand
from acuse.transports.tls import protection_of

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?!\d)")
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_NOT_XTEXT = re.compile(r"[^!-*,-<>-~]")
_LONGEST_TEXT = 1000
BROKEN = (SMTPException, OSError, ssl.SSLError, TimeoutError)


class Progress(IntEnum):
    """How far a session came."""

    NOT_REACHED = 0
    GREETED = 1
    """The server was spoken to, and no message was begun."""
    BEGUN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds to wait: for a connection, for a reply, for the reply to the message (RFC 5321 section 4.5.3.2)."""

    connect: float = 30.0
    reply: float = 300.0
    message: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who we are to a smarthost."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where a session goes."""

    name: str
    address: str
    port: int
    has_tls_from_the_start: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a session."""

    answer: MailAnswer
    progress: Progress
    is_tls_broken: bool = False
    """TLS was offered, and did not come about."""


class Stopped(Exception):
    """The session ends here, with this reply or for this reason of ours."""

    def __init__(self, reply: SMTPResponse | None, text: str = "", *, said: Said, enhanced_code: str | None = None):
        super().__init__(text)
        self.reply, self.text, self.said, self.enhanced_code = reply, text, said, enhanced_code


class Session:
    """One connection, used once."""

    def __init__(
        self,
        server: Server,
        *,
        hello: str,
        demand: TLSDemand,
        patience: Patience,
        now: Callable[[], datetime],
        login: Login | None = None,
        dialogue: Dialogue | None = None,
    ) -> None:
        self._server, self._hello, self._demand, self._patience = server, hello, demand, patience
        self._login = login
        self._dialogue = dialogue or Dialogue(now)
        self._protocol = RecordedProtocol(self._dialogue)
        self._extensions: dict[str, str] = {}
        self._mechanisms: list[str] = []
        self._progress = Progress.NOT_REACHED
        self._has_tls_failed = False
        self._is_whole = False
        self._seen = MailAnswer(said=Said.LATER, text="", server=server.name, address=server.address, tls_policy=NONE)

    async def hand_over(self, envelope: Envelope, message: Source) -> Outcome:
        """Do the whole of it; never raises for what the other side does."""
        try:
            await self._open()
            reply = await self._transact(envelope, message)
            answer = self._answer(reply, said=Said.TAKEN)
        except Stopped as stop:
            answer = self._answer(stop.reply, stop.text, said=stop.said, enhanced_code=stop.enhanced_code)
        except BROKEN as error:
            answer = self._broken(error)
        finally:
            await self._close()
        return Outcome(
            answer=replace(answer, dialogue=self._dialogue.lines),
            progress=self._progress,
            is_tls_broken=self._has_tls_failed,
        )

    # ── Opening ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _open(self) -> None:
        server, loop = self._server, asyncio.get_running_loop()
        tls = {"ssl": self._demand.context, "server_hostname": server.name} if server.has_tls_from_the_start else {}
        async with asyncio.timeout(self._patience.connect):
            await loop.create_connection(lambda: self._protocol, server.address, server.port, **tls)  # type: ignore[call-overload]
        transport = self._protocol.transport
        source = transport.get_extra_info("sockname") if transport else None
        self._dialogue.note(f"(connected to {server.name} [{server.address}]:{server.port} from {_place(source)})")
        if tls:
            self._note_protection()
        greeting = await self._protocol.read_response(timeout=self._patience.reply)
        self._expect(greeting, 220)
        self._progress = Progress.GREETED
        await self._greet()
        if not tls:
            await self._secure()
        if self._login is not None:
            await self._log_in(self._login)

    async def _greet(self) -> None:
        reply = await self._command(f"EHLO {self._hello}")
        if reply.code >= 500:
            self._expect(await self._command(f"HELO {self._hello}"), 250)
            self._extensions = {}
            return
        self._expect(reply, 250)
        self._extensions, self._mechanisms = parse_esmtp_extensions(reply.message)

    async def _secure(self) -> None:
        if "starttls" not in self._extensions or self._demand.policy == NONE:
            if self._demand.is_required:
                raise Stopped(
                    None,
                    f"{self._server.name} offers no TLS, and {_why(self._demand)} asks for it",
                    said=Said.LATER,
                    enhanced_code="4.7.10",
                )
            return
        try:
            await self._protocol.start_tls(
                self._demand.context, server_hostname=self._server.name, timeout=self._patience.connect
            )
            self._note_protection()
        except BROKEN as error:
            self._has_tls_failed = True
            self._dialogue.note(f"(TLS failed: {_words(error)})")
            text = f"TLS with {self._server.name} failed: {_words(error)}"
            raise Stopped(None, text, said=Said.LATER, enhanced_code="4.7.5") from error
        await self._greet()

    def _note_protection(self) -> None:
        """Keep what protects the connection; raises ssl.SSLError when it is not what was asked for."""
        transport = self._protocol.transport
        session = transport.get_extra_info("ssl_object") if transport else None
        protection = protection_of(session) if session is not None else None
        if session is None or protection is None:
            raise ssl.SSLError("the connection ended during the handshake")
        certificate = session.getpeercert(binary_form=True) or b""
        if not self._demand.is_met_by(certificate):
            raise ssl.SSLError("the certificate is none of those that DNS names (RFC 7672)")
        self._seen = replace(
            self._seen,
            tls_version=protection.version,
            cipher=protection.cipher,
            certificate=protection.certificate,
            tls_policy=self._demand.policy,
        )
        self._dialogue.note(f"({protection.version} {protection.cipher}, checked by {self._demand.policy})")

    async def _log_in(self, login: Login) -> None:
        """RFC 4954; PLAIN (RFC 4616), or LOGIN for servers that know nothing else."""
        if "plain" in self._mechanisms:
            token = base64.b64encode(f"\0{login.user}\0{login.password}".encode()).decode()
            reply = await self._secretly("AUTH PLAIN (redacted)", f"AUTH PLAIN {token}")
        elif "login" in self._mechanisms:
            reply = await self._command("AUTH LOGIN")
            for what, text in (("user", login.user), ("password", login.password)):
                if reply.code == 334:
                    secret = base64.b64encode(text.encode()).decode()
                    reply = await self._secretly(f"({what} redacted)", secret)
        else:
            text = f"{self._server.name} offers no way to log in that we know"
            raise Stopped(None, text, said=Said.LATER, enhanced_code="4.7.0")
        if reply.code != 235:
            # Wrong credentials are the operator's to mend; the notice waits for that.
            raise Stopped(reply, said=Said.LATER)

    async def _secretly(self, shown: str, command: str) -> SMTPResponse:
        self._dialogue.note(shown)
        with self._protocol.hidden():
            return await self._command(command)

    # ── The message ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def _transact(self, envelope: Envelope, message: Source) -> SMTPResponse:
        digest = await asyncio.to_thread(_checked_digest, message)
        self._progress = Progress.BEGUN
        reports = "dsn" in self._extensions
        self._seen = replace(self._seen, reports_delivery=reports)
        mail, rcpt = f"MAIL FROM:<{envelope.return_path}>", f"RCPT TO:<{envelope.recipient.text}>"
        if "size" in self._extensions:
            mail += f" SIZE={message.size}"
        if reports:
            mail += f" RET=HDRS ENVID={_xtext(envelope.envelope_id)}"
            rcpt += f" NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;{_xtext(envelope.recipient.text)}"
        self._expect(await self._command(mail), 250)
        self._expect(await self._command(rcpt), 250, 251)
        self._expect(await self._command("DATA"), 354)
        self._dialogue.note(f"(message of {message.size} bytes, SHA-256 {digest})")
        reply = await self._write(message)
        self._expect(reply, 250)
        return reply

    async def _write(self, message: Source) -> SMTPResponse:
        """Write the message, and read the reply, which may come before its end."""
        reading = asyncio.create_task(self._protocol.read_response(timeout=self._patience.message))
        try:
            await asyncio.sleep(0)  # the reader listens before the first byte leaves: what comes early counts too
            with self._protocol.hidden(), suppress(SMTPServerDisconnected):
                self._is_whole = await self._write_all(message, reading)
            reply = await reading
        finally:
            reading.cancel()
            if reading.done() and not reading.cancelled():
                reading.exception()  # somebody has to look at it, also when the writing was cut off
        if not self._is_whole and reply.code < 400:
            raise Stopped(reply, f"{self._server.name} answered before the message ended", said=Said.LATER)
        return reply

    async def _write_all(self, message: Source, reading: "asyncio.Task[SMTPResponse]") -> bool:
        for piece in _stuffed(message):
            if reading.done():
                return False
            self._protocol.write(piece)
            async with asyncio.timeout(self._patience.reply):
                await self._protocol.wait_writable()
        self._protocol.write(b".\r\n")
        return True

    async def _command(self, text: str) -> SMTPResponse:
        return await self._protocol.execute_command(text.encode("ascii"), timeout=self._patience.reply)

    def _expect(self, reply: SMTPResponse, *codes: int) -> None:
        if reply.code not in codes:
            raise Stopped(reply, said=Said.NEVER if 500 <= reply.code < 600 else Said.LATER)

    # ── What is known ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _answer(
        self, reply: SMTPResponse | None, text: str = "", *, said: Said, enhanced_code: str | None = None
    ) -> MailAnswer:
        if reply is not None:
            found = _ENHANCED.match(reply.message)
            if found and found[1][0] == str(reply.code)[0]:
                enhanced_code = found[1]
            text = text or f"{reply.code} {reply.message}"
        code = reply.code if reply is not None and reply.code > 0 else None
        return replace(
            self._seen, said=said, text=readable(text)[:_LONGEST_TEXT], code=code, enhanced_code=enhanced_code
        )

    def _broken(self, error: BaseException) -> MailAnswer:
        if self._is_whole:
            text = f"{self._server.name} gave no answer to the whole message: it may have taken it ({_words(error)})"
            answer = replace(self._answer(None, text, said=Said.LATER, enhanced_code="4.4.2"), is_uncertain=True)
        else:
            verb = "could not be reached" if self._progress is Progress.NOT_REACHED else "broke off"
            text = f"{self._server.name} [{self._server.address}] {verb}: {_words(error)}"
            answer = self._answer(None, text, said=Said.LATER, enhanced_code="4.4.1")
        self._dialogue.note(f"({text})")
        return answer

    async def _close(self) -> None:
        transport = self._protocol.transport
        if transport is None:
            return
        if self._progress is not Progress.NOT_REACHED and self._is_whole:
            with suppress(*BROKEN):
                await self._protocol.execute_command(b"QUIT", timeout=2.0)
        if self._protocol.transport is not None:
            self._protocol.transport.close()


def _checked_digest(message: Source) -> str:
    """The hash of the message. Lines that end otherwise than in CR LF could be read as the end of the message, or
    be changed on the way (RFC 5321 section 2.3.8): such a message is not sent.
    """
    digest, reader, tail, held_back = hashlib.sha256(), message.open(), b"", b""
    while piece := reader.read(CHUNK):
        digest.update(piece)
        window, tail = held_back + piece, (tail + piece)[-2:]
        held_back = b"\r" if window.endswith(b"\r") else b""
        if _BARE.search(window[: len(window) - len(held_back)]):
            raise _not_ours()
    if tail != b"\r\n":
        raise _not_ours()
    return digest.hexdigest()


def _not_ours() -> Stopped:
    return Stopped(None, "the message has lines that do not end in CR LF", said=Said.NEVER, enhanced_code="5.6.0")


def _stuffed(message: Source) -> Iterator[bytes]:
    """The message with another dot before each line that begins with one (RFC 5321 section 4.5.2)."""
    reader, is_at_start = message.open(), True
    while piece := reader.read(CHUNK):
        written = piece.replace(b"\n.", b"\n..")
        yield b"." + written if is_at_start and piece.startswith(b".") else written
        is_at_start = piece.endswith(b"\n")


def _xtext(text: str) -> str:
    """RFC 3461 section 4."""
    return _NOT_XTEXT.sub(lambda sign: f"+{ord(sign[0]):02X}", text)


def _why(demand: TLSDemand) -> str:
    return "the notice" if demand.policy in (NONE, "opportunistic") else demand.policy


def _words(error: BaseException) -> str:
    if isinstance(error, SMTPResponseException):
        return readable(error.message)
    return readable(str(error)) or type(error).__name__


def _place(socket_name: object) -> str:
    return f"[{socket_name[0]}]:{socket_name[1]}" if isinstance(socket_name, tuple) else "an unknown address"
