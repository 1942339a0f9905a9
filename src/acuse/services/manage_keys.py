"""API keys: making and revoking them.

Rule: the text of a key is returned once and never stored; see `domain.access`.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from acuse.domain.access import ApiKey, Mode, Scope, key_digest, key_text
from acuse.domain.account import Space
from acuse.domain.station import check_name
from acuse.errors import InvalidInput, KeyNotFound
from acuse.ports import Handle, Ports, Unit

_HINT_LENGTH = 12


def create_key(
    ports: Ports,
    *,
    account_id: UUID,
    tenant_id: UUID | None,
    name: str,
    mode: Mode,
    scopes: Collection[Scope],
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key and return it with its text, which cannot be read again later.

    `tenant_id` None makes a key for the whole account. Raises InvalidInput for a bad name, no scope or an end in the
    past.
    """
    text, record = prepare_key(
        ports,
        account_id=account_id,
        tenant_id=tenant_id,
        name=name,
        mode=mode,
        scopes=scopes,
        expires_at=expires_at,
    )
    return ports.units.run(record), text


def prepare_key(
    ports: Ports,
    *,
    account_id: UUID,
    tenant_id: UUID | None,
    name: str,
    mode: Mode,
    scopes: Collection[Scope],
    expires_at: datetime | None = None,
) -> tuple[str, Callable[[Unit], ApiKey]]:
    """The text of a key and the decision that makes it: see `create_key`. Raises InvalidInput."""
    now = ports.world.now()
    name = check_name("name", name)
    if not scopes:
        raise InvalidInput(fields={"scopes": "choose at least one"})
    if expires_at is not None and expires_at <= now:
        raise InvalidInput(fields={"expires_at": "a time in the future"})
    # Two tokens, because one may have as few as 100 random bits and a key is stored under a fast hash.
    text = key_text(mode, ports.world.new_token() + ports.world.new_token())
    key_id = ports.world.new_id()

    def record(unit: Unit) -> ApiKey:
        key = ApiKey(
            id=key_id,
            handle=unit.next_handle(account_id, Handle.KEY),
            account_id=account_id,
            tenant_id=tenant_id,
            name=name,
            mode=mode,
            scopes=frozenset(scopes),
            hint=text[:_HINT_LENGTH],
            digest=key_digest(text),
            created_at=now,
            expires_at=expires_at,
        )
        unit.directory.add_key(key)
        return key

    return text, record


def revoke_key(ports: Ports, space: Space, handle: int) -> ApiKey:
    """Forget a key that may act in this space: from now on whoever has it is a stranger. Raises KeyNotFound."""
    key = next((key for key in ports.views.keys(space) if key.handle == handle), None)
    if key is None:
        raise KeyNotFound(id=f"key_{handle:06d}")
    ports.units.run(lambda unit: unit.directory.remove_key(key.id))
    return key
