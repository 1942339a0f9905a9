"""A real Postfix on loopback: a private instance with folders of its own, started and ended by whoever uses it.

Nothing of the machine's own Postfix is touched: it has another configuration, another queue and other ports. It needs
root, because Postfix changes to users of its own.
"""

import os
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.transports.authority import Pair

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = {folder}
maillog_file = {folder}/postfix.log
myhostname = mx.example.net
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
local_transport = error:no local mail
alias_maps =
relayhost = [127.0.0.1]:{bounce_port}
virtual_mailbox_domains = example.net
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
transport_maps = texthash:{folder}/transport
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = reject_unauth_destination, check_policy_service inet:127.0.0.1:{policy_port}
smtpd_forbid_bare_newline = yes
smtputf8_enable = no
smtp_tls_security_level = none
{tls}
"""
_TLS = """\
smtpd_tls_security_level = may
smtpd_tls_chain_files = {folder}/tls.pem
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
full unix - n n - - pipe user=nobody argv={folder}/full
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def missing() -> str | None:
    """Why there can be no Postfix here; None where there can."""
    if shutil.which("postfix", path=_PATH) is None:
        return "Postfix is not installed (scripts/ensure-postfix does it, as root)"
    return None if os.geteuid() == 0 else "Postfix can only be started by root"


_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


@dataclass
class Postfix:
    """A running instance."""

    folder: Path
    port: int
    greylisted: set[str] = field(default_factory=set)
    """Recipients that are put off when they come for the first time."""

    def mails(self, name: str) -> list[bytes]:
        """What lies in somebody's mailbox."""
        return [path.read_bytes() for path in sorted((self.folder / "mail" / name / "new").glob("*"))]

    @property
    def log(self) -> str:
        path = self.folder / "postfix.log"
        return path.read_text(errors="replace") if path.exists() else ""


@contextmanager
def postfix(*, bounce_port: int, pair: Pair | None = None) -> Iterator[Postfix]:
    """An instance that takes mail for ana, full and grey @example.net and brings its reports to `bounce_port`."""
    with tempfile.TemporaryDirectory(prefix="acuse-postfix-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # its users have to find their way in, which they have not in pytest's folders
        served = Postfix(folder=folder, port=_free_port())
        yield from _running(served, bounce_port=bounce_port, pair=pair)


def _running(served: Postfix, *, bounce_port: int, pair: Pair | None) -> Iterator[Postfix]:
    folder = served.folder
    with _policy(served) as policy_port:
        _configure(served, bounce_port=bounce_port, policy_port=policy_port, pair=pair)
        _run(folder, "start")
        try:
            yield served
        finally:
            _run(folder, "stop")


def _configure(served: Postfix, *, bounce_port: int, policy_port: int, pair: Pair | None) -> None:
    folder = served.folder
    for name in ("etc", "queue", "data", "mail"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "mail", "nobody", "nogroup")
    tls = ""
    if pair is not None:
        tls = _TLS.format(folder=folder)
        (folder / "tls.pem").write_text(pair.key + pair.certificate)
        (folder / "tls.pem").chmod(0o600)
    # What a program says on its way out is the diagnosis (pipe(8)); 69 is EX_UNAVAILABLE.
    (folder / "full").write_text("#!/bin/sh\ncat >/dev/null\necho 5.2.2 The mailbox is full\nexit 69\n")
    (folder / "full").chmod(0o755)
    nobody = (folder / "mail").stat()
    (folder / "mailboxes").write_text("".join(f"{name}@example.net {name}/\n" for name in ("ana", "full", "grey")))
    (folder / "transport").write_text("full@example.net full:\n")
    (folder / "etc" / "main.cf").write_text(
        _MAIN.format(
            folder=folder,
            bounce_port=bounce_port,
            policy_port=policy_port,
            uid=nobody.st_uid,
            gid=nobody.st_gid,
            tls=tls,
        )
    )
    (folder / "etc" / "master.cf").write_text(_MASTER.format(folder=folder, port=served.port))
    shutil.copy("/etc/postfix/postfix-files", folder / "etc") if Path("/etc/postfix/postfix-files").exists() else None
    shutil.copy("/etc/postfix/dynamicmaps.cf", folder / "etc") if Path("/etc/postfix/dynamicmaps.cf").exists() else None


def _run(folder: Path, what: str) -> None:
    command = ["postfix", "-c", str(folder / "etc"), what]
    environment = {**os.environ, "PATH": _PATH}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        log = folder / "postfix.log"
        said = log.read_text(errors="replace") if log.exists() else ""
        raise RuntimeError(f"postfix {what}: {done.stdout}{done.stderr}{said}")


@contextmanager
def _policy(served: Postfix) -> Iterator[int]:
    """Greylisting, as Postfix asks for it (its SMTPD_POLICY_README)."""

    class Answer(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked: dict[str, str] = {}
            for line in self.rfile:
                name, equals, value = line.decode("latin-1").strip().partition("=")
                if equals:
                    asked[name] = value
                    continue
                recipient = asked.get("recipient", "")
                is_first = recipient in served.greylisted
                served.greylisted.discard(recipient)
                action = "DEFER_IF_PERMIT 4.7.1 Greylisted, come again" if is_first else "DUNNO"
                self.wfile.write(f"action={action}\n\n".encode())
                asked = {}

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answer) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
