"""Where a model is bad: `compare-baselines --by ... --worst N`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.errors import DataError, UsageError
from forecast_cli.ingest.views.panel_file import read_parquet
from forecast_cli.models.boosting import Boosting
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


# --- Which cutoffs, and who forecasts from them --------------------------------------------------------------------


def test_the_last_cutoffs_are_scored_a_stride_apart(one) -> None:
    whole, some = compare_with(one), compare_with(one, n_windows=3, stride="4h")
    assert (some.windows["n_windows"], some.windows["last_cutoff"]) == (3, whole.windows["last_cutoff"])
    last = np.datetime64(whole.windows["last_cutoff"])
    assert np.datetime64(some.windows["first_cutoff"]) == last - np.timedelta64(8, "h")
    assert {row.n_windows for row in some.ranking} == {3}
    assert some.verdict.outcome == "too few windows"


def test_each_series_has_a_window_at_each_cutoff(many) -> None:
    assert compare_with(many, n_windows=5).windows["n_windows"] == 15


def test_a_stride_that_is_no_whole_number_of_steps_is_refused(one) -> None:
    with pytest.raises(UsageError, match="--stride 90min is no whole number of steps"):
        compare_with(one, stride="90min")


def test_closed_forms_are_fitted_anew_and_what_learns_nothing_scores_as_before(one) -> None:
    listener = Recorder()
    request = CompareRequest((), one.directory, baselines=("naive", "markov"), refit_every=20)
    again = {row.model: row.mae_scaled for row in compare(request, listener).ranking}
    before = {row.model: row.mae_scaled for row in compare_with(one).ranking}
    assert again["naive"] == before["naive"]
    assert again["linear"] != before["linear"]
    assert again["markov"] != before["markov"]
    assert "closed forms are fitted anew" in listener.text


def test_models_are_fitted_anew_on_data_only_where_these_go_on_from_the_training(one) -> None:
    joining = write_hours(one.folder / "a.csv", ROWS, ROWS + 60)
    assert compare_with(one, joining, refit_every=24).windows["n_windows"] == 60 - 12 + 1
    apart = write_hours(one.folder / "b.csv", ROWS + 10, ROWS + 200)
    assert compare_with(one, apart).windows["n_windows"] > 0
    with pytest.raises(DataError, match="the training rows are not there"):
        compare_with(one, apart, refit_every=24)
    whole = write_hours(one.folder / "c.csv", 0, ROWS + 60)
    from_whole = compare_with(one, whole, refit_every=24, n_windows=5)
    from_joined = compare_with(one, joining, refit_every=24, n_windows=5)
    assert [row.mae_scaled for row in from_whole.ranking] == pytest.approx(
        [row.mae_scaled for row in from_joined.ranking], rel=1e-4, abs=1e-6
    )


def test_gradient_boosting_is_fitted_on_request_and_learns_from_the_training_part_alone(one, monkeypatch) -> None:
    taught = []

    def fit(self, panel, split, listener):
        taught.append((len(panel.values), split))
        return replace(self, model="trees")

    monkeypatch.setattr(Boosting, "fit", fit)
    monkeypatch.setattr(Boosting, "predict", lambda self, batch: np.zeros((len(batch.history), 12, 2), np.float32))
    monkeypatch.setattr(Boosting, "parameters", 0)
    result = compare_with(one, baselines=("gradient-boosting",))
    assert {row.model for row in result.ranking} == {"linear", "gradient-boosting"}
    ((n_rows, split),) = taught
    assert n_rows == ROWS
    assert split.train.max() < split.validation.min() < split.test.min()
    assert next(row for row in result.ranking if row.model == "gradient-boosting").fit_seconds is not None


def test_an_unknown_baseline_is_named_with_those_there_are(one) -> None:
    with pytest.raises(UsageError, match="there is no baseline 'prophet'") as caught:
        compare_with(one, baselines=("prophet",))
    assert "gradient-boosting" in caught.value.hint


# --- Every forecast in a file -----------------------------------------------------------------------------------------


def read_forecasts(path):
    import pandas as pd

    return pd.DataFrame(read_parquet(path)) if path.suffix == ".parquet" else pd.read_csv(path)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_file_of_forecasts_holds_a_row_per_model_window_target_and_step_and_makes_the_ranking(many, form) -> None:
    path = many.folder / f"all.{form}"
    result = compare_with(many, baselines=("naive",), forecasts=path, form=form)
    table = read_forecasts(path)
    assert list(table.columns) == [
        *("model", "series_id", "target", "cutoff", "timestamp", "step", "forecast"),
        *("lower_80", "upper_80", "lower_95", "upper_95", "observed"),
    ]
    windows = result.windows["n_windows"]
    assert table.groupby("model").size().to_dict() == {"linear": windows * 12, "naive": windows * 12}
    for row in result.ranking:
        own = table[table.model == row.model]
        by_series = (own.forecast - own.observed).abs().groupby(own.series_id).mean().mean()
        assert by_series == pytest.approx(row.mae, rel=1e-4)
    assert table[table.model == "naive"].lower_80.isna().all()
    said = table[table.model == "linear"]
    inside = ((said.lower_80 <= said.observed) & (said.observed <= said.upper_80)).mean()
    ours = next(row for row in result.ranking if row.model == "linear")
    assert 100 * inside == pytest.approx(ours.intervals.coverage[80], abs=1)
    ahead = said.timestamp.to_numpy("datetime64[h]") - said.cutoff.to_numpy("datetime64[h]")
    assert (ahead.astype(int) == said.step).all()


def test_the_file_of_forecasts_is_the_same_in_whatever_pieces_it_is_written(many, monkeypatch) -> None:
    paths = [many.folder / f"{name}.parquet" for name in ("one", "other")]
    compare_with(many, forecasts=paths[0], form="parquet")
    monkeypatch.setattr("forecast_cli.workflows.forecast_file.MOST_ROWS", 700)
    compare_with(many, forecasts=paths[1], form="parquet")
    one, other = map(read_forecasts, paths)
    order = ["model", "series_id", "target", "cutoff", "step"]
    assert len(one) > 700
    assert one.sort_values(order, ignore_index=True).equals(other.sort_values(order, ignore_index=True))


def test_directions_are_forecast_and_observed_in_degrees(tmp_path) -> None:
    hours, rng = np.arange(ROWS), np.random.default_rng(6)
    degrees = (15 * hours + rng.normal(0, 9, ROWS)) % 360  # once round a day, through north
    rows = [f"{START + np.timedelta64(int(h), 'h')},{d:.1f}" for h, d in zip(hours, degrees, strict=True)]
    (tmp_path / "wind.csv").write_text("\n".join(["time,wind", *rows]) + "\n")
    reading = ReadingOptions(Columns(targets=("wind",)), angles=("wind",))
    directory = train_linear(tmp_path / "wind.csv", tmp_path / "model", reading=reading, horizon=6)
    path = tmp_path / "all.csv"
    compare(CompareRequest((), directory, baselines=("naive",), n_windows=20, forecasts=path), Recorder())
    table = read_forecasts(path)
    assert set(table.target) == {"wind"}
    hour = (table.timestamp.to_numpy("datetime64[h]") - START.astype("datetime64[h]")).astype(int)
    np.testing.assert_allclose(np.abs((table.observed - degrees[hour] + 180) % 360 - 180), 0, atol=0.06)
    said = table[table.model == "linear"]
    turn = np.abs((said.forecast - said.observed + 180) % 360 - 180)
    assert turn.mean() < 20
    width = (said.upper_80 - said.lower_80) % 360
    assert ((width > 5) & (width < 120)).all()
    assert table[table.model == "naive"].lower_80.isna().all()


def test_a_file_of_forecasts_is_replaced_only_by_a_whole_one(many, monkeypatch) -> None:
    path = many.folder / "all.csv"
    path.write_text("before")

    def fail(*arguments):
        raise MemoryError

    monkeypatch.setattr("forecast_cli.workflows.forecast_file.tabulate", fail)
    with pytest.raises(MemoryError):
        compare_with(many, forecasts=path)
    assert path.read_text() == "before"
    assert [each.name for each in many.folder.iterdir()] == ["all.csv"]
