"""What the MIC covers: the twelve ways to wrap a message, as RFC 4130 section 7.3.1 and RFC 5402 section 4 have them.

E is the payload's entity, C() compresses, S() signs, X() encrypts.
"""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from acuse import as2
from acuse.as2 import Agreement, Compression, Mic, OutgoingAttachment, PreparedMessage
from acuse.cms import AnyDigest, Cipher, DecrepitDigest, Digest, KeyPair, decompress, decrypt
from acuse.mime import Headers, Literal, read_all
from tests.as2 import handmade
from tests.as2.handmade import LENIENT, LIMIT, NOW, OPTIONS, Memory, Station, bytes_of

BODIES = {
    "LF": b"one\ntwo\n\n",
    "CRLF": b"one\r\ntwo\r\n\r\n",
    "NUL": b"\0\1\0--sig\0\r\0\n\xff",
    "empty": b"",
    "300 KB": bytes(range(256)) * 1200,
}


def row(number: int, structure: str, covered: str, *, rfc: tuple[int, str]) -> object:
    return pytest.param(structure, covered, id=f"row {number}: {structure}", marks=pytest.mark.rfc(*rfc))


ROWS = [
    row(1, "E", "body", rfc=(4130, "7.3.1")),
    row(2, "S(E)", "E", rfc=(4130, "7.3.1")),
    row(3, "X(E)", "E", rfc=(4130, "7.3.1")),
    row(4, "X(S(E))", "E", rfc=(4130, "7.3.1")),
    row(5, "C(E)", "E", rfc=(5402, "4.3")),
    row(6, "X(C(E))", "E", rfc=(5402, "4.2")),
    row(7, "S(C(E))", "C(E)", rfc=(5402, "4.1")),
    row(8, "C(S(E))", "E", rfc=(5402, "4.1")),
    row(9, "X(S(C(E)))", "C(E)", rfc=(5402, "4.1")),
    row(10, "X(C(S(E)))", "E", rfc=(5402, "4.1")),
]
TWELFTH = row(12, "C(S(C(E)))", "C(E)", rfc=(5402, "3"))


@pytest.fixture
def station(ours: KeyPair, theirs: KeyPair) -> Station:
    return Station(keys=[ours], knows=[theirs])


@pytest.fixture
def wrap(ours: KeyPair, theirs: KeyPair) -> Callable[[str, bytes], dict[str, bytes]]:
    """Every layer of a structure, by its own name."""

    def wrap(structure: str, whole: bytes) -> dict[str, bytes]:
        layers = {"E": whole, "body": whole.partition(b"\r\n\r\n")[2]}
        name = "E"
        for letter in reversed(structure.rstrip(")").replace("(", "")[:-1]):
            if letter == "S":
                whole = handmade.signed(whole, theirs)
            elif letter == "C":
                whole = handmade.compressed(whole)
            else:
                whole = handmade.encrypted(whole, ours)
            name = f"{letter}({name})"
            layers[name] = whole
        return layers

    return wrap


# ── What we report about what we received ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize(("structure", "covered"), [*ROWS, TWELFTH])
def test_received_message_is_reported_with_the_mic_of_its_row(
    structure: str,
    covered: str,
    body: bytes,
    station: Station,
    wrap: Callable[[str, bytes], dict[str, bytes]],
) -> None:
    layers = wrap(structure, handmade.entity(body))

    arrival = station.receive(layers[structure])

    assert "processed" == handmade.outcome(arrival)
    assert Mic(handmade.mic(layers[covered]), "sha-256") == arrival.mic
    assert [body] == [attachment.stage.data for attachment in arrival.attachments]
    assert ("S" in structure, "X" in structure, "C" in structure) == (
        arrival.signature is not None,
        arrival.is_encrypted,
        arrival.is_compressed,
    )


@pytest.mark.profile("several-files")
@pytest.mark.rfc(6362, "3")
@pytest.mark.parametrize(("structure", "covered"), ROWS)
def test_received_message_with_several_files_is_hashed_as_one_multipart(
    structure: str,
    covered: str,
    station: Station,
    wrap: Callable[[str, bytes], dict[str, bytes]],
) -> None:
    """Row 11."""
    first = handmade.entity(b"first\r\n", 'Content-Type: text/plain; name="a.txt"')
    second = handmade.entity(b"\0second", "Content-Type: application/pdf", "Content-Disposition: x; filename=b.pdf")
    layers = wrap(structure, handmade.related(first, second))

    arrival = station.receive(layers[structure])

    assert Mic(handmade.mic(layers[covered]), "sha-256") == arrival.mic
    assert [("a.txt", 'text/plain; name="a.txt"', b"first\r\n"), ("b.pdf", "application/pdf", b"\0second")] == [
        (attachment.filename, attachment.content_type, attachment.stage.data) for attachment in arrival.attachments
    ]


@pytest.mark.rfc(5402, "4.2")
@pytest.mark.parametrize("structure", ["E", "S(E)", "X(E)", "C(E)"])
def test_part_in_base64_is_hashed_encoded_and_delivered_decoded(
    structure: str, station: Station, wrap: Callable[[str, bytes], dict[str, bytes]]
) -> None:
    # The text begins with "0", as that of every old office document does.
    whole = handmade.entity(
        b"0M8R\r\n4KE=\r\n", "Content-Type: application/msword", "Content-Transfer-Encoding: base64"
    )
    layers = wrap(structure, whole)

    arrival = station.receive(layers[structure])

    covered = layers["body" if structure == "E" else "E"]
    assert Mic(handmade.mic(covered), "sha-256") == arrival.mic
    assert [b"\xd0\xcf\x11\xe0\xa1"] == [attachment.stage.data for attachment in arrival.attachments]


def test_headers_are_hashed_as_they_were_sent_folded_and_with_line_feeds(station: Station, theirs: KeyPair) -> None:
    lines = ("content-TYPE:application/edi-x12;", '\tname="a\tb.edi"')
    whole = handmade.entity(b"body\n", *lines, line_end=b"\n")

    arrival = station.receive(handmade.signed(whole, theirs))

    assert Mic(handmade.mic(whole), "sha-256") == arrival.mic
    assert [b"body\n"] == [attachment.stage.data for attachment in arrival.attachments]


@pytest.mark.rfc(4130, "7.4.3")
@pytest.mark.parametrize(
    ("structure", "options", "digest"),
    [
        ("X(E)", "signed-receipt-micalg=required,md5,SHA512, sha-256", Digest.SHA512),
        ("X(E)", "signed-receipt-micalg=optional, md5", Digest.SHA256),
        ("E", "", Digest.SHA256),
        ("S(E)", "signed-receipt-micalg=optional, sha-512", Digest.SHA256),
    ],
)
def test_signature_decides_the_digest_and_without_one_the_first_known_that_was_asked_for(
    structure: str,
    options: str,
    digest: Digest,
    station: Station,
    wrap: Callable[[str, bytes], dict[str, bytes]],
) -> None:
    layers = wrap(structure, handmade.entity(b"body"))
    options = f"signed-receipt-protocol=required, pkcs7-signature; {options}"

    arrival = station.receive(
        layers[structure], Disposition_Notification_To="x", Disposition_Notification_Options=options
    )

    covered = layers["body" if structure == "E" else "E"]
    assert Mic(handmade.mic(covered, digest.value), digest.micalg) == arrival.mic


# ── What we expect of what we send ────────────────────────────────────────────────────────────────────────────────────


def agreement_for(structure: str, *, digest: Digest = Digest.SHA256) -> Agreement:
    compression = Compression.NONE
    if "C" in structure:
        compression = Compression.AFTER_SIGN if "C(S" in structure else Compression.BEFORE_SIGN
    return replace(
        LENIENT,
        sign=digest if "S" in structure else None,
        encrypt=Cipher.AES256_CBC if "X" in structure else None,
        compression=compression,
    )


def prepare(structure: str, files: list[OutgoingAttachment], ours: KeyPair, theirs: KeyPair) -> PreparedMessage:
    return as2.prepare(
        files,
        agreement_for(structure),
        message_id="<1@acme>",
        boundary="BOUNDARY",
        signer=ours,
        recipients=[theirs.certificate],
        scratch=Memory,
        now=NOW,
    )


def peel(prepared: PreparedMessage, key: KeyPair) -> dict[str, bytes]:
    """What is found layer by layer, by splitting at boundaries: the signed part and the payload, as transmitted."""
    found: dict[str, bytes] = {}
    content_type, body = dict(prepared.headers)["Content-Type"], bytes_of(prepared.body)
    whole = b""
    while True:
        if "multipart/signed" in content_type:
            boundary = re.search(r'boundary="(.+?)"', content_type)
            assert boundary
            whole = body.split(b"--" + boundary[1].encode())[1][2:-2]
            found["signed"] = whole
        elif "enveloped-data" in content_type:
            whole = read_all(decrypt(Literal(body).open(), [key]), limit=LIMIT)
        elif "compressed-data" in content_type:
            found["compressed"] = whole
            whole = read_all(decompress(Literal(body).open(), limit=LIMIT), limit=LIMIT)
        else:
            return {**found, "E": whole, "body": body}
        head, _, body = whole.partition(b"\r\n\r\n")
        content_type = Headers.parse(head).get("Content-Type") or ""


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize(("structure", "covered"), ROWS)
def test_sent_message_remembers_the_mic_of_its_row(
    structure: str, covered: str, body: bytes, ours: KeyPair, theirs: KeyPair
) -> None:
    file = OutgoingAttachment(filename="a.edi", content_type="application/edifact", source=Literal(body))
    by_hand = handmade.entity(
        body,
        "Content-Type: application/edifact",
        "Content-Transfer-Encoding: binary",
        'Content-Disposition: attachment; filename="a.edi"',
    )

    prepared = prepare(structure, [file], ours, theirs)

    found = peel(prepared, theirs)
    expected = {"body": body, "E": by_hand, "C(E)": found.get("compressed", b"")}[covered]
    assert handmade.mic(expected) == prepared.exchange.mics[Digest.SHA256]
    assert body == found["body"]
    if structure != "E":
        assert by_hand == found["E"]
    if "S" in structure:
        assert expected == found["signed"]


@pytest.mark.profile("several-files")
@pytest.mark.rfc(6362, "3")
@pytest.mark.parametrize(("structure", "covered"), ROWS)
def test_sent_message_with_several_files_remembers_the_mic_of_the_multipart(
    structure: str, covered: str, ours: KeyPair, theirs: KeyPair
) -> None:
    """Row 11."""
    files = [
        OutgoingAttachment(filename="a.edi", content_type="application/edifact; x=y", source=Literal(b"UNB+\n")),
        OutgoingAttachment(filename=None, content_type="application/pdf", source=Literal(b"%PDF\0")),
    ]
    inside = (
        b"--BOUNDARYR\r\nContent-Type: application/edifact; x=y\r\nContent-Transfer-Encoding: binary\r\n"
        b'Content-Disposition: attachment; filename="a.edi"\r\nContent-ID: <1.BOUNDARY@acuse>\r\n\r\nUNB+\n\r\n'
        b"--BOUNDARYR\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: binary\r\n"
        b"Content-ID: <2.BOUNDARY@acuse>\r\n\r\n%PDF\0\r\n--BOUNDARYR--\r\n"
    )
    head = b'Content-Type: multipart/related; boundary="BOUNDARYR"; type="application/edifact"\r\n\r\n'

    prepared = prepare(structure, files, ours, theirs)

    found = peel(prepared, theirs)
    expected = {"body": inside, "E": head + inside, "C(E)": found.get("compressed", b"")}[covered]
    assert handmade.mic(expected) == prepared.exchange.mics[Digest.SHA256]
    assert inside == found["body"]
    assert ("AS2-Version", "1.2") in prepared.headers
    assert ("EDIINT-Features", "multiple-attachments") in prepared.headers


@pytest.mark.parametrize(("structure", "_covered"), ROWS)
def test_what_we_send_is_received_with_the_mic_that_we_remember(
    structure: str, _covered: str, ours: KeyPair, theirs: KeyPair
) -> None:
    """The two halves of the library agree; that they are right is what the tests above say."""
    file = OutgoingAttachment(filename="ñandú.edi", content_type="text/plain", source=Literal(b"a\nb\r\n"))
    prepared = prepare(structure, [file], ours, theirs)

    receiver = Station(keys=[theirs], knows=[ours])
    arrival = receiver.take(as2.open_envelope(Headers(prepared.headers)), prepared.body)

    assert arrival.mic
    assert arrival.mic.digest
    assert prepared.exchange.mics[arrival.mic.digest] == arrival.mic.value
    assert [("ñandú.edi", b"a\nb\r\n")] == [(file.filename, file.stage.data) for file in arrival.attachments]


@pytest.mark.parametrize("digest", list(Digest))
def test_sender_knows_the_mic_under_its_own_digest_and_the_one_receivers_fall_back_to(
    digest: Digest, ours: KeyPair
) -> None:
    body = b"body"
    prepared = as2.prepare(
        [OutgoingAttachment(filename=None, content_type="text/plain", source=Literal(body))],
        agreement_for("S(E)", digest=digest),
        message_id="<1@acme>",
        boundary="B",
        signer=ours,
        recipients=[],
        scratch=Memory,
        now=NOW,
    )

    whole = handmade.entity(body, "Content-Type: text/plain", "Content-Transfer-Encoding: binary")
    assert {each: handmade.mic(whole, each.value) for each in {digest, Digest.SHA256}} == prepared.exchange.mics
    assert OPTIONS.replace("sha-256", digest.micalg) == dict(prepared.headers)["Disposition-Notification-Options"]


# ── The field ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rfc(4130, "7.4.3")
@pytest.mark.parametrize(
    ("text", "value", "digest"),
    [
        ("Jf4t=, sha-256", "Jf4t=", Digest.SHA256),
        ("Jf4t=,sha256", "Jf4t=", Digest.SHA256),
        ("  Jf4t=  ,  SHA-256  ", "Jf4t=", Digest.SHA256),
        ("Jf4t=,\tsha-384", "Jf4t=", Digest.SHA384),
        ("Jf4t\r\n PQR=, sha-512", "Jf4tPQR=", Digest.SHA512),
        ("Jf4t=, rsa-sha512", "Jf4t=", Digest.SHA512),
        ("Jf4t=, sha1", "Jf4t=", DecrepitDigest.SHA1),
        ("Jf4t=, SHA-1", "Jf4t=", DecrepitDigest.SHA1),
        ("Jf4t=, rsa-sha1", "Jf4t=", DecrepitDigest.SHA1),
        ("Jf4t=, md5", "Jf4t=", None),
        ("Jf4t=", "Jf4t=", None),
        ("", "", None),
    ],
)
def test_mic_is_read_in_every_spelling(text: str, value: str, digest: AnyDigest | None) -> None:
    mic = Mic.parse(text)

    assert (value, digest) == (mic.value, mic.digest)


@pytest.mark.parametrize(("digest", "name"), [(Digest.SHA256, "sha-256"), (Digest.SHA512, "sha-512")])
def test_mic_is_written_with_blank_and_the_name_of_rfc_5751(digest: Digest, name: str) -> None:
    assert f"AAE=, {name}" == str(Mic.of(b"\0\1", digest))
