"""What is known ahead at predict time: trailing rows of DATA, or a file of its own."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.artifact.load import Artifact, open_artifact
from forecast_cli.errors import DataError, ExitCode, UsageError
from forecast_cli.requests import CompareRequest
from forecast_cli.types import Columns, Reads
from forecast_cli.workflows.compare import compare
from tests.panels import Recorder
from tests.workflows.conftest import Model, train_linear
from tests.workflows.tariffs import (
    ROLES,
    TRAINED,
    Echo,
    H,
    expect,
    price,
    stamp,
    tell_tariffs,
    write_future,
    write_rows,
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tariffs")
    data = write_rows(folder / "data.csv", 0, TRAINED, 20)
    return train_linear(data, folder / "model", ROLES, horizon=H)


@pytest.fixture
def model(directory, tmp_path, monkeypatch) -> Model:
    monkeypatch.setattr(
        Artifact, "load_model", lambda self, name, refitted=False: Echo(Reads(("history", "future"), horizon=H))
    )
    return Model(directory, tmp_path)


def test_the_rows_of_training_behind_the_last_target_are_what_is_known_ahead(model) -> None:
    np.testing.assert_allclose(tell_tariffs(model.directory, model.predict()[0]), expect(TRAINED), atol=1e-3)


def test_a_model_directory_that_keeps_only_the_end_of_the_data_keeps_what_is_known_ahead(model) -> None:
    data = write_rows(model.folder / "data.csv", 0, TRAINED, 20)
    model.directory = train_linear(data, model.folder / "model", ROLES, horizon=H, keep_data=1)
    assert open_artifact(model.directory).card.keeps_panel == "tail"
    np.testing.assert_allclose(tell_tariffs(model.directory, model.predict()[0]), expect(TRAINED), atol=1e-3)


def test_trailing_rows_of_data_are_what_is_known_ahead(model) -> None:
    forecast, heard = model.predict(write_rows(model.folder / "new.csv", 600, 660, 12))
    assert set(forecast.cutoff) == {stamp(659) + ":00"}
    np.testing.assert_allclose(tell_tariffs(model.directory, forecast), expect(660), atol=1e-3)
    assert not any(warning for _, _, warning in heard.notes)


def test_a_file_of_the_future_gives_what_data_lack_and_wins_where_both_have_a_value(model) -> None:
    data = write_rows(model.folder / "new.csv", 600, 660, 5, tariff=lambda hour, meter: price(hour, meter) + 0.05)
    future = write_future(model.folder / "future.csv", 662, 10)
    forecast, _ = model.predict(data, future=str(future))
    told = np.array(expect(660))
    told[:, :2] += 0.05  # only DATA have these
    np.testing.assert_allclose(tell_tariffs(model.directory, forecast), told, atol=1e-3)


def test_a_file_of_the_future_goes_with_the_stored_panel_too(model) -> None:
    later = write_future(model.folder / "future.csv", TRAINED, H, tariff=lambda hour, meter: price(hour, meter) + 1)
    forecast, _ = model.predict(future=str(later))
    np.testing.assert_allclose(tell_tariffs(model.directory, forecast), np.array(expect(TRAINED)) + 1, atol=1e-3)


def test_meters_that_end_at_different_hours_each_get_the_tariff_after_their_own_end(model) -> None:
    path = write_rows(model.folder / "new.csv", 600, 660, 12)
    rows = [line.split(",") for line in path.read_text().splitlines()]
    late = {stamp(hour) for hour in range(650, 660)}
    path.write_text("\n".join(",".join([*r[:2], "", *r[3:]] if r[1] == "b" and r[0] in late else r) for r in rows))
    forecast, _ = model.predict(path)
    assert forecast.cutoff == (stamp(659) + ":00", stamp(649) + ":00")
    told = [*expect(660, "a"), *expect(650, "b")]
    np.testing.assert_allclose(tell_tariffs(model.directory, forecast), told, atol=1e-3)


@pytest.mark.parametrize(
    ("ahead", "blank", "missing"),
    [(0, (), 660), (7, (), 667), (12, (664,), 664), (12, (665, 664), 664)],
    ids=["no row", "too few", "a hole", "two holes"],
)
def test_a_value_known_ahead_that_is_missing_is_named_with_its_instant(model, ahead, blank, missing) -> None:
    def tell(hour, meter):
        return "" if meter == "b" and hour in blank else price(hour, meter)

    path = write_rows(model.folder / "new.csv", 600, 660, ahead, tariff=tell)
    who = "b" if blank else "a"
    with pytest.raises(DataError, match=f"tariff of series {who} is not known at {stamp(missing)}:00") as caught:
        model.predict(path)
    assert caught.value.code is ExitCode.DATA
    assert "--future-template" in caught.value.hint


def test_only_the_steps_that_are_asked_for_must_be_known(model) -> None:
    path = write_rows(model.folder / "new.csv", 600, 660, 7)
    forecast, _ = model.predict(path, horizon=7)
    np.testing.assert_allclose(tell_tariffs(model.directory, forecast), expect(660, n=7), atol=1e-3)


def test_the_rows_of_other_meters_in_the_file_of_the_future_are_not_taken_for_those_of_data(model) -> None:
    data = write_rows(model.folder / "new.csv", 600, 660, meters=("b",))
    forecast, _ = model.predict(data, future=str(write_future(model.folder / "future.csv", 660, 12)))
    np.testing.assert_allclose(tell_tariffs(model.directory, forecast), expect(660, "b"), atol=1e-3)


def test_a_meter_that_the_file_of_the_future_alone_knows_is_named(model) -> None:
    data = write_rows(model.folder / "new.csv", 600, 660)
    future = write_future(model.folder / "future.csv", 660, 12, meters=("a", "b", "x"))
    heard = model.predict(data, future=str(future))[1]
    assert "--future: 1 series that the data do not have: x" in heard.text


def test_a_meter_not_seen_in_training_gets_its_own_tariff(model) -> None:
    data = write_rows(model.folder / "new.csv", 600, 660, 12, meters=("a", "x"))
    rows = model.predict(data)[0].point[:, :, 0]
    assert np.all(np.diff(rows[1]) > 0)  # as the tariff


def test_stamps_of_the_future_between_the_steps_are_refused(model) -> None:
    path = write_future(model.folder / "future.csv", TRAINED, H)
    path.write_text(path.read_text().replace(":00,", ":20,"))
    with pytest.raises(DataError, match="lie between the steps"):
        model.predict(future=str(path))


def test_a_model_of_history_alone_says_that_the_file_of_the_future_is_not_read(directory, tmp_path) -> None:
    heard = Model(directory, tmp_path).predict(future=str(tmp_path / "nowhere.csv"))[1]
    assert "--future: the model reads nothing of the steps ahead" in heard.text


# --- At training time -------------------------------------------------------------------------------------------------


def test_a_file_of_the_future_given_to_train_is_kept_with_the_data(tmp_path) -> None:
    data = write_rows(tmp_path / "data.csv", 0, TRAINED, 3)
    later = write_future(tmp_path / "future.csv", TRAINED + 1, 30, tariff=lambda hour, meter: hour / 10)
    directory = train_linear(data, tmp_path / "model", ROLES, horizon=H, future=str(later))
    plain = train_linear(data, tmp_path / "plain", ROLES, horizon=H)
    panel, without = (open_artifact(each).load_panel() for each in (directory, plain))
    assert np.diff(panel.indptr).tolist() == [TRAINED + 31] * 2
    tail = panel.values[panel.indptr[1] - 31 : panel.indptr[1], 1] + panel.offset[0, 1]
    told = [price(TRAINED), *(hour / 10 for hour in range(TRAINED + 1, TRAINED + 31))]  # FILE wins
    np.testing.assert_allclose(tail, told, atol=1e-3)
    assert not panel.observed[TRAINED : TRAINED + 31, 0].any()
    first, second = (open_artifact(each) for each in (directory, plain))
    assert first.card.learnt_until == second.card.learnt_until
    np.testing.assert_array_equal(first.scaler.loc, second.scaler.loc)
    np.testing.assert_array_equal(panel.values[:TRAINED], without.values[:TRAINED])
    np.testing.assert_array_equal(first.arrays["linear.weights1"], second.arrays["linear.weights1"])


def test_a_file_of_the_future_without_a_covariate_known_ahead_is_refused(tmp_path) -> None:
    data = write_rows(tmp_path / "data.csv", 0, TRAINED)
    columns = Columns(targets=("load",), series_id="meter")
    with pytest.raises(UsageError, match="no covariate is known ahead") as caught:
        train_linear(data, tmp_path / "model", columns, horizon=H, future=str(data))
    assert "--future-covariate" in caught.value.hint


def test_a_backtest_with_true_values_ahead_says_so(model) -> None:
    heard = Recorder()
    compare(CompareRequest((), model.directory), heard)
    assert "scored with the true values of tariff at the steps ahead, taken as known exactly" in heard.text
