"""The recipients' pages in a real browser, without a script: read, accept, refuse, prove, and be locked out.

Every test ends with the same question: did the browser refuse anything that our own policy forbids, and did it talk to
anybody but us?
"""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from acuse.domain.notice import Notice, Protection, Reading
from acuse.domain.visit import MOST_WRONG
from tests.peers.waiting import wait_until
from tests.web.client import Client
from tests.web.visit.chromium import DESKTOP, PHONE, Browser, chromium
from tests.web.visit.office import ANA, Office

pytestmark = pytest.mark.slow
LONG = "Referencia-catastral-9872023VH5797S0001WX-y-nada-en-que-partirla-hasta-el-margen-derecho.pdf"
HOSTILE = """<p>El contrato acaba el 31 de mayo.</p><img src="http://tracker.example/p.gif">
<a href="http://elsewhere.example/">más</a><p onclick="x()" style="background:url(http://tracker.example/b)">fin</p>"""


@pytest.fixture(scope="module")
def driver() -> Iterator[Chrome]:
    with chromium() as driver:
        yield driver


@pytest.fixture
def browser(driver: Chrome, client: Client) -> Iterator[Browser]:
    """A window that knows nothing of earlier ones."""
    browser = Browser(driver, site=f"http://127.0.0.1:{client.port}")
    driver.delete_all_cookies()
    browser.resize(DESKTOP)
    browser.complaints()  # what earlier windows said is read away
    browser.hosts()
    yield browser
    assert [] == browser.complaints()
    assert {urlsplit(browser.site).netloc} == browser.hosts() - {""}
    driver.get("about:blank")


def wait_for_reading(office: Office, notice: Notice, reading: Reading) -> None:
    """What a press of a button did may come a moment later."""
    wait_until(lambda: office.now(notice).reading is reading, what=f"the notice is {reading}")


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_fits_the_phone_and_the_desktop(office: Office, browser: Browser, language: str) -> None:
    pin = replace(ANA, protection=Protection.PIN, secret="1")
    _, answering = office.send(days=14, language=language, files={LONG: b"%PDF-1.7"})
    _, proving = office.send(pin, language=language)
    pages = [answering, f"{answering}/refuse", proving, "/n/unknown"]
    for size in (PHONE, DESKTOP):
        browser.resize(size)
        for page in pages:
            browser.open(page)
            assert size[0] >= browser.width, page
    browser.complaints()  # the console tells of the 404 that was asked for
    browser.open(answering)
    browser.one("button.first").click()
    browser.wait_for(LONG)
    for size in (PHONE, DESKTOP):
        browser.resize(size)
        assert size[0] >= browser.width


def test_who_accepts_reads_the_letter_in_its_frame(office: Office, browser: Browser) -> None:
    notice, path = office.send(days=14, text=HOSTILE, files={"contrato.pdf": b"%PDF-1.7"})
    browser.open(path)
    wait_for_reading(office, notice, Reading.OPENED)
    browser.press("Aceptar y leer")
    wait_for_reading(office, notice, Reading.READ)
    browser.wait_for("contrato.pdf")
    browser.driver.switch_to.frame(browser.one("iframe.letter"))
    browser.wait_for("El contrato acaba el 31 de mayo.")


def test_who_refuses_confirms_it_and_goes_without_the_content(office: Office, browser: Browser) -> None:
    notice, path = office.send(days=14)
    browser.open(path)
    browser.press("Rechazar")
    wait_for_reading(office, notice, Reading.OPENED)
    browser.press("Sí, rechazar")
    wait_for_reading(office, notice, Reading.REFUSED)
    browser.wait_for("Ha rechazado esta notificación")
    assert "31 de mayo" not in browser.text


def test_a_direct_mail_is_read_in_english_by_keyboard_alone(office: Office, browser: Browser) -> None:
    notice, path = office.send(language="es")
    browser.open(path)
    browser.one("body").send_keys(Keys.TAB)
    assert "English" == browser.driver.switch_to.active_element.text
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    browser.wait_for("has sent you a certified e-mail")
    for _ in range(10):
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
        if browser.driver.switch_to.active_element.text == "Read":
            break
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    wait_for_reading(office, notice, Reading.READ)


def test_a_code_is_asked_for_and_typed(office: Office, browser: Browser) -> None:
    notice, path = office.send(replace(ANA, protection=Protection.EMAIL_CODE), days=14)
    browser.open(path)
    browser.press("Enviar el código")
    codes = wait_until(lambda: office.ports.views.notices.visit(notice.id).codes, what="a code")
    digits = codes[-1].digits
    browser.one("#given").send_keys(digits + Keys.ENTER)
    browser.wait_for("Aceptar y leer")
    browser.press("Aceptar y leer")
    wait_for_reading(office, notice, Reading.READ)


def test_wrong_numbers_lock_the_notice(office: Office, browser: Browser) -> None:
    number = replace(ANA, protection=Protection.DOCUMENT_NUMBER, secret="12345678Z")
    notice, path = office.send(number, days=14)
    browser.open(path)
    for left in range(MOST_WRONG - 1, -1, -1):
        browser.one("#given").send_keys("00000000T")
        browser.press("Continuar")
        browser.wait_for({0: "El acceso está bloqueado", 1: "Queda 1 intento."}.get(left, f"Quedan {left} intentos."))
    wait_for_reading(office, notice, Reading.LOCKED)
    assert not browser.driver.find_elements(By.TAG_NAME, "form")
    browser.complaints()  # the console tells of each 422


def test_after_the_last_day_there_is_nothing_to_press(office: Office, browser: Browser) -> None:
    notice, path = office.send(days=14)
    ended = replace(office.now(notice), expires_at=office.ports.world.now())
    office.ports.units.run(lambda unit: unit.notices.save(ended))
    browser.open(path)
    browser.wait_for("El plazo ha terminado")
    assert not browser.driver.find_elements(By.TAG_NAME, "button")
