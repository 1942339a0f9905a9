"""Bounces: reports by the standard, others, and messages that are none."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mail import LARGEST_REPORT, Action, Report, read_reports

REPORT = """\
From: MAILER-DAEMON@mx.example.net
To: b+aaaa.bbbb@bounce.example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="AB/CD"

--AB/CD
Content-Type: text/plain

The mail system did not take your message.

--AB/CD
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Original-Envelope-Id: 0190ab
Arrival-Date: Sat, 21 Nov 2026 09:30:00 +0000

Final-Recipient: rfc822; ana@example.net
Original-Recipient: rfc822;Ana@example.net
Action: {action}
Status: {status}
Remote-MTA: dns; inner.example.net
Diagnostic-Code: smtp; {status} <ana@example.net>: Mailbox
    is full

--AB/CD
Content-Type: message/rfc822

Subject: the message

text
--AB/CD--
"""

PLAIN_BOUNCE = """\
From: MAILER-DAEMON@mail.example.org
To: b+aaaa.bbbb@bounce.example.com
Subject: failure notice

Hi. This is the qmail-send program at mail.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ana@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Subject: the message
"""


@pytest.mark.rfc("3464", "2")
@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_report_is_read_in_full(action: Action, line_end: str) -> None:
    text = REPORT.format(action=action, status="5.2.2").replace("\n", line_end)
    assert (
        Report(
            action=action,
            recipient="ana@example.net",
            original_recipient="Ana@example.net",
            status="5.2.2",
            diagnostic="5.2.2 <ana@example.net>: Mailbox is full",
            remote_server="inner.example.net",
            reporting_server="mx.example.net",
            envelope_id="0190ab",
        ),
    ) == read_reports(text.encode())


def test_several_recipients_are_several_reports() -> None:
    end = "\n--AB/CD\nContent-Type: message/rfc822"
    second = "\nFinal-Recipient: rfc822; bea@example.net\nAction: delivered\nStatus: 2.0.0\n"
    text = REPORT.format(action="failed", status="5.1.1").replace(end, second + end)
    assert [("ana@example.net", Action.FAILED), ("bea@example.net", Action.DELIVERED)] == [
        (report.recipient, report.action) for report in read_reports(text.encode())
    ]


def test_a_report_in_base64_is_read_all_the_same() -> None:
    head, _, rest = REPORT.format(action="failed", status="5.1.1").partition("message/delivery-status\n\n")
    body, _, tail = rest.partition("\n--AB/CD")
    encoded = base64.encodebytes(body.encode()).decode()
    text = f"{head}message/delivery-status\nContent-Transfer-Encoding: base64\n\n{encoded}\n--AB/CD{tail}"
    assert ["ana@example.net"] == [report.recipient for report in read_reports(text.encode())]


def test_a_bounce_by_no_standard_names_who_failed() -> None:
    assert (Report(action=Action.FAILED, recipient="ana@example.org", is_standard=False),) == read_reports(
        PLAIN_BOUNCE.encode()
    )


@pytest.mark.parametrize(
    "text",
    [
        "Subject: Re: Notificación\n\nGracias.\n",
        "",
        REPORT.format(action="exploded", status="5.1.1"),
        "Content-Type: message/delivery-status\n\n",
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1\n",
    ],
)
def test_a_message_that_reports_nothing_gives_nothing(text: str) -> None:
    assert () == read_reports(text.encode())


def test_a_report_behind_the_limit_is_not_looked_for() -> None:
    text = REPORT.format(action="failed", status="5.1.1")
    head, part, tail = text.partition("--AB/CD\nContent-Type: message/delivery-status")
    assert () == read_reports((head + "x" * LARGEST_REPORT + "\n" + part + tail).encode())


@given(st.data())
def test_damaged_reports_never_raise(data: st.DataObject) -> None:
    text = bytearray(REPORT.format(action="failed", status="5.1.1").encode())
    for _ in range(data.draw(st.integers(1, 8))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    read_reports(bytes(text))
