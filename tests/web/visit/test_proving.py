"""Showing who one is on the page: codes by e-mail, document numbers and PINs, with the same limits for all."""

import email
import json
from dataclasses import replace
from datetime import timedelta
from email.policy import default

import pytest

from acuse.domain.notice import Notice, Protection, Reading, Recipient
from acuse.domain.visit import CODE_LIFE, MOST_WRONG, Visit
from acuse.errors import NoticeNotLocked
from acuse.evidence import Strength
from acuse.mime import read_all
from acuse.ports import JobKind
from acuse.services.send_code import write_code
from acuse.services.unlock_notice import unlock_notice
from tests.web.visit.office import ANA, Office, Visitor

CODE = replace(ANA, protection=Protection.EMAIL_CODE)
NUMBER = replace(ANA, protection=Protection.DOCUMENT_NUMBER, secret="12.345.678-Z")
PIN = replace(ANA, protection=Protection.PIN, secret="Añil 7")


def visit(office: Office, notice: Notice) -> Visit:
    return office.ports.views.notices.visit(notice.id)


def code(office: Office, notice: Notice) -> str:
    return visit(office, notice).codes[-1].digits


def wrong(digits: str) -> str:
    return f"{(int(digits) + 1) % 1_000_000:06d}"


def records(office: Office, notice: Notice) -> list[dict[str, object]]:
    return [json.loads(entry.record) for entry in office.ports.views.notices.journal(notice.id)]


def age(office: Office, notice: Notice, by: timedelta) -> None:
    """Let the codes be older."""
    known = visit(office, notice)
    older = replace(known, codes=tuple(replace(each, made_at=each.made_at - by) for each in known.codes))
    office.ports.units.run(lambda unit: unit.notices.save_visit(older))


def test_a_code_by_e_mail_opens_the_page_for_the_session_that_asked(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(CODE, days=14)
    visitor.get(path)
    assert "a•••••@example.net" in visitor.page
    assert "Aceptar y leer" not in visitor.page
    visitor.press("/code")
    assert Reading.IDENTIFYING is office.now(notice).reading
    assert "Quedan 5 intentos." in visitor.page
    digits = code(office, notice)
    assert digits not in visitor.page

    other = Visitor(client=visitor.client)
    other.get(path)
    other.page = visitor.page.replace(
        visitor.page.partition('name="check" value="')[2].partition('"')[0],
        other.page.partition('name="check" value="')[2].partition('"')[0],
    )
    assert 422 == other.press("/prove", given=digits).status

    visitor.press("/prove", given=f"{digits[:3]} {digits[3:]}")
    assert "Aceptar y leer" in visitor.page
    visitor.press("/accept")
    assert "31 de mayo" in visitor.get(f"{path}/content").body.decode()
    assert [1, 3, 3, 3, 3] == [record["strength"] for record in records(office, notice)][2:]
    assert digits not in json.dumps(records(office, notice))


def test_the_mail_carries_the_newest_code_and_no_link(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(CODE, days=14)
    assert write_code(office.ports, notice.id) is None
    visitor.get(path)
    visitor.press("/code")
    (job,) = [
        job
        for job in office.world.gateway.database.jobs.claim(office.ports.world.now(), limit=100)
        if job.kind is JobKind.SEND_CODE
    ]
    letter = write_code(office.ports, job.subject_id)
    assert letter is not None
    message = email.message_from_bytes(read_all(letter.message.open(), limit=1 << 20), policy=default)
    body = message.get_body(("plain",))
    assert body is not None
    assert ("", "ana@example.net") == (letter.envelope.return_path, letter.envelope.recipient.text)
    assert f"Su código: {code(office, notice)}" == message["Subject"]
    assert code(office, notice) in body.get_content()
    assert "http" not in body.get_content()
    age(office, notice, CODE_LIFE)
    assert write_code(office.ports, notice.id) is None


def test_a_code_to_another_address_is_a_second_channel(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(replace(CODE, secret="ana@casa.example"), days=14)
    visitor.get(path)
    visitor.press("/code")
    assert "a•••••@casa.example" in visitor.page
    letter = write_code(office.ports, notice.id)
    assert letter is not None
    assert "ana@casa.example" == letter.envelope.recipient.text
    visitor.press("/prove", given=code(office, notice))
    visitor.press("/accept")
    assert [Strength.HUMAN_SECOND_CHANNEL] * 3 == [record["strength"] for record in records(office, notice)][-3:]


def test_a_code_ends_after_five_tries_and_another_can_be_asked_for(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(CODE)
    visitor.get(path)
    visitor.press("/code")
    digits = code(office, notice)
    for left in ("Quedan 4 intentos.", "Quedan 3 intentos.", "Quedan 2 intentos.", "Queda 1 intento."):
        assert left in visitor.press("/prove", given=wrong(digits)).body.decode()
    asking = visitor.page
    visitor.press("/prove", given=wrong(digits))
    visitor.page = asking
    assert "Pida otro" in visitor.press("/prove", given=digits).body.decode()
    visitor.press("/code")
    visitor.press("/prove", given=code(office, notice))
    assert "Leer" in visitor.page


def test_a_code_ends_after_ten_minutes(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(CODE)
    visitor.get(path)
    visitor.press("/code")
    asking = visitor.page
    age(office, notice, CODE_LIFE)
    assert "Enviar el código" in visitor.get(path).body.decode()
    visitor.page = asking
    assert "ha caducado" in visitor.press("/prove", given=code(office, notice)).body.decode()
    assert 0 == visit(office, notice).wrong_answers


def test_a_code_is_good_once(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(CODE)
    visitor.get(path)
    visitor.press("/code")
    visitor.press("/prove", given=code(office, notice))
    assert visit(office, notice).code_for(visit(office, notice).codes[-1].session, now=office.ports.world.now()) is None


def test_three_codes_are_sent_in_an_hour_and_no_more(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(CODE)
    visitor.get(path)
    for _ in range(3):
        assert 200 == visitor.press("/code").status
    refused = visitor.press("/code")
    assert (422, True) == (refused.status, "como mucho tres códigos" in refused.body.decode())
    assert 3 == len(visit(office, notice).codes)
    age(office, notice, timedelta(hours=1))
    visitor.get(path)
    assert 200 == visitor.press("/code").status


@pytest.mark.parametrize("typed", ["12345678z", " 12 345 678 Z ", "12.345.678-z"])
def test_a_document_number_is_read_however_it_is_written(office: Office, visitor: Visitor, typed: str) -> None:
    notice, path = office.send(NUMBER)
    visitor.get(path)
    assert "12345678" not in visitor.page.replace(".", "")
    visitor.press("/prove", given=typed)
    visitor.press("/read")
    assert Reading.READ is office.now(notice).reading
    assert Strength.HUMAN == records(office, notice)[-1]["strength"]
    assert "12345678" not in json.dumps(records(office, notice)).replace(".", "")


@pytest.mark.parametrize(("typed", "status"), [("Añil 7", 200), ("añil 7", 422), ("Añil7", 422), ("", 422)])
def test_a_pin_is_compared_sign_by_sign(office: Office, visitor: Visitor, typed: str, status: int) -> None:
    _, path = office.send(PIN)
    visitor.get(path)
    assert status == visitor.press("/prove", given=typed).status


@pytest.mark.parametrize("recipient", [NUMBER, PIN])
def test_the_fifteenth_wrong_answer_locks_until_the_sender_unlocks(
    office: Office, visitor: Visitor, recipient: Recipient
) -> None:
    notice, path = office.send(recipient, days=14)
    browsers = [visitor, Visitor(client=visitor.client)]
    for browser in browsers:
        browser.get(path)
    for number in range(MOST_WRONG - 1):
        assert 422 == browsers[number % 2].press("/prove", given="wrong").status
    asking = visitor.page
    visitor.press("/prove", given="wrong")
    assert "El acceso está bloqueado" in visitor.page
    assert Reading.LOCKED is office.now(notice).reading
    assert "15 wrong answers" in str(records(office, notice)[-1]["EventReasons"])
    visitor.page = asking
    assert "bloqueado" in visitor.press("/prove", given=recipient.secret or "").body.decode()

    unlock_notice(office.ports, notice.id)
    visitor.get(path)
    visitor.press("/prove", given=recipient.secret or "")
    assert "Aceptar y leer" in visitor.page


def test_what_was_read_stays_read_when_others_guess(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(PIN)
    visitor.get(path)
    visitor.press("/prove", given="Añil 7")
    visitor.press("/read")
    with pytest.raises(NoticeNotLocked):
        unlock_notice(office.ports, notice.id)
    other = Visitor(client=visitor.client)
    other.get(path)
    for _ in range(MOST_WRONG):
        other.press("/prove", given="wrong")
    assert "bloqueado" in other.page
    assert Reading.READ is office.now(notice).reading
    assert "31 de mayo" in visitor.get(f"{path}/content").body.decode()
    unlock_notice(office.ports, notice.id)
    assert "Demuestre quién es" in other.get(path).body.decode()


def test_nothing_is_accepted_or_asked_for_out_of_turn(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(PIN, days=14)
    visitor.get(path)
    asking = visitor.page
    for act in ("accept", "refuse", "read", "code"):
        visitor.page = asking.replace("/prove", f"/{act}")
        assert "Demuestre quién es" in visitor.press(f"/{act}").body.decode()
    assert (Reading.OPENED, ()) == (office.now(notice).reading, visit(office, notice).codes)
