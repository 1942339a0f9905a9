"""The recipients' pages over HTTP: what is offered, what is recorded, and what is refused."""

import json
from dataclasses import replace

import pytest

from acuse.domain.event import EventKind
from acuse.domain.notice import Notice, Passage, Protection, Reading
from acuse.evidence import Strength, check
from acuse.services.manage_senders import add_sender, new_validation
from tests.web.client import Client
from tests.web.visit.office import ANA, Office, Visitor


def journal(office: Office, notice: Notice) -> list[tuple[str, int]]:
    entries = office.ports.views.notices.journal(notice.id)
    assert len(entries) == check(entries) == office.now(notice).facts
    records = [json.loads(entry.record) for entry in entries]
    return [(record["ERDSEventId"].rpartition("/")[2], record["strength"]) for record in records]


def last_record(office: Office, notice: Notice) -> dict[str, object]:
    record: dict[str, object] = json.loads(office.ports.views.notices.journal(notice.id)[-1].record)
    return record


def events(office: Office) -> list[EventKind]:
    published = office.ports.views.webhooks.events(office.world.space, after=0, limit=1000)
    return [entry.event.kind for entry in published][2:]


def expire(office: Office, notice: Notice) -> None:
    ended = replace(office.now(notice), expires_at=office.ports.world.now())
    office.ports.units.run(lambda unit: unit.notices.save(ended))


def test_opening_the_page_is_recorded_once_as_what_a_machine_can_do(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(days=14)
    for _ in range(3):
        assert 200 == visitor.get(path, User_Agent="scanner/1").status

    assert Reading.OPENED is office.now(notice).reading
    assert [("NotificationAccessTracking", Strength.MACHINE)] == journal(office, notice)[2:]
    assert [EventKind.NOTICE_OPENED] == events(office)
    http = last_record(office, notice)["http"]
    assert isinstance(http, dict)
    assert ("127.0.0.1", "scanner/1", "unclassified", False) == (
        http["address"],
        http["user_agent"],
        http["classification"],
        http["tls"],
    )


@pytest.mark.parametrize(
    ("method", "headers"),
    [("HEAD", {}), ("GET", {"Sec_Purpose": "prefetch;prerender"}), ("GET", {"Purpose": "prefetch"})],
)
def test_a_head_or_a_prefetch_leaves_no_trace(
    office: Office, visitor: Visitor, method: str, headers: dict[str, str]
) -> None:
    notice, path = office.send(days=14)
    assert 200 == visitor.get(path, method, **headers).status
    assert Reading.UNSEEN is office.now(notice).reading
    assert 2 == len(journal(office, notice))


@pytest.mark.parametrize("rest", ["", "/accept", "/refuse", "/read", "/content", "/proof", "/files/1"])
def test_no_get_ever_counts_as_more_than_opening(office: Office, visitor: Visitor, rest: str) -> None:
    for days in (14, None):
        notice, path = office.send(days=days, files={"a.pdf": b"%PDF-1.7"})
        visitor.get(path)
        for method in ("GET", "HEAD"):
            answer = visitor.get(path + rest, method)
            assert b"31 de mayo" not in answer.body
            assert b"%PDF" not in answer.body
        assert Reading.OPENED is office.now(notice).reading
        assert {0, 1, 2} >= {strength for _, strength in journal(office, notice)}


def test_who_accepts_sees_the_content_and_both_are_recorded(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(days=14, files={"contrato.pdf": b"%PDF-1.7 x"})
    visitor.get(path)
    assert "Gestoría Olmedo, S.L. le envía una notificación" in visitor.page
    assert "a•••••@example.net" in visitor.page
    assert "31 de mayo" not in visitor.page

    shown = visitor.press("/accept", secret="ignored")

    assert 200 == shown.status
    assert Reading.READ is office.now(notice).reading
    assert [("ConsignmentAcceptance", Strength.HUMAN), ("ContentHandover", Strength.HUMAN)] == journal(office, notice)[
        3:
    ]
    assert [EventKind.NOTICE_OPENED, EventKind.NOTICE_ACCEPTED, EventKind.NOTICE_READ] == events(office)
    letter = visitor.get(f"{path}/content")
    assert "El contrato acaba el 31 de mayo." in letter.body.decode()
    assert "sandbox" in letter.headers["content-security-policy"]
    file = visitor.get(f"{path}/files/1")
    assert (b"%PDF-1.7 x", "nosniff", "application/octet-stream") == (
        file.body,
        file.headers["x-content-type-options"],
        file.headers["content-type"],
    )
    assert 'filename="contrato.pdf"' in file.headers["content-disposition"]
    assert visitor.get(f"{path}/proof").body.startswith(b"%PDF")


def test_an_answer_carries_the_words_that_were_shown_and_the_session(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(days=14)
    visitor.get(f"{path}?lang=en")
    visitor.press("/accept")
    http = last_record(office, notice)["http"]
    assert isinstance(http, dict)
    assert ("POST", "checked", "human-action", "en") == (
        http["method"],
        http["csrf"],
        http["classification"],
        http["words"]["language"],
    )
    assert 64 == len(http["words"]["sha256"]) == len(http["session"])
    assert visitor.cookie.partition("=")[2] not in json.dumps(http)


def test_who_refuses_is_asked_once_more_and_never_sees_the_content(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(days=14)
    visitor.get(path)
    visitor.get(f"{path}/refuse")
    assert "¿Rechazar la notificación?" in visitor.page
    assert Reading.OPENED is office.now(notice).reading

    visitor.press("/refuse")

    assert Reading.REFUSED is office.now(notice).reading
    assert ("ConsignmentRejection", Strength.HUMAN) == journal(office, notice)[-1]
    assert "Ha rechazado esta notificación" in visitor.page
    assert last_record(office, notice)["EventReasons"]
    assert 303 == visitor.get(f"{path}/content").status


def test_a_decision_stands(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(days=14)
    visitor.get(path)
    answering = visitor.page
    visitor.get(f"{path}/refuse")
    visitor.press("/refuse")
    facts = office.now(notice).facts
    visitor.page = answering
    assert "Ha rechazado" in visitor.press("/accept").body.decode()
    assert (Reading.REFUSED, facts) == (office.now(notice).reading, office.now(notice).facts)


def test_content_that_needs_acceptance_is_not_read_before(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(days=14)
    visitor.get(path)
    visitor.page = visitor.page.replace("/accept", "/read")
    visitor.press("/read")
    assert Reading.OPENED is office.now(notice).reading


def test_a_direct_mail_is_confirmed_as_read_by_its_button(office: Office, visitor: Visitor) -> None:
    notice, path = office.send()
    visitor.get(path)
    visitor.press("/read")
    assert Reading.READ is office.now(notice).reading
    assert ("ContentHandover", Strength.HUMAN) == journal(office, notice)[-1]


def test_another_browser_asks_for_itself_and_is_an_access_more(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(days=14)
    visitor.get(path)
    visitor.press("/accept")
    other = Visitor(client=visitor.client)
    assert "31 de mayo" not in other.get(f"{path}/content").body.decode()
    other.get(path)
    other.press("/read")
    assert "31 de mayo" in other.get(f"{path}/content").body.decode()
    assert ("ContentAccessTracking", Strength.HUMAN) == journal(office, notice)[-1]


def test_a_notice_whose_days_are_over_can_be_neither_accepted_nor_refused(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(days=14)
    visitor.get(path)
    answering = visitor.page
    expire(office, notice)
    visitor.get(path)
    assert "El plazo ha terminado" in visitor.page
    assert "legal@example.com" in visitor.page
    visitor.page = answering
    visitor.press("/accept")
    assert Reading.OPENED is office.now(notice).reading


def test_what_was_accepted_in_time_can_be_read_later(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(days=14)
    visitor.get(path)
    visitor.press("/accept")
    expire(office, notice)
    assert "31 de mayo" in visitor.get(f"{path}/content").body.decode()


def test_a_notice_that_was_taken_back_shows_nothing(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(days=14)
    gone = replace(office.now(notice), passage=Passage.CANCELLED)
    office.ports.units.run(lambda unit: unit.notices.save(gone))
    visitor.get(path)
    assert "El remitente ha retirado esta notificación" in visitor.page
    assert Reading.UNSEEN is office.now(notice).reading


def test_a_locked_notice_says_so(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(days=14)
    locked = replace(office.now(notice), reading=Reading.LOCKED)
    office.ports.units.run(lambda unit: unit.notices.save(locked))
    assert "El acceso está bloqueado" in visitor.get(path).body.decode()


def test_content_with_a_protection_is_not_handed_over_without_it(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(replace(ANA, protection=Protection.CLIENT_CERTIFICATE, secret="00000000T"))
    visitor.get(path)
    assert "Demuestre quién es" in visitor.page
    assert "00000000T" not in visitor.page
    for act in ("read", "accept"):
        visitor.post(f"{path}/{act}", check="x")
        assert 303 == visitor.get(f"{path}/content").status
    assert Reading.OPENED is office.now(notice).reading


@pytest.mark.parametrize("change", ["nothing", "another", "none", "no cookie", "of another notice"])
def test_a_form_that_was_not_given_to_this_session_changes_nothing(
    office: Office, visitor: Visitor, change: str
) -> None:
    notice, path = office.send(days=14)
    _, other = office.send(days=14)
    visitor.get(other)
    foreign = visitor.page.partition('name="check" value="')[2].partition('"')[0]
    visitor.get(path)
    own = visitor.page.partition('name="check" value="')[2].partition('"')[0]
    check = {"nothing": "", "another": "0" * 64, "none": None, "no cookie": own, "of another notice": foreign}[change]
    if change == "no cookie":
        visitor.cookie = ""
    answer = visitor.post(f"{path}/accept", **({} if check is None else {"check": check}))
    assert 403 == answer.status
    assert "No se ha registrado nada" in answer.body.decode()
    assert Reading.OPENED is office.now(notice).reading


def test_a_form_that_is_too_large_or_broken_changes_nothing(office: Office, visitor: Visitor) -> None:
    notice, path = office.send(days=14)
    visitor.get(path)
    assert 403 == visitor.post(f"{path}/accept", check="x" * 5000).status
    headers = {"Cookie": visitor.cookie}
    for body in (b"\xff\xfe=%%%", b"&".join(b"a=1" for _ in range(50))):
        assert 403 == visitor.client.request("POST", f"{path}/accept", body, headers).status
    assert Reading.OPENED is office.now(notice).reading


def test_whatever_opens_nothing_gets_the_same_page(office: Office, visitor: Visitor) -> None:
    _, path = office.send(days=14)
    sender = add_sender(office.ports, space=office.world.space, address="new@example.com")
    wrong = [
        "/n",
        "/n/",
        "/n/unknown",
        f"/n/{new_validation(office.ports, sender)}",
        f"{path}x",
        f"{path}/nothing",
        f"{path}/files/1",
        f"{path}/files/../1",
        "/n/%F0%9F%98%80",
        "/n/-/other.css",
    ]
    answers = [visitor.client.request("GET", each) for each in wrong]
    assert {404} == {answer.status for answer in answers}
    assert 1 == len({answer.body for answer in answers})


def test_who_guesses_links_is_slowed_down(client: Client) -> None:
    statuses = [client.request("GET", f"/n/guess{number}").status for number in range(110)]
    assert (404, 429) == (statuses[0], statuses[-1])
    assert "60" == client.request("GET", "/n/guess").headers["retry-after"]


def test_every_answer_keeps_itself_to_itself(office: Office, visitor: Visitor) -> None:
    _, path = office.send(days=14, files={"a.pdf": b"%PDF-1.7"})
    first = visitor.get(path)
    assert "HttpOnly; SameSite=Lax" in first.headers["set-cookie"]
    visitor.press("/accept")
    for rest in ("", "/content", "/files/1", "/proof", "/nothing", "/refuse"):
        answer = visitor.get(path + rest)
        told = (answer.headers["cache-control"], answer.headers["referrer-policy"])
        assert ("no-store", "no-referrer") == told, rest
        if answer.status != 303:
            assert "nosniff" == answer.headers["x-content-type-options"]
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert b"http://" not in answer.body or rest == "/proof"
        assert b"<script" not in answer.body


def test_over_tls_the_cookie_is_of_this_host_alone(office: Office, start: object) -> None:
    client = start(trusted_proxy=["127.0.0.1"])  # type: ignore[operator]
    _, path = office.send(days=14)
    answer = client.request("GET", path, None, {"X-Forwarded-Proto": "https"})
    assert answer.headers["set-cookie"].startswith("__Host-visit=")
    assert answer.headers["set-cookie"].endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")


def test_the_language_is_that_of_the_sending_until_the_reader_changes_it(office: Office, visitor: Visitor) -> None:
    _, path = office.send(days=14, language="en")
    assert "sends you a notice" in visitor.get(path).body.decode()
    assert 'lang="es"' in visitor.get(f"{path}?lang=es").body.decode()
    assert "Aceptar y leer" in visitor.page
    visitor.press("/accept")
    assert "Aceptada" in visitor.page
    assert "Your copy of the proof" in visitor.get(f"{path}?lang=xx").body.decode()
    assert "opens nothing" in visitor.get("/n/x", Accept_Language="fr, en;q=0.8").body.decode()


def test_names_are_text_and_never_markup(office: Office, visitor: Visitor) -> None:
    _, path = office.send(replace(ANA, name="<img src=x>"), days=14, text="<p>x</p><script>alert(1)</script>")
    visitor.get(path)
    assert "&lt;img src=x&gt;" in visitor.page
    visitor.press("/accept")
    assert "alert" not in visitor.get(f"{path}/content").body.decode()


def test_other_methods_are_refused_and_the_stylesheet_is_there(office: Office, visitor: Visitor) -> None:
    _, path = office.send(days=14)
    assert 405 == visitor.client.request("PUT", path).status
    style = visitor.client.request("GET", "/n/-/visit.css")
    assert (200, "text/css; charset=utf-8") == (style.status, style.headers["content-type"])
