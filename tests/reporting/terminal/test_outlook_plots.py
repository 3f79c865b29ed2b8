from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rich.cells import cell_len
from rich.text import Text

from forecast_cli.report import Outlook
from forecast_cli.reporting.terminal.bars import ENDLESS, FULL, HALF, LONGEST, draw_bars
from forecast_cli.reporting.terminal.outlook import draw_outlook, explain_marks, list_places, shorten_stamps
from forecast_cli.reporting.terminal.steps import draw_steps, explain_lines
from tests.cli.fakes import make_prediction


@pytest.fixture
def outlook() -> Outlook:
    """Two series, two targets, 24 steps after 48."""
    made = make_prediction(2, 24, 2).outlook
    forecast = made.forecast
    return replace(made, forecast=replace(forecast, upper=np.stack([forecast.point + 1, forecast.point + 2])))


def read(drawn: str) -> str:
    return Text.from_ansi(drawn).plain


@pytest.mark.parametrize("width", [40, 80, 160])
def test_a_forecast_is_drawn_as_wide_as_the_terminal(outlook, width: int):
    lines = read(draw_outlook(outlook, 0, 0, width)).splitlines()
    assert max(map(cell_len, lines)) == width
    assert len(lines) == 12


def test_measured_forecast_and_bands_are_told_apart_by_their_characters(outlook):
    drawn = read(draw_outlook(outlook, 0, 0, 80))
    cutoff = next(line.index("┊") for line in drawn.splitlines() if "┊" in line)
    before, after = (
        "".join(line[part] for line in drawn.splitlines()[:-2]) for part in (slice(8, cutoff), slice(cutoff, None))
    )
    assert any("⠀" <= character <= "⣿" for character in before)
    assert not set("•▒░") & set(before)
    assert set("•▒░") <= set(after)
    for mark in ("• forecast", "▒ 80 % interval", "░ 95 % interval"):
        assert mark in explain_marks((80, 95))


def test_a_terminal_without_unicode_gets_a_line_of_stars(outlook):
    assert "*" in read(draw_outlook(outlook, 0, 0, 80, unicode=False))


def test_the_axis_names_the_cutoff_and_the_ends(outlook):
    below = read(draw_outlook(outlook, 0, 0, 100)).splitlines()[-1].split("  ")
    said = [text.strip() for text in below if text.strip()]
    assert said == ["2025-12-30 00:00", "2025-12-31 00:00", "2025-12-31 23:00", "2026-01-01 23:00"]


def test_where_nothing_can_be_seen_nothing_is_drawn(outlook):
    assert draw_outlook(outlook, 0, 0, 30) == ""
    blind = replace(outlook.forecast, point=outlook.forecast.point * np.nan, lower=outlook.forecast.lower * np.nan)
    empty = replace(outlook, recent=outlook.recent * np.nan, forecast=blind)
    assert draw_outlook(empty, 0, 0, 80) == ""
    assert list_places(empty) == []
    half = replace(outlook, recent=np.where(np.arange(2)[:, None, None] == 1, np.nan, outlook.recent), forecast=blind)
    assert {place.series for place in list_places(half)} == {0}


def test_an_empty_forecast_leaves_the_history_to_be_seen(outlook):
    blind = replace(outlook.forecast, point=outlook.forecast.point * np.nan, lower=outlook.forecast.lower * np.nan)
    drawn = read(draw_outlook(replace(outlook, forecast=blind), 1, 1, 80))
    assert not set("•▒░") & set(drawn)
    assert any("⠀" <= character <= "⣿" for character in drawn)


def test_a_plot_names_the_series_only_where_there_are_several(outlook):
    assert [place.title for place in list_places(outlook)][:2] == ["flow0 [m3/h] of pump 0", "flow1 [m3/h] of pump 0"]
    assert [place.title for place in list_places(make_prediction().outlook)] == ["flow0 [m3/h]"]


@pytest.mark.parametrize(
    ("stamps", "short"),
    [
        (["2026-01-01T00:00:00Z", "2026-03-01T06:10:00Z"], ["01-01 00:00", "03-01 06:10"]),
        (["2026-01-01T00:00:00+01:00", "2026-07-01T06:10:30+02:00"], ["01-01 00:00:00", "07-01 06:10:30"]),
        (["2025-12-31T00:00:00", "2026-01-01T00:00:00"], ["2025-12-31 00:00", "2026-01-01 00:00"]),
        (["2025-12-31", "2026-01-01"], ["2025-12-31", "2026-01-01"]),
        (["100", "-3"], ["100", "-3"]),
    ],
)
def test_instants_below_the_axis_leave_out_what_they_share(stamps: list[str], short: list[str]):
    assert shorten_stamps(stamps) == short


def test_a_bar_is_as_long_as_the_error_is_large_and_what_is_far_worse_has_no_end():
    assert draw_bars([1.0, 2.0, None, float("nan")]) == [FULL * (LONGEST // 2), FULL * LONGEST, "", ""]
    assert draw_bars([1.0, 1e9])[1] == FULL * (LONGEST - 1) + ENDLESS
    assert draw_bars([0.0, 0.0]) == ["", ""]
    assert draw_bars([31 / 32, 1.0])[0] == FULL * (LONGEST - 1) + HALF


def test_the_errors_by_step_are_lines_of_the_number_of_their_model():
    errors = {"linear": [0.1, 0.2, 0.3], "naive": [0.2, None, 0.4]}
    drawn = read(draw_steps(errors, [1, 2, 3], 80))
    assert {"1", "2"} <= set("".join(drawn.splitlines()[:-2]))
    assert "step 3" in drawn.splitlines()[-1]
    assert explain_lines(list(errors)) == "1 linear   2 naive"
