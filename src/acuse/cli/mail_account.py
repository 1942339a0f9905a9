"""What a program for certified e-mail needs besides its credential: a sender, credits, and where reports go."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from acuse.cli.sender import hundredths

if TYPE_CHECKING:
    from acuse.cli.session import Session
    from acuse.domain.access import ApiKey
    from acuse.domain.account import Tenant

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--sender", metavar="ADDRESS", help="An address that you vouch for. Of mensatek, as are those below."),
    click.option("--credits", "amount", metavar="N", help="Credits to give the account."),
    click.option("--report-url", metavar="URL", help="Where reports are posted; it may lead into a private network."),
    click.option("--report-format", type=click.Choice(["json", "form"]), help="How they are posted.  [json]"),
    click.option("--report-user", metavar="USER", help="For Basic authentication there."),
    click.option("--report-password", metavar="PASSWORD", help="For Basic authentication there."),
)


def mail_options(command: F) -> F:
    """Let a command take what `prepare_mail` does."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def prepare_mail(
    session: "Session",
    key: "ApiKey",
    tenant: "Tenant | None",
    *,
    sender: str | None,
    amount: str | None,
    report_url: str | None,
    report_format: str | None,
    report_user: str | None,
    report_password: str | None,
) -> None:
    """Set up what was given, in the space that the key works in. Raises InvalidInput."""
    from acuse.domain.account import Space
    from acuse.services.manage_credits import grant_credits
    from acuse.services.manage_senders import vouch_for
    from acuse.services.report_settings import ReportSettings, change_report_settings

    tenant_id = tenant.id if tenant else session.space.tenant_id
    space = Space(account_id=session.account.id, tenant_id=tenant_id, mode=key.mode)
    if sender is not None:
        vouch_for(session.ports, space=space, address=sender)
    if amount is not None:
        grant_credits(session.ports, session.account.id, hundredths(amount))
    if report_url is not None:
        wanted = ReportSettings(
            url=report_url, is_form=report_format == "form", user=report_user, password=report_password
        )
        change_report_settings(session.ports, wanted, space=space, url_is_vouched=True)


def check_mail_options(dialect_name: str, given: dict[str, str | None]) -> None:
    """Raises UsageError for options of certified e-mail beside another dialect, or without what they belong to."""
    named = [name for name, value in given.items() if value is not None]
    if named and dialect_name != "mensatek":
        raise click.UsageError(f"--{named[0].replace('_', '-')} goes with --dialect mensatek")
    if given.get("report_url") is None and any(name.startswith("report_") for name in named):
        raise click.UsageError("--report-url is missing")
    amount = given.get("amount")
    if amount is not None:
        hundredths(amount)
