"""The two tokens of a session as JSON Web Tokens (RFC 7519), signed with HMAC-SHA256.

Rule: a token says which session it belongs to and nothing else about anybody. What its holder may do is looked up at
each call, so that a removed credential, or a changed one, counts at once.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import jwt

from acuse.domain.session import Session
from acuse.errors import InvalidApiKey

_ALGORITHM = "HS256"
_ISSUER = "acuse"


class TokenKind(StrEnum):
    """What a token is for. One never passes for the other."""

    API = "mft-api"
    REFRESH = "mft-refresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says."""

    session_id: UUID
    token_id: UUID


def write_token(kind: TokenKind, session: Session, *, key: bytes) -> str:
    """A token of this session."""
    ends = {TokenKind.API: session.token_expires_at, TokenKind.REFRESH: session.expires_at}
    claims = {
        "iss": _ISSUER,
        "aud": kind.value,
        "sub": session.id.hex,
        "jti": session.refresh_id.hex,
        "iat": int(session.renewed_at.timestamp()),
        "exp": int(ends[kind].timestamp()),
    }
    return jwt.encode(claims, key, algorithm=_ALGORITHM)


def read_token(kind: TokenKind, text: str, *, key: bytes, now: datetime) -> Claims:
    """What a token says. Raises InvalidApiKey for one that is not ours, of another kind, or over."""
    try:
        claims = jwt.decode(
            text,
            key,
            algorithms=[_ALGORITHM],
            audience=kind.value,
            issuer=_ISSUER,
            # The present is an argument here: it is compared below.
            options={"require": ["exp", "sub", "jti"], "verify_exp": False, "verify_iat": False},
        )
        if not isinstance(claims["exp"], int) or claims["exp"] <= now.timestamp():
            raise InvalidApiKey
        return Claims(session_id=UUID(hex=claims["sub"]), token_id=UUID(hex=claims["jti"]))
    except (jwt.InvalidTokenError, ValueError) as problem:
        raise InvalidApiKey from problem
