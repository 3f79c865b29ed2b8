"""`--split` in shares, steps and instants."""

import numpy as np
import pytest

from forecast_cli.errors import DataError, UsageError
from forecast_cli.prepare.asked_split import parse_split, settle_split
from forecast_cli.types import Panel
from tests.panels import make_panel

DAYS = 40


def hourly(**changes) -> Panel:
    panel = make_panel(np.arange(DAYS * 24.0), origin="2024-09-01T00:00")
    return Panel(**{name: changes.get(name, getattr(panel, name)) for name in Panel.__dataclass_fields__})


@pytest.mark.parametrize(
    "asked",
    [
        *("1,2", "a,b,c", "0.5,0.6,0.2", "0,1,1", "0.5,1,1", "-1,2,3", "nan,1,1", "", "20241001,20241201"),
        *("2024-10-01", "2024-12-01,2024-10-01", "2024-10-01,2024-10-01", "2024-13-01,2024-14-01", "2024-10-01,7"),
        *("2024-10-01,2024-10-02T00:00Z", "2024-10-01,2024-11-01,2024-12-01,2025-01-01", "2024-10-0,2024-11-0"),
    ],
)
def test_a_split_that_is_none_is_a_usage_error(asked):
    with pytest.raises(UsageError, match="--split"):
        parse_split(asked)


@pytest.mark.parametrize("asked", ["2024-12-01,2024-10-01", "2024-13-01,2024-14-01", "2024-10-01,2024-10-02T00:00Z"])
def test_dates_that_cannot_be_borders_are_told_from_what_is_no_date(asked):
    with pytest.raises(UsageError, match="not two or three dates, the earlier first, all with an offset or none"):
        parse_split(asked)


@pytest.mark.parametrize(
    ("asked", "steps"),
    [
        ("2024-09-21,2024-10-01", (480, 240, 240)),
        ("2024-09-21,2024-10-01,2024-10-05", (480, 240, 96)),
        ("2024-09-21T06:00,2024-10-01 12:30", (486, 247, 227)),  # between two steps: the later one
        ("2024-10,2024-10-05", (720, 96, 144)),
    ],
)
def test_instants_are_the_first_steps_of_validation_and_of_test(asked, steps):
    assert settle_split(asked, hourly(), DAYS * 24) == steps


def test_shares_and_counts_stay_what_they_are():
    assert settle_split("0.6,0.2,0.2", hourly(), 100) == (0.6, 0.2, 0.2)
    assert settle_split("8640,2880,2880", hourly(), 100) == (8640, 2880, 2880)
    assert settle_split(None, hourly(), 100) is None


def test_dates_begin_at_midnight_of_the_clock_that_is_printed():
    # Berlin is two hours ahead of UTC in September: its midnight is 22:00 of the day before.
    assert settle_split("2024-09-21,2024-10-01", hourly(tz="Europe/Berlin"), DAYS * 24) == (478, 240, 242)
    assert settle_split("2024-09-21,2024-10-01", hourly(tz="+02:00"), DAYS * 24) == (478, 240, 242)
    assert settle_split("2024-09-21,2024-10-01", hourly(tz="Z"), DAYS * 24) == (480, 240, 240)


def test_an_instant_with_an_offset_is_that_instant_whatever_is_printed():
    asked = "2024-09-21T02:00+02:00,2024-10-01T00:00Z"
    assert settle_split(asked, hourly(tz="Europe/Berlin"), DAYS * 24) == (480, 240, 240)
    with pytest.raises(UsageError, match="no offset"):
        settle_split(asked, hourly(), DAYS * 24)


def test_steps_count_from_the_earliest_instant_and_not_from_the_origin():
    panel = make_panel(np.arange(480.0), np.arange(240.0), start=[100, 340], origin="2024-08-27T20:00")
    assert settle_split("2024-09-11,2024-09-16", panel, 480) == (240, 120, 120)


@pytest.mark.parametrize(
    "asked", ["0001-01-01T00:00+14:00,9999-12-31T23:59-12:00", "0001-01-01T00:00Z,9999-12-31T00:00Z"]
)
@pytest.mark.parametrize("tz", ["Z", "Europe/Berlin"])
def test_the_ends_of_the_calendar_are_outside_of_any_data(asked, tz):
    for text in (asked, "0001-01-01,9999-12-31"):
        with pytest.raises(DataError, match="they run from"):
            settle_split(text, hourly(tz=tz), DAYS * 24)


@pytest.mark.parametrize("asked", ["2024-09-01,2024-09-10", "2023-01-01,2024-09-10", "2024-09-10,2024-10-11"])
def test_instants_outside_of_the_data_name_where_they_run(asked):
    with pytest.raises(DataError, match="they run from 2024-09-01T00:00:00 to 2024-10-10T23:00:00"):
        settle_split(asked, hourly(), DAYS * 24)


def test_row_numbers_have_no_dates():
    with pytest.raises(UsageError, match="no time"):
        settle_split("2024-09-10,2024-09-12", make_panel(np.arange(9.0), origin=None, freq="1row"), 9)


def test_months_are_cut_at_months():
    panel = make_panel(np.arange(48.0), freq="1MS", origin="2020-01-01")
    assert settle_split("2022-01,2023-01", panel, 48) == (24, 12, 12)
