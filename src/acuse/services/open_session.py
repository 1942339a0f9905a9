"""Logging in: a session for whoever shows a user name and a password, or a token of two parts.

Rule: what is wrong is never said in detail, and a name that nobody has takes as long as a wrong password.
"""

import hmac

from acuse.domain.access import key_digest
from acuse.domain.dialect import Dialect
from acuse.domain.login import Login
from acuse.domain.session import Session
from acuse.errors import InvalidApiKey
from acuse.ports import Access, Ports, Unit

_NOBODY = Login(user="", salt="00" * 16, password_hash="00" * 32)
"""Admits no one, at the usual cost."""


def open_session_of_user(
    ports: Ports, *, dialect: Dialect, username: str, password: str, address: str | None
) -> tuple[Session, Access]:
    """A new session by password. Takes about 50 ms, whatever is shown.

    Raises InvalidApiKey, ApiKeyExpired, AddressNotAllowed.
    """
    access = ports.views.access_of_user(username)
    login = access.key.login if access is not None and access.key.login is not None else _NOBODY
    is_theirs = login.belongs_to(username, password.encode("utf-8", "surrogateescape"))
    if access is None or not is_theirs:
        raise InvalidApiKey
    return _open(ports, access, dialect=dialect, address=address)


def open_session_of_token(
    ports: Ports, *, dialect: Dialect, token_id: str, secret: str, address: str | None
) -> tuple[Session, Access]:
    """A new session by token. Raises InvalidApiKey, ApiKeyExpired, AddressNotAllowed."""
    access, digest = ports.views.access_of_token(token_id), key_digest(secret)
    if access is None or not any(hmac.compare_digest(digest, known) for known in _digests(access)):
        raise InvalidApiKey
    return _open(ports, access, dialect=dialect, digest=digest, address=address)


def _digests(access: Access) -> tuple[bytes, ...]:
    replaced = access.key.replaced_digest
    return (access.key.digest,) if replaced is None else (access.key.digest, replaced)


def _open(
    ports: Ports, access: Access, *, dialect: Dialect, address: str | None, digest: bytes | None = None
) -> tuple[Session, Access]:
    key, now = access.key, ports.world.now()
    if key.dialect is not dialect:
        raise InvalidApiKey
    key.admit(digest or key.digest, address=address, now=now)
    session = Session(id=ports.world.new_id(), key_id=key.id, refresh_id=ports.world.new_id(), renewed_at=now)

    def decide(unit: Unit) -> Session:
        unit.sessions.forget_ended(now)
        unit.sessions.add(session)
        return session

    return ports.units.run(decide), access
