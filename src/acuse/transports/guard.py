"""The guard: nothing that a stranger named makes the gateway call into a private network.

Rule: the check is made on the address that is connected to, after the name was resolved, so that a name that resolves
anew to another address does not pass.
"""

from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from acuse.domain.address import is_public
from acuse.errors import PartnerUnreachable


def refuse_private_address(url: str) -> None:
    """Refuse a URL whose host is a literal address inside a private network. Raises PartnerUnreachable, final."""
    try:
        # Read as the client reads it, which also takes digits of other scripts for digits.
        host = URL(url).host or ""
        is_refused = not is_public(host)
    except ValueError:
        return  # a name: the resolver looks at what it leads to
    if is_refused:
        raise _refused(host)


def refuse_plain_http(url: str) -> None:
    """Refuse a URL without TLS, where anybody could read what is posted. Raises PartnerUnreachable, final."""
    if urlsplit(url).scheme != "https":
        raise PartnerUnreachable(
            "The URL is plain http. Use https, or let the operator set the URL.",
            is_final=True,
            error_details="plain http",
        )


class GuardedResolver(AbstractResolver):
    """Resolves names as another resolver does and refuses those that lead into a private network."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)  # type: ignore[arg-type]
        public = [result for result in found if is_public(result["host"])]
        if not public:
            raise _refused(host)
        return public

    async def close(self) -> None:
        await self._inner.close()


def _refused(host: str) -> PartnerUnreachable:
    return PartnerUnreachable(
        f"The host {host} lies in a private network. Let the operator set the URL, "
        "or run with ACUSE_ALLOW_PRIVATE_NETWORKS=true.",
        is_final=True,
        error_details="private network",
    )
