"""The paths of the documented API that are not built yet: they say so, instead of not being there.

A path leaves this table when it is built. The reference page is tested against it.
"""

from collections.abc import Mapping

UNBUILT: Mapping[str, str] = {
    "/v1/partners/{id}/test": "POST",
    "/v1/certificates/order-ssl": "POST",
    "/v1/accounts/{account}/partners": "GET POST",
    "/v1/accounts/{account}/partners/{id}": "GET PUT PATCH DELETE",
    "/v1/accounts/{account}/partners/{id}/inherit": "POST DELETE",
    "/v1/accounts/{account}/partners/{id}/inheritance": "GET",
    "/v1/accounts/{account}/partners-health": "GET",
}
"""Methods by path."""
