"""What a model reads of a window beside its history."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from forecast_cli.prepare.ahead import gather_future
from forecast_cli.prepare.inputs import count_since_1970, feed, gather_inputs, list_categories
from forecast_cli.types import Reads
from tests.panels import make_panel

ALL = ("history", "observed", "future", "series", "statics", "phase")


@dataclass
class Model:
    lookback: int = 3
    sample_every: int = 1
    reads: Reads = field(default_factory=Reads)


def make_meters(**changes):
    """Return two meters of a target and a tariff known ahead, and where each stands."""
    t = np.arange(20.0)
    tables = (np.stack([t, 100 + t], axis=1), np.stack([-t, 200 + t], axis=1))
    panel = make_panel(*tables, ids=("a", "b"), n_targets=1, start=[0, 5])
    return replace(panel, **{"n_future": 1, "statics": {"site": ("north", "south")}, **changes})


def read_all(panel, **changes):
    """Return the model that reads everything, trained on this panel."""
    known = Reads(ALL, 2, 1, 24, panel.series_ids, list_categories(panel.statics))
    return Model(reads=replace(known, **changes))


def test_a_model_of_history_alone_gets_no_more():
    panel, rows = make_meters(), np.array([5, 30])
    batch = gather_inputs(panel, rows, Model())
    assert batch.beside == {}
    assert list(feed(batch, Reads())) == ["history"]


def test_every_input_has_the_values_of_its_window():
    panel, rows = make_meters(), np.array([5, 30])  # of a its row 5, of b its row 10
    batch = gather_inputs(panel, rows, read_all(panel))
    inputs = feed(batch, read_all(panel).reads)
    assert tuple(inputs) == ALL
    np.testing.assert_array_equal(inputs["history"][:, :, 0] + panel.offset[:, :1], [[3, 4, 5], [-8, -9, -10]])
    np.testing.assert_array_equal(inputs["future"], gather_future(panel, rows, 2, 1))
    np.testing.assert_array_equal(inputs["future"][:, :, 0], [[6, 7], [11, 12]])  # less the first value
    assert inputs["series"].tolist() == [0, 1]
    assert inputs["statics"].tolist() == [[0], [1]]
    hours = (np.datetime64("2025-01-01", "h").astype(np.int64) + np.array([5, 15])) % 24
    assert inputs["phase"].tolist() == hours.tolist()
    kinds = {name: each.dtype for name, each in inputs.items()}
    assert kinds == dict(zip(ALL, [*[np.float32] * 3, *[np.int32] * 3], strict=True))


def test_observed_is_one_or_zero_in_the_shape_of_the_history():
    t = np.arange(20.0)
    t[4] = np.nan
    batch = gather_inputs(make_panel(t), np.array([5]), Model(reads=Reads(("history", "observed"))))
    assert feed(batch, Reads(("history", "observed")))["observed"].ravel().tolist() == [1, 0, 1]


def test_series_and_categories_that_the_training_did_not_have_are_minus_one():
    model = read_all(make_meters())
    new = make_meters(series_ids=("b", "x"), statics={"site": ("west", "north")})
    inputs = feed(gather_inputs(new, np.array([5, 30]), model), model.reads)
    assert inputs["series"].tolist() == [1, -1]
    assert inputs["statics"].tolist() == [[-1], [0]]
    nothing = feed(gather_inputs(make_meters(statics={}), np.array([5]), model), model.reads)
    assert nothing["statics"].tolist() == [[-1]]


def test_an_empty_text_is_no_category_and_a_covariate_without_any_is_not_read():
    assert list_categories({"site": ("b", "", "a", "b"), "kind": ("", "", "", "")}) == {"site": ("a", "b")}


def test_what_is_not_known_ahead_counts_as_the_mean():
    panel = make_meters()
    inputs = feed(gather_inputs(panel, np.array([19]), read_all(panel)), read_all(panel).reads)
    np.testing.assert_array_equal(inputs["future"][0, :, 0], [0, 0])


def test_the_calendar_of_the_steps_ahead_is_known_at_the_end_of_the_data():
    longer, shorter = make_panel(np.arange(30.0)), make_panel(np.arange(20.0))
    model = Model(reads=Reads(("history", "future"), horizon=4, delay=2))
    ours, theirs = (gather_inputs(panel, np.array([19]), model).beside["future"] for panel in (longer, shorter))
    assert ours.shape == (1, 4, 6)
    np.testing.assert_array_equal(ours, theirs)


def test_the_targets_ahead_change_no_input():
    panel, rows = make_meters(), np.array([5, 10, 30])
    model = read_all(panel)
    other = panel.values.copy()
    other[6:10, 0], other[11:20, 0], other[31:, 0] = 1e9, np.nan, -1e9
    before, after = (
        feed(gather_inputs(each, rows[:1], model), model.reads) for each in (panel, replace(panel, values=other))
    )
    for name in ALL:
        np.testing.assert_array_equal(before[name], after[name])


def test_what_is_known_beyond_the_horizon_changes_no_input():
    panel, model = make_meters(), read_all(make_meters())
    other = panel.values.copy()
    other[8:20] = 1e9
    for name in ALL:
        before, after = (
            feed(gather_inputs(each, np.array([5]), model), model.reads)[name]
            for each in (panel, replace(panel, values=other))
        )
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(
    ("freq", "origin", "step"),
    [
        *(("1h", "1970-01-01T05:00", 5), ("1h", "1969-12-31T23:00", -1), ("15min", "1970-01-02T00:10", 96)),
        *(("1D", "2025-01-01", 20089), ("1MS", "1971-02-01", 13), ("10ms", "2025-01-01", 173568960000)),
    ],
)
def test_the_phase_counts_from_1970_in_steps_of_the_grid(freq, origin, step):
    assert count_since_1970(make_panel(np.arange(9.0), freq=freq, origin=origin)) == step


def test_the_phase_of_an_instant_does_not_depend_on_where_the_data_begin():
    model = Model(reads=Reads(("history", "phase"), cycle=7))
    early, late = make_panel(np.arange(40.0)), make_panel(np.arange(20.0), origin="2025-01-01T11:00")
    ours, theirs = (gather_inputs(panel, np.array([row]), model) for panel, row in ((early, 30), (late, 19)))
    assert ours.beside["phase"] == theirs.beside["phase"]
