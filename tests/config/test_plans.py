"""The plans as an operator writes them."""

from pathlib import Path

import pytest

from acuse.config import SettingInvalid, Settings, settings_page
from acuse.domain.plan import USUAL_PLANS, PlanName, Plans

MIB = 1 << 20


def load(line: str) -> Plans:
    return Settings.load({}, {"ACUSE_PLANS": line}).plans


def test_without_a_setting_the_usual_plans_hold() -> None:
    plans = Settings.load({}, {}).plans

    limits = [(plan.payload, plan.concurrency, plan.rate, plan.burst) for plan in map(plans.__getitem__, PlanName)]
    assert [
        (52_428_800, 5, 100, 20),
        (100 * MIB, 10, 300, 60),
        (500 * MIB, 25, 1000, 200),
        (2048 * MIB, None, None, None),
    ] == limits


def test_a_line_changes_what_it_names_and_nothing_else() -> None:
    plans = load("starter.rate=600, starter.payload = 200 MiB,free.burst=none")

    starter, free = plans[PlanName.STARTER], plans[PlanName.FREE]
    assert (200 * MIB, 10, 600, 60) == (starter.payload, starter.concurrency, starter.rate, starter.burst)
    assert (100, None) == (free.rate, free.burst)
    assert USUAL_PLANS[PlanName.ENTERPRISE] == plans[PlanName.ENTERPRISE]


def test_the_file_has_a_table_for_each_plan(tmp_path: Path) -> None:
    (tmp_path / "acuse.toml").write_text(
        '[plans.enterprise]\nrate = 6000\nburst = 100\nconcurrency = "none"\npayload = "1 GiB"\n'
        "[plans.free]\nrate = 1\n"
    )

    plans = Settings.load({"home": tmp_path}, {}).plans

    enterprise = plans[PlanName.ENTERPRISE]
    assert (1024 * MIB, None, 6000, 100) == (
        enterprise.payload,
        enterprise.concurrency,
        enterprise.rate,
        enterprise.burst,
    )
    assert 1 == plans[PlanName.FREE].rate


@pytest.mark.parametrize(
    "line",
    [
        "x",
        "gold.rate=1",
        "free.speed=1",
        "free=1",
        "free.rate=0",
        "free.rate=-1",
        "free.rate=1.5",
        "free.rate=1000001",
        "free.rate=",
        "free.payload=0",
        "free.payload=none",
        "free.payload=much",
    ],
)
def test_a_bad_limit_is_refused(line: str) -> None:
    with pytest.raises(SettingInvalid, match="ACUSE_PLANS must be"):
        load(line)


@pytest.mark.parametrize("text", ["plans = 1", "plans.free = 1", "plans.free.rate = true", "plans.free.rate = 1.5"])
def test_a_bad_table_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "acuse.toml").write_text(text)

    with pytest.raises(SettingInvalid, match="plans in"):
        Settings.load({"home": tmp_path}, {})


def test_the_reference_page_shows_the_usual_plans() -> None:
    page = settings_page()

    assert "| free | 50 MiB | 5 | 100 | 20 |" in page
    assert "| enterprise | 2048 MiB | none | none | none |" in page
