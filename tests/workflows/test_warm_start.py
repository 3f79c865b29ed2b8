"""A network learns on from where another ended, with its window, scale and weights; nothing learnt is scored."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.artifact.load import open_artifact
from forecast_cli.errors import DataError, UsageError
from forecast_cli.requests import PredictRequest, TrainRequest
from forecast_cli.types import Reads, Scaler, Training
from forecast_cli.workflows import fitting
from forecast_cli.workflows.learnt import Learnt
from forecast_cli.workflows.new_data import read_like_training
from forecast_cli.workflows.plan import make_plan
from forecast_cli.workflows.predict import predict
from forecast_cli.workflows.train import train
from forecast_cli.workflows.warm_start import _keep_scale, check_words, plan_warm_start
from tests.panels import Recorder, make_panel
from tests.workflows.conftest import ROWS, write_hours, write_meters

pytest.importorskip("tensorflow")

LAYERS = "PerChannel | SubtractLast | GRU(4)"


def train_network(source, directory, **asked) -> Recorder:
    """Train without the dense baseline."""
    heard = Recorder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "_has_tensorflow", lambda plan, listener: False)
        train(TrainRequest((str(source),), directory, **asked), heard)
    return heard


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("warm")


@pytest.fixture(scope="session")
def before(folder) -> Path:
    """The directory of a small network after two epochs; do not change it."""
    asked = {"lookback": 48, "horizon": 12, "layers": LAYERS, "training": Training(epochs=2, loss="huber")}
    source = write_hours(folder / "plant.csv")
    train_network(source, folder / "before", command="forecast train plant.csv", levels=(50, 90), **asked)
    return folder / "before"


@pytest.fixture(scope="session")
def later(folder) -> Path:
    """Newer rows of the same sensors, which begin within the old ones."""
    return write_hours(folder / "later.csv", ROWS - 200, ROWS + 500)


@pytest.fixture(scope="session")
def after(folder, before, later) -> Path:
    """The directory of the same network after one epoch more, on newer rows."""
    asked = {"training": Training(epochs=1), "flags": ("--epochs",)}
    train_network(later, folder / "after", start=before, command="forecast train later.csv --from before", **asked)
    return folder / "after"


def ask(start, source, **asked) -> TrainRequest:
    return TrainRequest((str(source),), Path("unused"), start=start, **asked)


def read_epochs(directory):
    with (directory / "training.csv").open() as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def test_what_the_network_is_stays_and_what_it_learnt_from_is_said(before, after):
    old, new = open_artifact(before).card, open_artifact(after).card
    assert (new.config.model, new.config.layers) == (old.config.model, old.config.layers)
    assert (new.config.window, new.config.levels) == (old.config.window, (50, 90))
    assert new.reading.options == old.reading.options
    assert (new.channels, new.units) == (old.channels, old.units)
    np.testing.assert_array_equal(open_artifact(after).scaler.loc, open_artifact(before).scaler.loc)
    np.testing.assert_array_equal(open_artifact(after).scaler.scale, open_artifact(before).scaler.scale)
    (ancestor,) = new.ancestors
    assert (ancestor.data_hash, ancestor.command) == (old.data_hash, "forecast train plant.csv")
    assert new.data_hash != old.data_hash
    assert old.ancestors == ()


def test_it_begins_where_the_other_ended_and_not_at_the_beginning(before, after):
    anew, (further,) = read_epochs(before), read_epochs(after)
    assert further["val_loss"] < anew[0]["val_loss"]  # of an epoch from fresh weights
    assert further["loss"] < anew[1]["loss"]
    assert further["val_loss"] == pytest.approx(anew[-1]["val_loss"], rel=0.5)
    assert further["learning_rate"] == pytest.approx(0.3 * Training.learning_rate)


def test_nothing_is_scored_that_the_weights_have_learnt(before, after):
    old, new = open_artifact(before).card, open_artifact(after).card
    assert new.learnt_until > old.learnt_until


def test_without_an_epoch_the_forecasts_are_the_same(before, later, tmp_path):
    asked = {"training": Training(epochs=0), "flags": ("--epochs",)}
    heard = train_network(later, tmp_path / "same", start=before, **asked)
    assert "goes on from" in heard.text
    paths = (before, tmp_path / "same")
    forecasts = [predict(PredictRequest((str(later),), path), Recorder()).forecast for path in paths]
    np.testing.assert_array_equal(forecasts[0].point, forecasts[1].point)


def test_training_goes_on_as_before_but_shorter_and_slower_unless_asked(before, later):
    plan, _ = plan_warm_start(ask(before, later), Recorder())
    assert plan.config.training == Training(epochs=5, learning_rate=0.3 * Training.learning_rate, loss="huber")
    asked = Training(epochs=20, learning_rate=0.01, loss="mse", time_limit=60.0)
    request = ask(before, later, training=asked, flags=("--epochs", "--learning-rate", "--loss", "--time-limit"))
    assert plan_warm_start(request, Recorder())[0].config.training == asked


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"lookback": 24}, "--lookback 24 contradicts"),
        ({"lookback": "auto"}, "--lookback auto contradicts"),
        ({"horizon": "6h"}, "--horizon 6h contradicts"),
        ({"delay": 2}, "--delay 2 contradicts"),
        ({"sample_every": 1, "delay": 1, "model": "dense"}, "--model dense contradicts .* which holds layers"),
        ({"layers": "GRU(8)"}, "--layers contradicts .* which holds PerChannel"),
    ],
)
def test_a_flag_that_contradicts_the_saved_network_is_refused(before, later, asked, sentence):
    with pytest.raises(UsageError, match=sentence):
        plan_warm_start(ask(before, later, **asked), Recorder())


def test_a_flag_that_repeats_the_saved_network_is_fine(before, later):
    flags = ("--lookback", "--horizon", "--layers")
    request = ask(before, later, lookback="2D", horizon=12, layers=LAYERS, flags=flags)
    plan, _ = plan_warm_start(request, Recorder())
    assert plan.config.window.lookback == 48


def test_a_closed_form_has_nothing_to_go_on_from(one, later):
    with pytest.raises(UsageError, match="holds linear, a closed form: there are no weights to go on from"):
        plan_warm_start(ask(one.directory, later), Recorder())


def test_data_without_a_column_of_the_model_are_refused_by_its_name(before, tmp_path):
    lines = write_hours(tmp_path / "whole.csv", ROWS, ROWS + 500).read_text().splitlines()
    (tmp_path / "part.csv").write_text("\n".join(line.rsplit(",", 1)[0] for line in lines) + "\n")
    with pytest.raises(DataError, match="flow"):
        plan_warm_start(ask(before, tmp_path / "part.csv"), Recorder())


def test_data_of_a_coarser_step_are_refused_naming_both(before, tmp_path):
    daily = write_hours(tmp_path / "daily.csv", ROWS, ROWS + 24 * 400, step=24 * 60)
    with pytest.raises(DataError) as caught:
        plan_warm_start(ask(before, daily), Recorder())
    assert "1D" in str(caught.value)
    assert "1h" in str(caught.value)


def test_data_that_end_before_the_learning_did_leave_nothing_to_score(before, tmp_path):
    old = write_hours(tmp_path / "old.csv", 0, 400)
    with pytest.raises(DataError, match="no window is left to score on"):
        plan_warm_start(ask(before, old), Recorder())


def test_a_split_that_scores_what_was_learnt_is_refused(before, later):
    with pytest.raises(DataError, match="scores of what was learnt prove nothing"):
        plan_warm_start(ask(before, later, split="2025-01-19,2025-01-20"), Recorder())


def test_parts_begin_no_earlier_than_the_learning_ended():
    panel = make_panel(np.sin(np.arange(500) / 4) + np.arange(500) / 100, start=[100])
    request = TrainRequest((), Path("unused"), lookback=24, horizon=6, model="linear")
    plain = make_plan(request, panel, Recorder()).split.borders
    moved = make_plan(request, panel, Recorder(), Learnt(plain[0] + 5, plain[1] + 20)).split.borders
    assert moved == (plain[0] + 5, plain[1] + 20, plain[2])
    assert make_plan(request, panel, Recorder(), Learnt(120, 130)).split.borders == plain


def test_a_known_series_keeps_its_scale_and_a_new_one_has_its_own(many, tmp_path):
    artifact = open_artifact(many.directory)
    panel = read_like_training(artifact, [str(write_meters(tmp_path / "new.csv", "b", "x"))], Recorder())
    own, heard = Scaler(np.full((2, 1), 7.0), np.full((2, 1), 3.0)), Recorder()
    scaler = _keep_scale(artifact, panel, own, heard)
    assert scaler.loc[0] == artifact.scaler.loc[1]
    assert (scaler.loc[1], scaler.scale[1]) == (7.0, 3.0)
    assert "1 new series (x): scaled by their own training rows" in heard.text


def test_an_embedding_meets_only_what_it_has_learnt():
    reads = Reads(("history", "series", "statics"), series_ids=("a", "b"), categories={"site": ("x", "y")})
    check_words(reads, reads)
    with pytest.raises(DataError, match="series: DATA have c and lack b; the network has a place"):
        check_words(reads, replace(reads, series_ids=("a", "c")))
    with pytest.raises(DataError, match="site: DATA lack y"):
        check_words(reads, replace(reads, categories={"site": ("x",)}))
    check_words(*(replace(reads, inputs=("history",), series_ids=ids) for ids in (("a", "b"), ("a", "c"))))


def test_damaged_weights_are_refused(before, later, tmp_path):
    import shutil

    damaged = shutil.copytree(before, tmp_path / "damaged")
    (file,) = damaged.glob("weights-*")
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(Exception, match="damaged"):
        plan_warm_start(ask(damaged, later), Recorder())


def test_a_time_limit_is_shared_by_the_networks_of_a_run():
    training = Training(time_limit=60.0)
    assert fitting.limit_training(training, 0.25).time_limit == 15.0
    assert fitting.limit_training(training, spent=50.0).time_limit == 10.0
    assert fitting.limit_training(training, spent=70.0).time_limit == 0.0
    plain = replace(training, time_limit=None)
    assert fitting.limit_training(plain, 0.25, 5.0) == plain
