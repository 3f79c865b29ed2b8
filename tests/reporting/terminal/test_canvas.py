from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.text import Text

from forecast_cli.reporting.terminal.canvas import Band, Curve, Frame, choose_ticks, draw_canvas

WIDTH, HEIGHT = 60, 12
ANY = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([0.0, 5e-324, 1.7e308, -1.7e308, 3.0]))
FRAME = Frame(WIDTH, HEIGHT, {})


def read_lines(drawn: str) -> list[str]:
    """Return the lines without escape sequences."""
    return Text.from_ansi(drawn).plain.rstrip("\n").split("\n")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ANY, ANY, ANY), min_size=1, max_size=30))
def test_whatever_the_values_are_a_plot_has_its_size_and_nothing_breaks(rows: list[tuple[float, float, float]]):
    y, lower, upper = (np.array(each) for each in zip(*rows, strict=True))
    x = np.arange(1.0, len(y) + 1)
    drawn = draw_canvas([Band(x, lower, upper, "░"), Curve(x, y)], Frame(WIDTH, HEIGHT, {1.0: "first"}, line=1.0))
    something = np.isfinite(y).any() or (np.isfinite(lower) & np.isfinite(upper) & (lower <= upper)).any()
    assert bool(drawn) == bool(something)
    if drawn:
        lines = read_lines(drawn)
        assert len(lines) <= HEIGHT
        assert max(map(len, lines)) <= WIDTH


def test_a_missing_value_is_a_gap_in_the_line():
    x = np.arange(60.0)
    y = np.where((x >= 20) & (x < 40), np.nan, 1.0 + x / 100)
    drawn = read_lines(draw_canvas([Curve(x, y, "x")], FRAME))
    columns = {k for line in drawn[:-1] for k, character in enumerate(line) if character == "x"}
    left, right = min(columns), max(columns)
    third = (right - left) / 3
    assert not {k for k in columns if left + third + 2 < k < right - third - 2}
    assert {k for k in columns if k < left + third - 2}
    assert {k for k in columns if k > right - third + 2}


def test_a_single_value_between_gaps_is_still_seen():
    y = np.array([1.0, np.nan, 2.0, np.nan, 3.0])
    drawn = "".join(read_lines(draw_canvas([Curve(np.arange(5.0), y, "x")], FRAME)))
    assert drawn.count("x") == 3


def test_a_band_has_no_holes_and_the_line_lies_on_it():
    x = np.arange(1.0, 4.0)
    drawn = read_lines(draw_canvas([Band(x, x * 0, x * 0 + 2, "░"), Curve(x, x * 0 + 1, "o")], FRAME))
    inside = [line.split("┤")[-1].split("│")[-1] for line in drawn[:-1]]
    assert {*"".join(inside)} == {"░", "o"}
    assert [set(line) for line in inside].count({"o"}) == 1


def test_a_band_whose_ends_are_the_wrong_way_round_is_not_drawn():
    x = np.arange(4.0)
    crossed = Band(x, np.array([0.0, 350, 350, 0]), np.array([20.0, 10, 10, 20]), "░")
    drawn = read_lines(draw_canvas([crossed, Curve(x, x, "o")], FRAME))
    middle = [k for line in drawn for k, character in enumerate(line) if character == "░" and 25 < k < 40]
    assert not middle


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 9))
def test_ticks_are_few_and_within_and_read_as_what_they_are(low: float, size: float, most: int):
    ticks = choose_ticks(low, low + size, most)
    assert len(ticks) <= most
    places = [place for place, _ in ticks]
    assert places == sorted(places)
    assert all(low - size / 1e6 <= place <= low + size * (1 + 1e-6) for place in places)
    assert len({text for _, text in ticks}) == len(ticks)


def test_ticks_are_round():
    assert [text for _, text in choose_ticks(2, 28, 7)] == ["5", "10", "15", "20", "25"]
    assert [text for _, text in choose_ticks(-0.011, 0.012, 6)] == ["-0.010", "-0.005", "0.000", "0.005", "0.010"]


@pytest.mark.parametrize("value", [0.0, 5.0, -1e12, 1e300])
def test_a_line_of_one_value_runs_through_the_middle(value: float):
    lines = read_lines(draw_canvas([Curve(np.arange(9.0), np.full(9, value), "x")], FRAME))
    rows = [k for k, line in enumerate(lines) if "x" in line]
    assert len(rows) == 1
    assert 3 <= rows[0] <= 7
