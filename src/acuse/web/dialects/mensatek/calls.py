"""One call of the dialect after its caller was let in."""

from dataclasses import dataclass
from decimal import Decimal

from acuse.domain.account import Space
from acuse.domain.credit import UNIT
from acuse.ports import NoticeView, Ports
from acuse.web.dialects.mensatek.parameters import Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class MensatekCall:
    """What a function needs."""

    ports: Ports
    space: Space
    parameters: Parameters
    body_sha256: str

    def balance(self) -> Decimal:
        """Credits that are left, as the dialect counts them."""
        return Decimal(self.ports.views.notices.balance(self.space.account_id)) / UNIT

    def notice(self) -> NoticeView:
        """The message that `Idmensaje` names. Raises Refused and NoticeNotFound."""
        return self.ports.views.notices.notice(self.space, self.parameters.number("Idmensaje"))
