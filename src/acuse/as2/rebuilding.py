"""Building again what was sent, when nobody can open it any more: the partner's key alone decrypts the stored bytes.

Only what a MIC may cover is built: not the signature, nor the encryption around it.
"""

from collections.abc import Callable, Sequence

from acuse.as2.agreement import Agreement, Compression
from acuse.as2.mic_doctor import Candidate, Covered
from acuse.as2.outbound import OutgoingAttachment, compressed_entity, payload_entity
from acuse.mime import Scratch


def mic_candidates(
    attachments: Sequence[OutgoingAttachment], agreement: Agreement, *, boundary: str, scratch: Callable[[], Scratch]
) -> tuple[Candidate, ...]:
    """What the partner may have hashed, first of all what it should have. `boundary` is that of the exchange."""
    payload = payload_entity(attachments, boundary, agreement.quirks)
    files = (Candidate(Covered.FILE, attachment.source) for attachment in attachments)
    if agreement.sign is None:
        is_wrapped = agreement.encrypt is not None or agreement.compression is not Compression.NONE
        expected = Candidate(Covered.PAYLOAD, payload.whole) if is_wrapped else Candidate(Covered.BODY, payload.body)
        return expected, Candidate(Covered.PAYLOAD, payload.whole), *files
    if agreement.compression is Compression.BEFORE_SIGN:
        compressed = compressed_entity(payload, scratch)
        return (
            Candidate(Covered.SIGNED, compressed.whole),
            Candidate(Covered.EXPANDED, payload.whole),
            *files,
        )
    return Candidate(Covered.SIGNED, payload.whole), *files
