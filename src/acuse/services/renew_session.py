"""Renewing a session: the refresh token that holds is given in and another one comes back.

Rule: a refresh token counts once. Who shows one that was used ends the session (RFC 9700 section 4.14.2).
"""

from dataclasses import replace
from uuid import UUID

from acuse.domain.session import Session
from acuse.errors import InvalidApiKey
from acuse.ports import Access, Ports, Unit


def renew_session(ports: Ports, *, session_id: UUID, refresh_id: UUID, address: str | None) -> tuple[Session, Access]:
    """The session with a new refresh token. Raises InvalidApiKey, ApiKeyExpired, AddressNotAllowed."""
    access, now, next_id = session_access(ports, session_id, address=address), ports.world.now(), ports.world.new_id()

    def decide(unit: Unit) -> Session | None:
        session = unit.sessions.get(session_id)
        if session is None:
            return None
        if session.refresh_id != refresh_id or session.expires_at <= now:
            unit.sessions.remove(session_id)
            return None
        renewed = replace(session, refresh_id=next_id, renewed_at=now)
        unit.sessions.save(renewed)
        return renewed

    renewed = ports.units.run(decide)
    if renewed is None:
        raise InvalidApiKey
    return renewed, access


def session_access(ports: Ports, session_id: UUID, *, address: str | None) -> Access:
    """What a session leads to. Raises InvalidApiKey when it has ended, ApiKeyExpired, AddressNotAllowed."""
    session = ports.views.session(session_id)
    access = None if session is None else ports.views.access_of_key(session.key_id)
    if access is None:
        raise InvalidApiKey
    access.key.admit(access.key.digest, address=address, now=ports.world.now())
    return access
