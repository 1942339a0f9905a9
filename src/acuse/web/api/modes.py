"""What a key of test mode may change.

Rule: partners, stations, certificates and everything else that is configured holds for live messages too, so a key of
test mode reads it and changes nothing of it. What is not named here, a route of tomorrow included, is read only. Of
keys it reaches those of test mode alone (`domain.access`).
"""

from acuse.errors import NotInTestMode
from acuse.web.api.access import Caller

CHANGED_IN_TEST_MODE = ("/v1/messages", "/v1/webhook-endpoints", "/v1/sandbox", "/v1/api-keys", "/v1/notices")
_READING = frozenset({"GET", "HEAD"})


def require_mode(caller: Caller, *, method: str, path: str) -> None:
    """Refuse a change that this key's mode does not allow. Raises NotInTestMode."""
    if not caller.is_test or method in _READING:
        return
    if not any(path == root or path.startswith(f"{root}/") for root in CHANGED_IN_TEST_MODE):
        raise NotInTestMode(path=path)
