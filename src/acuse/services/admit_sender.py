"""Who may post at all: a partner that has to show a user name and a password is known before its body is read.

Rule: the header names the relation in the same words as for the message itself, so that no spelling leads around the
login. Who names nobody, or somebody without a login, is judged later, like everybody else.
"""

from collections.abc import Sequence

from acuse import as2
from acuse.domain.login import Login
from acuse.mime import Headers, MimeError
from acuse.ports import Ports
from acuse.services.receive_message import find_relation


def login_for(ports: Ports, headers: Sequence[tuple[str, str]]) -> Login | None:
    """The login that these header fields need; None where they need none."""
    try:
        envelope = as2.open_envelope(Headers(tuple(headers)))
    except (as2.NotAS2, MimeError):
        return None
    relation = find_relation(ports, envelope)
    return relation.partner.terms.login if relation else None
