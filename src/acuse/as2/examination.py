"""The way into an explanation: take the message apart, then say what its MIC is and what may be wrong with it."""

from acuse.as2.dissection import Dissection
from acuse.as2.envelope import ReceiptRequest
from acuse.as2.explanation import Explanation, S, Tools
from acuse.as2.forms import FormedHashes, SignedForm
from acuse.as2.mic import Mic
from acuse.as2.mic_doctor import Candidate, Covered
from acuse.cms import AnyDigest, Digest
from acuse.mime import Headers, Source, copy


def explain(headers: Headers, body: Source, tools: Tools[S]) -> Explanation[S]:
    """Explain a message or a receipt by its HTTP headers and its body. Never raises for what they are."""
    explanation: Explanation[S] = Explanation()
    dissection = Dissection(tools=tools, explanation=explanation, headers=headers)
    with dissection.noting():
        dissection.begin(body)
    with dissection.noting():
        _conclude(dissection)
    return explanation


def _conclude(dissection: Dissection[S]) -> None:
    """The MIC and what it may cover; nothing, where the message could not be opened so far."""
    explanation = dissection.explanation
    if explanation.receipt is not None:
        return
    missing = [name for name in ("AS2-From", "AS2-To", "Message-ID") if name not in dissection.headers]
    if missing:
        explanation.findings.append(f"The headers lack {' and '.join(missing)}: no gateway would take this message.")
    form = SignedForm.AS_RECEIVED
    if dissection.signed is not None:
        covered, explanation.expected = dissection.signed, Covered.SIGNED
        form = (explanation.signature and explanation.signature.form) or form
    elif dissection.payload is not None:
        covered = dissection.payload
        explanation.expected = Covered.PAYLOAD if dissection.is_wrapped else Covered.BODY
    else:
        return
    others = (*explanation.candidates, *dissection.others)
    explanation.candidates = [Candidate(explanation.expected, covered), *others]
    explanation.mic = _mic_of(covered, form, _digest(dissection))


def _digest(dissection: Dissection[S]) -> AnyDigest:
    """That of the signature, else the one that the receipt shall use."""
    signature = dissection.explanation.signature
    if signature and signature.digest:
        return signature.digest
    request = ReceiptRequest.of(dissection.headers)
    return request.digests[0] if request and request.digests else Digest.SHA256


def _mic_of(covered: Source, form: SignedForm, digest: AnyDigest) -> Mic | None:
    hashes = FormedHashes(digests={digest}, forms={form})
    copy(covered.open(), hashes.update)
    return next((Mic.of(hashed[digest], digest) for _, hashed in hashes.results()), None)
