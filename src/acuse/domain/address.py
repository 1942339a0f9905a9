"""Which addresses lie in the public internet, and which only in a network of ours."""

import ipaddress
from urllib.parse import urlsplit


def is_public(address: str) -> bool:
    """Whether an IP address is reachable in the public internet; an IPv4 address inside an IPv6 one counts as
    itself. Raises ValueError for what is no address.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return (inner or ip).is_global and not (inner or ip).is_multicast


def is_private_by_name(url: str) -> bool:
    """Whether the host of a URL is private whatever the name service says: an address, or `localhost` (RFC 6761
    section 6.3). What other names lead to is known only when they are resolved.
    """
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not is_public(host)
    except ValueError:
        return False
