"""Why two sides disagree about a MIC or a signature: which bytes did the other one hash?

Rule: only a digest that is equal counts as an answer; nothing is guessed. Every entity that the message is made of is
hashed in every form (`forms`) and under every digest, and what matches is told in one sentence, with the setting that
ends the disagreement where there is one.
"""

from base64 import b64encode
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from acuse.as2.forms import ALL_FORMS, FormedHashes, SignedForm
from acuse.as2.mic import Mic
from acuse.cms import AnyDigest, DecrepitDigest, Digest
from acuse.mime import Source, copy

ALL_DIGESTS: frozenset[AnyDigest] = frozenset((*Digest, *DecrepitDigest))


class Covered(StrEnum):
    """What may have been hashed. The value names it in a sentence."""

    SIGNED = "the signed part"
    PAYLOAD = "the payload with its headers"
    COMPRESSED = "the compressed content"
    EXPANDED = "the content before it was compressed"
    MULTIPART = "the whole multipart/signed with its headers"
    BODY = "the body of the HTTP message"
    FILE = "the file alone"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Bytes that one side may have hashed."""

    covered: Covered
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What was hashed, as the digest proves."""

    covered: Covered
    form: SignedForm
    digest: AnyDigest


def find_mic(mic: Mic, candidates: Iterable[Candidate]) -> Match | None:
    """What this MIC covers; the digest that it names is tried first, then the others."""
    named = mic.digest
    digests = [*([named] if named else []), *(digest for digest in (*Digest, *DecrepitDigest) if digest != named)]

    def is_it(hashed: Mapping[AnyDigest, bytes]) -> AnyDigest | None:
        return next((digest for digest in digests if b64encode(hashed[digest]).decode("ascii") == mic.value), None)

    return find(is_it, candidates, digests=ALL_DIGESTS)


def find(
    is_it: Callable[[Mapping[AnyDigest, bytes]], AnyDigest | None],
    candidates: Iterable[Candidate],
    *,
    digests: Collection[AnyDigest],
) -> Match | None:
    """The first candidate, and its form, whose digests satisfy `is_it`, which returns the one that did."""
    for candidate in candidates:
        hashes = FormedHashes(digests=digests, forms=ALL_FORMS)
        copy(candidate.source.open(), hashes.update)
        for form, hashed in hashes.results():
            if digest := is_it(hashed):
                return Match(covered=candidate.covered, form=form, digest=digest)
    return None


def mismatch_sentence(match: Match | None, *, expected: Covered, digest: AnyDigest) -> str:
    """What the partner hashed instead of `expected`, and what ends the disagreement. `digest` was asked for."""
    if match is None:
        return (
            "The partner hashed none of the forms that are known of this content: it received other bytes, or changed "
            "them before it hashed them."
        )
    if match.covered is expected and match.form is SignedForm.AS_RECEIVED:
        if match.digest is digest:
            return "The partner hashed exactly what was sent, and the MIC matches."
        return f"The partner hashed what was sent, but with {match.digest}: agree on it with --sign {match.digest}."
    return f"The partner hashed {_words(match)}: {_remedy(match, expected)}."


def form_words(form: SignedForm) -> str:
    """A form, at the end of "hashed the content …"; empty for the bytes as they are."""
    return _FORM_WORDS[form]


def _words(match: Match) -> str:
    return f"{match.covered.value} {form_words(match.form)}".strip()


def _remedy(match: Match, expected: Covered) -> str:
    if match.covered is expected or match.form is SignedForm.BODY:
        return _FORM_REMEDIES[match.form]
    return _COVERED_REMEDIES.get(match.covered, _ASK)


_ASK = "ask the partner to hash exactly what was signed (RFC 4130 section 7.3.1); no setting here changes it"
_SEND_BASE64 = "send the files in base64, where line ends cannot change (--quirk base64-parts)"
_FORM_WORDS: Mapping[SignedForm, str] = {
    SignedForm.AS_RECEIVED: "",
    SignedForm.LINE_ENDS: "with every line feed turned into CRLF",
    SignedForm.UNFOLDED: "with its header lines unfolded",
    SignedForm.WITHOUT_LAST_BREAK: "without its last line break",
    SignedForm.WITH_EXTRA_BREAK: "with one more line break at its end",
    SignedForm.DECODED: "after decoding its base64",
    SignedForm.BODY: "without the headers of the part",
}
_FORM_REMEDIES: Mapping[SignedForm, str] = {
    SignedForm.AS_RECEIVED: _ASK,
    SignedForm.LINE_ENDS: _SEND_BASE64,
    SignedForm.UNFOLDED: _ASK,
    SignedForm.WITHOUT_LAST_BREAK: _ASK,
    SignedForm.WITH_EXTRA_BREAK: _ASK,
    SignedForm.DECODED: "send the files as binary (without the quirk base64-parts)",
    SignedForm.BODY: _ASK,
}
_COVERED_REMEDIES: Mapping[Covered, str] = {
    Covered.EXPANDED: "compress after signing instead of before (compression after_sign), or not at all",
    Covered.COMPRESSED: "compress before signing instead of after (compression before_sign), or not at all",
}
