"""Mail that comes back: what each report leads to, what it never undoes, and what is nobody's business."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from acuse.domain.notice import Act, Failure, Notice, Passage, Reading
from acuse.errors import NoticeNotFound
from acuse.ports import MailAnswer, Said
from acuse.services.begin_notice import begin_notice
from acuse.services.settle_notice import settle_handed_over, settle_notice
from acuse.services.take_in_bounce import MOST_MAILS, Arrival, TakenInAs, TooMuchMail, take_in_bounce
from tests.services.test_notices import ANA, LATER, REFUSED, TAKEN, Office

REPORT = """\
From: MAILER-DAEMON@mx.example.net
To: b+x@bounce.example.com
Subject: report {number}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

Something happened.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
{envelope}Arrival-Date: Sat, 21 Nov 2026 09:30:00 +0000

Final-Recipient: rfc822; {recipient}
{original}Action: {action}
Status: {status}
Remote-MTA: dns; inner.example.net
Diagnostic-Code: smtp; {status} the words of the server

--B--
"""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "home")
    yield office
    office.house.database.close()


def report(
    notice: Notice,
    action: str,
    status: str = "2.0.0",
    *,
    envelope_id: str | None = "",
    recipient: str = "ana@example.net",
    original: str | None = "ana@example.net",
    number: int = 0,
) -> bytes:
    envelope = notice.id.hex if envelope_id == "" else envelope_id
    return (
        REPORT.format(
            number=number,
            envelope=f"Original-Envelope-Id: {envelope}\n" if envelope else "",
            original=f"Original-Recipient: rfc822;{original}\n" if original else "",
            recipient=recipient,
            action=action,
            status=status,
        )
        .replace("\n", "\r\n")
        .encode()
    )


def take(office: Office, notice: Notice, message: bytes) -> TakenInAs:
    return take_in_bounce(office.ports, notice.id, Arrival(message=message, peer="192.0.2.1", sender=""))


def handed_over(office: Office) -> Notice:
    (notice,) = office.send().notices
    return office.attempt(notice, TAKEN)


def test_a_report_of_delivery_certifies_at_once(office: Office) -> None:
    notice = handed_over(office)
    assert TakenInAs.REPORT is take(office, notice, report(notice, "delivered"))

    now = office.now(notice)
    assert (Passage.DELIVERED, office.world.now()) == (now.passage, now.certified_at)
    assert ["SubmissionAcceptance", "RelayToNonERDS", "RelayToNonERDS"] == office.journal(notice)
    record = office.record(notice)
    assert (2, "delivered", "inner.example.net", notice.id.hex) == (
        record["strength"],
        record["report"]["action"],
        record["report"]["remote_server"],
        record["report"]["envelope_id"],
    )
    assert ["notice.queued", "notice.sent", "notice.delivered"] == office.events()
    office.world.advance(timedelta(hours=1))
    assert 0 == settle_handed_over(office.ports)


def test_the_report_of_a_hosted_notice_is_about_its_mail_alone(office: Office) -> None:
    (notice,) = office.send(acceptance_days=3).notices
    office.attempt(notice, TAKEN)
    take(office, notice, report(notice, "delivered"))
    assert "NotificationDelivered" == office.journal(notice)[-1]


def test_the_report_that_came_is_kept_as_it_came(office: Office) -> None:
    notice = handed_over(office)
    message = report(notice, "delivered")
    take(office, notice, message)

    (kept,) = office.ports.views.notices.reports(notice.id)
    assert message == office.house.read(kept.blob_id)
    assert kept.sha256 == office.record(notice)["mail"]["sha256"]


def test_a_late_bounce_supersedes_the_delivery_and_costs_the_same(office: Office) -> None:
    notice = handed_over(office)
    office.world.advance(timedelta(hours=1))
    settle_handed_over(office.ports)
    assert Passage.DELIVERED is office.now(notice).passage
    balance = office.balance

    take(office, notice, report(notice, "failed", "5.2.2"))

    now = office.now(notice)
    assert (Passage.BOUNCED, Failure.MAILBOX_FULL, "5.2.2 the words of the server") == (
        now.passage,
        now.failure,
        now.said,
    )
    record = office.record(notice)
    assert "RelayToNonERDSFailure" == office.journal(notice)[-1]
    assert 2 == len(record["supersedes"])
    assert ["failed", "5.2.2", "5.2.2 the words of the server"] == record["EventReasons"]
    assert (balance, "notice.bounced") == (office.balance, office.events()[-1])


@pytest.mark.parametrize("action", ["delayed", "relayed", "expanded"])
def test_a_report_that_is_no_end_is_a_fact_and_nothing_more(office: Office, action: str) -> None:
    notice = handed_over(office)
    take(office, notice, report(notice, action, "4.4.1"))
    assert Passage.HANDED_OVER is office.now(notice).passage
    assert "ReceivedFromNonERDS" == office.journal(notice)[-1]
    assert action == office.record(notice)["report"]["action"]


@pytest.mark.parametrize("act", [Act.READ, Act.ACCEPT, Act.REFUSE])
def test_a_bounce_never_undoes_what_a_person_did(office: Office, act: Act) -> None:
    notice = handed_over(office)

    def do(unit):  # type: ignore[no-untyped-def]
        unit.notices.save(unit.notices.get(notice.id).act(act, now=office.world.now()))

    office.ports.units.run(do)
    before = office.now(notice)
    take(office, notice, report(notice, "failed", "5.1.1"))

    after = office.now(notice)
    assert (before.passage, before.reading, None) == (after.passage, after.reading, after.failure)
    assert Reading.UNSEEN is not after.reading
    assert "RelayToNonERDSFailure" == office.journal(notice)[-1]
    assert "supersedes" not in office.record(notice)


def test_a_report_about_another_envelope_or_recipient_changes_nothing(office: Office) -> None:
    notice = handed_over(office)
    others = [
        report(notice, "failed", envelope_id="ab" * 16),
        report(notice, "failed", envelope_id=None, recipient="eva@example.net", original=None),
        report(notice, "delivered", envelope_id=None, recipient="eva@example.net", original="eva@example.net"),
    ]
    assert [TakenInAs.OTHER] * 3 == [take(office, notice, other) for other in others]
    assert Passage.HANDED_OVER is office.now(notice).passage
    assert ["ReceivedFromNonERDS"] * 3 == office.journal(notice)[2:]
    assert 1 == office.record(notice)["strength"]


def test_a_report_without_the_envelope_counts_by_its_recipient(office: Office) -> None:
    notice = handed_over(office)
    take(
        office, notice, report(notice, "failed", "5.1.1", envelope_id=None, recipient="x@y", original="ANA@example.net")
    )
    assert Passage.BOUNCED is office.now(notice).passage


def test_a_bounce_that_follows_no_standard_bounces_and_proves_less(office: Office) -> None:
    notice = handed_over(office)
    text = (
        b"From: MAILER-DAEMON@mail.example.org\r\nTo: b@x\r\nSubject: failure notice\r\n\r\n"
        b"Hi. This is the qmail-send program at mail.example.org.\r\n"
        b"I'm afraid I wasn't able to deliver your message to the following addresses.\r\n"
        b"This is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
        b"<ana@example.net>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n--- Below this line\r\n"
    )
    assert TakenInAs.REPORT is take(office, notice, text)
    assert (Passage.BOUNCED, 1) == (office.now(notice).passage, office.record(notice)["strength"])


def test_a_reply_is_a_fact_with_its_hash(office: Office) -> None:
    notice = handed_over(office)
    assert TakenInAs.OTHER is take(office, notice, b"From: ana@example.net\r\nSubject: Re\r\n\r\nI am away.\r\n")
    assert "ReceivedFromNonERDS" == office.journal(notice)[-1]
    assert 64 == len(office.record(notice)["mail"]["sha256"])
    assert Passage.HANDED_OVER is office.now(notice).passage


def test_the_same_mail_is_taken_in_once(office: Office) -> None:
    notice = handed_over(office)
    message = report(notice, "delivered")
    assert [TakenInAs.REPORT, TakenInAs.REPEATED] == [take(office, notice, message) for _ in range(2)]
    assert 3 == len(office.journal(notice))
    assert 1 == len(office.ports.views.notices.reports(notice.id))


def test_no_more_mail_is_kept_about_a_notice_than_there_is_use_for(office: Office) -> None:
    notice = handed_over(office)
    for number in range(MOST_MAILS):
        take(office, notice, report(notice, "delayed", number=number))
    with pytest.raises(TooMuchMail):
        take(office, notice, report(notice, "failed", "5.1.1"))
    assert MOST_MAILS == len(office.ports.views.notices.reports(notice.id))


def test_mail_about_no_notice_is_refused(office: Office) -> None:
    notice = handed_over(office)
    with pytest.raises(NoticeNotFound):
        take(office, replace(notice, id=office.world.new_id()), report(notice, "failed"))


@pytest.mark.parametrize(
    "message", [b"", b"\xff\xfe\x00", b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n" * 50]
)
def test_mail_that_is_nonsense_is_kept_and_changes_nothing(office: Office, message: bytes) -> None:
    notice = handed_over(office)
    assert TakenInAs.OTHER is take(office, notice, message)
    assert Passage.HANDED_OVER is office.now(notice).passage


# ── Reports that are faster than we are ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("action", "status", "passage"), [("delivered", "2.0.0", Passage.DELIVERED), ("failed", "5.1.1", Passage.BOUNCED)]
)
def test_a_report_before_our_commit_is_believed_and_the_dialogue_still_written_down(
    office: Office, action: str, status: str, passage: Passage
) -> None:
    (notice,) = office.send().notices
    begun = begin_notice(office.ports, notice.id)
    assert begun is not None
    take(office, notice, report(notice, action, status))
    settle_notice(office.ports, begun, TAKEN)

    assert passage is office.now(notice).passage
    assert "RelayToNonERDS" == office.journal(notice)[-1]
    assert "mx.example.net" == office.record(notice)["transport"]["server"]
    assert 10_000 - 900 == office.balance
    assert begin_notice(office.ports, notice.id) is None


@pytest.mark.parametrize("action", ["delivered", "failed"])
def test_a_report_of_what_had_no_answer_keeps_it_from_being_sent_again(office: Office, action: str) -> None:
    (notice,) = office.send().notices
    office.attempt(notice, MailAnswer(said=Said.LATER, text="no answer to the whole message", is_uncertain=True))
    waiting = office.house.jobs()
    take(office, notice, report(notice, action))

    assert len(waiting) - 1 == len(office.house.jobs())
    office.world.advance(timedelta(days=1))
    assert begin_notice(office.ports, notice.id) is None
    assert 10_000 - 900 == office.balance


@pytest.mark.parametrize("answer", [REFUSED, LATER])
def test_a_failure_that_we_know_of_already_is_only_told_again(office: Office, answer: MailAnswer) -> None:
    (notice,) = office.send(ANA).notices
    before = office.attempt(notice, answer)
    take(office, notice, report(notice, "failed", "5.1.1"))
    after = office.now(notice)
    assert (before.passage if answer is REFUSED else Passage.BOUNCED) is after.passage
