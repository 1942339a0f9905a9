"""Explaining stored messages, and finding the advice that is stored with those that failed.

Rule: advice is for our operator. Of a message that could not be decrypted none is looked for while its sender waits:
how long that takes would tell somebody who sends changed ciphertexts again and again what is inside (RFC 3218).
"""

from collections.abc import Callable

from acuse import as2
from acuse.as2 import Arrival, Envelope, disposition, mic_doctor
from acuse.as2.examination import explain
from acuse.as2.explanation import Explanation, S, Tools
from acuse.as2.mic_doctor import Candidate
from acuse.as2.rebuilding import mic_candidates
from acuse.domain.keyring import Certificate, Use
from acuse.domain.message import Direction, Message
from acuse.mime import Headers, Source
from acuse.ports import MessageView, Ports, Relation, Stage
from acuse.services.begin_attempt import agreement_of
from acuse.services.relate import relation_for

_SIGNATURE_REFUSED = (disposition.AUTHENTICATION_FAILED, disposition.INTEGRITY_CHECK_FAILED)


def explain_message(ports: Ports, view: MessageView, *, scratch: Callable[[], S]) -> Explanation[S]:
    """Explain the bytes of a message that has some. What we sent encrypted stays closed: only the partner opens it."""
    message = view.message
    assert message.wire is not None
    relation = relation_for(ports, message)
    is_ours = message.direction is Direction.OUTBOUND
    signers = relation.station_certificates if is_ours else relation.partner_certificates
    tools = _tools(relation, signers, scratch, with_keys=not is_ours)
    return explain(Headers(message.wire.headers), ports.blobs.source(message.wire.blob_id), tools)


def explain_receipt(ports: Ports, view: MessageView, *, scratch: Callable[[], S]) -> Explanation[S] | None:
    """Explain the receipt of a message; the partner's is compared with what was sent. None: there is no receipt."""
    message, receipt = view.message, view.receipt
    if receipt is None:
        return None
    relation = relation_for(ports, message)
    is_ours = receipt.direction is Direction.OUTBOUND
    signers = relation.station_certificates if is_ours else relation.partner_certificates
    tools = _tools(relation, signers, scratch)
    explanation = explain(Headers(receipt.wire.headers), ports.blobs.source(receipt.wire.blob_id), tools)
    if explanation.mic and not is_ours and message.exchange:
        explanation.findings.append(advice_on_mic(ports, message, explanation.mic))
    return explanation


def advice_on_mic(ports: Ports, message: Message, mic: as2.Mic) -> str:
    """What the partner hashed, of a message that was sent, and which setting ends the disagreement."""
    view = ports.views.message_by_id(message.id)
    relation = relation_for(ports, message)
    candidates = sent_candidates(ports, view, relation)
    exchange = message.exchange
    assert exchange is not None
    match = mic_doctor.find_mic(mic, candidates)
    return mic_doctor.mismatch_sentence(match, expected=candidates[0].covered, digest=exchange.digest)


def advice_on_arrival(
    ports: Ports, relation: Relation, envelope: Envelope, body: Source, arrival: Arrival[Stage]
) -> str | None:
    """What to do about a signature that was refused."""
    if arrival.disposition not in _SIGNATURE_REFUSED:
        return None
    stages: list[Stage] = []

    def stage() -> Stage:
        stages.append(ports.blobs.stage())
        return stages[-1]

    try:
        tools = _tools(relation, relation.partner_certificates, stage)
        return explain(envelope.headers, body, tools).advice or None
    finally:
        for each in stages:
            each.discard()


def _tools(
    relation: Relation, signers: tuple[Certificate, ...], scratch: Callable[[], S], *, with_keys: bool = True
) -> Tools[S]:
    own = relation.station_certificates if with_keys else ()
    return Tools(
        keys=[entry.key_pair for entry in own if entry.key_pair],
        certificates=[entry.x509_certificate for entry in signers if Use.SIGNING in entry.uses],
        scratch=scratch,
    )


def sent_candidates(ports: Ports, view: MessageView, relation: Relation) -> tuple[Candidate, ...]:
    """What the partner may have hashed of a message that was sent, first of all what it should have."""
    message = view.message
    files = [
        as2.OutgoingAttachment(
            filename=file.filename, content_type=file.content_type, source=ports.blobs.source(file.blob_id)
        )
        for file in view.attachments
    ]
    boundary = message.exchange.boundary if message.exchange else ""
    return mic_candidates(files, agreement_of(message, relation), boundary=boundary, scratch=ports.blobs.scratch)
