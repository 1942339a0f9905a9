"""What is wrong with a message, and the disposition that says so (RFC 4130 section 7.5.3)."""

import hashlib
from dataclasses import replace

import pytest

from acuse import as2
from acuse.as2 import Arrival
from acuse.cms import Digest, KeyPair, sign
from tests.as2 import handmade
from tests.as2.handmade import EDI, LENIENT, NOW, STRICT, Memory, Station, encrypted, entity, outcome, signed

E = entity(EDI)


@pytest.fixture
def station(ours: KeyPair, theirs: KeyPair) -> Station:
    return Station(keys=[ours], knows=[theirs])


@pytest.fixture
def strict(ours: KeyPair, theirs: KeyPair) -> Station:
    return Station(keys=[ours], knows=[theirs], agreement=STRICT)


def assert_refused(arrival: Arrival[Memory], word: str) -> None:
    assert f"processed/error: {word}" == outcome(arrival)
    assert ((), None, False) == (arrival.attachments, arrival.mic, arrival.is_accepted)
    assert arrival.reason
    assert arrival.cause


# ── Encryption ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_message_for_another_key_is_decryption_failed(
    station: Station, strict: Station, theirs: KeyPair, stranger: KeyPair
) -> None:
    for receiver in (station, strict):
        assert_refused(receiver.receive(encrypted(signed(E, theirs), stranger)), "decryption-failed")


def test_message_to_a_station_without_keys_is_decryption_failed(theirs: KeyPair, ours: KeyPair) -> None:
    nobody = Station(keys=[], knows=[theirs], agreement=STRICT)

    assert_refused(nobody.receive(encrypted(signed(E, theirs), ours)), "decryption-failed")


@pytest.mark.parametrize("position", [-1, -17, -200, 0, 40, 100, 300, 420, 600])
def test_changed_ciphertext_never_delivers_anything(
    position: int, strict: Station, theirs: KeyPair, ours: KeyPair
) -> None:
    head, _, body = encrypted(signed(E, theirs), ours).partition(b"\r\n\r\n")
    changed = bytearray(body)
    changed[position] ^= 0x40

    arrival = strict.receive(head + b"\r\n\r\n" + bytes(changed))

    assert not arrival.is_accepted
    assert () == arrival.attachments


def test_any_of_our_keys_may_open_the_message(ours: KeyPair, theirs: KeyPair, stranger: KeyPair) -> None:
    rolling = Station(keys=[stranger, ours], knows=[stranger, theirs], agreement=STRICT)

    assert rolling.receive(encrypted(signed(E, theirs), ours)).is_accepted
    assert rolling.receive(encrypted(signed(E, stranger), stranger)).is_accepted


@pytest.mark.parametrize("kind", ["authEnveloped-data", "enveloped-data"])
def test_encryption_that_is_not_supported_is_decryption_failed(kind: str, station: Station) -> None:
    whole = entity(b"0\x03\x02\x01\x00", f"Content-Type: application/pkcs7-mime; smime-type={kind}")

    assert_refused(station.receive(whole), "decryption-failed")


# ── Signatures ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_stranger_s_signature_is_authentication_failed(
    strict: Station, station: Station, ours: KeyPair, stranger: KeyPair
) -> None:
    for whole, receiver in ((encrypted(signed(E, stranger), ours), strict), (signed(E, stranger), station)):
        arrival = receiver.receive(whole)

        assert_refused(arrival, "authentication-failed")
        assert arrival.signature is None


def test_changed_content_is_integrity_check_failed(
    strict: Station, station: Station, ours: KeyPair, theirs: KeyPair
) -> None:
    changed = signed(E, theirs).replace(b"IEA*1", b"IEA*2")

    assert_refused(station.receive(changed), "integrity-check-failed")
    assert_refused(strict.receive(encrypted(changed, ours)), "integrity-check-failed")


def test_changed_header_of_the_signed_part_is_integrity_check_failed(station: Station, theirs: KeyPair) -> None:
    changed = signed(E, theirs).replace(b"application/edi-x12", b"Application/edi-x12")

    assert_refused(station.receive(changed), "integrity-check-failed")


@pytest.mark.parametrize("signature", [b"", b"0\x80", b"not DER", b"0\x03\x02\x01\x00"])
def test_signature_that_cannot_be_read_is_authentication_failed(
    signature: bytes, station: Station, strict: Station, ours: KeyPair
) -> None:
    whole = handmade.with_signature(E, signature)

    assert_refused(station.receive(whole), "authentication-failed")
    assert_refused(strict.receive(encrypted(whole, ours)), "authentication-failed")


@pytest.mark.rfc(5751, "3.4.3.2")
@pytest.mark.parametrize("micalg", ["sha-256", "sha1", "md5", "nonsense", "sha-384,sha-256"])
def test_signature_counts_and_not_what_micalg_says_of_it(micalg: str, station: Station, theirs: KeyPair) -> None:
    arrival = station.receive(signed(E, theirs, digest=Digest.SHA512, micalg=micalg))

    assert arrival.is_accepted
    assert as2.Mic(handmade.mic(E, "sha512"), "sha-512") == arrival.mic
    assert [EDI] == [attachment.stage.data for attachment in arrival.attachments]


def test_signatures_inside_each_other_may_all_lie_about_their_digests(station: Station, theirs: KeyPair) -> None:
    inner = signed(E, theirs, digest=Digest.SHA384, micalg="sha1", boundary="inner")
    outer = signed(inner, theirs, digest=Digest.SHA512, micalg="md5")

    arrival = station.receive(outer)

    assert as2.Mic(handmade.mic(inner, "sha512"), "sha-512") == arrival.mic


def test_outer_signature_does_not_make_up_for_an_inner_one(
    station: Station, theirs: KeyPair, stranger: KeyPair
) -> None:
    inner = signed(E, stranger, boundary="inner")

    assert_refused(station.receive(signed(inner, theirs)), "authentication-failed")
    assert_refused(station.receive(signed(signed(E, theirs, boundary="inner"), stranger)), "authentication-failed")


def test_raw_signature_of_a_partner_with_renewed_certificate_is_taken(station: Station, theirs: KeyPair) -> None:
    signature = sign(hashlib.sha256(E).digest(), theirs, Digest.SHA256, signing_time=NOW)
    part = entity(signature, "Content-Type: Application/X-pkcs7-signature; name=EDIINTSIG.p7s")
    body = b"--_=s\r\n" + E + b"\r\n--_=s\r\n" + part + b"\r\n--_=s--\r\n"

    arrival = station.receive(entity(body, 'Content-Type: MULTIPART/Signed; Boundary="_=s"'))

    assert arrival.is_accepted


@pytest.mark.parametrize(
    "part", ["application/pkcs7-mime; smime-type=signed-data", "application/pkcs7-mime; smime-type=certs-only"]
)
def test_opaque_signature_is_refused(part: str, station: Station) -> None:
    assert_refused(station.receive(entity(b"0\x00", f"Content-Type: {part}")), "unexpected-processing-error")


@pytest.mark.rfc(4130, "5.2.2")
@pytest.mark.parametrize("epilogue", [b"", b"\r\n", b"\r\n\r\n", b"\n \t"])
def test_line_breaks_after_the_closing_boundary_are_tolerated(
    epilogue: bytes, station: Station, strict: Station, ours: KeyPair, theirs: KeyPair
) -> None:
    signature = sign(hashlib.sha256(E).digest(), theirs, Digest.SHA256, signing_time=NOW)
    whole = handmade.with_signature(E, signature, epilogue=epilogue)

    assert station.receive(whole).is_accepted
    assert strict.receive(encrypted(whole, ours)).is_accepted


@pytest.mark.rfc(4130, "5.2.2")
@pytest.mark.parametrize("epilogue", [b"x", b"\r\nmore", b"\0", b"--sig--\r\n"])
def test_anything_else_after_the_closing_boundary_is_refused(
    epilogue: bytes, station: Station, strict: Station, ours: KeyPair, theirs: KeyPair
) -> None:
    signature = sign(hashlib.sha256(E).digest(), theirs, Digest.SHA256, signing_time=NOW)
    whole = handmade.with_signature(E, signature, epilogue=epilogue)

    assert_refused(station.receive(whole), "unexpected-processing-error")
    assert_refused(strict.receive(encrypted(whole, ours)), "decryption-failed")


# ── What was agreed ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rfc(4130, "7.5.3")
def test_message_weaker_than_agreed_is_insufficient(strict: Station, ours: KeyPair, theirs: KeyPair) -> None:
    for whole, missing in (
        (E, "not signed and not encrypted"),
        (signed(E, theirs), "not encrypted"),
        (handmade.compressed(signed(E, theirs)), "not encrypted"),
        (encrypted(E, ours), "not signed"),
    ):
        arrival = strict.receive(whole)

        assert_refused(arrival, "insufficient-message-security")
        assert missing in arrival.reason


@pytest.mark.parametrize(
    ("agreement", "structure"),
    [
        (replace(LENIENT, demand_signed=True), "S(E)"),
        (replace(LENIENT, demand_encrypted=True), "X(E)"),
        (LENIENT, "E"),
    ],
)
def test_message_as_strong_as_agreed_is_taken(
    agreement: as2.Agreement, structure: str, ours: KeyPair, theirs: KeyPair
) -> None:
    whole = {"E": E, "S(E)": signed(E, theirs), "X(E)": encrypted(E, ours)}[structure]

    assert Station(keys=[ours], knows=[theirs], agreement=agreement).receive(whole).is_accepted


# ── Structure ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_message_cut_off_anywhere_is_never_delivered(strict: Station, ours: KeyPair, theirs: KeyPair) -> None:
    structures = [
        signed(E, theirs),
        encrypted(signed(E, theirs), ours),
        encrypted(handmade.compressed(signed(E, theirs)), ours),
        handmade.compressed(E),
    ]
    lenient = Station(keys=[ours], knows=[theirs])
    for whole in structures:
        start = whole.index(b"\r\n\r\n") + 4
        end = len(whole.rstrip(b"\r\n-")) if b"--sig--" in whole else len(whole)
        for length in range(start, end, max((end - start) // 40, 1)):
            assert not strict.receive(whole[:length]).is_accepted
            assert not lenient.receive(whole[:length]).is_accepted


def test_more_layers_than_the_standards_know_are_refused(station: Station, ours: KeyPair, theirs: KeyPair) -> None:
    whole = E
    for _ in range(8):
        whole = handmade.compressed(whole)
    assert_refused(station.receive(whole), "unexpected-processing-error")

    whole = signed(E, theirs)
    for _ in range(8):
        whole = encrypted(whole, ours)
    assert_refused(station.receive(whole), "decryption-failed")


@pytest.mark.parametrize(
    "inside",
    [
        b"no colon\r\n\r\nbody",
        b"Content-Type: nonsense\r\n\r\nbody",
        b"Content-Type: multipart/signed; boundary=x\r\n\r\nbody",
        b"Content-Type: multipart/signed\r\n\r\nbody",
        b"Content-Type: multipart/related; boundary=x\r\n\r\nbody",
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n****",
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: rot13\r\n\r\nbody",
        b"x" * 100_000,
    ],
)
def test_broken_form_is_told_where_the_partner_made_it_and_looks_like_a_wrong_key_where_nobody_signed(
    inside: bytes, strict: Station, station: Station, ours: KeyPair, theirs: KeyPair
) -> None:
    assert_refused(station.receive(signed(inside, theirs)), "unexpected-processing-error")
    assert_refused(strict.receive(encrypted(signed(inside, theirs), ours)), "unexpected-processing-error")
    assert_refused(station.receive(encrypted(inside, ours)), "decryption-failed")


def test_multipart_signed_of_one_or_three_parts_is_refused(station: Station, theirs: KeyPair) -> None:
    whole = signed(E, theirs)
    one = whole[: whole.index(b"\r\n--sig\r\n", 200)] + b"\r\n--sig--\r\n"
    three = whole.replace(b"--sig--", b"--sig\r\n\r\nthird\r\n--sig--")

    for broken in (one, three):
        assert_refused(station.receive(broken), "unexpected-processing-error")


def test_too_many_files_are_refused(ours: KeyPair, theirs: KeyPair) -> None:
    station = Station(keys=[ours], knows=[theirs], limits=as2.Limits(attachments=3))

    assert station.receive(handmade.related(E, E, E)).is_accepted
    assert_refused(station.receive(handmade.related(E, E, E, E)), "unexpected-processing-error")


# ── Compression ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rfc(5402, "5")
def test_damaged_compression_is_decompression_failed(
    station: Station, strict: Station, ours: KeyPair, theirs: KeyPair
) -> None:
    damaged = handmade.compressed(E)[:-1] + b"\xff"

    assert_refused(station.receive(damaged), "decompression-failed")
    assert_refused(strict.receive(encrypted(signed(damaged, theirs), ours)), "decompression-failed")
    assert_refused(strict.receive(encrypted(damaged, ours)), "decryption-failed")


def test_bomb_is_decompression_failed_before_it_has_grown(ours: KeyPair, theirs: KeyPair) -> None:
    station = Station(keys=[ours], knows=[theirs], limits=as2.Limits(expanded_size=5_000_000))
    bomb = entity(bytes(20_000_000))

    for whole in (handmade.compressed(bomb), encrypted(signed(handmade.compressed(bomb), theirs), ours)):
        assert_refused(station.receive(whole), "decompression-failed")
        assert sum(len(stage.data) for stage in station.stages) <= 2 * 5_000_000 + 1_000_000


# ── Encodings and headers of the field ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("layer", ["X", "S", "C"])
@pytest.mark.parametrize("is_labelled_only", [False, True])
def test_whole_body_in_base64_is_decoded_unless_it_only_says_so(
    layer: str, is_labelled_only: bool, station: Station, ours: KeyPair, theirs: KeyPair
) -> None:
    whole = {"X": encrypted(E, ours), "S": signed(E, theirs), "C": handmade.compressed(E)}[layer]
    head, _, body = whole.partition(b"\r\n\r\n")
    head = (
        head.replace(b"\r\nContent-Transfer-Encoding: binary", b"") + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    encoded = body if is_labelled_only else handmade.lines_of_base64(body)

    arrival = station.receive(head + encoded)

    assert arrival.is_accepted
    assert [EDI] == [attachment.stage.data for attachment in arrival.attachments]


def test_inner_layers_may_be_in_base64(strict: Station, ours: KeyPair, theirs: KeyPair) -> None:
    inner = handmade.compressed(E, encoding="base64")

    arrival = strict.receive(encrypted(signed(inner, theirs), ours))

    assert as2.Mic(handmade.mic(inner), "sha-256") == arrival.mic
    assert [EDI] == [attachment.stage.data for attachment in arrival.attachments]


def test_entity_without_headers_is_plain_text(station: Station, ours: KeyPair, theirs: KeyPair) -> None:
    inner = b"\r\njust text\n"
    for whole in (signed(inner, theirs), encrypted(inner, ours)):
        arrival = station.receive(whole)

        assert [("text/plain", None, b"just text\n")] == [
            (file.content_type, file.filename, file.stage.data) for file in arrival.attachments
        ]


def test_headers_that_end_in_line_feeds_are_read(station: Station, ours: KeyPair, theirs: KeyPair) -> None:
    whole = signed(E, theirs).replace(
        b"\r\nContent-Type: application/pkcs7-signature\r\n", b"\nContent-Type: application/pkcs7-signature\n"
    )
    inner = b"Content-Type: multipart/signed;\n boundary=sig\n\n" + whole.partition(b"\r\n\r\n")[2]

    assert Station(keys=[ours], knows=[theirs], agreement=STRICT).receive(encrypted(inner, ours)).is_accepted


def test_partner_s_names_and_types_are_kept_as_they_are(station: Station, theirs: KeyPair) -> None:
    lines = (
        'Content-Type: Application/EDI-X12; charset="x"',
        'Content-Disposition: inline; filename="../../etc/passwd"',
    )

    [file] = station.receive(signed(entity(EDI, *lines), theirs)).attachments

    assert ('Application/EDI-X12; charset="x"', "../../etc/passwd") == (file.content_type, file.filename)
