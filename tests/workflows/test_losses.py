"""How many windows gaps cost is counted and said."""

import numpy as np

from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs
from forecast_cli.types import Window
from forecast_cli.workflows.losses import mark_possible, note_losses, note_untaught
from tests.panels import Recorder, make_panel

WINDOW = Window(8, 4)
BORDERS = (60, 80, 100)


def listen_to(*columns, borders=BORDERS):
    panel, recorder = make_panel(np.stack(columns, axis=1)), Recorder()
    counts = count_cutoffs(panel, WINDOW, False)
    note_losses(panel, WINDOW, counts, make_split(panel, WINDOW, counts, borders), recorder)
    return recorder.text


def with_gap(*gaps):
    column = np.arange(100.0)
    for begin, end in gaps:
        column[begin:end] = np.nan
    return column


def test_whole_data_lose_nothing_and_nothing_is_said():
    assert listen_to(with_gap(), with_gap()) == ""


def test_a_gap_in_one_column_costs_that_column_only():
    # Possible are the cutoffs 7 ... 95; a gap of 20 rows costs those on it and the 5 after it with over 2 holes.
    assert listen_to(with_gap((40, 60)), with_gap()) == "0 of 89 windows lost to gaps (c0 28%) (--freq)"


def test_a_gap_in_all_columns_costs_the_window_and_the_worst_column_is_named_first():
    text = listen_to(with_gap((40, 60)), with_gap((40, 60), (80, 81)))
    assert text == "25 of 89 windows lost to gaps (c1 29%, c0 28%) (--freq)"


def test_of_many_columns_the_worst_three_are_named():
    text = listen_to(*(with_gap((40, 40 + k)) for k in (3, 9, 12, 15, 0)))
    assert "(c3 22%, c2 19%, c1 16% and 1 more)" in text


def test_rows_beyond_the_last_part_and_ends_of_series_are_no_lost_windows():
    panel = make_panel(np.arange(30.0), np.arange(12.0))
    assert mark_possible(panel, WINDOW, 30).sum() == (30 - 11) + (12 - 11)
    assert mark_possible(panel, WINDOW, 20).sum() == (20 - 11) + (12 - 11)


def test_a_series_too_short_for_a_training_window_is_named():
    panel, recorder = (
        make_panel(np.arange(100.0), np.arange(9.0), np.arange(100.0), ids=("a", "short", "z")),
        Recorder(),
    )
    counts = count_cutoffs(panel, WINDOW, False)
    note_untaught(panel, make_split(panel, WINDOW, counts, BORDERS), recorder)
    assert recorder.text == "1 of 3 series without a training window: short (--lookback)"
