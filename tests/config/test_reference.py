"""The reference page of the settings is the one that the settings make."""

from dataclasses import fields
from pathlib import Path

from acuse.config import Settings, settings_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


def test_the_page_is_current() -> None:
    assert settings_page() == PAGE.read_text(encoding="utf-8"), (
        "run: python -m acuse.config > docs/reference/settings.md"
    )


def test_the_page_names_every_setting_once() -> None:
    rows = [line for line in settings_page().splitlines() if line.startswith("| `")]

    assert [f"`{entry.name}`" for entry in fields(Settings)] == [row.split("|")[1].strip() for row in rows]
