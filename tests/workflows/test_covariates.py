"""Covariates known ahead and static ones: from DATA into the model directory and back at predict time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.artifact.load import open_artifact
from forecast_cli.errors import DataError
from forecast_cli.requests import CompareRequest
from forecast_cli.types import Columns
from forecast_cli.workflows.compare import compare
from forecast_cli.workflows.new_data import read_like_training
from tests.panels import Recorder
from tests.workflows.conftest import LOOKBACK, START, Model, train_linear

ROLES = Columns(targets=("load",), series_id="meter", future_covariates=("tariff",), static_covariates=("site",))
SITES = {"a": "north", "b": "south"}


def write_table(path, first=0, last=500, ahead=24, sites=SITES, statics=True):
    """Write the loads of meters from hour `first` to `last`, and `ahead` more hours of the tariff alone."""
    lines = []
    for hour in range(first, last + ahead):
        for k, (meter, site) in enumerate(sites.items()):
            load = f"{20 * k + 5 * np.sin(hour / 24 * 2 * np.pi) + hour % 7 / 10:.3f}" if hour < last else ""
            cells = [str(START + np.timedelta64(hour, "h")), meter, load, str(hour % 24 // 8)]
            lines.append(",".join([*cells, *([site] if statics else [])]))
    path.write_text("\n".join([f"time,meter,load,tariff{',site' if statics else ''}", *lines]))
    return path


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tariffs")
    return train_linear(write_table(folder / "data.csv"), folder / "model", ROLES, horizon=12)


@pytest.fixture
def model(directory, tmp_path) -> Model:
    return Model(directory, tmp_path)


def test_the_model_directory_keeps_what_is_known_ahead_and_what_is_static(directory) -> None:
    artifact = open_artifact(directory)
    for panel in (artifact.load_panel(), artifact.empty_panel()):
        assert (panel.channels, panel.n_future) == (("load", "tariff"), 1)
        assert panel.statics == {"site": ("north", "south")}
    assert np.diff(artifact.load_panel().indptr).tolist() == [524, 524]  # with the tariffs ahead


def test_the_forecast_begins_after_the_last_target_and_not_after_the_last_tariff(model) -> None:
    assert set(model.predict()[0].cutoff) == {"2025-01-21T19:00:00"}
    forecast, _ = model.predict(write_table(model.folder / "new.csv", 600, 600 + LOOKBACK))
    assert set(forecast.cutoff) == {"2025-01-27T23:00:00"}


def test_a_column_known_ahead_that_data_lack_is_named(model) -> None:
    path = write_table(model.folder / "new.csv", 600, 600 + LOOKBACK)
    path.write_text("\n".join(",".join(line.split(",")[:3]) for line in path.read_text().splitlines()))
    with pytest.raises(DataError, match="no column 'tariff'"):
        model.predict(path)


@pytest.mark.parametrize(
    ("statics", "sites", "known"),
    [
        (True, {"a": "east", "x": "west"}, ("east", "west")),  # DATA say so
        (False, {"a": "", "x": ""}, ("north", "")),  # the training said so, or nobody
    ],
)
def test_what_is_static_comes_from_data_and_else_from_the_training(model, statics, sites, known) -> None:
    path = write_table(model.folder / "new.csv", 600, 600 + LOOKBACK, sites=sites, statics=statics)
    panel = read_like_training(open_artifact(model.directory), [str(path)], Recorder())
    assert panel.statics == {"site": known}
    assert model.predict(path)[0].series_ids == ("a", "x")


def test_new_rows_are_scored_up_to_the_last_target(model) -> None:
    path = write_table(model.folder / "new.csv", 500, 560)
    windows = compare(CompareRequest((str(path),), model.directory), Recorder()).windows
    assert windows["last_cutoff"] == "2025-01-23T19:00:00"  # hour 547: 12 before the last load
    assert windows["n_windows"] == 2 * (560 - 500 - 12 + 1)


def test_a_series_whose_static_value_changed_within_data_is_refused(model) -> None:
    path = write_table(model.folder / "new.csv", 600, 600 + LOOKBACK)
    path.write_text(path.read_text().replace("north", "east", 3))
    with pytest.raises(DataError, match="series a has two values of 'site'"):
        model.predict(path)


@pytest.mark.parametrize(("layers", "said"), [("StaticEmbedding(2) | GRU(4)", True), (None, False)])
def test_a_static_text_that_training_did_not_have_is_named_where_the_model_reads_it(model, layers, said) -> None:
    artifact, heard = open_artifact(model.directory), Recorder()
    kept = {**artifact.card.kept, "linear": replace(artifact.card.kept["linear"], layers=layers)}
    path = write_table(model.folder / "new.csv", 600, 600 + LOOKBACK, sites={"a": "north", "b": "west"})
    read_like_training(replace(artifact, card=replace(artifact.card, kept=kept)), [str(path)], heard)
    assert [warns for text, _, warns in heard.notes if "1 site not in training (west)" in text] == [True] * said
