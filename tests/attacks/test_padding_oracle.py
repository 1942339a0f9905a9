"""The attack of Vaudenay (2002) on CBC: add a block to a captured ciphertext, vary the block before it, and learn from
the answers which variants end in a valid padding; that gives the plaintext, byte after byte (RFC 3218 for RSA).

The attacker has the partner's message, not our key. Nothing stops him from posting variants under new Message-IDs.
So one and the same answer must come, to the letter, whatever the added blocks decrypt to.
"""

from collections.abc import Callable, Sequence

import pytest
from asn1crypto import cms as asn1

from acuse.cms import DecryptionFailed, KeyPair, decrypt, self_signed
from acuse.mime import Literal, read_all
from tests.as2 import handmade
from tests.as2.handmade import EDI, LIMIT, NOW, STRICT, Station, entity, signed

E = entity(EDI * 5)
BLOCK = 16


@pytest.fixture(scope="module")
def ours() -> KeyPair:
    return self_signed("ours", not_before=NOW, not_after=NOW.replace(year=2040))


@pytest.fixture(scope="module")
def theirs() -> KeyPair:
    return self_signed("theirs", not_before=NOW, not_after=NOW.replace(year=2040))


@pytest.fixture(scope="module")
def stranger() -> KeyPair:
    return self_signed("stranger", not_before=NOW, not_after=NOW.replace(year=2040))


class Captured:
    """A message to us, as the attacker took it from the wire."""

    def __init__(self, envelope: bytes) -> None:
        self._envelope = envelope
        content = self._open()["content"]["encrypted_content_info"]
        self.initial: bytes = content["content_encryption_algorithm"]["parameters"].native
        self.ciphertext: bytes = content["encrypted_content"].native

    def _open(self) -> asn1.ContentInfo:
        return asn1.ContentInfo.load(self._envelope)

    def block(self, number: int) -> bytes:
        return self.ciphertext[number * BLOCK : (number + 1) * BLOCK]

    def altered(self, ciphertext: bytes, *, initial: bytes | None = None) -> bytes:
        """The envelope with other content under the same, unknown key."""
        info = self._open()
        content = info["content"]["encrypted_content_info"]
        content["encrypted_content"] = ciphertext
        content["content_encryption_algorithm"]["parameters"] = initial or self.initial
        encoded: bytes = info.dump(force=True)
        return encoded


def variants(captured: Captured, kept: bytes, target: bytes, *, initial: bytes | None = None) -> list[bytes]:
    """For each value of one byte: `kept`, a block that ends in it, and the block to be decrypted. One padding fits."""
    return [
        captured.altered(kept + b"attacker's own." + bytes([value]) + target, initial=initial) for value in range(256)
    ]


def answers(station: Station, envelopes: Sequence[bytes], wrap: Callable[[bytes], bytes] | None = None) -> set[object]:
    """Everything that the partner gets to see: the disposition, the text, the digest that signs the receipt."""
    seen: set[object] = set()
    for envelope in envelopes:
        whole = entity(envelope, "Content-Type: application/pkcs7-mime; smime-type=enveloped-data")
        arrival = station.receive(wrap(whole) if wrap else whole)
        digest = arrival.signature.digest if arrival.signature else None
        seen.add((str(arrival.disposition), arrival.reason, arrival.mic, digest))
    return seen


def has_both_paddings(envelopes: Sequence[bytes], ours: KeyPair) -> bool:
    """Whether the attack was one: some variants are padded rightly, others are not."""
    found = set()
    for envelope in envelopes:
        try:
            read_all(decrypt(Literal(envelope).open(), [ours]), limit=LIMIT)
            found.add(True)
        except DecryptionFailed:
            found.add(False)
    return found == {True, False}


STRUCTURES = {
    "signed": lambda theirs: signed(E, theirs),
    "signed, then compressed": lambda theirs: handmade.compressed(signed(E, theirs)),
    "compressed, then signed": lambda theirs: signed(handmade.compressed(E), theirs),
    "not signed": lambda _: E,
    "compressed, not signed": lambda _: handmade.compressed(E),
}


@pytest.mark.parametrize("structure", STRUCTURES.values(), ids=STRUCTURES.keys())
def test_blocks_added_to_a_captured_message_are_answered_alike(
    structure: Callable[[KeyPair], bytes], ours: KeyPair, theirs: KeyPair
) -> None:
    captured = Captured(handmade.envelope_of(structure(theirs), ours))
    station = Station(keys=[ours], knows=[theirs], agreement=STRICT)

    envelopes = variants(captured, captured.ciphertext, captured.block(3))

    assert has_both_paddings(envelopes, ours)
    assert 1 == len(answers(station, envelopes))


def test_signature_that_we_refuse_anyway_is_no_way_around(ours: KeyPair, theirs: KeyPair, stranger: KeyPair) -> None:
    station = Station(keys=[ours], knows=[theirs], agreement=STRICT)
    for whole in (signed(E, stranger), handmade.compressed(signed(E, stranger))):
        captured = Captured(handmade.envelope_of(whole, ours))

        envelopes = variants(captured, captured.ciphertext, captured.block(3))

        assert 1 == len(answers(station, envelopes))


def test_headers_changed_through_the_initial_vector_are_answered_alike(ours: KeyPair, theirs: KeyPair) -> None:
    """The first block can be changed at will: here the content looks unsigned, in one form or the other."""
    captured = Captured(handmade.envelope_of(signed(E, theirs), ours))
    station = Station(keys=[ours], knows=[theirs], agreement=STRICT)
    known, wanted = (
        b"Content-Type: mu",
        (b"Xontent-Type: mu", b"Content-Type: au", b"\r\n\r\nent-Type: mu", b"Content-Type:\n\nu"),
    )
    for start in wanted:
        initial = bytes(a ^ b ^ c for a, b, c in zip(captured.initial, known, start, strict=True))

        envelopes = variants(captured, captured.ciphertext[: 20 * BLOCK], captured.block(3), initial=initial)

        assert has_both_paddings(envelopes, ours)
        assert 1 == len(answers(station, envelopes)), start


def test_lone_blocks_are_answered_alike(ours: KeyPair, theirs: KeyPair) -> None:
    """Every byte of the target can be set to every value: line feeds, colons, paddings."""
    captured = Captured(handmade.envelope_of(signed(E, theirs), ours))
    station = Station(keys=[ours], knows=[theirs], agreement=STRICT)
    envelopes = [
        captured.altered(captured.block(3), initial=bytes(position) + bytes([value]) * (BLOCK - position))
        for position in (0, 7, 15)
        for value in range(256)
    ]

    assert 1 == len(answers(station, envelopes))


def test_random_blocks_among_the_unsigned_headers_are_answered_alike(ours: KeyPair, theirs: KeyPair) -> None:
    """The headers of multipart/signed are signed by nobody: whether random bytes pass for a header must not show."""
    captured = Captured(handmade.envelope_of(signed(E, theirs), ours))
    station = Station(keys=[ours], knows=[theirs], agreement=STRICT)
    kept, rest = captured.ciphertext[: 4 * BLOCK], captured.ciphertext[4 * BLOCK :]
    envelopes = [
        captured.altered(kept + bytes([value]) * BLOCK + captured.block(9) + kept[-BLOCK:] + rest)
        for value in range(256)
    ]

    assert 1 == len(answers(station, envelopes))


@pytest.mark.parametrize("is_signed_inside", [True, False])
def test_captured_envelope_under_the_attacker_s_own_signature_is_answered_alike(
    is_signed_inside: bool, ours: KeyPair, theirs: KeyPair, stranger: KeyPair
) -> None:
    captured = Captured(handmade.envelope_of(signed(E, theirs) if is_signed_inside else E, ours))
    station = Station(keys=[ours], knows=[theirs], agreement=STRICT)

    envelopes = variants(captured, captured.ciphertext, captured.block(3))

    seen = answers(station, envelopes, lambda inner: signed(inner, stranger, boundary="outer"))
    assert 1 == len(seen)
    assert "authentication-failed" in str(seen)


def test_captured_envelope_inside_the_attacker_s_own_is_answered_alike(ours: KeyPair, theirs: KeyPair) -> None:
    captured = Captured(handmade.envelope_of(signed(E, theirs), ours))
    station = Station(keys=[ours], knows=[theirs], agreement=STRICT)

    envelopes = variants(captured, captured.ciphertext, captured.block(3))

    assert 1 == len(answers(station, envelopes, lambda inner: handmade.encrypted(inner, ours)))


def test_operator_still_learns_what_was_wrong(ours: KeyPair, theirs: KeyPair) -> None:
    captured = Captured(handmade.envelope_of(signed(E, theirs), ours))
    station = Station(keys=[ours], knows=[theirs], agreement=STRICT)

    causes = {
        station.receive(entity(envelope, "Content-Type: application/pkcs7-mime")).cause
        for envelope in variants(captured, captured.ciphertext, captured.block(3))
    }

    assert 1 < len(causes)
    assert any("padding" in cause for cause in causes)
    assert any("closing boundary" in cause for cause in causes)
