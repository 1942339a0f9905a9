"""The MIC of a message that was sent, under a digest that a receipt names and nobody had asked for.

A partner that is asked for SHA-256 may answer with another digest all the same. That costs nothing while sending: the
content is built again from the stored files when such a receipt comes, which is seldom.
Rule: what was built again counts only if it has the MIC that was kept when the message was sent. Terms may have
changed since then, and another release of the compressing library may give other bytes.
"""

import hashlib
from collections.abc import Collection, Mapping

from acuse.as2 import Mic
from acuse.as2.agreement import usable_digests
from acuse.cms import AnyDigest
from acuse.domain.message import Message
from acuse.mime import Hashing, Source, drain
from acuse.ports import Ports
from acuse.services.begin_attempt import agreement_of
from acuse.services.explain_message import sent_candidates
from acuse.services.relate import relation_for


def recompute_mic(ports: Ports, message: Message, mic: Mic) -> Mapping[AnyDigest, str]:
    """The MIC under the digest that `mic` names; nothing where it is known, too weak to count, or cannot be told.

    This reads the files once more: not to be done inside a unit.
    """
    exchange, named = message.exchange, mic.digest
    if exchange is None or named is None or named in exchange.mics:
        return {}
    relation = relation_for(ports, message)
    if not usable_digests([named], agreement_of(message, relation).allow):
        return {}
    view = ports.views.message_by_id(message.id)
    found = _mics(sent_candidates(ports, view, relation)[0].source, {exchange.digest, named})
    return {named: found[named]} if found[exchange.digest] == exchange.mics.get(exchange.digest) else {}


def _mics(covered: Source, digests: Collection[AnyDigest]) -> Mapping[AnyDigest, str]:
    hashes = {digest: hashlib.new(digest.value) for digest in digests}
    drain(Hashing(covered.open(), tuple(hashes.values())))
    return {digest: Mic.of(computed.digest(), digest).value for digest, computed in hashes.items()}
