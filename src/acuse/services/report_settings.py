"""Where reports about notices are posted to in the words of the dialect `mensatek`: one URL of a tenant, or none.

Rule: it is a webhook endpoint like any other, so its posts are durable, retried, and in order for each notice.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field

from acuse.domain.account import Space
from acuse.domain.dialect import Dialect
from acuse.domain.event_names import REPORT_IN_A_FORM, REPORT_IN_JSON
from acuse.domain.webhook import WebhookEndpoint
from acuse.errors import InvalidInput
from acuse.ports import Ports
from acuse.services.manage_webhooks import EndpointWish, add_endpoint, change_endpoint, remove_endpoint

_BASIC = "Basic "


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """Where reports go, and how."""

    url: str
    is_form: bool = False
    """As a form instead of JSON."""
    user: str | None = None
    """Of Basic authentication at the receiver, with `password`."""
    password: str | None = field(default=None, repr=False)


def report_settings(ports: Ports, space: Space) -> ReportSettings | None:
    """Those that hold in this space; None where reports go nowhere."""
    endpoint = _endpoint(ports, space)
    if endpoint is None:
        return None
    login = dict(endpoint.headers).get("Authorization", "").removeprefix(_BASIC)
    user, _, password = b64decode(login).decode().partition(":")
    return ReportSettings(
        url=endpoint.url,
        is_form=REPORT_IN_A_FORM in endpoint.events,
        user=user or None,
        password=password or None,
    )


def change_report_settings(
    ports: Ports,
    wanted: ReportSettings | None,
    *,
    space: Space,
    url_is_vouched: bool,
    allows_private: bool = False,
) -> None:
    """Post reports there from now on, or nowhere. What is pending goes to the new URL. Raises InvalidInput."""
    endpoint = _endpoint(ports, space)
    if wanted is None:
        if endpoint is not None:
            remove_endpoint(ports, endpoint.id)
        return
    wish = EndpointWish(
        url=wanted.url,
        events=(REPORT_IN_A_FORM if wanted.is_form else REPORT_IN_JSON,),
        headers=_headers(wanted),
        description="Reports about certified e-mails",
    )
    try:
        if endpoint is None:
            add_endpoint(
                ports,
                wish,
                space=space,
                url_is_vouched=url_is_vouched,
                allows_private=allows_private,
                dialect=Dialect.MENSATEK,
            )
        else:
            change_endpoint(ports, endpoint.id, wish, url_is_vouched=url_is_vouched, allows_private=allows_private)
    except InvalidInput as error:
        raise InvalidInput(fields={f"report_{name}": reason for name, reason in error.fields.items()}) from None


def _headers(wanted: ReportSettings) -> dict[str, object]:
    user, password = wanted.user, wanted.password or ""
    if user is None:
        if password:
            raise InvalidInput(fields={"report_user": "is needed with a password"})
        return {}
    if ":" in user or not user.isprintable() or not password.isprintable():
        raise InvalidInput(fields={"report_user": "user and password are printable, and no colon is in the user"})
    return {"Authorization": _BASIC + b64encode(f"{user}:{password}".encode()).decode()}


def _endpoint(ports: Ports, space: Space) -> WebhookEndpoint | None:
    for endpoint in ports.views.webhooks.endpoints(space):
        if endpoint.dialect is Dialect.MENSATEK:
            return endpoint
    return None
