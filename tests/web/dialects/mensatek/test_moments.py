"""Spanish time, with its two bad hours a year."""

from datetime import UTC, datetime

import pytest

from acuse.web.dialects.mensatek.moments import read_moment, to_minutes, to_seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-05-01 15:10", datetime(2022, 5, 1, 13, 10, tzinfo=UTC)),
        ("2022-12-03 11:14:24", datetime(2022, 12, 3, 10, 14, 24, tzinfo=UTC)),
        (" 2026-03-29 01:59 ", datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        ("2026-03-29 03:00", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("2026-10-25 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25 03:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_a_date_is_read_in_spanish_time_and_the_double_hour_is_its_first(text: str, expected: datetime) -> None:
    assert expected == read_moment(text)


@pytest.mark.parametrize(
    "text", ["2026-03-29 02:00", "2026-03-29 02:59:59", "2026-02-30 10:00", "01/05/2026 10:00", "2026-05-01", "", "x"]
)
def test_an_hour_that_spain_leaves_out_and_what_is_no_date_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Spain|written"):
        read_moment(text)


def test_a_moment_is_written_in_spanish_time() -> None:
    assert "2026-07-01 12:00" == to_minutes(datetime(2026, 7, 1, 10, 0, tzinfo=UTC))
    assert "2026-01-01 11:00:05" == to_seconds(datetime(2026, 1, 1, 10, 0, 5, tzinfo=UTC))
