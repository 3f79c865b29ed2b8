from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pytest

from forecast_cli.evaluation.backtest import score_models
from forecast_cli.evaluation.importance import (
    PARTS,
    Input,
    Sample,
    cut_lookback,
    exchange_beside,
    exchange_both,
    exchange_history,
    explain,
    find_rise,
    occlude,
)
from forecast_cli.evaluation.metrics import average
from forecast_cli.models.baselines import Naive
from forecast_cli.types import Batch, Reads, Window
from tests.panels import Recorder, make_panel

WINDOW = Window(lookback=20, horizon=3)
RNG = np.random.default_rng(0)
DRIVER = RNG.normal(size=900)
TABLE = np.stack([np.roll(DRIVER, 1) * 2, RNG.normal(size=900), DRIVER, RNG.normal(size=900)], axis=1)
TABLE[0] = 0  # which is taken off: values are as they stand here
PANEL = replace(make_panel(TABLE, n_targets=2), n_future=1)
COUNTS = np.ones((900, 2), bool)
ROWS = np.arange(100, 890)


HISTORY, AHEAD = Reads(), Reads(inputs=("history", "future"), horizon=3)


@dataclass(frozen=True)
class Follower:
    """Forecasts the first target's next step from channel 2, and nothing else from anything."""

    lookback: int = 20
    sample_every: int = 1
    parameters: int = 0
    reads: Reads = HISTORY

    def predict(self, batch: Batch) -> np.ndarray:
        forecast = np.zeros((len(batch.history), 3, 2), np.float32)
        forecast[:, 0, 0] = 2 * batch.history[:, -1, 2]
        return forecast


@dataclass(frozen=True)
class Seer(Follower):
    """Adds what is known ahead of channel 3 to the second target."""

    reads: Reads = AHEAD

    def predict(self, batch: Batch) -> np.ndarray:
        forecast = super().predict(batch)
        forecast[..., 1] += batch.beside["future"][..., 0]
        return forecast


def make_sample(model, panel=PANEL, rows=ROWS, counts=COUNTS):
    return Sample(model, panel, WINDOW, counts, rows)


def explain_inputs(model, *inputs, **more):
    return {each.name: each.rise for each in explain(make_sample(model, **more), inputs, Recorder()).inputs}


def make_input(channel, **more):
    return Input(f"c{channel}", "past covariate", exchange_history([channel]), **more)


def test_what_a_model_ignores_has_a_rise_of_exactly_0_and_what_it_uses_comes_first():
    found = explain(make_sample(Follower()), [make_input(3), make_input(2), make_input(1)], Recorder()).inputs
    assert [each.name for each in found] == ["c2", "c3", "c1"]
    assert found[0].rise > 10
    assert [each.rise for each in found[1:]] == [0.0, 0.0]


def test_the_rise_of_a_perfectly_used_input_is_what_its_exchange_costs():
    """The first step of the first target is exact; exchanged, it errs as the difference of two independent values."""
    rows = np.arange(100, 600)
    sample = make_sample(Follower(), rows=rows)
    whole = sample.measure(sample.gather)
    rise = explain_inputs(Follower(), make_input(2), rows=rows)["c2"]
    cost = 2 * np.sqrt(2) * np.sqrt(2 / np.pi)  # E|2(x - y)| of standard normal x and y
    assert rise == pytest.approx(100 * cost / 6 / whole, rel=0.1)  # one of three steps, of one of two targets


def test_the_untouched_error_is_that_of_the_backtest_on_as_many_windows():
    rows = ROWS[:300]
    found = explain(make_sample(Follower(), rows=rows), [], Recorder())
    scores = score_models({"m": Follower()}, PANEL, WINDOW, COUNTS, rows, Recorder())
    assert found.mae_scaled == pytest.approx(average(scores.absolute, scores.n)[0])
    assert found.n_cutoffs == 300


def test_of_many_windows_five_hundred_are_taken_from_first_to_last():
    assert explain(make_sample(Naive(WINDOW, 2)), [], Recorder()).n_cutoffs == 500


def test_the_same_question_gets_the_same_answer():
    assert explain_inputs(Follower(), make_input(2)) == explain_inputs(Follower(), make_input(2))


def test_of_an_input_that_is_a_target_only_the_errors_of_the_others_count():
    own = Input("c0", "target", exchange_history([0]), (0,))
    panel = make_panel(np.cumsum(TABLE[:, :2], axis=0))
    assert explain_inputs(Naive(WINDOW, 2), own, panel=panel) == {"c0": 0.0}
    assert (
        explain_inputs(Naive(WINDOW, 2), replace(own, targets=()), panel=panel)["c0"] > 10
    )  # which needs its own past


def test_an_input_known_ahead_is_exchanged_on_both_sides_of_the_cutoff():
    ahead = exchange_beside("future", [0])
    both = Input("tariff", "known ahead", exchange_both(exchange_history([3]), ahead))
    found = explain_inputs(Seer(), both, Input("day", "calendar", exchange_beside("future", [1, 2])))
    assert found["day"] == 0
    assert found["tariff"] != 0
    batch, others = (make_sample(Seer()).gather(rows) for rows in (ROWS[:5], ROWS[50:55]))
    taken = both.exchange(batch, others)
    np.testing.assert_array_equal(taken.history[:, :, 3], others.history[:, :, 3])
    np.testing.assert_array_equal(taken.history[:, :, :3], batch.history[:, :, :3])
    np.testing.assert_array_equal(taken.beside["future"][..., 0], others.beside["future"][..., 0])
    np.testing.assert_array_equal(taken.beside["future"][..., 1:], batch.beside["future"][..., 1:])


def test_what_is_read_whole_beside_the_history_is_exchanged_whole():
    history, nothing = np.zeros((2, 3, 1), np.float32), np.zeros((2, 3, 1), bool)
    batches = [
        Batch(history, nothing, np.zeros(2, np.int64), np.zeros(2, np.int64), MappingProxyType({"phase": phase}))
        for phase in (np.array([1, 2]), np.array([5, 6]))
    ]
    assert exchange_beside("phase")(*batches).beside["phase"].tolist() == [5, 6]
    assert batches[0].beside["phase"].tolist() == [1, 2]  # what was given stays as it was


def test_a_model_that_sees_the_last_value_alone_needs_the_last_part_alone():
    parts = explain(make_sample(Follower()), [], Recorder()).lookback
    assert len(parts) == PARTS
    assert (parts[0].first_step, parts[0].last_step) == (19, 18)
    assert (parts[-1].first_step, parts[-1].last_step) == (1, 0)
    assert [part.rise for part in parts[:-1]] == [0.0] * (PARTS - 1)
    assert parts[-1].rise > 10


@pytest.mark.parametrize(("lookback", "every"), [(20, 1), (720, 1), (60, 7), (3, 1), (1, 1)])
def test_the_parts_hold_every_input_once(lookback, every):
    parts = cut_lookback(Follower(lookback, every))
    assert [n for begin, end in parts for n in range(begin, end)] == list(range(lookback // every))
    assert len(parts) == min(PARTS, lookback // every)


def test_an_occluded_part_holds_the_mean_of_the_rest_and_is_not_observed():
    history = np.arange(12, dtype=np.float32).reshape(1, 6, 2)
    batch = Batch(history, np.ones((1, 6, 2), bool), np.zeros(1, np.int64), np.zeros(1, np.int64))
    hidden = occlude(batch, 4, 6)
    np.testing.assert_array_equal(hidden.history[0, 4:], [[3, 4], [3, 4]])
    np.testing.assert_array_equal(hidden.history[0, :4], history[0, :4])
    assert hidden.observed[0].all(axis=1).tolist() == [True] * 4 + [False] * 2
    assert occlude(batch, 0, 6).history.tolist() == np.zeros((1, 6, 2)).tolist()


def test_a_window_that_is_lifted_stays_lifted_where_a_part_is_occluded():
    """So that a network which subtracts the level forecasts the same, lifted: nothing but the part is taken away."""
    batch = make_sample(Follower()).gather(ROWS[:4])
    lifted = replace(batch, history=batch.history + 100)
    np.testing.assert_allclose(occlude(lifted, 8, 10).history - 100, occlude(batch, 8, 10).history, atol=1e-4)


def test_a_rise_over_no_error_is_unknown():
    assert np.isnan(find_rise(1.0, 0.0))
    assert find_rise(1.5, 1.0) == 50


def test_progress_is_told_to_its_end():
    recorder = Recorder()
    explain(make_sample(Follower()), [make_input(3)], recorder)
    stages = [each for each in recorder.stages if each[0] == "explain"]
    assert [done for _, done, _ in stages] == list(range(PARTS + 2))
    assert stages[-1] == ("explain", PARTS + 1, PARTS + 1)


def test_windows_of_several_series_with_gaps_are_measured_where_they_were_observed():
    holes = TABLE.copy()
    holes[300:340, 0] = np.nan
    panel = replace(make_panel(TABLE, holes[:700], n_targets=2), n_future=1)
    counts = panel.observed[:, :2]
    rows = np.array([*range(100, 500), *range(1000, 1500)])
    rises = explain_inputs(Follower(), make_input(2), make_input(3), panel=panel, counts=counts, rows=rows)
    assert rises["c2"] > 10
    assert rises["c3"] == 0
