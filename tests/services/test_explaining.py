"""What is wrong with a message is found out when it fails, and kept with it."""

import hashlib
import re
from base64 import b64encode
from dataclasses import replace

import pytest

from acuse.as2 import Compression, MDNMode
from acuse.domain.message import Message, ReceiptState
from acuse.domain.partner import Terms
from acuse.ports import HTTPReply, MessageView
from acuse.services.explain_message import explain_message, explain_receipt, sent_candidates
from acuse.services.settle_attempt import settle_attempt
from tests.services.conftest import Neighbours
from tests.services.house import House, bytes_of, carried

UNSIGNED_RECEIPT = Terms(mdn_signed=False)
SIGNED_ONLY = Terms(encrypt=None, demand_encrypted=False)
TEXT = b"one\ntwo\n"


def entity(body: bytes) -> bytes:
    """What acuse signs for the file 1.edi."""
    lines = ("application/edifact", "binary", 'attachment; filename="1.edi"')
    names = ("Content-Type", "Content-Transfer-Encoding", "Content-Disposition")
    head = "".join(f"{name}: {value}\r\n" for name, value in zip(names, lines, strict=True))
    return head.encode() + b"\r\n" + body


def with_mic_of(reply: HTTPReply, hashed: bytes, digest: str = "sha256") -> HTTPReply:
    """The answer with another MIC in its receipt, as a partner writes it that hashes something else."""
    mic = b64encode(hashlib.new(digest, hashed).digest()) + f", sha-{digest[3:]}".encode()
    return replace(reply, body=re.sub(rb"(Received-Content-MIC: )[^\r\n]*", lambda found: found[1] + mic, reply.body))


def advice_for(house: House, message: Message) -> object:
    problem = house.message(message).problem
    assert problem
    return problem.details.get("advice")


@pytest.mark.parametrize(
    ("hashed", "told"),
    [
        (entity(TEXT).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), "--quirk base64-parts"),
        (TEXT, "without the headers of the part"),
        (b"nothing that was sent", "none of the forms"),
    ],
)
def test_advice_about_another_mic_is_kept_with_the_message(neighbours: Neighbours, hashed: bytes, told: str) -> None:
    acme, globex = neighbours.meet(UNSIGNED_RECEIPT)
    attempt = acme.begin(message := acme.accept(TEXT))

    settle_attempt(acme.ports, attempt, with_mic_of(carried(attempt, globex), hashed))

    assert ReceiptState.INVALID is acme.message(message).receipt
    assert told in str(advice_for(acme, message))


@pytest.mark.parametrize("digest", ["sha384", "sha512"])
@pytest.mark.parametrize("compression", [Compression.NONE, Compression.BEFORE_SIGN, Compression.AFTER_SIGN])
def test_receipt_under_a_digest_that_nobody_asked_for_counts(
    neighbours: Neighbours, digest: str, compression: Compression
) -> None:
    acme, globex = neighbours.meet(replace(UNSIGNED_RECEIPT, compression=compression))
    attempt = acme.begin(message := acme.accept(TEXT, TEXT))
    covered = sent_candidates(acme.ports, acme.view(message), attempt.relation)[0].source

    settle_attempt(acme.ports, attempt, with_mic_of(carried(attempt, globex), bytes_of(covered), digest))

    assert (ReceiptState.POSITIVE, None) == (acme.message(message).receipt, acme.message(message).problem)


def test_receipt_under_a_digest_that_nobody_asked_for_counts_when_it_comes_later(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(replace(UNSIGNED_RECEIPT, mdn=MDNMode.ASYNC))
    acme.send(message := acme.accept(TEXT), globex)
    [received] = globex.inbound()
    assert received.receipt
    headers = received.receipt.wire.headers
    reply = HTTPReply(status=200, headers=headers, body=globex.read(received.receipt.wire.blob_id))

    acme.take(headers, with_mic_of(reply, entity(TEXT), "sha512").body)

    assert ReceiptState.POSITIVE is acme.message(message).receipt


def test_other_bytes_under_another_digest_prove_nothing(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(UNSIGNED_RECEIPT)
    attempt = acme.begin(message := acme.accept(TEXT))

    settle_attempt(acme.ports, attempt, with_mic_of(carried(attempt, globex), entity(TEXT) + b" ", "sha512"))

    problem = acme.message(message).problem
    assert problem
    assert "MIC_MISMATCH" == problem.code


def test_sha1_that_was_not_accepted_is_told_and_does_not_count(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(UNSIGNED_RECEIPT)
    attempt = acme.begin(message := acme.accept(TEXT))

    settle_attempt(acme.ports, attempt, with_mic_of(carried(attempt, globex), entity(TEXT), "sha1"))

    problem = acme.message(message).problem
    assert problem
    assert "MIC_UNVERIFIABLE" == problem.code
    assert "agree on it with --sign sha1" in str(advice_for(acme, message))


def test_content_that_cannot_be_built_as_it_was_proves_nothing(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(UNSIGNED_RECEIPT)
    attempt = acme.begin(message := acme.accept(TEXT))
    covered = sent_candidates(acme.ports, acme.view(message), attempt.relation)[0].source
    acme.execute("UPDATE partner SET terms = json_set(terms, '$.quirks', json('{\"base64_parts\": true}'))")

    settle_attempt(acme.ports, attempt, with_mic_of(carried(attempt, globex), bytes_of(covered), "sha512"))

    problem = acme.message(message).problem
    assert problem
    assert "MIC_UNVERIFIABLE" == problem.code


def test_advice_about_the_order_of_compression_and_signature(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(replace(UNSIGNED_RECEIPT, compression=Compression.BEFORE_SIGN))
    attempt = acme.begin(message := acme.accept(TEXT))

    settle_attempt(acme.ports, attempt, with_mic_of(carried(attempt, globex), entity(TEXT)))

    assert "compress after signing instead of before" in str(advice_for(acme, message))


def test_content_of_several_files_is_built_again_with_its_boundaries(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(UNSIGNED_RECEIPT)
    attempt = acme.begin(message := acme.accept(TEXT, b"second"))

    settle_attempt(acme.ports, attempt, carried(attempt, globex))
    receipt = explain_receipt(acme.ports, acme.view(message), scratch=acme.ports.blobs.stage)

    assert receipt
    assert ["The partner hashed exactly what was sent, and the MIC matches."] == receipt.findings


def test_advice_comes_with_an_asynchronous_receipt_too(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(replace(UNSIGNED_RECEIPT, mdn=MDNMode.ASYNC))
    message = acme.accept(TEXT)
    acme.send(message, globex)
    [received] = globex.inbound()
    assert received.receipt
    reply = HTTPReply(
        status=200, headers=received.receipt.wire.headers, body=globex.read(received.receipt.wire.blob_id)
    )

    acme.take(reply.headers, with_mic_of(reply, TEXT).body)

    assert "without the headers of the part" in str(advice_for(acme, message))
    assert 1 == acme.count("receipt")
    assert [] == [path for path in acme.files() if path.parent == acme.home.staging]


def test_advice_about_a_signature_of_an_unknown_certificate_names_it(neighbours: Neighbours) -> None:
    acme, globex = neighbours.acme, neighbours.globex
    acme.meet(globex, SIGNED_ONLY)
    globex.meet(acme, SIGNED_ONLY, certificate=globex.certificate)

    acme.send(acme.accept(TEXT), globex)

    [received] = globex.inbound()
    assert "CN=ACME" in str(advice_for(globex, received.message))
    assert "came with it" in str(advice_for(globex, received.message))
    assert [] == [path for path in globex.files() if path.parent == globex.home.staging]


def test_message_that_cannot_be_decrypted_is_not_looked_into_while_its_sender_waits(neighbours: Neighbours) -> None:
    acme, globex = neighbours.acme, neighbours.globex
    acme.meet(globex, Terms(), certificate=acme.certificate)
    globex.meet(acme, Terms())

    acme.send(acme.accept(TEXT), globex)

    [received] = globex.inbound()
    assert advice_for(globex, received.message) is None


def test_stored_message_is_explained_with_the_keys_of_the_home(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(compression=Compression.AFTER_SIGN))
    acme.send(acme.accept(TEXT), globex)

    [received] = globex.inbound()
    explanation = explain_message(globex.ports, received, scratch=globex.ports.blobs.stage)

    assert ["http", "encrypted", "compressed", "signed", "payload"] == [layer.kind for layer in explanation.layers]
    assert explanation.signature
    assert explanation.signature.is_verified
    assert [TEXT] == [bytes_of(file.place.source()) for file in explanation.attachments]
    assert mic_of(received) == str(explanation.mic)


def mic_of(view: MessageView) -> str | None:
    assert view.receipt
    return view.receipt.received_content_mic
