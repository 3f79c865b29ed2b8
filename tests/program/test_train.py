import json

import numpy as np
import pytest

from forecast_cli.ingest.views.panel_file import read_parquet
from forecast_cli.models.registry import CLOSED_FORMS
from tests.program.conftest import BRIEFLY, HEADER, LOOKBACK, ROWS, forecast, make_rows, write_csv

RANKING = (
    "rank,model,mae_scaled,mse_scaled,mase,skill,mae,rmse,n_windows,fit_seconds,parameters,rmsse,smape,"
    "coverage_80,coverage_95,width_80_scaled,width_95_scaled,winkler_80_scaled,winkler_95_scaled,wql"
)


def test_train_predict_and_compare_work_in_this_order_with_no_other_flag(trained):
    predicted, compared = forecast("predict", cwd=trained), forecast("compare-baselines", cwd=trained)
    assert (predicted.code, compared.code) == (0, 0)
    assert len(predicted.table) == 2 * 24
    assert {row["model"] for row in compared.table} == {"blend", "conv-birnn", "dense", *CLOSED_FORMS}


def test_the_verdict_and_the_coverage_of_each_step_stand_in_the_model_directory(trained):
    directory = trained / "forecast-model"
    manifest = json.loads((directory / "manifest.json").read_text())
    verdict = json.loads((directory / manifest["files"]["model.json"]["file"]).read_text())["verdict"]
    report = json.loads((directory / "report.json").read_text())
    assert verdict == report["verdict"]
    assert verdict["sentence"] in (trained / "messages.txt").read_text()
    assert verdict["sentence"] in (directory / "report.md").read_text().replace("\\", "")
    low, high = verdict["gain_interval"]
    assert low < verdict["gain"] < high
    assert {level: len(shares) for level, shares in report["scores"]["coverage"].items()} == {"80": 24, "95": 24}
    table = read_parquet(directory / "scores.parquet")
    own = table["model"] == "blend"
    for name in ("coverage_80", "width_95_scaled", "winkler_95_scaled"):
        assert np.isfinite(table[name][own]).all()
        assert np.isnan(table[name][~own]).all()
    assert ((table["smape"] >= 0) & (table["smape"] <= 1)).all()


def test_intervals_that_hold_too_little_are_warned_of(tmp_path, no_tensorflow, linear):
    t = np.arange(ROWS)
    noise = np.random.default_rng(0).normal(0, np.where(t < 0.8 * ROWS, 1, 4))  # the test part is another world
    stamps = np.datetime64("2025-01-01T00:00") + t * np.timedelta64(1, "h")
    (tmp_path / "data.csv").write_text(
        "time,x\n" + "".join(f"{stamps[i]},{10 * np.sin(t[i] / 4) + noise[i]:.3f}\n" for i in t)
    )
    line = ("train", "data.csv", "--model", "linear", "--lookback", LOOKBACK)
    ending = forecast(*line, cwd=tmp_path, env=no_tensorflow)
    assert ending.code == 0, ending.err
    assert "warning: the 80 % intervals hold" in ending.err
    assert "less than chance explains" not in (linear / "messages.txt").read_text()
    strict = forecast(*line, "--force", "--strict", cwd=tmp_path, env=no_tensorflow)
    assert strict.code == 3


def test_train_prints_the_ranking_as_data_and_everything_else_on_stderr(trained):
    assert (trained / "ranking.csv").read_text().splitlines()[0] == RANKING
    messages = (trained / "messages.txt").read_text()
    for told in ("season: 24 steps", "horizon: 24 steps", "--split", "learnt until", "conv-birnn"):
        assert told in messages
    assert "temperature [°C]" in messages  # each target's error in its own unit


def test_the_model_directory_holds_what_the_design_says(trained):
    directory = trained / "forecast-model"
    names = {path.name for path in directory.iterdir()}
    manifest = json.loads((directory / "manifest.json").read_text())
    assert set(manifest["files"]) == {
        "model.json",
        "arrays.safetensors",
        "network.onnx",
        "dense.onnx",
        "weights.safetensors",
        "panel.parquet",
    }
    extras = {"manifest.json", "scores.parquet", "training.csv", "report.html", "report.md", "report.json"}
    assert names == extras | {entry["file"] for entry in manifest["files"].values()}
    card = json.loads((directory / manifest["files"]["model.json"]["file"]).read_text())
    assert "seconds" not in json.dumps(card)  # no wall-clock figures
    epochs = (directory / "training.csv").read_text().splitlines()
    assert epochs[0] == "epoch,loss,val_loss,learning_rate,seconds"
    assert len(epochs) == 4


def test_the_same_seed_and_data_train_the_same_network(trained, tmp_path):
    write_csv(tmp_path / "data.csv", make_rows())
    forecast("train", "data.csv", *BRIEFLY, cwd=tmp_path)
    weights = [next((folder / "forecast-model").glob("weights-*")).read_bytes() for folder in (trained, tmp_path)]
    assert weights[0] == weights[1]


def test_a_file_with_its_columns_in_another_order_and_its_rows_shuffled_gives_the_same_linear_model(
    linear, tmp_path, no_tensorflow
):
    rows = [",".join(line.split(",")[i] for i in (0, 1, 2)) for line in make_rows()]
    shuffled = [rows[i] for i in np.random.default_rng(0).permutation(len(rows))]
    write_csv(tmp_path / "data.csv", shuffled)
    forecast("train", "data.csv", "--model", "linear", "--lookback", LOOKBACK, cwd=tmp_path, env=no_tensorflow)
    arrays = [next((folder / "forecast-model").glob("arrays-*")).name for folder in (linear, tmp_path)]
    assert arrays[0] == arrays[1]  # the name holds the hash


def test_epochs_0_saves_and_scores_the_initial_weights(tmp_path):
    write_csv(tmp_path / "data.csv", make_rows())
    ending = forecast("train", "data.csv", "--lookback", LOOKBACK, "--epochs", 0, cwd=tmp_path)
    assert ending.code == 0, ending.err
    assert (tmp_path / "forecast-model" / "training.csv").read_text().splitlines()[1:] == []
    assert "conv-birnn" in ending.out
    assert forecast("predict", cwd=tmp_path).code == 0


def test_one_to_a_hundred_goes_on_with_101(tmp_path):
    (tmp_path / "count.csv").write_text("value\n" + "\n".join(map(str, range(1, 101))) + "\n")
    args = ("--lookback", 5, "--horizon", 1, "--model", "conv-birnn")
    ending = forecast("train", "count.csv", *args, cwd=tmp_path)
    assert ending.code == 0, ending.err
    (row,) = forecast("predict", cwd=tmp_path).table
    assert float(row["forecast"]) == pytest.approx(101, abs=0.5)
    assert row["timestamp"] == "101"


def test_the_hybrid_network_trains_at_50_by_6_with_one_output(tmp_path):
    rng = np.random.default_rng(0)
    table = np.cumsum(rng.normal(size=(400, 6)), axis=0)
    lines = [",".join(f"{value:.3f}" for value in row) for row in table]
    write_csv(tmp_path / "six.csv", lines, header="a,b,c,d,e,f")
    args = (
        "--target",
        "a",
        "--past-covariate",
        "*",
        "--lookback",
        50,
        "--horizon",
        1,
        "--epochs",
        1,
        "--batch-size",
        16,
    )
    ending = forecast("train", "six.csv", "--model", "conv-birnn-hybrid", *args, cwd=tmp_path)
    assert ending.code == 0, ending.err
    row = next(row for row in ending.table if row["model"] == "conv-birnn-hybrid")
    assert row["parameters"] == "328529"
    assert len(forecast("predict", cwd=tmp_path).table) == 1


def test_small_data_get_a_mean_of_closed_forms_and_one_sentence(tmp_path, no_tensorflow):
    write_csv(tmp_path / "data.csv", make_rows(0, 150))
    ending = forecast("train", "data.csv", cwd=tmp_path, env=no_tensorflow)
    assert ending.code == 0, ending.err
    assert "too few for a network" in ending.err
    assert {row["model"] for row in ending.table} == {*CLOSED_FORMS, "blend"}
    assert forecast("predict", cwd=tmp_path, env=no_tensorflow).code == 0


def test_without_a_blend_small_data_get_the_best_closed_form(tmp_path, no_tensorflow):
    write_csv(tmp_path / "data.csv", make_rows(0, 150))
    ending = forecast("train", "data.csv", "--no-blend", cwd=tmp_path, env=no_tensorflow)
    assert ending.code == 0, ending.err
    assert "is saved, best on validation (--model)" in ending.err
    assert {row["model"] for row in ending.table} == {*CLOSED_FORMS}


def test_without_tensorflow_a_network_is_exit_6_with_the_pip_line_and_all_else_works(linear, tmp_path, no_tensorflow):
    write_csv(tmp_path / "data.csv", make_rows())
    ending = forecast("train", "data.csv", cwd=tmp_path, env=no_tensorflow)
    assert ending.code == 6
    assert ending.err.rstrip().splitlines()[-1].endswith('pip install "forecast-cli" "tensorflow>=2.21"')
    assert not (tmp_path / "forecast-model").exists()
    assert "dense baseline is left out" in (linear / "messages.txt").read_text()
    for command in ("predict", "compare-baselines", "summary"):
        assert forecast(command, cwd=linear, env=no_tensorflow).code == 0


def test_keep_data_0_keeps_no_row_and_predict_then_needs_data(tmp_path, no_tensorflow):
    write_csv(tmp_path / "data.csv", make_rows())
    args = ("--model", "linear", "--keep-data", 0, "--lookback", LOOKBACK)
    assert forecast("train", "data.csv", *args, cwd=tmp_path, env=no_tensorflow).code == 0
    assert not list((tmp_path / "forecast-model").glob("panel-*"))
    assert forecast("predict", cwd=tmp_path).code == 4
    assert forecast("compare-baselines", cwd=tmp_path).code == 3
    assert forecast("predict", "data.csv", cwd=tmp_path).code == 0


def test_data_above_the_keep_data_size_keep_the_tail_that_a_forecast_needs(tmp_path, no_tensorflow):
    write_csv(tmp_path / "data.csv", make_rows())
    args = ("--model", "linear", "--keep-data", "1KB", "--lookback", LOOKBACK)
    assert forecast("train", "data.csv", *args, cwd=tmp_path, env=no_tensorflow).code == 0
    assert forecast("predict", cwd=tmp_path).code == 0
    assert forecast("compare-baselines", cwd=tmp_path).code == 3


def test_stride_sample_every_and_delay_reach_the_model(tmp_path, no_tensorflow):
    write_csv(tmp_path / "data.csv", make_rows())
    args = ("--model", "linear", "--lookback", 60, "--sample-every", 6, "--delay", 12, "--stride", 3, "--horizon", 5)
    assert forecast("train", "data.csv", *args, cwd=tmp_path, env=no_tensorflow).code == 0
    rows = forecast("predict", cwd=tmp_path).table
    assert [row["step"] for row in rows[:5]] == ["12", "13", "14", "15", "16"]
    assert rows[0]["cutoff"] == "2025-03-04T11:00:00"
    assert rows[0]["timestamp"] == "2025-03-04T23:00:00"


def test_a_fleet_with_an_id_column_gets_a_forecast_for_each(tmp_path, no_tensorflow):
    lines = [f"{line},{name}" for name in ("007", "b") for line in make_rows(seed=1 if name == "b" else 0)]
    write_csv(tmp_path / "fleet.csv", lines, header=HEADER + ",pump")
    ending = forecast(
        "train", "fleet.csv", "--model", "linear", "--lookback", LOOKBACK, cwd=tmp_path, env=no_tensorflow
    )
    assert ending.code == 0, ending.err
    table = forecast("predict", cwd=tmp_path).table
    assert {row["series_id"] for row in table} == {"007", "b"}
    without = [",".join(line.split(",")[:3]) for line in lines[:200]]
    write_csv(tmp_path / "no-id.csv", without)
    refused = forecast("predict", "no-id.csv", cwd=tmp_path)
    assert refused.code == 3
    assert "pump" in refused.err


def test_a_series_too_short_to_be_forecast_is_named_and_the_others_are_forecast(tmp_path, no_tensorflow):
    lines = [f"{line},a" for line in make_rows()] + [f"{line},b" for line in make_rows(ROWS - 10, ROWS)]
    write_csv(tmp_path / "fleet.csv", lines, header=HEADER + ",pump")
    args = ("train", "fleet.csv", "--series-id", "pump", "--model", "linear", "--lookback", LOOKBACK)
    assert forecast(*args, cwd=tmp_path, env=no_tensorflow).code == 0
    ending = forecast("predict", cwd=tmp_path)
    assert ending.code == 0, ending.err
    assert {row["series_id"] for row in ending.table} == {"a"}
    assert "series b has 10 rows" in ending.err
    assert forecast("predict", "--strict", cwd=tmp_path).code == 3


def test_train_reads_stdin_and_calls_the_series_stdin(tmp_path, no_tensorflow):
    text = "\n".join([HEADER, *make_rows()]) + "\n"
    args = ("--model", "linear", "--lookback", LOOKBACK)
    ending = forecast("train", "-", *args, cwd=tmp_path, stdin=text, env=no_tensorflow)
    assert ending.code == 0, ending.err
    assert {row["series_id"] for row in forecast("predict", cwd=tmp_path).table} == {"stdin"}


def test_strict_makes_a_warning_of_the_reader_exit_3(tmp_path, no_tensorflow):
    lines = make_rows()
    for i in range(200, 260):
        lines[i] = lines[i].rsplit(",", 1)[0] + ",-999"
    write_csv(tmp_path / "data.csv", lines)
    args = ("train", "data.csv", "--model", "naive", "--lookback", LOOKBACK)
    assert forecast(*args, cwd=tmp_path, env=no_tensorflow).code == 0
    strict = forecast(*args, "--strict", "--force", cwd=tmp_path, env=no_tensorflow)
    assert strict.code == 3
    assert "-999" in strict.err
