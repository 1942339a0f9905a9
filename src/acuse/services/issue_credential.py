"""Issuing a credential of any API: a text alone, or a user with a password beside a token of two parts.

Rule: what the holder has to keep is returned once. Of the text its SHA-256 stays here, of the password its scrypt hash.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from acuse.domain.access import ApiKey, Mode, Network, Scope
from acuse.domain.dialect import Dialect
from acuse.domain.login import SALT_SIZE, make_login
from acuse.errors import InvalidInput
from acuse.ports import Ports
from acuse.services.manage_keys import prepare_key

USUAL_SCOPES = frozenset({Scope.READ, Scope.WRITE})
"""Of a dialect's credential, where none are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A credential with what is shown of it this once."""

    key: ApiKey
    text: str = field(repr=False)
    password: str | None = field(default=None, repr=False)


def issue_credential(
    ports: Ports,
    *,
    dialect: Dialect,
    account_id: UUID,
    tenant_id: UUID | None,
    name: str,
    mode: Mode,
    scopes: Collection[Scope],
    username: str | None = None,
    expires_at: datetime | None = None,
    networks: tuple[Network, ...] = (),
    by: ApiKey | None = None,
) -> Issued:
    """Make a credential of this dialect's API; `username` is for one whose programs log in, and made up without.

    Raises InvalidInput, AlreadyExists for a user name that is taken, and InsufficientScope for more than `by` has.
    """
    login = token_id = password = None
    if dialect is Dialect.MFT:
        password, token_id = ports.world.new_token(), ports.world.new_token()
        salt = hashlib.sha256(ports.world.new_token().encode()).digest()[:SALT_SIZE]
        login = make_login(
            _check_username(username or f"user_{ports.world.new_token()[:8].lower()}"), password, salt=salt
        )
    elif dialect is Dialect.MENSATEK:
        token_id = _check_username(username or f"api_{ports.world.new_token()[:10].lower()}")
    elif username is not None:
        raise InvalidInput(fields={"username": "only a credential of the dialects mft and mensatek has one"})
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
        dialect=dialect,
        login=login,
        token_id=token_id,
    )
    return Issued(key=ports.units.run(record), text=text, password=password)


def _check_username(username: str) -> str:
    if not 1 <= len(username) <= 255 or ":" in username or not username.isprintable():
        raise InvalidInput(fields={"username": "1 to 255 printable characters, none of them a colon"})
    return username
