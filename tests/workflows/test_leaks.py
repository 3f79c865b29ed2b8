"""Nothing after the training part moves what is learnt; a backtest forecast is the one that its day would have had."""

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.frequency import natural_seasons
from forecast_cli.ingest.read import read_panel
from forecast_cli.models.registry import make_closed_forms
from forecast_cli.prepare.scaling import scale_panel
from forecast_cli.requests import TrainRequest
from forecast_cli.types import Conformal, ReadingOptions
from forecast_cli.workflows.fitting import fit_models
from forecast_cli.workflows.forecasting import make_forecast
from forecast_cli.workflows.plan import make_plan
from tests.panels import Recorder, make_panel


def make_table(seed=0, n=900):
    rng = np.random.default_rng(seed)
    day = np.sin(2 * np.pi * np.arange(n) / 24)
    table = np.stack([3 * day + rng.normal(size=n), day**2 + rng.normal(0, 0.3, n)], axis=1)
    table[rng.random((n, 2)) < 0.03] = np.nan
    return table


def plan_of(table, tmp_path, **asked):
    return make_plan(TrainRequest((), tmp_path, **asked), make_panel(table), Recorder())


@pytest.mark.parametrize("hole", [1e9, np.nan], ids=["huge", "with holes"])
def test_whatever_comes_after_the_training_part_moves_nothing_that_is_learnt(tmp_path, hole):
    table = make_table()
    clean = plan_of(table, tmp_path, model="linear")
    end = clean.split.borders[0]
    other = table.copy()
    other[end:] = 1e9
    other[end::5] = hole
    dirty = plan_of(other, tmp_path, model="linear")
    assert clean.config == dirty.config  # season, horizon, lookback, split
    assert np.array_equal(clean.split.train, dirty.split.train)
    assert np.array_equal(clean.scaler.loc, dirty.scaler.loc)
    assert np.array_equal(clean.scaler.scale, dirty.scaler.scale)
    first, second = (fit_linear(plan) for plan in (clean, dirty))
    assert np.array_equal(first.weights, second.weights)
    assert np.array_equal(first.bias, second.bias)


END, STEPS = 630, 900  # hours: of the training part, and of all


def rise(rng, n):
    """A meter that counts up to 9 an hour, is reset now and then, and once shows a lone 0."""
    total = np.cumsum(rng.integers(1, 10, n)).astype(np.float64)
    readings = total - np.maximum.accumulate(np.where(np.arange(n) % 170 == 169, total, 0.0))
    readings[400] = 0.0
    return readings


def turn(rng, n):
    return np.cumsum(rng.normal(0, 20, n)) % 360


def wave(rng, n):
    return 5 * np.sin(2 * np.pi * np.arange(n) / 24) + rng.normal(size=n)


def change(rng, n):
    """A logger that writes every third value or so, but none for ten hours before the training part ends."""
    values = np.where(rng.random(n) < 0.4, np.round(wave(rng, n), 1), np.nan)
    values[END - 10 : END + 2] = np.nan
    return values


def read_plan(tmp_path, column, options, per_hour):
    """The plan for a file of this column and another."""
    stamps = np.datetime64("2025-01-01") + np.arange(column.size) * np.timedelta64(60 // per_hour, "m")
    other = np.cos(np.arange(column.size) / 5) + np.arange(column.size) % 7
    lines = [
        f"{s},{'' if np.isnan(a) else float(a)},{b:.3f}"
        for s, a, b in zip(stamps, column.tolist(), other.tolist(), strict=True)
    ]
    path = tmp_path / "plant.csv"
    path.write_text("\n".join(["time,a,b", *lines]) + "\n")
    panel, _ = read_panel([str(path)], options, Recorder())
    sizes = f"{END},90,{STEPS - END - 90}"
    asked = TrainRequest((), tmp_path, model="linear", lookback=48, horizon=12, split=sizes)
    return make_plan(asked, panel, Recorder())


@pytest.mark.parametrize("hole", [1e9, np.nan], ids=["huge", "silent for long"])
@pytest.mark.parametrize(
    ("draw", "options", "per_hour"),
    [
        (rise, ReadingOptions(counters=("a",)), 1),
        (turn, ReadingOptions(angles=("a",)), 1),
        (wave, ReadingOptions(aggregate=(("a", "sum"),), freq="1h"), 3),
        (wave, ReadingOptions(aggregate=(("a", "std"),), freq="1h"), 3),
        (change, ReadingOptions(fill="hold"), 1),
    ],
    ids=["counter", "angle", "sum", "std", "hold"],
)
def test_rows_after_the_training_part_change_nothing_in_how_it_is_read(tmp_path, draw, options, per_hour, hole):
    column = draw(np.random.default_rng(3), STEPS * per_hour)
    later = column.copy()
    later[END * per_hour :] = 1e9
    later[END * per_hour : (END + 40) * per_hour] = hole
    clean, dirty = (read_plan(tmp_path, each, options, per_hour) for each in (column, later))
    assert clean.split.borders == dirty.split.borders
    for name in ("values", "observed"):
        np.testing.assert_array_equal(getattr(clean.panel, name)[:END], getattr(dirty.panel, name)[:END])
    np.testing.assert_array_equal(clean.split.train, dirty.split.train)
    np.testing.assert_array_equal(clean.counts[:END], dirty.counts[:END])
    np.testing.assert_array_equal(clean.scaler.loc, dirty.scaler.loc)
    np.testing.assert_array_equal(clean.scaler.scale, dirty.scaler.scale)
    np.testing.assert_array_equal(fit_linear(clean).weights, fit_linear(dirty).weights)


def fit_linear(plan):
    """The linear model of a plan, without the choice of its penalty, which is made on validation."""
    split = replace(plan.split, validation=plan.split.validation[:0])
    return make_closed_forms(plan.config.window, plan.panel.n_targets, ())["linear"].fit(plan.scaled, split, Recorder())


def test_the_forecast_from_data_cut_at_a_cutoff_is_the_one_of_the_backtest_on_a_panel_with_gaps(tmp_path):
    table = make_table()
    plan = plan_of(table, tmp_path, model="linear", lookback=48)
    window = plan.config.window
    conformal = Conformal(np.ones((99, window.horizon, 2)), 100)
    for form in make_closed_forms(window, 2, plan.seasons).values():
        fitted = form.fit(plan.scaled, plan.split, Recorder())
        for row in plan.split.test[::40]:
            cut = scale_panel(make_panel(table[: row + 1]), plan.scaler)
            whole, part = (
                make_forecast(fitted, conformal, (80,), window, panel, plan.scaler, np.array([row]))
                for panel in (plan.scaled, cut)
            )
            for ours, theirs in zip((whole.point, whole.upper), (part.point, part.upper), strict=True):
                np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_small_data_get_closed_forms_alone_and_no_network(tmp_path):
    plan = plan_of(make_table(n=200), tmp_path)
    assert not plan.trains_networks
    assert set(fit_models(plan, Recorder())) == {"naive", "seasonal-naive", "linear"}


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
