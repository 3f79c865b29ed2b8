import csv
import json

from tests.program.conftest import LOOKBACK, ROWS, forecast, make_rows, write_csv

MODEL = "blend"  # what a default run saves of these data


def scores_of(text_or_ending):
    return {row["model"]: (row["mae_scaled"], row["mse_scaled"]) for row in text_or_ending.table}


def test_the_kept_models_score_as_they_did_when_they_were_trained(trained):
    ending = forecast("compare-baselines", cwd=trained)
    assert ending.code == 0
    assert ending.out == (trained / "ranking.csv").read_text()


def test_it_needs_no_tensorflow(trained, no_tensorflow):
    assert forecast("compare-baselines", cwd=trained, env=no_tensorflow).code == 0


def test_the_ranking_is_by_scaled_error_and_holds_skill_against_the_seasonal_naive(trained):
    rows = forecast("compare-baselines", cwd=trained).table
    errors = [float(row["mae_scaled"]) for row in rows]
    assert errors == sorted(errors)
    naive = next(float(row["mae_scaled"]) for row in rows if row["model"] == "seasonal-naive")
    for row in rows:
        assert abs(float(row["skill"]) - (1 - float(row["mae_scaled"]) / naive)) < 1e-9
        assert row["mae"] == ""  # two targets


def test_json_is_one_object_with_verdict_ranking_and_windows(trained):
    ending = forecast("compare-baselines", "--format", "json", cwd=trained)
    answer = json.loads(ending.out)
    assert answer["schema_version"] == 1
    assert MODEL in answer["verdict"]["sentence"]
    assert answer["ranking"][0]["rank"] == 1
    assert answer["windows"]["horizon"] == 24


def test_baselines_can_be_chosen(trained):
    ending = forecast("compare-baselines", "--baseline", "naive", "--baseline", "linear", cwd=trained)
    assert {row["model"] for row in ending.table} == {"naive", "linear", MODEL}
    assert [row["rank"] for row in ending.table] == ["1", "2", "3"]
    assert all(row["skill"] for row in ending.table)  # against the seasonal naive, shown or not
    assert forecast("compare-baselines", "--baseline", "prophet", cwd=trained).code == 2


def test_new_data_are_scored_only_on_targets_later_than_the_last_learnt_row(trained, tmp_path):
    path = write_csv(tmp_path / "more.csv", make_rows(0, ROWS + 100))
    ending = forecast("compare-baselines", path, "--format", "json", cwd=trained)
    assert ending.code == 0, ending.err
    answer = json.loads(ending.out)
    on_test = json.loads(forecast("compare-baselines", "--format", "json", cwd=trained).out)
    assert answer["windows"]["first_cutoff"] == on_test["windows"]["first_cutoff"]
    assert answer["windows"]["n_windows"] == on_test["windows"]["n_windows"] + 100


def test_new_rows_alone_are_scored_with_the_stored_ones_as_their_history(trained, tmp_path):
    path = write_csv(tmp_path / "more.csv", make_rows(ROWS, ROWS + 100))
    ending = forecast("compare-baselines", path, "--format", "json", cwd=trained)
    assert ending.code == 0, ending.err
    assert json.loads(ending.out)["windows"]["n_windows"] >= 100 - 24


def test_data_that_the_model_learnt_from_are_refused(trained, tmp_path):
    path = write_csv(tmp_path / "old.csv", make_rows(0, 700))
    ending = forecast("compare-baselines", path, cwd=trained)
    assert ending.code == 3
    assert "the model learnt until" in ending.err


def test_a_model_directory_without_its_reports_and_scores_still_compares(linear, copy_of):
    folder = copy_of(linear)
    for name in ("scores.parquet", "report.html", "report.md", "report.json", "training.csv"):
        (folder / "forecast-model" / name).unlink()
    ending = forecast("compare-baselines", cwd=folder)
    assert ending.code == 0
    assert {row["fit_seconds"] for row in ending.table} == {""}


def test_the_lookback_of_a_seasonal_naive_may_be_longer_than_the_networks(tmp_path, no_tensorflow):
    write_csv(tmp_path / "data.csv", make_rows())
    args = ("--model", "linear", "--lookback", 12, "--horizon", 24, "--season", 168)
    ending = forecast("train", "data.csv", *args, cwd=tmp_path, env=no_tensorflow)
    assert ending.code == 0, ending.err
    assert forecast("compare-baselines", cwd=tmp_path).out == ending.out
    assert LOOKBACK > 12


def test_errors_by_part_take_the_place_of_the_ranking(linear):
    ending = forecast("compare-baselines", "--by", "target", cwd=linear)
    assert ending.code == 0, ending.err
    assert ending.out.startswith("part,model,mae,mae_scaled,n,")
    assert {row["part"] for row in ending.table} == {"temperature [°C]", "flow [m3/h]"}
    assert all(float(row["mae"]) > 0 for row in ending.table)


def test_json_has_the_ranking_beside_the_errors_of_the_worst_parts(linear):
    ending = forecast("compare-baselines", "--by", "step", "--worst", 2, "--format", "json", cwd=linear)
    answer = json.loads(ending.out)
    assert answer["by"] == "step"
    assert answer["ranking"][0]["rank"] == 1
    assert len({row["part"] for row in answer["parts"]}) == 2
    assert {row["mae"] for row in answer["parts"]} == {None}


def test_a_gate_that_is_not_met_ends_in_7_after_the_ranking(linear):
    few = forecast("compare-baselines", "--n-windows", 3, "--fail-unless-better", cwd=linear)
    assert few.code == 7
    assert few.table[0]["n_windows"] == "3"
    assert "too few windows to tell" in few.err
    better = forecast("compare-baselines", "--baseline", "naive", "--fail-unless-better", cwd=linear)
    assert better.code == 0, better.err


def test_every_forecast_goes_to_a_file_beside_the_ranking(trained, tmp_path):
    args = ("--n-windows", 4, "--baseline", "naive", "--forecasts", tmp_path / "all.csv")
    ending = forecast("compare-baselines", *args, cwd=trained)
    assert ending.code == 0, ending.err
    with (tmp_path / "all.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 4 * 2 * 24  # models, windows, targets, steps
    for ranked in ending.table:
        said = [row for row in rows if row["model"] == ranked["model"] and row["target"] == "flow [m3/h]"]
        assert len(said) == 4 * 24
        assert all(row["observed"] and row["cutoff"] < row["timestamp"] for row in said)
        assert all(bool(row["lower_80"]) is (ranked["model"] == MODEL) for row in said)


def test_two_directories_are_ranked_under_their_names_with_one_verdict(trained, linear, no_tensorflow):
    before, after = linear / "forecast-model", trained / "forecast-model"
    ending = forecast(
        "compare-baselines", "-m", before, "-m", after, "--format", "json", cwd=trained, env=no_tensorflow
    )
    assert ending.code == 0, ending.err
    answer = json.loads(ending.out)
    assert {row["model"] for row in answer["ranking"]} == {str(before), str(after), "seasonal-naive"}
    assert (answer["verdict"]["model"], answer["verdict"]["baseline"]) == (str(after), str(before))
    on_test = json.loads(forecast("compare-baselines", "--format", "json", cwd=trained).out)
    own = next(row["mae_scaled"] for row in on_test["ranking"] if row["model"] == MODEL)
    assert abs(next(row["mae_scaled"] for row in answer["ranking"] if row["model"] == str(after)) - own) < 1e-5
