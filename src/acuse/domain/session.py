"""A session: the time in which a program that logged in may go on without showing its password again.

Rule: one refresh token of a session holds, the one that was given out last. Whoever shows an older one shows a copy:
the session ends, for nobody can tell which of the two is the thief.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

TOKEN_LIFE = timedelta(hours=1)
"""How long the token is good that is shown with each call."""
SESSION_LIFE = timedelta(days=30)
"""How long a session can be renewed without a password, counted from its last renewal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who logged in, and until when that counts."""

    id: UUID
    key_id: UUID
    """The credential; the session ends with it."""
    refresh_id: UUID
    """Names the refresh token that holds."""
    renewed_at: datetime

    @property
    def expires_at(self) -> datetime:
        """When it can no longer be renewed."""
        return self.renewed_at + SESSION_LIFE

    @property
    def token_expires_at(self) -> datetime:
        """When the token ends that was given out with the last renewal."""
        return self.renewed_at + TOKEN_LIFE
