"""`compare-baselines -m before -m after`: two directories on the windows that neither has learnt from."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.errors import DataError, UsageError
from forecast_cli.requests import CompareRequest
from forecast_cli.types import Columns, ReadingOptions
from forecast_cli.workflows.compare import compare
from tests.panels import Recorder
from tests.workflows.conftest import ROWS, train_linear, write_hours, write_meters

HOURS = np.timedelta64(1, "h")


def pair(before, after, *sources, **asked):
    return compare(CompareRequest(tuple(map(str, sources)), after, before=before, **asked), Recorder())


def errors_of(result):
    return {row.model: row.mae_scaled for row in result.ranking}


@pytest.fixture(scope="module")
def shorter(tmp_path_factory):
    """A model of the same data with a shorter horizon, and of one of the two targets."""
    folder = tmp_path_factory.mktemp("shorter")
    source = write_hours(folder / "plant.csv")
    return train_linear(source, folder / "model", Columns(targets=("temp [°C]",), ignored=("flow",)), horizon=4)


@pytest.fixture(scope="module")
def newer(tmp_path_factory):
    """A model of the same plant, trained 200 hours later."""
    folder = tmp_path_factory.mktemp("newer")
    return train_linear(write_hours(folder / "plant.csv", 0, ROWS + 200), folder / "model", horizon=12)


def test_a_model_equals_a_copy_of_itself_on_all_its_test_windows(one_directory, tmp_path) -> None:
    import shutil

    copy = shutil.copytree(one_directory, tmp_path / "copy")
    alone = compare(CompareRequest((), one_directory), Recorder())
    result = pair(one_directory, copy)
    errors = errors_of(result)
    assert list(errors) == [str(one_directory), str(copy), "seasonal-naive"]
    assert errors[str(copy)] == pytest.approx(errors[str(one_directory)], rel=1e-5)
    assert errors[str(copy)] == pytest.approx(errors_of(alone)["linear"], rel=1e-5)
    assert result.windows == alone.windows
    assert (result.verdict.model, result.verdict.baseline) == (str(copy), str(one_directory))
    assert result.verdict.outcome == "no difference"


def test_common_targets_are_scored_on_the_steps_that_both_forecast(one_directory, shorter) -> None:
    result = pair(shorter, one_directory)
    assert result.windows["horizon"] == 4
    own = compare(CompareRequest((), one_directory, by="target"), Recorder())
    assert result.windows["n_windows"] == own.windows["n_windows"]  # those of the longer horizon
    assert result.ranking[0].mae is not None  # one target: in its unit
    steps = compare(CompareRequest((), one_directory, by="step"), Recorder())
    assert len({row.part for row in steps.parts}) == 12
    parts = pair(shorter, one_directory, by="step").parts
    assert {row.part for row in parts} == {"1", "2", "3", "4"}


def test_errors_do_not_depend_on_which_directory_comes_first_but_for_their_scale(one_directory, shorter) -> None:
    one, other = pair(shorter, one_directory), pair(one_directory, shorter)
    in_unit = [{row.model: row.mae for row in result.ranking} for result in (one, other)]
    for name in map(str, (shorter, one_directory)):
        assert in_unit[0][name] == pytest.approx(in_unit[1][name], rel=1e-5)
    assert (one.verdict.gain > 0) is not (other.verdict.gain > 0)


def test_forecasts_of_the_other_directory_come_in_the_units_of_this_one(one_directory, shorter) -> None:
    """Its error on its own test windows is the one that it reports itself, in the target's unit."""
    alone = compare(CompareRequest((), shorter, n_windows=30), Recorder())
    together = pair(one_directory, shorter, n_windows=30)
    alone_errors = {row.model: row.mae for row in alone.ranking}
    paired = {row.model: row.mae for row in together.ranking}
    first, last = (np.datetime64(together.windows[name]) for name in ("first_cutoff", "last_cutoff"))
    assert (last - first) / HOURS == 29
    shifted = np.datetime64(alone.windows["last_cutoff"]) - last  # horizons differ: so do the last cutoffs
    assert shifted / HOURS == 12 - 4
    assert paired[str(shorter)] == pytest.approx(alone_errors["linear"], rel=0.5)


def test_of_models_trained_at_different_times_the_kept_data_of_the_newer_are_taken(one_directory, newer) -> None:
    result, alone = pair(one_directory, newer), compare(CompareRequest((), newer), Recorder())
    assert result.windows == alone.windows  # its test part is later than all that the older has learnt
    assert errors_of(result)[str(newer)] == pytest.approx(errors_of(alone)["linear"], rel=1e-5)
    assert pair(newer, one_directory).windows == result.windows


def test_on_data_only_windows_later_than_both_have_learnt_are_scored(one_directory, newer, tmp_path) -> None:
    path = write_hours(tmp_path / "all.csv", 0, ROWS + 300)
    result, alone = pair(one_directory, newer, path), compare(CompareRequest((str(path),), newer), Recorder())
    assert result.windows == alone.windows
    assert errors_of(result)[str(newer)] == pytest.approx(errors_of(alone)["linear"], rel=1e-4)
    with pytest.raises(DataError, match="no window of later targets"):
        pair(one_directory, newer, write_hours(tmp_path / "old.csv", 0, ROWS - 100))


def test_only_common_series_are_scored(many_directory, tmp_path) -> None:
    other = train_linear(write_meters(tmp_path / "m.csv", "b", "c", "d"), tmp_path / "model", horizon=12)
    result = pair(many_directory, other, by="series")
    assert {row.part for row in result.parts} == {"b", "c"}
    alone = compare(CompareRequest((), other, by="series"), Recorder())
    own = {row.part: row.mae for row in alone.parts if row.model == "linear"}
    paired = {row.part: row.mae for row in result.parts if row.model == str(other)}
    assert paired == pytest.approx({name: own[name] for name in paired}, rel=1e-4)


def test_baselines_of_the_second_directory_stand_beside_them_where_asked_for(one_directory, newer) -> None:
    assert set(errors_of(pair(one_directory, newer, baselines=("naive",)))) == {
        *(str(one_directory), str(newer), "naive"),
    }


def test_what_cannot_be_compared_is_refused(one_directory, many_directory, shorter, tmp_path) -> None:
    with pytest.raises(UsageError, match="names one directory twice"):
        pair(one_directory, one_directory)
    with pytest.raises(UsageError, match="--refit-every takes one model directory"):
        pair(one_directory, shorter, refit_every=5)
    with pytest.raises(UsageError, match="--forecasts takes one model directory"):
        pair(one_directory, shorter, forecasts=tmp_path / "f.csv")
    with pytest.raises(DataError, match="no target in common"):
        pair(one_directory, many_directory)
    others = train_linear(write_meters(tmp_path / "m.csv", "x", "y"), tmp_path / "others", horizon=12)
    with pytest.raises(DataError, match="no series in common"):
        pair(many_directory, others)
    coarse = ReadingOptions(Columns(), freq="2h")
    slow = train_linear(write_hours(tmp_path / "plant.csv"), tmp_path / "slow", reading=coarse, horizon=6)
    with pytest.raises(UsageError, match="forecasts steps of 1h"):
        pair(one_directory, slow)
    late = train_linear(write_hours(tmp_path / "plant.csv"), tmp_path / "late", horizon=6, delay=3)
    with pytest.raises(UsageError, match="has a delay of 1"):
        pair(one_directory, late)
