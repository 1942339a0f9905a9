"""Quirks change spellings and encodings; what is written is still read and verified by ourselves."""

from dataclasses import replace

import pytest

from acuse import as2
from acuse.as2 import Agreement, OutgoingAttachment, PreparedMessage, Quirks, disposition
from acuse.cms import Digest, KeyPair
from acuse.mime import Headers, Literal
from tests.as2 import handmade
from tests.as2.handmade import NOW, Memory, Station, bytes_of

BODY = bytes(range(256)) + b"\n" * 100
SIGNED = Agreement(our_id="Globex", their_id="ACME", encrypt=None)


def prepared_with(quirks: Quirks, theirs: KeyPair) -> PreparedMessage:
    return as2.prepare(
        [OutgoingAttachment(filename="order.edi", content_type="application/edi-x12", source=Literal(BODY))],
        replace(SIGNED, quirks=quirks),
        message_id="<1@globex>",
        boundary="B",
        signer=theirs,
        recipients=[],
        scratch=Memory,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("quirks", "inside", "outside"),
    [
        (Quirks(), b'filename="order.edi"', b"Content-Transfer-Encoding: base64\r\n"),
        (Quirks(base64_parts=True), b"Content-Transfer-Encoding: base64\r\nContent-Disposition: ", b"AAECAwQF"),
        (Quirks(binary_signature=True), b"Content-Transfer-Encoding: binary", b"smime.p7s"),
        (Quirks(bare_filenames=True), b"attachment; filename=order.edi\r\n", b""),
        (Quirks(plain_digest_names=True), b"", b""),
        (Quirks(omit_certificate=True), b"smime.p7s", b""),
    ],
)
def test_message_with_a_quirk_is_received_with_the_mic_that_its_sender_knows(
    quirks: Quirks, inside: bytes, outside: bytes, ours: KeyPair, theirs: KeyPair
) -> None:
    prepared = prepared_with(quirks, theirs)
    body = bytes_of(prepared.body)
    arrival = Station(keys=[ours], knows=[theirs]).take(as2.open_envelope(Headers(prepared.headers)), Literal(body))

    assert len(body) == prepared.body.size
    assert inside in body
    assert outside in body
    assert arrival.mic
    assert prepared.exchange.mics[Digest.SHA256] == arrival.mic.value
    assert [("order.edi", BODY)] == [(file.filename, file.stage.data) for file in arrival.attachments]


@pytest.mark.parametrize(("is_plain", "name"), [(False, "sha-256"), (True, "sha256")])
def test_digest_is_named_in_one_way_everywhere(is_plain: bool, name: str, ours: KeyPair, theirs: KeyPair) -> None:
    quirks = Quirks(plain_digest_names=is_plain)
    headers = dict(prepared_with(quirks, theirs).headers)
    envelope, _ = handmade.open_message(handmade.entity(b""))

    written = as2.write_receipt(
        envelope,
        disposition=disposition.PROCESSED,
        mic=as2.Mic("AAA=", "sha-256"),
        text="taken",
        signer=ours,
        digest=Digest.SHA256,
        message_id="<2@acme>",
        boundary="B",
        reporting_ua="acuse",
        quirks=quirks,
        now=NOW,
    )

    assert f"micalg={name};" in headers["Content-Type"]
    assert headers["Disposition-Notification-Options"].endswith(f"signed-receipt-micalg=optional, {name}")
    assert f"micalg={name};" in dict(written.headers)["Content-Type"]
    assert f"Received-Content-MIC: AAA=, {name}\r\n".encode() in written.body


def test_file_name_that_needs_its_quotation_marks_keeps_them(theirs: KeyPair) -> None:
    prepared = as2.prepare(
        [OutgoingAttachment(filename="my order.edi", content_type="text/plain", source=Literal(b""))],
        replace(SIGNED, sign=None, quirks=Quirks(bare_filenames=True)),
        message_id="<1@globex>",
        boundary="B",
        signer=None,
        recipients=[],
        scratch=Memory,
        now=NOW,
    )

    assert 'attachment; filename="my order.edi"' == dict(prepared.headers)["Content-Disposition"]
