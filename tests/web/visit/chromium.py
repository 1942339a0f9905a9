"""Debian's Chromium without a screen: it sees the pages as a recipient does, and tells what it fetched and refused."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.peers.waiting import wait_until

PHONE, DESKTOP = (390, 844), (1280, 800)


class Browser:
    """One window, where no script runs."""

    def __init__(self, driver: Chrome, *, site: str) -> None:
        self.driver = driver
        self.site = site

    def open(self, path: str) -> None:
        self.driver.get(self.site + path)

    def resize(self, size: tuple[int, int]) -> None:
        """As if the screen had that many CSS pixels."""
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 720}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    @property
    def text(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "body").text

    def wait_for(self, text: str) -> None:
        """Until the page says so."""

        def says() -> bool:
            try:
                return text in self.text
            except WebDriverException:
                return False  # one page goes, the next one comes

        wait_until(says, what=text)

    def one(self, selector: str) -> WebElement:
        """The first element that the selector finds, once it is there."""
        return wait_until(lambda: self.driver.find_elements(By.CSS_SELECTOR, selector), what=selector)[0]

    def press(self, text: str) -> None:
        """The button or the link with that text."""
        path = f"//*[self::button or self::a][normalize-space()='{text}']"
        wait_until(lambda: self.driver.find_elements(By.XPATH, path), what=text)[0].click()

    @property
    def width(self) -> float:
        """Of what the page holds, in CSS pixels."""
        width: float = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]["width"]
        return width

    def complaints(self) -> list[str]:
        """What the console says since it was asked last: policies that were violated, and all else."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]

    def hosts(self) -> set[str]:
        """Where pages sent the browser since it was asked last."""
        entries = self.driver.get_log("performance")  # type: ignore[no-untyped-call]
        events = [json.loads(entry["message"])["message"] for entry in entries]
        urls = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
        return {urlsplit(url).netloc for url in urls}


@contextmanager
def chromium() -> Iterator[Chrome]:
    """A browser with an empty profile. Skips where there is none, and fails there under CI."""
    binary, driver_path = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver_path is None:
        reason = "chromium and chromedriver are needed: scripts/ensure-chromium installs them"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    options = ChromeOptions()
    options.binary_location = binary
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(driver_path))
    try:
        yield driver
    finally:
        driver.quit()
