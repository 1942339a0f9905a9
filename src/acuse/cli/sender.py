"""`acuse sender` and `acuse credits`: from which addresses certified e-mails go out, and what there is to send with."""

from decimal import Decimal
from typing import TYPE_CHECKING

import click

from acuse.cli.options import Group, json_option
from acuse.cli.output import print_facts, print_json, print_table
from acuse.cli.session import Session, open_session
from acuse.errors import SenderNotFound

if TYPE_CHECKING:
    from acuse.domain.sender import Sender


@click.group(cls=Group)
def sender() -> None:
    """Senders: the addresses that certified e-mails go out from."""


@sender.command()
@click.argument("address")
@click.option("--name", default="", help="The name that recipients see.")
@json_option
def add(address: str, name: str, *, as_json: bool) -> None:
    """Add an address that you vouch for: it may be used at once."""
    from acuse.domain.sender import Assurance
    from acuse.services.manage_senders import add_sender
    from acuse.web.api.notice_objects import sender_object

    with open_session() as session:
        made = add_sender(session.ports, space=session.space, address=address, name=name, assurance=Assurance.OPERATOR)
    if as_json:
        print_json(sender_object(made))
        return
    print_facts([("id", made.public_id), ("address", made.address), ("name", made.name or None)])


@sender.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the addresses."""
    from acuse.web.api.notice_objects import sender_object

    with open_session() as session:
        found = session.ports.views.notices.senders(session.space)
    if as_json:
        print_json([sender_object(entry) for entry in found])
        return
    rows = [(entry.public_id, entry.address, entry.name or None, entry.assurance or "not validated") for entry in found]
    print_table(("id", "address", "name", "validated by"), rows, when_empty="No sender. 'acuse sender add' makes one.")


@sender.command()
@click.argument("name", metavar="ID")
def remove(name: str) -> None:
    """Send nothing more from an address."""
    from acuse.services.manage_senders import remove_sender

    with open_session() as session:
        remove_sender(session.ports, _find(session, name))
    click.echo(f"{name} is removed.")


@click.group("credits", cls=Group, invoke_without_command=True)
@json_option
@click.pass_context
def credits_(context: click.Context, *, as_json: bool) -> None:
    """Credits: what there is to send certified e-mails with. Without a command, show what is left."""
    if context.invoked_subcommand is None:
        with open_session() as session:
            _print_balance(session, as_json=as_json)


@credits_.command()
@click.argument("amount", metavar="N")
@json_option
def grant(amount: str, *, as_json: bool) -> None:
    """Give the account N credits. A negative N takes some back: 'acuse credits grant -- -5'."""
    from acuse.services.manage_credits import grant_credits

    with open_session() as session:
        grant_credits(session.ports, session.account.id, hundredths(amount))
        _print_balance(session, as_json=as_json)


def hundredths(amount: str) -> int:
    """A number of credits in hundredths. Raises BadParameter."""
    try:
        exact = Decimal(amount) * 100
        if exact.is_finite() and exact == exact.to_integral_value() and abs(exact) < 10**15:
            return int(exact)
    except ArithmeticError:
        pass
    raise click.BadParameter(f"{amount!r} is not a number of credits with at most two decimals.", param_hint="N")


def _print_balance(session: Session, *, as_json: bool) -> None:
    from acuse.domain.credit import UNIT

    balance = session.ports.views.notices.balance(session.account.id) / UNIT
    price = session.ports.post.credits_per_notice / UNIT
    if as_json:
        print_json({"balance": balance, "per_notice": price})
        return
    print_facts([("balance", f"{balance:g}"), ("each notice", f"{price:g}")])


def _find(session: Session, name: str) -> "Sender":
    for entry in session.ports.views.notices.senders(session.space):
        if name in (entry.public_id, entry.address):
            return entry
    raise SenderNotFound(f"There is no sender '{name}'. 'acuse sender list' shows those that exist.")
