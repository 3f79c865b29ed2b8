"""Where instants lie in the day, the week and the year, and what is known ahead of a window."""

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.prepare.ahead import gather_future, name_ahead
from forecast_cli.prepare.calendar import compute_calendar, name_features
from tests.panels import make_panel

WAVES = {"day": ("day (sin)", "day (cos)"), "week": ("week (sin)", "week (cos)"), "year": ("year (sin)", "year (cos)")}


def panel_of(freq, origin, n=10, tz=None):
    return replace(make_panel(np.arange(float(n)), freq=freq, origin=origin), tz=tz)


def place_of(panel, steps, cycle):
    """Return the place in a cycle, from 0 to 1, that the two waves stand for."""
    found = compute_calendar(panel, np.asarray(steps))
    sine, cosine = (found[..., name_features(panel.freq).index(name)] for name in WAVES[cycle])
    return np.arctan2(sine, cosine) / (2 * np.pi) % 1


@pytest.mark.parametrize(
    ("freq", "cycles"),
    [
        *(("10ms", "day week year"), ("1h", "day week year"), ("12h", "day week year"), ("1D", "week year")),
        *(("2D", "year"), ("1W", "year"), ("1MS", "year"), ("3MS", "year"), ("12MS", ""), ("60W", ""), ("1row", "")),
    ],
)
def test_the_frequency_tells_which_cycles_make_sense(freq, cycles):
    assert name_features(freq) == tuple(name for cycle in cycles.split() for name in WAVES[cycle])


def test_hours_go_round_the_clock_in_closed_form():
    panel, hours = panel_of("1h", "2025-01-06T00:00"), np.arange(48)  # a Monday
    found = compute_calendar(panel, hours)
    np.testing.assert_allclose(found[:, 0], np.sin(2 * np.pi * hours / 24), atol=1e-6)
    np.testing.assert_allclose(found[:, 1], np.cos(2 * np.pi * hours / 24), atol=1e-6)
    np.testing.assert_allclose(found[:, 2], np.sin(2 * np.pi * hours / 168), atol=1e-6)
    assert found.dtype == np.float32


def test_steps_before_the_origin_are_places_too():
    assert place_of(panel_of("1h", "2025-01-06T00:00"), [-1, -25], "day") == pytest.approx([23 / 24, 23 / 24])
    assert place_of(panel_of("1D", "1969-12-30"), [0, -1], "week") == pytest.approx([1 / 7, 0], abs=1e-6)


def test_a_year_is_366_days_long_in_leap_years():
    leap, common = panel_of("1D", "2024-01-01"), panel_of("1D", "2025-01-01")
    assert place_of(leap, [0, 59, 365], "year") == pytest.approx([0, 59 / 366, 365 / 366], abs=1e-6)
    assert place_of(common, [0, 59, 364], "year") == pytest.approx([0, 59 / 365, 364 / 365], abs=1e-6)
    assert place_of(panel_of("1MS", "2024-01-01"), [12], "year") == pytest.approx([0], abs=1e-6)


def test_eight_in_the_morning_is_eight_all_year_where_a_zone_is_known():
    # The origin is UTC: 07:00 there is 08:00 in winter and 09:00 in summer.
    panel = panel_of("1h", "2025-01-01T07:00", tz="Europe/Berlin")
    assert place_of(panel, [0, 24 * 181, 24 * 181 - 1], "day") == pytest.approx([8 / 24, 9 / 24, 8 / 24], abs=1e-6)
    # The night of 30 March 2025: 01:00, then 03:00.
    night = panel_of("1h", "2025-03-30T00:00", tz="Europe/Berlin")
    assert place_of(night, [0, 1], "day") == pytest.approx([1 / 24, 3 / 24], abs=1e-6)


def test_fixed_offsets_are_added_and_naive_stamps_are_a_clock():
    assert place_of(panel_of("1h", "2025-01-01T07:00", tz="+01:00"), [0], "day") == pytest.approx([8 / 24])
    assert place_of(panel_of("1h", "2025-01-01T07:00"), [0], "day") == pytest.approx([7 / 24])


def test_days_of_a_zone_are_counted_on_its_own_clock():
    panel = panel_of("1D", "2025-03-24", tz="Europe/Berlin")  # Monday; summer time begins within the week
    assert place_of(panel, np.arange(7), "week") == pytest.approx(np.arange(7) / 7, abs=1e-6)


def test_row_numbers_have_no_calendar():
    panel = make_panel(np.arange(9.0), freq="1row", origin=None)
    assert compute_calendar(panel, np.arange(4)).shape == (4, 0)
    assert name_ahead(panel) == ()


def test_known_values_ahead_come_first_and_then_the_calendar():
    t = np.arange(40.0)
    panel = replace(make_panel(np.stack([t, -t, 100 + t], axis=1), n_targets=1), n_future=1)
    rows = np.array([9, 20])
    found = gather_future(panel, rows, horizon=3, delay=2)
    assert found.shape == (2, 3, 1 + 6)
    assert name_ahead(panel) == ("c2", *name_features("1h"))
    np.testing.assert_allclose(found[:, :, 0], panel.values[rows[:, None] + [2, 3, 4], 2])
    np.testing.assert_allclose(found[:, :, 1:], compute_calendar(panel, rows[:, None] + [2, 3, 4]))


def test_beyond_the_last_row_nothing_is_known_but_the_calendar():
    panel = replace(make_panel(np.arange(10.0), np.arange(5.0)), n_future=1)
    found = gather_future(panel, np.array([8, 14]), 3, 1)
    assert np.isnan(found[:, :, 0]).tolist() == [[False, True, True], [True, True, True]]
    assert np.isfinite(found[:, :, 1:]).all()


def test_the_calendar_of_a_batch_is_the_same_whether_its_windows_overlap_or_lie_far_apart():
    panel = make_panel(np.arange(3000.0))
    near, far = (gather_future(panel, np.array(rows), 4, 1) for rows in ([9, 10, 11], [9, 2900]))
    np.testing.assert_array_equal(near[0], far[0])
    np.testing.assert_allclose(far[1], compute_calendar(panel, np.arange(2901, 2905)))
    assert gather_future(panel, np.array([], dtype=np.int64), 4, 1).shape == (0, 4, 6)
