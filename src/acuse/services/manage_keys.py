"""API keys: making, changing, rotating and revoking them.

Rule: the text of a key is returned once and never stored, and no key gives more than it has; see `domain.access`.
`by` is the key that asks for something; None stands for the operator of the gateway, who may do everything.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from acuse.domain.access import ApiKey, Mode, Network, Scope, key_digest, key_text
from acuse.domain.dialect import Dialect
from acuse.domain.login import Login
from acuse.domain.station import check_name
from acuse.errors import InvalidInput, KeyNotFound
from acuse.ports import Handle, KeyView, Ports, Unit

USUAL_GRACE = timedelta(days=1)
LONGEST_GRACE = timedelta(days=30)
_HINT_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChange:
    """What can be changed of a key. None: as it was."""

    name: str | None = None
    scopes: frozenset[Scope] | None = None
    expires_at: datetime | None = None
    networks: tuple[Network, ...] | None = None


def create_key(
    ports: Ports,
    *,
    account_id: UUID,
    tenant_id: UUID | None,
    name: str,
    mode: Mode,
    scopes: Collection[Scope],
    expires_at: datetime | None = None,
    networks: tuple[Network, ...] = (),
    by: ApiKey | None = None,
) -> tuple[ApiKey, str]:
    """Make a key and return it with its text, which cannot be read again later.

    `tenant_id` None makes a key for the whole account. Raises InvalidInput for a bad name, no scope or an end in the
    past, and InsufficientScope for more than `by` has.
    """
    text, record = prepare_key(
        ports,
        account_id=account_id,
        tenant_id=tenant_id,
        name=name,
        mode=mode,
        scopes=scopes,
        expires_at=expires_at,
        networks=networks,
        by=by,
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
    networks: tuple[Network, ...] = (),
    by: ApiKey | None = None,
    dialect: Dialect = Dialect.NATIVE,
    login: Login | None = None,
    token_id: str | None = None,
) -> tuple[str, Callable[[Unit], ApiKey]]:
    """The text of a key and the decision that makes it: see `create_key`. Raises InvalidInput, InsufficientScope."""
    now = ports.world.now()
    text = key_text(mode, _new_secret(ports), is_tenants=tenant_id is not None, dialect=dialect)
    draft = ApiKey(
        id=ports.world.new_id(),
        handle=0,
        account_id=account_id,
        tenant_id=tenant_id,
        name=check_name("name", name),
        mode=mode,
        scopes=_check_scopes(scopes),
        hint=text[:_HINT_LENGTH],
        digest=key_digest(text),
        created_at=now,
        expires_at=_check_end(expires_at, now=now),
        networks=networks,
        dialect=dialect,
        login=login,
        token_id=token_id,
    )
    if by is not None:
        by.require_no_more(draft)

    def record(unit: Unit) -> ApiKey:
        key = replace(draft, handle=unit.next_handle(account_id, Handle.KEY))
        unit.directory.add_key(key)
        return key

    return text, record


def visible_keys(ports: Ports, account_id: UUID, *, by: ApiKey | None = None) -> tuple[KeyView, ...]:
    """The keys of an account that `by` governs, by their handles."""
    return tuple(view for view in ports.views.keys(account_id) if by is None or by.governs(view.key))


def find_key(ports: Ports, account_id: UUID, handle: int, *, by: ApiKey | None = None) -> KeyView:
    """A key that `by` governs. Raises KeyNotFound."""
    for view in visible_keys(ports, account_id, by=by):
        if view.key.handle == handle:
            return view
    raise KeyNotFound(id=f"key_{handle:06d}")


def change_key(ports: Ports, key_id: UUID, change: KeyChange, *, by: ApiKey | None = None) -> ApiKey:
    """Change what is named; it holds from the next request on.

    Raises InvalidInput, KeyNotFound, and InsufficientScope when the key may, or then might, do more than `by`.
    """
    now = ports.world.now()
    name = None if change.name is None else check_name("name", change.name)
    scopes = None if change.scopes is None else _check_scopes(change.scopes)
    expires_at = _check_end(change.expires_at, now=now)

    def decide(unit: Unit) -> ApiKey:
        key = unit.directory.get_key(key_id)
        changed = replace(
            key,
            name=name or key.name,
            scopes=scopes or key.scopes,
            expires_at=expires_at or key.expires_at,
            networks=key.networks if change.networks is None else change.networks,
        )
        if by is not None:
            by.require_no_more(key)
            by.require_no_more(changed)
        unit.directory.save_key(changed)
        return changed

    return ports.units.run(decide)


def rotate_key(
    ports: Ports, key_id: UUID, *, grace: timedelta = USUAL_GRACE, by: ApiKey | None = None
) -> tuple[ApiKey, str]:
    """Give a key a new text, shown this once. The text before holds for `grace`, at most 30 days; one that an earlier
    rotation left ends now.

    Raises InvalidInput, KeyNotFound, and InsufficientScope when the key may do more than `by`.
    """
    if not timedelta() <= grace <= LONGEST_GRACE:
        raise InvalidInput(fields={"grace_seconds": f"0 to {LONGEST_GRACE.total_seconds():g} seconds"})
    now, secret = ports.world.now(), _new_secret(ports)

    def decide(unit: Unit) -> tuple[ApiKey, str]:
        key = unit.directory.get_key(key_id)
        if by is not None:
            by.require_no_more(key)
        text = key_text(key.mode, secret, is_tenants=key.tenant_id is not None, dialect=key.dialect)
        rotated = replace(
            key,
            hint=text[:_HINT_LENGTH],
            digest=key_digest(text),
            replaced_digest=key.digest,
            replaced_until=now + grace,
        )
        unit.directory.save_key(rotated)
        return rotated, text

    return ports.units.run(decide)


def revoke_key(ports: Ports, account_id: UUID, handle: int, *, by: ApiKey | None = None) -> KeyView:
    """Forget a key that `by` governs: from now on whoever has it is a stranger. Raises KeyNotFound."""
    view = find_key(ports, account_id, handle, by=by)
    ports.units.run(lambda unit: unit.directory.remove_key(view.key.id))
    return view


def _check_scopes(scopes: Collection[Scope]) -> frozenset[Scope]:
    if not scopes:
        raise InvalidInput(fields={"scopes": "choose at least one"})
    return frozenset(scopes)


def _check_end(expires_at: datetime | None, *, now: datetime) -> datetime | None:
    if expires_at is not None and expires_at <= now:
        raise InvalidInput(fields={"expires_at": "a time in the future"})
    return expires_at


def _new_secret(ports: Ports) -> str:
    """Two tokens, because one may have as few as 100 random bits and a key is stored under a fast hash."""
    return ports.world.new_token() + ports.world.new_token()
