import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.errors import UsageError
from forecast_cli.frequency import (
    Freq,
    add_steps,
    align,
    format_instant,
    format_instants,
    format_span,
    keeps_local_clock,
    natural_seasons,
    parse_freq,
    steps_between,
)
from forecast_cli.types import Panel

FREQS = ("10s", "7min", "1h", "1D", "1W", "1MS", "3MS", "250ms")


@pytest.mark.parametrize(
    ("text", "freq"),
    [
        ("10min", Freq(10, "min")),
        ("h", Freq(1, "h")),
        ("D", Freq(1, "D")),
        ("60min", Freq(1, "h")),
        ("1MS", Freq(1, "MS")),
        ("Q", Freq(3, "MS")),
        ("1row", Freq(1, "row")),
        ("2236256840us", Freq(2236256840, "us")),
    ],
)
def test_a_frequency_is_read_in_its_usual_spellings(text: str, freq: Freq) -> None:
    assert parse_freq(text) == freq
    assert parse_freq(str(freq)) == freq


@pytest.mark.parametrize("text", ["", "0h", "-1h", "1.5h", "fortnight", "10", "m"])
def test_anything_else_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="not a frequency"):
        parse_freq(text)


@given(st.sampled_from(FREQS), st.integers(-2000, 2000), st.integers(0, 2_000_000_000))
def test_steps_between_undoes_add_steps(freq: str, steps: int, seconds: int) -> None:
    origin = np.datetime64(seconds * 1_000_000, "us")
    assert steps_between(origin, freq, add_steps(origin, freq, steps)) == steps


def test_months_keep_the_last_day_where_a_month_is_short() -> None:
    stamps = add_steps(np.datetime64("2024-01-31T06:00"), "1MS", [0, 1, 2, 3])
    assert stamps.astype("datetime64[h]").astype(str).tolist() == [
        "2024-01-31T06",
        "2024-02-29T06",
        "2024-03-31T06",
        "2024-04-30T06",
    ]


@pytest.mark.parametrize(
    ("freq", "tz", "text"),
    [
        ("1h", None, "2026-11-21T06:00:00"),
        ("1h", "Z", "2026-11-21T06:00:00Z"),
        ("1h", "+05:30", "2026-11-21T11:30:00+05:30"),
        ("1h", "-03:00", "2026-11-21T03:00:00-03:00"),
        ("250ms", None, "2026-11-21T06:00:00.000"),
        ("1D", None, "2026-11-21"),
        ("1MS", "Z", "2026-11-21"),
    ],
)
def test_an_instant_is_printed_with_what_its_frequency_needs(freq: str, tz: str | None, text: str) -> None:
    assert format_instant(np.datetime64("2026-11-21T06:00"), freq, tz, 0) == text


def test_each_instant_in_a_zone_has_the_offset_of_its_own_time() -> None:
    autumn = format_instants(np.datetime64("2026-10-24T23:00"), "1h", "Europe/Berlin", [0, 1, 2])
    assert autumn == ["2026-10-25T01:00:00+02:00", "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"]
    spring = format_instants(np.datetime64("2026-03-29T00:30"), "30min", "Europe/Berlin", [0, 1])
    assert spring == ["2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00"]
    assert format_instants(np.datetime64("2026-03-29T00:30"), "1h", "Europe/Berlin", []) == []


def test_the_days_of_a_zone_are_counted_on_its_clock() -> None:
    assert format_instants(np.datetime64("2026-03-28"), "1D", "Europe/Berlin", [0, 1, 2]) == [
        "2026-03-28",
        "2026-03-29",
        "2026-03-30",
    ]
    assert keeps_local_clock("1MS", "Europe/Berlin")
    assert not keeps_local_clock("1h", "Europe/Berlin")
    assert not keeps_local_clock("1D", "+01:00")


def test_without_time_the_first_row_is_row_1() -> None:
    assert format_instants(None, "1row", None, [0, 1, 41]) == ["1", "2", "42"]


@pytest.mark.parametrize(
    ("steps", "freq", "text"),
    [
        (24, "1h", "24 h"),
        (96, "1h", "4 days"),
        (144, "10min", "24 h"),
        (1, "1D", "1 day"),
        (36, "1row", "36 rows"),
        (12, "1MS", "12 months"),
        (3, "1W", "3 weeks"),
        (90, "1s", "90 s"),
    ],
)
def test_a_span_is_said_as_people_say_it(steps: int, freq: str, text: str) -> None:
    assert format_span(steps, freq) == text


def make_panel(origin: str | None, freq: str) -> Panel:
    return Panel(
        series_ids=("a",),
        indptr=np.array([0, 2]),
        origin=np.datetime64(origin, "us") if origin else None,
        freq=freq,
        tz=None,
        start=np.array([3]),
        values=np.zeros((2, 1), dtype=np.float32),
        offset=np.zeros((1, 1)),
        observed=np.ones((2, 1), dtype=np.bool_),
        channels=("x",),
        units=("",),
        n_targets=1,
        season_length=1,
    )


def test_align_counts_from_the_other_origin() -> None:
    panel = make_panel("2025-01-02", "1h")
    aligned = align(panel, np.datetime64("2025-01-01"), "1h")
    assert aligned is not None
    assert aligned.start.tolist() == [27]
    assert panel.start.tolist() == [3]


def test_align_refuses_steps_that_fall_between_the_others() -> None:
    assert align(make_panel("2025-01-02T00:30", "1h"), np.datetime64("2025-01-01"), "1h") is None
    assert align(make_panel("2025-01-02", "1h"), np.datetime64("2025-01-01"), "1D") is None
    assert align(make_panel(None, "1row"), np.datetime64("2025-01-01"), "1row") is None


def test_align_leaves_rows_without_time_as_they_are() -> None:
    panel = make_panel(None, "1row")
    assert align(panel, None, "1row") is panel


@pytest.mark.parametrize(
    ("freq", "seasons"),
    [
        ("10min", (144, 1008, 52596)),
        ("1h", (24, 168, 8766)),
        ("1D", (7, 365)),
        ("1W", (52,)),
        ("1MS", (12,)),
        ("3MS", (4,)),
        ("12MS", ()),
        ("1row", ()),
        ("7h", (24, 1252)),
    ],
)
def test_natural_seasons_are_whole_days_weeks_and_years(freq, seasons):
    assert natural_seasons(freq) == seasons
