"""Notices from the wish to the journal: what is promised, charged, written down, taken back and ended by the clock."""

import email
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from acuse.domain.credit import CreditsExhausted
from acuse.domain.notice import Delivery, Failure, Notice, Passage, Protection, Reading, Recipient
from acuse.domain.sender import Assurance
from acuse.errors import AlreadyExists, InvalidInput, NoticeGone, SenderNotFound, SenderNotValidated
from acuse.evidence import Entry, check
from acuse.mail import read_return_path
from acuse.mime import read_all
from acuse.ports import MailAnswer, NoticeFilter, Ports, Said
from acuse.services.accept_message import OutgoingFile
from acuse.services.begin_notice import begin_notice
from acuse.services.cancel_notice import cancel_notice, reschedule_notice
from acuse.services.expire_notices import expire_notices
from acuse.services.manage_credits import grant_credits
from acuse.services.manage_senders import add_sender, new_validation, remove_sender, validate_sender
from acuse.services.send_notices import SendNotices, Sent, send_notices
from acuse.services.settle_notice import settle_handed_over, settle_notice
from acuse.testing import FixedWorld
from acuse.transports.captured import CapturedMailbox
from tests.services.house import House

ANA = Recipient(address="ana@example.net", name="Ana", variables={"DNI": "00000000T"})
BEA = Recipient(address="bea@example.net", name="Bea", variables={"DNI": "11111111H"})
TAKEN = MailAnswer(
    said=Said.TAKEN, text="250 2.0.0 Ok: queued as 4F2", code=250, enhanced_code="2.0.0", server="mx.example.net"
)
REFUSED = MailAnswer(said=Said.NEVER, text="550 5.1.1 no such user", code=550, enhanced_code="5.1.1", server="mx")
LATER = MailAnswer(said=Said.LATER, text="451 4.7.1 greylisted", code=451, enhanced_code="4.7.1", server="mx")


class Office:
    """A house that sends notices."""

    def __init__(self, folder: Path) -> None:
        self.world = FixedWorld(seed=1)
        self.house = House(folder, "ACME", self.world)
        self.ports = replace(self.house.ports, post=replace(self.house.ports.post, return_path_key=b"k" * 32))
        self.space = self.house.space
        self.sender = add_sender(
            self.ports, space=self.space, address="avisos@example.com", name="Avisos", assurance=Assurance.OPERATOR
        )
        grant_credits(self.ports, self.space.account_id, 10_000)

    def send(self, *recipients: Recipient, **changes: object) -> Sent:
        wish = SendNotices(
            space=self.space,
            sender_address="Avisos@Example.com",
            recipients=recipients or (ANA,),
            subject="Para {{Nombre}}",
            text="<p>Su DNI es {{dni}}.</p>",
        )
        return send_notices(self.ports, replace(wish, **changes))  # type: ignore[arg-type]

    def file(self, content: bytes, name: str = "a.pdf") -> OutgoingFile:
        stage = self.ports.blobs.stage()
        stage.write(content)
        return OutgoingFile(filename=name, content_type="application/pdf", stage=stage)

    def with_domain(self, domain: str) -> Ports:
        return replace(self.ports, post=replace(self.ports.post, domain=domain))

    def now(self, notice: Notice) -> Notice:
        return self.ports.views.notices.notice_by_id(notice.id).notice

    def attempt(self, notice: Notice, answer: MailAnswer) -> Notice:
        begun = begin_notice(self.ports, notice.id)
        assert begun is not None
        settle_notice(self.ports, begun, answer)
        return self.now(notice)

    def journal(self, notice: Notice) -> list[str]:
        entries = self.ports.views.notices.journal(notice.id)
        assert len(entries) == check(entries) == self.now(notice).facts
        return [json.loads(entry.record)["ERDSEventId"].rpartition("/")[2] for entry in entries]

    def record(self, notice: Notice) -> dict[str, Any]:
        """The last fact."""
        record: dict[str, Any] = json.loads(self.ports.views.notices.journal(notice.id)[-1].record)
        return record

    @property
    def balance(self) -> int:
        return self.ports.views.notices.balance(self.space.account_id)

    def events(self) -> list[str]:
        published = self.ports.views.webhooks.events(self.space, after=0, limit=1000)
        return [entry.event.kind.value for entry in published]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "home")
    yield office
    office.house.database.close()


def test_what_was_promised_is_stored_and_reserved_and_its_first_fact_written(office: Office) -> None:
    sent = office.send(ANA, BEA, reference="exp-7", request_sha256="ab" * 32)

    assert [(1, "Para Ana"), (2, "Para Bea")] == [(notice.handle, notice.subject) for notice in sent.notices]
    assert (1800, 10_000 - 1800) == (sent.credits_used, office.balance)
    assert ["SubmissionAcceptance"] == office.journal(sent.notices[0])
    record = json.loads(office.ports.views.notices.journal(sent.notices[0].id)[0].record)
    assert "ab" * 32 == record["UserContentInfo"]["request"]
    assert {"address": "ana@example.net", "name": "Ana"} == record["RecipientDetails"]
    assert "non-qualified" == record["PolicyIdentifier"]
    assert ["notice.queued", "notice.queued"] == office.events()


def test_the_mail_is_what_the_recipient_reads_and_its_return_path_names_it(office: Office) -> None:
    (notice,) = office.send(files=(office.file(b"%PDF-1.7 x"),)).notices
    begun = begin_notice(office.ports, notice.id)
    assert begun is not None

    message = email.message_from_bytes(read_all(begun.message.open(), limit=1 << 20), policy=default)
    body = message.get_body(("plain",))
    assert body is not None
    assert "Su DNI es 00000000T." in body.get_content()
    assert "http://127.0.0.1:8080/n/" in body.get_content()
    (attachment,) = message.iter_attachments()
    assert ("a.pdf", b"%PDF-1.7 x") == (attachment.get_filename(), attachment.get_content())
    assert notice.id == read_return_path(begun.envelope.return_path, key=b"k" * 32)


def test_a_second_attempt_hands_over_the_same_bytes(office: Office) -> None:
    (notice,) = office.send().notices
    first = begin_notice(office.ports, notice.id)
    assert first is not None
    before = read_all(first.message.open(), limit=1 << 20)
    settle_notice(office.ports, first, LATER)
    office.world.advance(timedelta(hours=1))
    second = begin_notice(office.ports, notice.id)
    assert second is not None
    assert before == read_all(second.message.open(), limit=1 << 20)


def test_what_was_taken_counts_as_delivered_once_no_bounce_came_in_time(office: Office) -> None:
    (notice,) = office.send().notices
    taken = office.attempt(notice, TAKEN)
    assert (Passage.HANDED_OVER, "250 2.0.0 Ok: queued as 4F2") == (taken.passage, taken.said)

    office.world.advance(timedelta(minutes=14))
    settle_handed_over(office.ports)
    assert Passage.HANDED_OVER is office.now(notice).passage
    office.world.advance(timedelta(minutes=2))
    settle_handed_over(office.ports)

    assert Passage.DELIVERED is office.now(notice).passage
    assert 0 == settle_handed_over(office.ports)
    assert ["SubmissionAcceptance", "RelayToNonERDS", "RelayToNonERDS"] == office.journal(notice)
    assert ["notice.queued", "notice.sent", "notice.delivered"] == office.events()
    assert 10_000 - 900 == office.balance


def test_a_refused_recipient_fails_with_the_words_of_the_server(office: Office) -> None:
    (notice,) = office.send().notices
    failed = office.attempt(notice, REFUSED)
    assert (Passage.FAILED, Failure.MAILBOX_UNKNOWN) == (failed.passage, failed.failure)
    assert ["SubmissionAcceptance", "RelayToNonERDSFailure"] == office.journal(notice)
    assert begin_notice(office.ports, notice.id) is None


def test_a_server_that_puts_off_for_days_ends_as_expired_in_the_queue(office: Office) -> None:
    (notice,) = office.send().notices
    current, attempts = notice, 0
    while current.passage is not Passage.FAILED:
        current, attempts = office.attempt(notice, LATER), attempts + 1
        assert attempts < 100
        office.world.advance(timedelta(hours=4))
    assert Failure.EXPIRED_IN_QUEUE is current.failure
    assert attempts > 10


def test_an_attempt_that_was_overtaken_writes_nothing(office: Office) -> None:
    (notice,) = office.send().notices
    first, second = begin_notice(office.ports, notice.id), begin_notice(office.ports, notice.id)
    assert first is not None
    assert second is not None
    assert settle_notice(office.ports, first, REFUSED) is None
    settle_notice(office.ports, second, TAKEN)
    assert Passage.HANDED_OVER is office.now(notice).passage


def test_an_answer_that_was_lost_is_a_fact_and_the_mail_waits_for_a_report_before_it_goes_again(office: Office) -> None:
    (notice,) = office.send().notices
    broken = MailAnswer(said=Said.LATER, text="mx gave no answer to the whole message", is_uncertain=True, server="mx")
    deferred = office.attempt(notice, broken)

    assert Passage.DEFERRED is deferred.passage
    assert deferred.next_attempt_at == office.world.now() + office.ports.post.bounce_wait
    assert ["SubmissionAcceptance", "RelayToNonERDSFailure"] == office.journal(notice)
    assert "answer unknown" in office.record(notice)["EventReasons"][0]
    assert 0 == office.record(notice)["strength"]


def test_an_attempt_that_a_dead_process_left_is_a_fact_before_the_mail_goes_again(office: Office) -> None:
    (notice,) = office.send().notices
    assert begin_notice(office.ports, notice.id) is not None
    again = begin_notice(office.ports, notice.id)
    assert again is not None
    settle_notice(office.ports, again, TAKEN)
    assert ["SubmissionAcceptance", "RelayToNonERDSFailure", "RelayToNonERDS"] == office.journal(notice)


def test_the_word_of_a_relay_of_ours_proves_less_than_that_of_the_recipients_server(office: Office) -> None:
    direct, relayed = (office.send().notices[0] for _ in range(2))
    office.attempt(direct, TAKEN)
    office.attempt(relayed, replace(TAKEN, is_relayed=True))
    assert (2, 0) == (office.record(direct)["strength"], office.record(relayed)["strength"])
    assert any("relay of this gateway" in reason for reason in office.record(relayed)["EventReasons"])


def test_a_notice_that_asks_for_acceptance_is_hosted_and_ends_with_its_days(office: Office) -> None:
    (notice,) = office.send(acceptance_days=3, files=(office.file(b"secret"),)).notices
    assert Delivery.HOSTED is notice.delivery
    begun = begin_notice(office.ports, notice.id)
    assert begun is not None
    mail = read_all(begun.message.open(), limit=1 << 20)
    assert b"00000000T" not in mail
    assert b"secret" not in mail
    settle_notice(office.ports, begun, TAKEN)

    office.world.advance(timedelta(days=2, hours=23))
    assert 0 == expire_notices(office.ports)
    office.world.advance(timedelta(hours=2))
    assert 1 == expire_notices(office.ports)
    assert Reading.EXPIRED is office.now(notice).reading
    assert 0 == expire_notices(office.ports)
    assert ["SubmissionAcceptance", "NotificationForAcceptance", "AcceptanceRejectionExpiry"] == office.journal(notice)


def test_a_scheduled_notice_can_be_moved_and_taken_back_and_costs_nothing_then(office: Office) -> None:
    later = office.world.now() + timedelta(days=1)
    (notice,) = office.send(scheduled_at=later, acceptance_days=1).notices
    moved = reschedule_notice(office.ports, notice.id, later + timedelta(days=1))
    assert (later + timedelta(days=1), later + timedelta(days=2)) == (moved.scheduled_at, moved.expires_at)
    with pytest.raises(InvalidInput):
        reschedule_notice(office.ports, notice.id, office.world.now())

    assert Passage.CANCELLED is cancel_notice(office.ports, notice.id).passage
    assert 10_000 == office.balance
    assert begin_notice(office.ports, notice.id) is None
    for again in (cancel_notice, lambda ports, key: reschedule_notice(ports, key, later)):
        with pytest.raises(NoticeGone):
            again(office.ports, notice.id)


def test_what_has_left_cannot_be_taken_back(office: Office) -> None:
    (notice,) = office.send().notices
    office.attempt(notice, TAKEN)
    with pytest.raises(NoticeGone):
        cancel_notice(office.ports, notice.id)


def test_recipients_are_judged_one_by_one(office: Office) -> None:
    sent = office.send(
        ANA,
        replace(ANA, name="Ana again", address="ANA@example.net"),
        replace(BEA, address="bea@example.net, evil@example.net"),
        replace(BEA, variables={}),
        replace(BEA, name="Bea\r\nBcc: evil@example.net"),
        replace(BEA, protection=Protection.PIN),
        BEA,
    )
    assert ["ana@example.net", "bea@example.net"] == [notice.recipient.address for notice in sent.notices]
    assert ["Ana again"] == [recipient.name for recipient in sent.duplicates]
    assert [
        Failure.ADDRESS_INVALID,
        Failure.VARIABLE_MISSING,
        Failure.ADDRESS_INVALID,
        Failure.ADDRESS_INVALID,
    ] == [turned.failure for turned in sent.turned_away]
    assert 1800 == sent.credits_used


def test_a_sending_that_reaches_nobody_costs_nothing_and_stores_nothing(office: Office) -> None:
    sent = office.send(replace(ANA, address="nowhere"))
    assert ((), 0, 10_000) == (sent.notices, sent.credits_used, office.balance)
    assert 0 == office.ports.views.notices.page(office.space, NoticeFilter(), limit=10, offset=0).total


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("sender", {"sender_address": "nobody"}),
        ("recipients", {"recipients": ()}),
        ("recipients", {"recipients": (ANA,) * 1001}),
        ("subject", {"subject": " "}),
        ("subject", {"subject": "a\nBcc: b"}),
        ("text", {"text": ""}),
        ("acceptance_days", {"acceptance_days": 0}),
        ("acceptance_days", {"acceptance_days": 31}),
        ("reference", {"reference": "a\r\nb"}),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_stored(office: Office, field: str, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refused:
        office.send(**changes)
    assert [field] == list(refused.value.fields)
    assert 10_000 == office.balance


def test_files_that_are_empty_too_large_or_badly_named_are_refused(office: Office) -> None:
    for files in (
        (office.file(b""),),
        (office.file(b"x" * (10 * 2**20 + 1)),),
        tuple(office.file(b"x" * (9 * 2**20)) for _ in range(3)),
        (office.file(b"x", "a\r\nb.pdf"),),
    ):
        with pytest.raises(InvalidInput) as refused:
            office.send(files=files)
        assert ["attachments"] == list(refused.value.fields)


def test_nothing_is_sent_from_an_address_that_was_not_validated(office: Office) -> None:
    unknown = add_sender(office.ports, space=office.space, address="new@example.com")
    with pytest.raises(SenderNotValidated):
        office.send(sender_address="new@example.com")

    token = new_validation(office.ports, unknown)
    with pytest.raises(SenderNotFound):
        validate_sender(office.ports, token + "x")
    validate_sender(office.ports, token)
    with pytest.raises(SenderNotFound):
        validate_sender(office.ports, token)
    assert 1 == len(office.send(sender_address="new@example.com").notices)


def test_a_validation_link_ends_after_a_day(office: Office) -> None:
    sender = add_sender(office.ports, space=office.space, address="new@example.com")
    token = new_validation(office.ports, sender)
    office.world.advance(timedelta(hours=24))
    with pytest.raises(SenderNotFound):
        validate_sender(office.ports, token)


def test_an_address_is_a_sender_once_and_can_be_added_again_after_it_was_removed(office: Office) -> None:
    with pytest.raises(AlreadyExists):
        add_sender(office.ports, space=office.space, address="avisos@example.com")
    (notice,) = office.send().notices
    remove_sender(office.ports, office.sender)
    assert "avisos@example.com" == office.ports.views.notices.notice_by_id(notice.id).sender.address
    with pytest.raises(SenderNotValidated):
        office.send()
    add_sender(office.ports, space=office.space, address="avisos@example.com")


def test_two_calls_that_spend_the_last_credits_at_once_spend_them_once(office: Office) -> None:
    grant_credits(office.ports, office.space.account_id, 900 - 10_000)

    def send(number: int) -> bool:
        try:
            office.send(replace(ANA, address=f"ana{number}@example.net"))
        except CreditsExhausted:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(send, range(8)))
    assert (1, 0) == (outcomes.count(True), office.balance)
    assert 1 == office.ports.views.notices.page(office.space, NoticeFilter(), limit=10, offset=0).total


def test_a_call_for_more_than_there_is_leaves_nothing_behind(office: Office) -> None:
    grant_credits(office.ports, office.space.account_id, 900 - 10_000)
    with pytest.raises(CreditsExhausted):
        office.send(ANA, BEA)
    assert 900 == office.balance
    assert 0 == office.ports.views.notices.page(office.space, NoticeFilter(), limit=10, offset=0).total
    assert [] == office.events()


def test_what_a_recipient_has_to_know_lies_sealed(office: Office) -> None:
    (notice,) = office.send(replace(ANA, protection=Protection.PIN, secret="hush-4711")).notices
    assert "hush-4711" == office.now(notice).recipient.secret
    office.house.database.close()
    for file in office.house.home.path.glob("acuse.db*"):
        assert b"hush-4711" not in file.read_bytes()
    office.house = House(office.house.home.path, "ACME", office.world)


def test_the_journal_cannot_be_changed_in_the_database(office: Office) -> None:
    (notice,) = office.send().notices
    for statement in (
        "UPDATE fact SET hash = 'x'",
        "DELETE FROM fact",
        "DELETE FROM ledger",
        "UPDATE ledger SET amount = 0",
    ):

        def damage(unit: object, statement: str = statement) -> None:
            unit.driver.execute(statement)  # type: ignore[attr-defined]

        with pytest.raises(Exception, match=r"never|only grows"):
            office.ports.units.run(damage)
    assert 1 == len(office.journal(notice))


def test_lists_show_the_newest_first_and_only_what_was_asked_for(office: Office) -> None:
    office.send(ANA, reference="r1")
    office.world.advance(timedelta(seconds=1))
    (second,) = office.send(BEA).notices
    office.attempt(second, TAKEN)

    def handles(**wanted: object) -> list[int]:
        page = office.ports.views.notices.page(office.space, NoticeFilter(**wanted), limit=10, offset=0)  # type: ignore[arg-type]
        assert page.total == len(page.rows)
        return [view.notice.handle for view in page.rows]

    assert [2, 1] == handles()
    assert [2] == handles(passage=Passage.HANDED_OVER)
    assert [1] == handles(reference="r1") == handles(address="ana@example.net")
    assert [] == handles(reading=Reading.READ)


async def test_captured_mail_is_a_file_and_never_a_claim_about_a_server(office: Office, tmp_path: Path) -> None:
    (notice,) = office.send().notices
    begun = begin_notice(office.ports, notice.id)
    assert begun is not None
    answer = await CapturedMailbox(tmp_path / "mailbox").send(begun.envelope, begun.message)
    settle_notice(office.ports, begun, answer)
    settle_handed_over(office.ports)

    (file,) = (tmp_path / "mailbox").iterdir()
    assert file.read_bytes().startswith(b"Return-Path: <b+")
    assert file.read_bytes().endswith(read_all(begun.message.open(), limit=1 << 20))
    assert Passage.DELIVERED is office.now(notice).passage
    entries: tuple[Entry, ...] = office.ports.views.notices.journal(notice.id)
    assert [0, 0, 0] == [json.loads(entry.record)["strength"] for entry in entries]
    assert json.loads(entries[1].record)["transport"]["captured"] is True
