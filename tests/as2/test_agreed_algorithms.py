"""Algorithms: weak ones only where the agreement names them, authenticated ones in their own structure."""

from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import timedelta

import pytest

from acuse import as2
from acuse.as2 import (
    Agreement,
    Judgement,
    Mic,
    OutgoingAttachment,
    PreparedMessage,
    Profile,
    Quirks,
    Weakness,
    disposition,
)
from acuse.cms import (
    AnyCipher,
    AnyDigest,
    Cipher,
    DecrepitCipher,
    DecrepitDigest,
    Digest,
    KeyPair,
    KeyTransport,
    SignatureScheme,
    self_signed,
)
from acuse.mime import Headers, Literal
from tests.as2 import handmade
from tests.as2.handmade import EDI, LENIENT, NOW, STRICT, Memory, Station

E = handmade.entity(EDI)
SHA1 = DecrepitDigest.SHA1
SHA256_OID = bytes.fromhex("608648016503040201")


@pytest.fixture(scope="module")
def short() -> KeyPair:
    return self_signed("short", key_size=1024, not_before=NOW, not_after=NOW + timedelta(days=1))


def accepting(*weaknesses: Weakness, agreement: Agreement = LENIENT, profile: Profile = Profile.AS2_1_1) -> Agreement:
    return replace(agreement, accept=frozenset(weaknesses), profile=profile)


def weak_messages(ours: KeyPair, theirs: KeyPair, short: KeyPair) -> dict[Weakness, tuple[bytes, str]]:
    triple_des = handmade.encrypted(handmade.signed(E, theirs), ours, cipher=DecrepitCipher.DES_EDE3_CBC)
    return {
        Weakness.SHA1: (handmade.signed(E, theirs, digest=SHA1), "processed/error: insufficient-message-security"),
        Weakness.TRIPLE_DES: (triple_des, "processed/error: decryption-failed"),
        Weakness.SHORT_KEYS: (handmade.signed(E, short), "processed/error: insufficient-message-security"),
    }


# ── What the partner uses towards us ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("weakness", Weakness)
def test_weak_algorithm_is_taken_where_it_was_named_and_refused_where_not(
    weakness: Weakness, ours: KeyPair, theirs: KeyPair, short: KeyPair
) -> None:
    message, refusal = weak_messages(ours, theirs, short)[weakness]
    others = accepting(*(set(Weakness) - {weakness}))

    taken = Station(keys=[ours], knows=[theirs, short], agreement=accepting(weakness)).receive(message)

    assert [EDI] == [attachment.stage.data for attachment in taken.attachments]
    for agreement in (LENIENT, others):
        refused = Station(keys=[ours], knows=[theirs, short], agreement=agreement).receive(message)
        assert refusal == handmade.outcome(refused)
        assert () == refused.attachments


@pytest.mark.rfc(4130, "7.5.3")
@pytest.mark.parametrize("is_encrypted", [False, True])
def test_weak_signature_that_does_not_hold_is_like_any_other_that_does_not(
    ours: KeyPair, theirs: KeyPair, stranger: KeyPair, is_encrypted: bool
) -> None:
    station = Station(keys=[ours], knows=[theirs], agreement=LENIENT)

    def outcomes(digest: AnyDigest) -> list[str]:
        changed = handmade.signed(E, theirs, digest=digest).replace(b"IEA*1", b"IEA*2")
        foreign = handmade.signed(E, stranger, digest=digest)
        wrapped = [handmade.encrypted(each, ours) if is_encrypted else each for each in (changed, foreign)]
        return [handmade.outcome(station.receive(each)) for each in wrapped]

    assert ["processed/error: authentication-failed"] * 2 == outcomes(SHA1)
    assert "processed/error: authentication-failed" == outcomes(Digest.SHA256)[1]


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_weak_signature_that_holds_is_told_as_too_weak_behind_an_encryption_too(
    ours: KeyPair, theirs: KeyPair, is_encrypted: bool
) -> None:
    message = handmade.signed(E, theirs, digest=SHA1)

    arrival = Station(keys=[ours], knows=[theirs], agreement=LENIENT).receive(
        handmade.encrypted(message, ours) if is_encrypted else message
    )

    assert "processed/error: insufficient-message-security" == handmade.outcome(arrival)
    assert "too weak" in arrival.reason
    assert arrival.signature is None


def test_unknown_algorithm_of_a_signature_is_no_weakness(ours: KeyPair, theirs: KeyPair) -> None:
    message = handmade.signed(E, theirs)
    signature = message.rpartition(b"base64\r\n\r\n")[2].partition(b"\r\n")[0]
    unheard_of = b64encode(b64decode(signature).replace(SHA256_OID, SHA256_OID[:-1] + b"\x7f"))

    arrival = Station(keys=[ours], knows=[theirs], agreement=LENIENT).receive(message.replace(signature, unheard_of))

    assert "processed/error: authentication-failed" == handmade.outcome(arrival)


def test_mic_of_a_message_signed_with_sha1_is_of_sha1(ours: KeyPair, theirs: KeyPair) -> None:
    station = Station(keys=[ours], knows=[theirs], agreement=accepting(Weakness.SHA1))

    arrival = station.receive(handmade.signed(E, theirs, digest=SHA1, micalg="SHA1"))

    assert Mic(handmade.mic(E, "sha1"), "sha1") == arrival.mic


@pytest.mark.rfc(4130, "7.4.3")
@pytest.mark.parametrize(
    ("agreement", "listed", "expected"),
    [
        (accepting(), "sha1, sha-512", Digest.SHA512),
        (accepting(), "", Digest.SHA256),
        (accepting(Weakness.SHA1), "sha1, sha-512", SHA1),
        (accepting(Weakness.SHA1), "sha-512, sha1", Digest.SHA512),
        (accepting(Weakness.SHA1), "", SHA1),
        (accepting(Weakness.SHA1, profile=Profile.AS2_1_3), "", Digest.SHA256),
        (accepting(Weakness.SHORT_KEYS), "", Digest.SHA256),
    ],
)
def test_mic_of_an_unsigned_message_is_the_first_asked_for_that_may_be_used(
    agreement: Agreement, listed: str, expected: AnyDigest, ours: KeyPair
) -> None:
    options = f"signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, {listed}"

    arrival = Station(keys=[ours], knows=[], agreement=agreement).receive(
        E, Disposition_Notification_To="x", Disposition_Notification_Options=options
    )

    assert Mic(handmade.mic(EDI, expected.value), expected.micalg) == arrival.mic


# ── What we use towards the partner ───────────────────────────────────────────────────────────────────────────────────


def prepare(agreement: Agreement, ours: KeyPair, theirs: KeyPair) -> PreparedMessage:
    return as2.prepare(
        [OutgoingAttachment(filename="a.edi", content_type="application/edi-x12", source=Literal(EDI))],
        agreement,
        message_id="<1@acme>",
        boundary="B",
        signer=ours,
        recipients=[theirs.certificate],
        scratch=Memory,
        now=NOW,
    )


@pytest.mark.profile("sha-2")
@pytest.mark.profile("gcm")
@pytest.mark.rfc(8551, "3.4")
@pytest.mark.parametrize("digest", [*Digest, SHA1])
@pytest.mark.parametrize("cipher", [*Cipher, DecrepitCipher.DES_EDE3_CBC])
def test_message_of_every_algorithm_is_received_with_the_mic_that_its_sender_knows(
    digest: AnyDigest, cipher: AnyCipher, ours: KeyPair, theirs: KeyPair
) -> None:
    prepared = prepare(replace(STRICT, sign=digest, encrypt=cipher), ours, theirs)
    agreement = accepting(Weakness.SHA1, Weakness.TRIPLE_DES, agreement=STRICT)
    envelope = as2.open_envelope(Headers(prepared.headers))

    arrival = Station(keys=[theirs], knows=[ours], agreement=agreement).take(envelope, prepared.body)

    assert disposition.PROCESSED == arrival.disposition
    assert arrival.mic
    assert (digest, prepared.exchange.mics[digest]) == (arrival.mic.digest, arrival.mic.value)
    smime_type = "authEnveloped-data" if cipher.value.endswith(("gcm", "poly1305")) else "enveloped-data"
    assert f"smime-type={smime_type};" in dict(prepared.headers)["Content-Type"]


def test_pss_and_oaep_are_used_where_they_were_agreed(ours: KeyPair, theirs: KeyPair) -> None:
    agreement = replace(STRICT, signature_scheme=SignatureScheme.PSS, key_transport=KeyTransport.OAEP)
    prepared = prepare(agreement, ours, theirs)
    pss, oaep = bytes.fromhex("06092a864886f70d01010a"), bytes.fromhex("06092a864886f70d010107")

    assert oaep in handmade.bytes_of(prepared.body)[:2000]
    assert oaep not in handmade.bytes_of(prepare(STRICT, ours, theirs).body)[:2000]
    signed = prepare(replace(agreement, encrypt=None, quirks=Quirks(binary_signature=True)), ours, theirs)
    assert pss in handmade.bytes_of(signed.body)
    envelope = as2.open_envelope(Headers(prepared.headers))
    assert Station(keys=[theirs], knows=[ours], agreement=STRICT).take(envelope, prepared.body).is_accepted


def test_receipt_is_signed_by_the_agreed_scheme(theirs: KeyPair) -> None:
    envelope, _ = handmade.open_message(E)
    written = as2.write_receipt(
        envelope,
        disposition=disposition.PROCESSED,
        mic=None,
        text="taken",
        signer=theirs,
        digest=Digest.SHA256,
        message_id="<2@globex>",
        boundary="B",
        reporting_ua="x",
        quirks=Quirks(binary_signature=True),
        scheme=SignatureScheme.PSS,
        now=NOW,
    )

    assert bytes.fromhex("06092a864886f70d01010a") in written.body
    assert as2.read_receipt(Headers(written.headers), Literal(written.body), [theirs.certificate]).is_verified


@pytest.mark.parametrize(
    ("cipher", "kind"),
    [(Cipher.AES128_GCM, "enveloped-data"), (Cipher.AES128_CBC, "authEnveloped-data"), (Cipher.AES256_GCM, "x")],
)
def test_label_of_the_other_structure_does_not_matter(
    cipher: Cipher, kind: str, ours: KeyPair, theirs: KeyPair
) -> None:
    whole = handmade.encrypted(handmade.signed(E, theirs), ours, cipher=cipher, kind=kind)
    if kind == "x":
        whole = whole.replace(b"smime-type=x; ", b"")

    assert Station(keys=[ours], knows=[theirs], agreement=STRICT).receive(whole).is_accepted


def test_nothing_of_an_authenticated_message_is_delivered_when_one_bit_is_wrong(ours: KeyPair, theirs: KeyPair) -> None:
    whole = handmade.encrypted(handmade.signed(E, theirs), ours, cipher=Cipher.AES128_GCM)

    for position in range(len(whole) - 40, len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1
        arrival = Station(keys=[ours], knows=[theirs], agreement=STRICT).receive(bytes(damaged))

        assert "processed/error: decryption-failed" == handmade.outcome(arrival)
        assert () == arrival.attachments


def test_short_key_of_ours_signs_only_where_short_keys_are_accepted(short: KeyPair, theirs: KeyPair) -> None:
    signed = replace(LENIENT, encrypt=None)

    assert prepare(accepting(Weakness.SHORT_KEYS, agreement=signed), short, theirs).exchange
    with pytest.raises(Exception, match="1024 bits"):
        prepare(signed, short, theirs)


# ── Receipts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("agreement", "is_verified"),
    [(LENIENT, False), (accepting(Weakness.SHA1), True), (replace(LENIENT, sign=SHA1), True)],
)
def test_receipt_signed_with_sha1_counts_where_sha1_was_accepted_or_asked_for(
    agreement: Agreement, is_verified: bool, ours: KeyPair, theirs: KeyPair
) -> None:
    envelope, _ = handmade.open_message(E)
    written = as2.write_receipt(
        envelope,
        disposition=disposition.PROCESSED,
        mic=Mic(handmade.mic(E, "sha1"), "sha1"),
        text="taken",
        signer=theirs,
        digest=SHA1,
        message_id="<2@globex>",
        boundary="B",
        reporting_ua="x",
        now=NOW,
    )

    read = as2.read_receipt(
        Headers(written.headers), Literal(written.body), [theirs.certificate], allow=agreement.allow_in_receipts
    )

    assert is_verified is read.is_verified


@pytest.mark.parametrize(
    ("agreement", "judgement"), [(LENIENT, Judgement.INVALID), (accepting(Weakness.SHA1), Judgement.POSITIVE)]
)
def test_mic_of_sha1_counts_only_where_sha1_was_accepted(
    agreement: Agreement, judgement: Judgement, ours: KeyPair, theirs: KeyPair
) -> None:
    prepared = prepare(replace(agreement, sign=None, encrypt=None), ours, theirs)
    receipt = as2.ReadReceipt(
        disposition=disposition.PROCESSED,
        mic=Mic(handmade.mic(EDI, "sha1"), "sha1"),
        original_message_id="<1@acme>",
        reporting_ua=None,
        final_recipient=None,
        text="",
        is_signed=True,
        signature_problem=None,
    )

    assert judgement is as2.settle(prepared.exchange, receipt).judgement
