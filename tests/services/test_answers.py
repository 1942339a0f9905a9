"""The table of answers: what goes back over HTTP in which situation.

Each row is one test and carries its number. F9 (who may post is told by the AS2 layer alone), F15 (restart of a broken
transfer) are not offered; F10, F11 and F13 belong to the face, their tests stand in `tests/web/test_as2in.py`.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from acuse import as2
from acuse.as2 import MDNMode, Profile, Quirks, UnknownRelation, Weakness
from acuse.cms import DecrepitDigest
from acuse.domain.message import ReceiptState, Transmission
from acuse.domain.partner import Terms
from acuse.errors import StorageFailed
from acuse.mime import Headers, Literal
from acuse.services.deliver_receipt import begin_receipt_delivery
from acuse.services.receive_message import Answer
from tests.services.conftest import Neighbours
from tests.services.house import House, carried, reply_of
from tests.services.test_receiving import Post, assert_nothing_taken, read, status

ASYNC = Terms(mdn=MDNMode.ASYNC)
WITHOUT = Terms(mdn=MDNMode.NONE)


@dataclass(frozen=True)
class Case:
    """A message of ACME that GLOBEX cannot take, and the word for it."""

    word: str
    terms: Terms = field(default_factory=Terms)
    spoil: Callable[[bytes], bytes] = lambda body: body


CONTENT_ERRORS = {
    "decryption": Case("processed/error: decryption-failed", spoil=lambda body: body[:-1]),
    "security": Case(
        "processed/error: insufficient-message-security", terms=Terms(encrypt=None), spoil=lambda body: body
    ),
    "integrity": Case(
        "processed/error: integrity-check-failed",
        terms=Terms(encrypt=None, demand_encrypted=False),
        spoil=lambda body: body.replace(b"UNZ+1", b"UNZ+2"),
    ),
    "decompression": Case(
        "processed/error: decompression-failed",
        terms=Terms(
            sign=None, encrypt=None, demand_signed=False, demand_encrypted=False, compression=as2.Compression.AFTER_SIGN
        ),
        spoil=lambda body: body[:-1] + b"\xff",
    ),
    "structure": Case(
        "processed/error: unexpected-processing-error",
        terms=Terms(encrypt=None, demand_encrypted=False),
        spoil=lambda body: body[: len(body) // 2],
    ),
}


def meet(neighbours: Neighbours, terms: Terms, mdn: MDNMode = MDNMode.SYNC) -> tuple[House, House]:
    return neighbours.meet(replace(terms, mdn=mdn))


def spoiled(
    case: Case, neighbours: Neighbours, mdn: MDNMode = MDNMode.SYNC, *, refuse_by_status: bool = False
) -> tuple[House, Answer]:
    acme, globex = meet(neighbours, replace(case.terms, quirks=as2.Quirks(refuse_by_status=refuse_by_status)), mdn)
    post = Post(acme)
    return globex, post.to(globex, body=case.spoil(post.body))


@pytest.mark.rfc(4130, "7.6")
def test_f1_processed_with_synchronous_receipt_is_200_with_the_receipt(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()

    answer = Post(acme).to(globex)

    receipt = read(answer, globex)
    assert (200, "processed", True) == (answer.status, status(receipt), receipt.is_verified)


@pytest.mark.rfc(4130, "7.6")
@pytest.mark.parametrize("case", CONTENT_ERRORS.values(), ids=CONTENT_ERRORS.keys())
def test_f2_content_error_with_synchronous_receipt_is_200_with_a_signed_refusal(
    neighbours: Neighbours, case: Case
) -> None:
    globex, answer = spoiled(case, neighbours)

    receipt = read(answer, globex)
    assert (200, case.word, True) == (answer.status, status(receipt), receipt.is_verified)
    assert ["refused"] == globex.events()


@pytest.mark.rfc(4130, "7.6")
@pytest.mark.parametrize("case", CONTENT_ERRORS.values(), ids=CONTENT_ERRORS.keys())
def test_f3_content_error_with_asynchronous_receipt_is_200_at_once_and_the_refusal_later(
    neighbours: Neighbours, case: Case
) -> None:
    globex, answer = spoiled(case, neighbours, MDNMode.ASYNC)

    assert Answer(status=200) == answer
    [(kind, due_at)] = globex.jobs()
    assert ("deliver_receipt", True) == (kind, due_at > neighbours.world.present)
    [view] = globex.inbound()
    delivery = begin_receipt_delivery(globex.ports, view.message.id)
    assert delivery
    assert case.word in delivery.receipt.disposition


@pytest.mark.rfc(4130, "7.6")
def test_f4_processed_without_receipt_is_200_and_empty(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(WITHOUT)

    assert Answer(status=200) == Post(acme).to(globex)
    assert ["received"] == globex.events()


@pytest.mark.rfc(4130, "7.6")
@pytest.mark.parametrize("case", CONTENT_ERRORS.values(), ids=CONTENT_ERRORS.keys())
def test_f5_content_error_without_receipt_is_200_and_told_to_the_operator(neighbours: Neighbours, case: Case) -> None:
    globex, answer = spoiled(case, neighbours, MDNMode.NONE)

    assert Answer(status=200) == answer
    assert ["refused"] == globex.events()
    [view] = globex.inbound()
    assert (Transmission.FAILED, ReceiptState.NOT_REQUESTED) == (view.message.transmission, view.message.receipt)


@pytest.mark.parametrize("case", CONTENT_ERRORS.values(), ids=CONTENT_ERRORS.keys())
def test_f5_content_error_without_receipt_is_422_where_that_was_agreed_and_again_for_a_repeat(
    neighbours: Neighbours, case: Case
) -> None:
    globex, answer = spoiled(case, neighbours, MDNMode.NONE, refuse_by_status=True)

    assert (422, b"The message was refused.") == (answer.status, answer.body[:24])
    assert ["refused"] == globex.events()
    [view] = globex.inbound()
    assert view.message.wire
    assert answer == globex.take(view.message.wire.headers, globex.read(view.message.wire.blob_id))


@pytest.mark.parametrize("mdn", MDNMode)
def test_message_that_is_taken_is_200_whatever_was_agreed_on_refusals(neighbours: Neighbours, mdn: MDNMode) -> None:
    acme, globex = neighbours.meet(Terms(mdn=mdn, quirks=as2.Quirks(refuse_by_status=True)))

    assert 200 == carried(acme.begin(acme.accept()), globex).status


@pytest.mark.rfc(4130, "6.2")
@pytest.mark.parametrize(
    ("version", "word"),
    [
        ("1.1", "processed/error: unknown-trading-partner"),
        ("1.2", "processed/error: unknown-trading-partner"),
        ("1.3", "processed/error: unknown-trading-relationship"),
    ],
)
def test_f6_unknown_relation_with_synchronous_receipt_is_200_with_an_unsigned_refusal(
    neighbours: Neighbours, version: str, word: str
) -> None:
    acme, globex = neighbours.meet()

    answer = Post(acme).to(globex, {"AS2-From": "NOBODY", "AS2-Version": version})

    receipt = read(answer, globex)
    assert (200, word, False) == (answer.status, status(receipt), receipt.is_signed)
    assert_nothing_taken(globex)


@pytest.mark.parametrize("word", UnknownRelation)
def test_f6_deactivated_partner_reads_the_word_that_was_agreed(neighbours: Neighbours, word: UnknownRelation) -> None:
    acme, globex = neighbours.meet(Terms(quirks=Quirks(unknown_relation=word)))
    post = Post(acme)
    globex.execute("UPDATE partner SET active = 0")

    receipt = read(post.to(globex), globex)

    assert (f"processed/error: {word}", False) == (status(receipt), receipt.is_signed)


@pytest.mark.parametrize("terms", [ASYNC, WITHOUT])
def test_f7_unknown_relation_otherwise_is_403_and_nobody_is_called(neighbours: Neighbours, terms: Terms) -> None:
    acme, globex = neighbours.meet(terms)

    answer = Post(acme).to(globex, {"AS2-From": "NOBODY"})

    assert 403 == answer.status
    assert_nothing_taken(globex)


@pytest.mark.rfc(4130, "5.4")
@pytest.mark.parametrize(
    "change",
    [
        {"AS2-From": None},
        {"AS2-To": None},
        {"AS2-From": '""'},
        {"AS2-To": "x" * 129},
        {"Message-ID": None},
        {"Message-ID": "x" * 999},
        {"Content-Type": None},
        {"Content-Type": "nonsense"},
    ],
)
def test_f8_what_is_not_as2_is_400(neighbours: Neighbours, change: dict[str, str | None]) -> None:
    acme, globex = neighbours.meet()

    assert 400 == Post(acme).to(globex, change).status
    assert_nothing_taken(globex)


def test_f11_what_cannot_be_stored_is_no_answer_at_all(neighbours: Neighbours) -> None:
    """The face makes 503 of it."""
    acme, globex = neighbours.meet()
    post = Post(acme, bytes(100_000))
    shutil.rmtree(globex.home.blobs)

    with pytest.raises(StorageFailed):
        post.to(globex)
    globex.home.blobs.mkdir()
    assert "processed" == status(read(post.to(globex), globex))


@pytest.mark.rfc(4130, "5.5")
@pytest.mark.parametrize("case", [None, *CONTENT_ERRORS.values()], ids=["good", *CONTENT_ERRORS.keys()])
def test_f12_repeated_message_gets_the_stored_receipt_good_or_bad(neighbours: Neighbours, case: Case | None) -> None:
    acme, globex = meet(neighbours, case.terms if case else Terms())
    post = Post(acme)
    body = case.spoil(post.body) if case else post.body

    first, second = post.to(globex, body=body), post.to(globex, body=body)

    assert first == second
    [view] = globex.inbound()
    assert 1 == view.message.repeats


@pytest.mark.rfc(4130, "5.5")
def test_f12_repeated_message_has_its_asynchronous_receipt_posted_again(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    post = Post(acme)

    assert Answer(status=200) == post.to(globex) == post.to(globex)

    [view] = globex.inbound()
    deliveries = [begin_receipt_delivery(globex.ports, view.message.id) for _ in globex.jobs()]
    assert 2 == len(deliveries)
    assert 1 == len({delivery.receipt.id for delivery in deliveries if delivery})


def test_f12_operator_is_told_once_when_repeats_do_not_end(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    post = Post(acme)

    for _ in range(8):
        post.to(globex)

    assert ["received", "repeated"] == globex.events()
    assert [7] == [view.message.repeats for view in globex.inbound()]


@pytest.mark.rfc(4130, "5.5")
def test_f14_same_message_id_with_other_bytes_is_refused_and_told(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    post, other = Post(acme, b"one"), Post(acme, b"two")
    post.to(globex)

    receipt = read(other.to(globex, {"Message-ID": post.headers["Message-ID"]}), globex)

    assert ("processed/error: unexpected-processing-error", True) == (status(receipt), receipt.is_verified)
    assert "Message-ID came before" in receipt.text
    assert (1, ["received", "id_reused"]) == (len(globex.inbound()), globex.events())


@pytest.mark.parametrize("is_a_receipt", [True, False])
def test_f16_receipt_for_nothing_we_sent_and_report_that_is_no_receipt_are_200(
    neighbours: Neighbours, is_a_receipt: bool
) -> None:
    acme, globex = neighbours.meet()
    receipt = reply_of(Post(acme).to(globex))
    headers = {**dict(receipt.headers), "AS2-From": "ACME", "AS2-To": "GLOBEX"}
    if not is_a_receipt:
        headers["Content-Type"] = "multipart/report; report-type=disposition-notification; boundary=other"

    answer = globex.take(list(headers.items()), receipt.body)

    assert 200 == answer.status
    assert (["received"], 1) == (globex.events(), globex.count("receipt"))


def test_f16_receipt_of_another_partner_for_a_message_of_ours_settles_nothing(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    message = acme.accept()
    acme.send(message, globex)
    [view] = globex.inbound()
    delivery = begin_receipt_delivery(globex.ports, view.message.id)
    assert delivery
    headers = dict(delivery.receipt.wire.headers)
    third = replace(acme.partner, id=acme.world.new_id(), handle=9, as2_id="THIRD") if acme.partner else None
    assert third
    acme.ports.units.run(lambda unit: unit.directory.add_partner(third))

    answer = acme.take(list({**headers, "AS2-From": "THIRD"}.items()), globex.read(delivery.receipt.wire.blob_id))

    assert 200 == answer.status
    assert (ReceiptState.PENDING, 0) == (acme.message(message).receipt, acme.count("receipt"))


@pytest.mark.rfc(4130, "7.3")
@pytest.mark.parametrize(
    ("accept", "word"),
    [(frozenset(), "failed/failure: unsupported MIC-algorithms"), (frozenset({Weakness.SHA1}), "processed")],
)
def test_request_that_lists_sha1_alone_is_honoured_where_sha1_is_accepted(
    neighbours: Neighbours, accept: frozenset[Weakness], word: str
) -> None:
    acme, globex = neighbours.meet(Terms(accept=accept, sign=None, demand_signed=False))
    options = "signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, sha1"

    answer = Post(acme).to(globex, {"Disposition-Notification-Options": options})

    receipt = as2.read_receipt(
        Headers(answer.headers), Literal(answer.body), [globex.certificate], allow=[DecrepitDigest.SHA1]
    )
    assert (word, True) == (status(receipt), receipt.is_verified)
    assert ("sha1" if accept else None) == (receipt.mic and receipt.mic.algorithm)


# ── Headers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "message_id", ["<" + "x" * 996 + ">", "no-brackets", "<../../../etc/passwd>", "C:\\con", "<a b@c>", "<é@x>"]
)
def test_message_id_of_any_shape_is_taken_and_echoed_as_it_came(neighbours: Neighbours, message_id: str) -> None:
    acme, globex = neighbours.meet()

    receipt = read(Post(acme).to(globex, {"Message-ID": message_id}), globex)

    assert ("processed", message_id) == (status(receipt), receipt.original_message_id)
    assert [message_id] == [view.message.wire_id for view in globex.inbound()]


def test_message_id_with_blanks_is_invalid_under_as2_1_3(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(profile=Profile.AS2_1_3))

    refused = read(Post(acme).to(globex, {"Message-ID": "<a b@c>"}), globex)
    taken = read(Post(acme).to(globex), globex)

    assert ("processed/error: invalid-message-id", "<a b@c>") == (status(refused), refused.original_message_id)
    assert "Message-ID" in refused.text
    assert "processed" == status(taken)


@pytest.mark.parametrize("date", ["", "yesterday", "Montag, 99 Foo", None])
def test_date_that_is_none_does_not_matter(neighbours: Neighbours, date: str | None) -> None:
    acme, globex = neighbours.meet()

    assert "processed" == status(read(Post(acme).to(globex, {"Date": date}), globex))


def test_unquoted_identifier_with_blanks_is_tried_whole_and_then_by_its_first_word(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()

    answer = Post(acme).to(globex, {"AS2-From": "ACME Incorporated", "AS2-To": "GLOBEX  Ltd"})

    assert "processed" == status(read(answer, globex))


def test_profile_shows_on_receipts_too(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(profile=Profile.AS2_1_3))

    headers = dict(Post(acme).to(globex).headers)

    assert ("1.3", "multiple-attachments") == (headers["AS2-Version"], headers["EDIINT-Features"])
    assert headers["AS2-Product"].startswith("acuse:")


# ── File names ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_file_name_that_came_before_is_refused_where_names_are_checked(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(check_filenames=True))

    first, second = (read(Post(acme, body).to(globex), globex) for body in (b"one", b"two"))

    assert ["processed", "processed/error: duplicate-filename"] == [status(first), status(second)]
    assert ["1.edi"] == [file.filename for view in globex.inbound() for file in view.attachments]
    assert ["received", "refused"] == globex.events()


def test_receipt_names_the_files_where_names_are_checked(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(check_filenames=True))

    assert "Files: 1.edi" in read(Post(acme).to(globex), globex).text


def test_receipt_names_no_file_where_that_was_not_agreed(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()

    assert "1.edi" not in read(Post(acme).to(globex), globex).text


def test_file_name_that_came_before_is_taken_where_names_do_not_matter(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()

    assert ["processed"] * 2 == [status(read(Post(acme, body).to(globex), globex)) for body in (b"one", b"two")]
