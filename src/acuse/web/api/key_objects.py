"""Keys as the API shows them, and what is shown of them once. The command line prints the same."""

from typing import assert_never

from acuse.domain.access import ApiKey, Scope
from acuse.domain.dialect import Dialect
from acuse.ports import KeyView
from acuse.web.api.handles import public_id
from acuse.web.api.objects import iso


def key_object(view: KeyView) -> dict[str, object]:
    """An API key, without its text."""
    key, last_use = view.key, view.last_use
    return {
        "id": public_id("key", key.handle),
        "name": key.name,
        "dialect": key.dialect.value,
        "username": key.login and key.login.user,
        "token_id": key.token_id,
        "hint": key.hint,
        "mode": key.mode.value,
        "scopes": [scope.value for scope in Scope if scope in key.scopes],
        "tenant_id": view.tenant and public_id("tnt", view.tenant.handle),
        "allowed_ips": [str(network) for network in key.networks],
        "expires_at": iso(key.expires_at),
        "previous_expires_at": iso(key.replaced_until),
        "last_used_at": iso(last_use.at if last_use else None),
        "last_used_ip": last_use and last_use.address,
        "created_at": iso(key.created_at),
    }


def key_texts(key: ApiKey, text: str, password: str | None = None) -> dict[str, object]:
    """What is shown of a key once, under the names that its API has for it."""
    match key.dialect:
        case Dialect.NATIVE:
            return {"api_key": text}
        case Dialect.AS2EXPERT:
            return {"token": text}
        case Dialect.MFT:
            return {"token_secret": text} if password is None else {"token_secret": text, "password": password}
        case Dialect.MENSATEK:
            return {"user": key.token_id, "token": text}
        case _:
            assert_never(key.dialect)
