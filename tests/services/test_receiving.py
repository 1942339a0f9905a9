"""Receiving: store first, then answer; the answer is what was stored."""

import threading
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pytest

from acuse import as2
from acuse.as2 import MDNMode, ReadReceipt
from acuse.domain.message import ReceiptState, Transmission
from acuse.domain.partner import Terms
from acuse.errors import StorageFailed
from acuse.mime import Headers, Literal
from acuse.services.receive_message import Answer
from tests.services.conftest import Neighbours
from tests.services.house import House, bytes_of

BIG = bytes(range(256)) * 1024


class Post:
    """A request as ACME made it, to be changed before it arrives."""

    def __init__(self, acme: House, *bodies: bytes, **wishes: object) -> None:
        attempt = acme.begin(acme.accept(*bodies, **wishes))
        self.headers, self.body = dict(attempt.headers), bytes_of(attempt.body)

    def to(
        self,
        house: House,
        change: Mapping[str, str | None] = MappingProxyType({}),
        *,
        station: str | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """What the house answers; `change` replaces headers, None leaves one out."""
        fields = [(name, value) for name, value in {**self.headers, **change}.items() if value is not None]
        return house.take(fields, self.body if body is None else body, station=station)


def read(answer: Answer, house: House) -> ReadReceipt:
    return as2.read_receipt(Headers(answer.headers), Literal(answer.body), [house.certificate])


def status(receipt: ReadReceipt) -> str:
    return str(receipt.disposition).partition("; ")[2]


def assert_nothing_taken(house: House) -> None:
    assert ((), 0, 0, 0, []) == (
        house.inbound(),
        house.count("blob"),
        len(house.events()),
        house.count("job"),
        house.files(),
    )


# ── The same message again ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rfc(4130, "5.5")
@pytest.mark.parametrize("body", [b"small", BIG])
def test_repeated_message_gets_the_stored_receipt_byte_for_byte(neighbours: Neighbours, body: bytes) -> None:
    acme, globex = neighbours.meet()
    post = Post(acme, body)
    first = post.to(globex)
    kept = globex.files()

    for message_id in (post.headers["Message-ID"], post.headers["Message-ID"].strip("<>")):
        assert first == post.to(globex, {"Message-ID": message_id})

    assert (1, 1, ["received"], kept) == (
        len(globex.inbound()),
        globex.count("receipt"),
        globex.events(),
        globex.files(),
    )


@pytest.mark.rfc(4130, "5.5")
def test_message_id_that_comes_again_with_other_bytes_is_refused_and_told(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    post, other = Post(acme, b"first"), Post(acme, b"second")
    first = post.to(globex)

    receipt = read(other.to(globex, {"Message-ID": post.headers["Message-ID"]}), globex)

    assert ("processed/error: unexpected-processing-error", True) == (status(receipt), receipt.is_verified)
    assert "Message-ID" in receipt.text
    assert ["received", "id_reused"] == globex.events()
    [view] = globex.inbound()
    assert [b"first"] == globex.payloads(view)
    assert first == post.to(globex)


@pytest.mark.parametrize("mode", [MDNMode.ASYNC, MDNMode.NONE])
def test_reused_message_id_without_synchronous_receipt_is_answered_empty(neighbours: Neighbours, mode: MDNMode) -> None:
    acme, globex = neighbours.meet(Terms(mdn=mode))
    post, other = Post(acme, b"first"), Post(acme, b"second")
    post.to(globex)

    assert Answer(status=200) == other.to(globex, {"Message-ID": post.headers["Message-ID"]})
    assert ["received", "id_reused"] == globex.events()


def test_same_message_twice_at_once_is_taken_once_and_answered_alike(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    for round_ in range(5):
        post = Post(acme, BIG, str(round_).encode())
        answers: list[Answer] = []
        barrier = threading.Barrier(4)

        def arrive(post: Post = post, barrier: threading.Barrier = barrier, answers: list[Answer] = answers) -> None:
            barrier.wait()
            answers.append(post.to(globex))

        threads = [threading.Thread(target=arrive) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert 4 == len(answers)
        assert 1 == len(set(answers))
        assert round_ + 1 == len(globex.inbound()) == globex.count("receipt") == len(globex.events())
    assert [] == list(globex.home.staging.iterdir())
    assert 2 * 5 == len(globex.files())  # the request and its large file, once for each round


# ── Strangers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rfc(4130, "6.2")
@pytest.mark.parametrize("change", [{"AS2-From": "NOBODY"}, {"AS2-To": "NOBODY"}, {"AS2-From": "acme"}])
def test_unknown_relation_gets_an_unsigned_refusal_in_the_answer(
    neighbours: Neighbours, change: dict[str, str]
) -> None:
    acme, globex = neighbours.meet()
    post = Post(acme)

    answer = post.to(globex, change)

    receipt = read(answer, globex)
    assert (200, "processed/error: unknown-trading-partner", False) == (
        answer.status,
        status(receipt),
        receipt.is_signed,
    )
    assert (post.headers["Message-ID"], None) == (receipt.original_message_id, receipt.mic)
    assert_nothing_taken(globex)


@pytest.mark.parametrize("mode", [MDNMode.ASYNC, MDNMode.NONE])
def test_unknown_relation_without_synchronous_receipt_is_forbidden(neighbours: Neighbours, mode: MDNMode) -> None:
    acme, globex = neighbours.meet(Terms(mdn=mode))

    answer = Post(acme).to(globex, {"AS2-From": "NOBODY"})

    assert 403 == answer.status
    assert_nothing_taken(globex)


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "http://127.0.0.1/", "http://[::1", "file:///etc/passwd", "nonsense"]
)
def test_receipt_wanted_on_another_host_is_forbidden(neighbours: Neighbours, url: str) -> None:
    acme, globex = neighbours.meet(Terms(mdn=MDNMode.ASYNC))

    answer = Post(acme).to(globex, {"Receipt-Delivery-Option": url})

    assert 403 == answer.status
    assert_nothing_taken(globex)


def test_receipt_may_go_to_another_host_that_was_named(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(mdn=MDNMode.ASYNC, receipt_hosts=("mdn.acme.example",)))

    assert 200 == Post(acme).to(globex, {"Receipt-Delivery-Option": "https://mdn.acme.example/"}).status
    assert 1 == len(globex.inbound())


@pytest.mark.parametrize("station", ["GLOBEX", "stn_000001"])
def test_address_may_name_the_station(neighbours: Neighbours, station: str) -> None:
    acme, globex = neighbours.meet()

    assert 200 == Post(acme).to(globex, station=station).status
    assert 1 == len(globex.inbound())


@pytest.mark.parametrize("station", ["ACME", "stn_000002", "globex", ""])
def test_address_of_another_station_is_not_found(neighbours: Neighbours, station: str) -> None:
    acme, globex = neighbours.meet()

    assert 404 == Post(acme).to(globex, station=station).status
    assert_nothing_taken(globex)


@pytest.mark.parametrize("name", ["AS2-From", "AS2-To", "Message-ID", "Content-Type"])
def test_request_that_lacks_a_header_is_no_as2_message(neighbours: Neighbours, name: str) -> None:
    acme, globex = neighbours.meet()

    answer = Post(acme).to(globex, {name: None})

    assert (400, True) == (answer.status, name.encode() in answer.body)
    assert_nothing_taken(globex)


# ── Messages that are refused ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("body", [b"small", BIG])
def test_refused_message_is_kept_raw_and_delivers_nothing(neighbours: Neighbours, body: bytes) -> None:
    acme, globex = neighbours.meet()
    post = Post(acme, body)
    broken = post.body[:-40]

    answer = post.to(globex, body=broken)

    receipt, [view] = read(answer, globex), globex.inbound()
    assert ("processed/error: decryption-failed", True, None) == (status(receipt), receipt.is_verified, receipt.mic)
    assert (Transmission.FAILED, ReceiptState.NEGATIVE, ()) == (
        view.message.transmission,
        view.message.receipt,
        view.attachments,
    )
    assert view.message.wire
    assert broken == globex.read(view.message.wire.blob_id)
    assert post.headers == dict(view.message.wire.headers)
    assert view.message.problem
    assert "DECRYPTION_FAILED" == view.message.problem.code
    assert ["refused"] == globex.events()
    assert [] == list(globex.home.staging.iterdir())
    assert answer == post.to(globex, body=broken)


def test_operator_learns_more_than_the_partner(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    answer = Post(acme, sign=True).to(globex, body=b"0\x80 no CMS")

    [view] = globex.inbound()
    assert view.message.problem
    assert view.message.problem.message
    assert view.message.problem.message.encode() not in answer.body


@pytest.mark.rfc(4130, "7.5.3")
@pytest.mark.parametrize(
    ("options", "word"),
    [
        (
            "signed-receipt-protocol=required, pkcs7-signature; signed-receipt-micalg=required, md4",
            "failed/failure: unsupported MIC-algorithms",
        ),
        (
            "signed-receipt-protocol=required, pgp; signed-receipt-micalg=required, sha-256",
            "failed/failure: unsupported format",
        ),
    ],
)
def test_receipt_that_cannot_be_made_as_asked_is_refused_signed(
    neighbours: Neighbours, options: str, word: str
) -> None:
    acme, globex = neighbours.meet()

    receipt = read(Post(acme).to(globex, {"Disposition-Notification-Options": options}), globex)

    [view] = globex.inbound()
    assert (word, True) == (status(receipt), receipt.is_verified)
    assert (Transmission.FAILED, ()) == (view.message.transmission, view.attachments)


def test_message_without_receipt_is_answered_empty_good_or_bad(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(mdn=MDNMode.NONE))
    good, bad = Post(acme), Post(acme)

    assert Answer(status=200) == good.to(globex)
    assert Answer(status=200) == bad.to(globex, body=bad.body[:-1])

    assert {ReceiptState.NOT_REQUESTED} == {view.message.receipt for view in globex.inbound()}
    assert ["received", "refused"] == globex.events()


def test_receipt_is_signed_only_if_that_was_asked(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(mdn_signed=False))

    receipt = read(Post(acme).to(globex), globex)

    assert (False, "processed") == (receipt.is_signed, status(receipt))
    assert receipt.mic


def test_receipt_is_signed_where_that_is_the_rule_with_the_partner(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(mdn_signed=False, sign_every_receipt=True))

    receipt = read(Post(acme).to(globex), globex)

    assert (True, "processed") == (receipt.is_signed, status(receipt))


def test_receipt_is_unsigned_when_no_certificate_is_active(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    post = Post(acme)
    neighbours.world.present = globex.certificate.not_valid_after_utc.replace(year=2040)

    receipt = read(post.to(globex), globex)

    assert (False, "processed/error: decryption-failed") == (receipt.is_signed, status(receipt))


# ── When storage fails ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("body", [b"small", BIG])
@pytest.mark.parametrize("mode", [MDNMode.SYNC, MDNMode.ASYNC])
def test_nothing_is_answered_or_left_behind_when_the_database_cannot_write(
    neighbours: Neighbours, mode: MDNMode, body: bytes
) -> None:
    acme, globex = neighbours.meet(Terms(mdn=mode))
    post = Post(acme, body)
    globex.execute("ALTER TABLE event RENAME TO lost")

    with pytest.raises(StorageFailed):
        post.to(globex)
    globex.execute("ALTER TABLE lost RENAME TO event")

    assert_nothing_taken(globex)
    assert 200 == post.to(globex).status
    assert 1 == len(globex.inbound())


def test_nothing_is_answered_or_left_behind_when_the_disk_cannot_keep_a_file(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    post = Post(acme, BIG)
    globex.home.blobs.rmdir()
    globex.home.blobs.write_bytes(b"")

    with pytest.raises(StorageFailed):
        post.to(globex)
    globex.home.blobs.unlink()
    globex.home.blobs.mkdir()

    assert_nothing_taken(globex)
    assert 200 == post.to(globex).status


def test_subject_beyond_ascii_reaches_the_receipt(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()

    receipt = read(Post(acme).to(globex, {"Subject": "Pedido nº 7"}), globex)

    assert ("processed", True) == (status(receipt), "Pedido nº 7" in receipt.text)


def values(headers: Sequence[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in headers if key == name]


@pytest.mark.rfc(4130, "6.2")
def test_receipt_swaps_the_parties_and_echoes_the_message_id(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    post = Post(acme)

    answer = post.to(globex, {"Message-ID": "no brackets; #1"})

    receipt = read(answer, globex)
    assert (["GLOBEX"], ["ACME"]) == (values(answer.headers, "AS2-From"), values(answer.headers, "AS2-To"))
    assert ("no brackets; #1", "GLOBEX") == (receipt.original_message_id, receipt.final_recipient)
