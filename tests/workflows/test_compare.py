"""Where a model is bad: `compare-baselines --by ... --worst N`."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.errors import DataError
from forecast_cli.requests import CompareRequest, TrainRequest
from forecast_cli.types import Columns, ReadingOptions
from forecast_cli.workflows import fitting
from forecast_cli.workflows.compare import compare
from forecast_cli.workflows.train import train
from tests.panels import Recorder
from tests.workflows.conftest import ROWS, START, Model, _refuse, train_linear, write_hours


def compare_with(model, *sources, **asked):
    return compare(CompareRequest(tuple(map(str, sources)), model.directory, **asked), Recorder())


def test_without_a_word_there_is_the_ranking_and_no_part(one) -> None:
    result = compare_with(one)
    assert (result.by, result.parts) == (None, ())


@pytest.mark.parametrize(("by", "parts"), [("target", ["flow", "temp [°C]"]), ("series", ["plant"])])
def test_each_part_has_a_row_for_each_model_in_the_order_of_the_ranking(one, by, parts) -> None:
    result = compare_with(one, by=by)
    assert [row.part for row in result.parts] == [part for part in parts for _ in result.ranking]
    assert [row.model for row in result.parts] == [row.model for row in result.ranking] * len(parts)


def test_steps_are_counted_from_the_cutoff(one) -> None:
    shown = [row.part for row in compare_with(one, by="step").parts if row.model == "linear"]
    assert shown == [str(step) for step in range(1, 13)]


def test_the_parts_average_to_the_ranking(one) -> None:
    result = compare_with(one, by="target")
    for ranked in result.ranking:
        errors = [row.mae_scaled for row in result.parts if row.model == ranked.model]
        assert np.mean(errors) == pytest.approx(ranked.mae_scaled)


def test_only_the_chosen_baselines_are_shown(one) -> None:
    result = compare_with(one, by="target", baselines=("naive",))
    assert {row.model for row in result.parts} == {"naive", "linear"}


def test_worst_shows_the_parts_with_the_largest_errors_of_the_saved_model(many) -> None:
    whole, worst = compare_with(many, by="series"), compare_with(many, worst=2)
    errors = {row.part: row.mae_scaled for row in whole.parts if row.model == "linear"}
    assert worst.by == "series"
    assert list(dict.fromkeys(row.part for row in worst.parts)) == sorted(errors, key=lambda part: -errors[part])[:2]


def test_worst_of_one_series_is_about_its_targets(one) -> None:
    assert compare_with(one, worst=1).by == "target"


# --- New data ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def weekly_directory(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weekly")
    source = write_hours(folder / "plant.csv")
    return train_linear(source, folder / "model", reading=ReadingOptions(season=168), horizon=12)


@pytest.fixture
def weekly(weekly_directory, tmp_path):
    """A model whose seasonal naive needs a week, and the linear one two days."""
    return Model(weekly_directory, tmp_path)


def test_stored_rows_are_history_and_are_not_scored_again(weekly) -> None:
    result = compare_with(weekly, write_hours(weekly.folder / "a.csv", ROWS, ROWS + 100))
    assert result.windows["first_cutoff"] == "2025-01-25T23:00:00"  # the last stored row
    assert result.windows["n_windows"] == 100 - 12 + 1


def test_every_model_sees_its_whole_history_where_no_stored_rows_join(weekly) -> None:
    path = write_hours(weekly.folder / "a.csv", ROWS + 500, ROWS + 700)
    assert compare_with(weekly, path).windows["n_windows"] == 200 - 168 - 12 + 1
    with pytest.raises(DataError, match="a window takes 168 rows of history"):
        compare_with(weekly, write_hours(weekly.folder / "b.csv", ROWS + 500, ROWS + 660))


@pytest.mark.parametrize(("first", "joins"), [(0, False), (ROWS, True)])
def test_stored_rows_are_named_as_history_only_where_some_were_taken(weekly, first, joins) -> None:
    path, listener = write_hours(weekly.folder / "a.csv", first, ROWS + 100), Recorder()
    compare(CompareRequest((str(path),), weekly.directory), listener)
    assert any("stored rows" in text for text, _, _ in listener.notes) is joins


def test_models_with_equal_errors_stand_in_the_order_of_training(tmp_path) -> None:
    rows = [f"{START + np.timedelta64(h, 'h')},5.0" for h in range(ROWS)]
    source = tmp_path / "still.csv"
    source.write_text("\n".join(["time,temp", *rows]) + "\n")
    request = TrainRequest((str(source),), tmp_path / "model", ReadingOptions(Columns()), model="naive")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "_require_tensorflow", _refuse)
        trained = train(request, Recorder())
    again = compare_with(Model(tmp_path / "model", tmp_path))
    assert [row.model for row in again.ranking] == [row.model for row in trained.ranking]
    assert trained.ranking[0].model == "naive"
