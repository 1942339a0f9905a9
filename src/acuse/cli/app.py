"""The program `acuse`: its commands, and how it ends.

Rule: whatever goes wrong is one line on standard error that says what to do, and an exit code: 1 for what could not be
done, 2 for a line that cannot be read, 130 when somebody stopped it. A traceback is for those who ask for one.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from acuse import __version__
from acuse.cli.account import account, tenant
from acuse.cli.again import cancel, resend, retry
from acuse.cli.captured import mailbox
from acuse.cli.certificate import certificate
from acuse.cli.demo import demo
from acuse.cli.dkim import dkim
from acuse.cli.doctor import doctor
from acuse.cli.explain import explain
from acuse.cli.initialise import init
from acuse.cli.key import key
from acuse.cli.mailbox import inbox, outbox
from acuse.cli.notice import notice
from acuse.cli.options import DEBUG_VARIABLE, Group, name_variables, shared_options
from acuse.cli.partner import partner
from acuse.cli.send import send
from acuse.cli.sender import credits_, sender
from acuse.cli.serve import serve
from acuse.cli.show import show
from acuse.cli.station import station
from acuse.cli.strays import stray_receipts
from acuse.cli.webhook import webhook
from acuse.errors import AcuseError, InvalidInput

STOPPED = 130
"""What a shell reports for a program that Ctrl-C ended."""


class Application(Group):
    """The group of all commands, which turns every error into one line."""

    def main(  # type: ignore[override] # it always ends the process, whatever `standalone_mode` says
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run a command and end the process with its exit code."""
        arguments = list(sys.argv[1:] if args is None else args)
        try:
            result = super().main(arguments, prog_name or "acuse", **{**extra, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except BrokenPipeError:
            # Whoever reads our output has seen enough; the interpreter must not write the rest when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except Exception as error:  # noqa: BLE001 - the last line of defence: no other traceback may be shown
            if "--debug" in arguments or os.environ.get(DEBUG_VARIABLE):
                traceback.print_exc()
            text, code = _explain(error)
            click.echo(f"acuse: {' '.join(text.split())}", err=True)
            sys.exit(code)
        sys.exit(result if isinstance(result, int) else 0)


def _explain(error: Exception) -> tuple[str, int]:
    """The line and the exit code of an error."""
    match error:
        case click.Abort():
            return "stopped", STOPPED
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "acuse"
            return f"{error.format_message().rstrip('.')}. See '{command} --help'.", error.exit_code
        case click.ClickException():
            return error.format_message(), error.exit_code
        case InvalidInput(fields=fields) if fields:
            return "; ".join(f"{name}: {reason}" for name, reason in fields.items()), 1
        case AcuseError():
            return error.message, 1
        case OSError(filename=path, strerror=reason) if path is not None:
            return f"{path}: {reason}. Check the path and who may read and write it.", 1
        case _:
            reason = f"{type(error).__name__}: {error}"
            return f"something unexpected happened ({reason}). Set {DEBUG_VARIABLE}=1 to see where.", 1


@click.group("acuse", cls=Application, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="acuse %(version)s")
def app() -> None:
    """acuse delivers business documents by AS2 and proves it: a message goes out, a receipt comes back.

    Every command works on a home folder, whether or not a gateway runs on it. It is taken from --home or ACUSE_HOME.
    """


app.params += shared_options()
for command in (
    init,
    serve,
    demo,
    account,
    tenant,
    station,
    partner,
    certificate,
    key,
    webhook,
    dkim,
    send,
    inbox,
    outbox,
    resend,
    retry,
    cancel,
    show,
    stray_receipts,
    sender,
    credits_,
    notice,
    mailbox,
    explain,
    doctor,
):
    app.add_command(command)
name_variables(app)
