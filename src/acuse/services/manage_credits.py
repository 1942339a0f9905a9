"""Credits: what the operator gives an account, and what is left of it."""

from uuid import UUID

from acuse.domain.credit import EntryKind, LedgerEntry
from acuse.ports import Ports


def grant_credits(ports: Ports, account_id: UUID, amount: int) -> int:
    """Add to what an account has, or take from it; in hundredths of a credit. The balance after it.

    Raises CreditsExhausted when more is taken than there is.
    """
    entry = LedgerEntry(
        id=ports.world.new_id(),
        account_id=account_id,
        kind=EntryKind.GRANT,
        amount=amount,
        notice_id=None,
        created_at=ports.world.now(),
    )
    return ports.units.run(lambda unit: unit.notices.book(entry))
