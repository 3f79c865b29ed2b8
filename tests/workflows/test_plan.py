"""What was asked for, resolved on the grid of the data."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.errors import DataError, UsageError
from forecast_cli.ingest.read import read_panel
from forecast_cli.models.notation import parse_network
from forecast_cli.requests import TrainRequest
from forecast_cli.types import Columns, ReadingOptions
from forecast_cli.workflows.plan import make_plan
from tests.panels import Recorder, make_panel
from tests.workflows.conftest import START, write_hours

SIZES = {"model": "linear", "horizon": 12, "lookback": 24}


@pytest.fixture
def plan_for(tmp_path):
    """Return a function that plans a run on 25 days of hours, or on the lines given."""

    def plan(options=None, source=None, **asked):
        source = source or write_hours(tmp_path / "data.csv")
        options, listener = options or ReadingOptions(), Recorder()
        panel, _ = read_panel([str(source)], options, listener)
        request = TrainRequest((str(source),), tmp_path / "model", options, **{**SIZES, **asked})
        return make_plan(request, panel, listener)

    return plan


def test_a_split_by_dates_is_the_same_split_by_steps(plan_for):
    by_date, by_step = plan_for(split="2025-01-16,2025-01-21"), plan_for(split="360,120,120")
    for name in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(by_date.split, name), getattr(by_step.split, name))
    assert by_date.config == by_step.config


def test_a_split_by_dates_outside_the_data_is_refused(plan_for):
    with pytest.raises(DataError, match="2025-01-01T00:00:00 to 2025-01-25T23:00:00"):
        plan_for(split="2024-01-16,2025-01-21")


def test_lengths_in_time_are_steps_of_the_grid(plan_for):
    options = ReadingOptions(season="1D", max_gap="2h")
    plan = plan_for(options, horizon="6h", lookback="2D", stride="3h", sample_every="2h", delay="4h")
    window = plan.config.window
    assert (window.horizon, window.lookback, window.stride) == (6, 48, 3)
    assert (window.sample_every, window.delay) == (2, 4)
    assert plan.config.season_length == 24


@pytest.mark.parametrize("name", ["horizon", "lookback", "stride", "sample_every", "delay"])
def test_a_time_that_is_no_whole_number_of_steps_names_its_flag(plan_for, name):
    with pytest.raises(UsageError, match=f"--{name.replace('_', '-')} 90min"):
        plan_for(**{name: "90min"})


def write_tariffs(path, known=480, ahead=48, target="load"):
    """Write hours of a load with a tariff, of which `ahead` more are known."""
    lines = []
    for k in range(known + ahead):
        stamp = np.datetime64("2025-01-01T00:00") + np.timedelta64(k, "h")
        lines.append(f"{stamp},{10 + k % 24 + k % 7 / 10 if k < known else ''},{k % 24 // 8}")
    path.write_text("\n".join([f"time,{target},tariff", *lines]))
    return path


AHEAD = ReadingOptions(Columns(targets=("load",), future_covariates=("tariff",)))


def test_rows_of_what_is_known_ahead_are_in_no_part(plan_for, tmp_path):
    whole = plan_for(AHEAD, write_tariffs(tmp_path / "a.csv"))
    alone = plan_for(AHEAD, write_tariffs(tmp_path / "b.csv", ahead=0))
    assert whole.split.borders == alone.split.borders == (336, 384, 480)
    for name in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(whole.split, name), getattr(alone.split, name))
    assert whole.panel.n_future == 1
    np.testing.assert_array_equal(whole.scaler.loc, alone.scaler.loc)


def plan_tariffs(tmp_path, **asked):
    """Return the plan for a table with a tariff known ahead and two sites, and what was said."""
    rows = [
        f"{START + np.timedelta64(h, 'h')},{m},{h % 24 + k},{h % 5},{m * 2}"
        for h in range(400)
        for k, m in enumerate("ab")
    ]
    (tmp_path / "shop.csv").write_text("\n".join(["time,meter,load,tariff,site", *rows]))
    columns = Columns(targets=("load",), series_id="meter", future_covariates=("tariff",), static_covariates=("site",))
    listener = Recorder()
    panel, _ = read_panel([str(tmp_path / "shop.csv")], ReadingOptions(columns), listener)
    sizes = {"lookback": 24, "horizon": 6}
    return make_plan(TrainRequest((), tmp_path / "model", **sizes, **asked), panel, listener), listener.text


def test_a_network_that_has_a_name_reads_what_is_known_ahead_and_static(tmp_path):
    plan, said = plan_tariffs(tmp_path, model="dense")
    assert plan.config.layers.startswith("PerChannel | SubtractLast | Future(32) | StaticEmbedding(4) | Flatten")
    assert plan.network == parse_network(plan.config.layers)
    assert "reads tariff, the calendar at the steps ahead by Future(32) and site by StaticEmbedding(4)" in said


def test_a_network_that_somebody_wrote_stays_as_it_is_and_what_it_does_not_read_is_said(tmp_path):
    plan, said = plan_tariffs(tmp_path, layers="StaticEmbedding(2) | Flatten")
    assert plan.config.layers == "StaticEmbedding(2) | Flatten"
    assert "does not read tariff, the calendar at the steps ahead: Future(32)" in said
    assert "site" not in said.split("does not read")[1]


def test_a_closed_form_says_what_it_does_not_read(tmp_path):
    assert (
        "linear reads the history of the targets alone, not tariff, site" in plan_tariffs(tmp_path, model="linear")[1]
    )


def test_a_cycle_needs_a_time(tmp_path):
    panel = make_panel(np.arange(600.0) % 24, origin=None, freq="1row")
    with pytest.raises(UsageError, match="have no time"):
        make_plan(TrainRequest((), tmp_path, layers="Cycle(24) | Flatten"), panel, Recorder())


def test_what_is_known_ahead_is_scaled_as_other_covariates_are(plan_for, tmp_path):
    plan = plan_for(AHEAD, write_tariffs(tmp_path / "a.csv"))
    train = plan.scaled.values[: plan.split.borders[0], 1]
    assert (abs(train.mean()) < 1e-5, abs(train.std() - 1) < 1e-5) == (True, True)


def test_how_a_written_network_differs_from_keras_is_said_once_and_not_again_where_its_weights_go_on(tmp_path):
    line, panel = "Conv1D(4, 3) | GRU(4)", make_panel(np.arange(600.0))
    for start, times in ((None, 1), (tmp_path, 0)):
        heard = Recorder()
        make_plan(TrainRequest((), tmp_path, layers=line, lookback=24, horizon=12, start=start), panel, heard)
        assert sum("Conv1D pads" in text for text, _, _ in heard.notes) == times


def test_a_default_run_blends_unless_a_model_is_named_or_the_network_is_wanted_alone(plan_for):
    asked = {"model": None, "horizon": 6, "lookback": 24}
    assert plan_for(**asked).blends
    assert not plan_for(**asked, blend=False).blends
    assert not plan_for(**{**asked, "model": "conv-birnn"}).blends
    assert not plan_for(**asked, layers="LSTM(4)").blends
    assert plan_for(**asked, blend=False).config.model == "conv-birnn"


@pytest.mark.parametrize(("n_targets", "rate"), [(1, "0.35"), (300, "0.2")])
def test_dropout_follows_the_number_of_lessons(tmp_path, n_targets, rate):
    panel = make_panel(np.random.default_rng(0).normal(size=(600, n_targets)))
    plan = make_plan(TrainRequest((), tmp_path, horizon=6, lookback=24), panel, Recorder())
    assert f"Dropout({rate})" in plan.config.layers
