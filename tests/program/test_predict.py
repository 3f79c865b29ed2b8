"""The truth table of what `predict` does with every kind of DATA, as far as it is due."""

import subprocess
import sys

import pytest

from tests.program.conftest import HEADER, LOOKBACK, ROWS, forecast, make_rows, write_csv

COLUMNS = "series_id,target,cutoff,timestamp,step,forecast,lower_80,upper_80,lower_95,upper_95"


def predict_rows(folder, tmp_path, first, last, *flags):
    path = write_csv(tmp_path / "new.csv", make_rows(first, last))
    return forecast("predict", path, *flags, cwd=folder)


def assert_same_forecast(ending, other):
    """The same but for the last digit: histories that begin elsewhere are rounded elsewhere."""
    for ours, theirs in zip(ending.table, other.table, strict=True):
        assert ours["timestamp"] == theirs["timestamp"]
        assert float(ours["forecast"]) == pytest.approx(float(theirs["forecast"]), rel=1e-5)


def test_without_data_the_forecast_goes_on_from_the_stored_panel(trained):
    ending = forecast("predict", cwd=trained)
    assert ending.code == 0
    assert ending.out.splitlines()[0] == COLUMNS
    first = ending.table[0]
    assert first["series_id"] == "data"
    assert first["cutoff"] == "2025-03-04T11:00:00"
    assert first["timestamp"] == "2025-03-04T12:00:00"
    assert "cutoff 2025-03-04T11:00:00" in ending.err


def test_without_data_but_with_a_pipe_it_does_the_same_and_warns(trained):
    ending = forecast("predict", cwd=trained, stdin="a,b\n1,2\n")
    assert ending.code == 0
    assert "stdin is read only as" in ending.err
    assert ending.out == forecast("predict", cwd=trained).out


def test_enough_rows_at_any_distance_are_the_only_history(trained, tmp_path):
    ending = predict_rows(trained, tmp_path, ROWS + 200, ROWS + 200 + LOOKBACK)
    assert ending.code == 0
    assert ending.table[0]["cutoff"] == "2025-03-15T07:00:00"
    again = predict_rows(trained, tmp_path, ROWS + 100, ROWS + 200 + LOOKBACK)
    assert_same_forecast(again, ending)


def test_data_through_a_pipe_are_the_same_as_a_file(trained, tmp_path):
    text = "\n".join([HEADER, *make_rows(ROWS, ROWS + LOOKBACK)]) + "\n"
    piped = forecast("predict", "-", cwd=trained, stdin=text)
    assert piped.code == 0
    assert piped.out == predict_rows(trained, tmp_path, ROWS, ROWS + LOOKBACK).out


@pytest.mark.parametrize("first", [ROWS, ROWS - 7], ids=["joining", "overlapping"])
def test_fewer_rows_that_join_the_stored_ones_are_filled_up_from_them(trained, tmp_path, first):
    short = predict_rows(trained, tmp_path, first, ROWS + 5)
    assert short.code == 0
    assert "stored rows fill the front (--no-history)" in short.err
    long = predict_rows(trained, tmp_path, ROWS - LOOKBACK, ROWS + 5)
    assert_same_forecast(short, long)
    forbidden = predict_rows(trained, tmp_path, first, ROWS + 5, "--no-history")
    assert forbidden.code == 3
    assert f"needs {LOOKBACK}" in forbidden.err


def test_where_both_have_a_value_data_win(trained, tmp_path):
    lines = make_rows(ROWS - 7, ROWS + 5)
    lines[0] = lines[0].replace(lines[0].split(",")[1], "99.000")
    path = write_csv(tmp_path / "new.csv", lines)
    changed = forecast("predict", path, cwd=trained)
    assert changed.code == 0
    assert changed.out != predict_rows(trained, tmp_path, ROWS - 7, ROWS + 5).out


def test_fewer_rows_behind_a_gap_name_both_ends_and_the_first_row_needed(trained, tmp_path):
    ending = predict_rows(trained, tmp_path, ROWS + 10, ROWS + 20)
    assert ending.code == 3
    for instant in ("2025-03-04T11:00:00", "2025-03-04T22:00:00", "2025-03-02T20:00:00"):
        assert instant in ending.err
    assert ending.out == ""


def test_data_that_end_before_the_training_data_get_a_note_or_exit_3(trained, tmp_path):
    ending = predict_rows(trained, tmp_path, 500, 700)
    assert ending.code == 0
    assert "before the training data do" in ending.err
    assert predict_rows(trained, tmp_path, 500, 700, "--strict").code == 3


def test_the_forecast_at_a_cutoff_is_the_same_from_data_that_end_there_as_from_the_backtest(trained, tmp_path):
    """Nothing after the cutoff is seen: the file cut there gives the forecast that the whole file gives."""
    ending = predict_rows(trained, tmp_path, ROWS - 300, ROWS)
    whole = forecast("predict", cwd=trained)
    assert_same_forecast(ending, whole)


def test_a_missing_column_is_named(trained, tmp_path):
    lines = [line.rsplit(",", 1)[0] for line in make_rows(ROWS, ROWS + LOOKBACK)]
    path = write_csv(tmp_path / "new.csv", lines, header="time,temperature [°C]")
    ending = forecast("predict", path, cwd=trained)
    assert ending.code == 3
    assert "flow [m3/h]" in ending.err


def test_columns_are_found_by_name_in_any_order_beside_new_ones(trained, tmp_path):
    lines = [line.split(",") for line in make_rows(ROWS, ROWS + LOOKBACK)]
    swapped = [f"{flow},7,{stamp},{temperature}" for stamp, temperature, flow in lines]
    path = write_csv(tmp_path / "new.csv", swapped, header="flow [m3/h],new,time,temperature [°C]")
    ending = forecast("predict", path, cwd=trained)
    assert ending.code == 0
    assert ending.out == predict_rows(trained, tmp_path, ROWS, ROWS + LOOKBACK).out


def test_the_model_of_one_series_takes_a_file_of_any_name_without_an_id_column(trained, tmp_path):
    ending = predict_rows(trained, tmp_path, ROWS, ROWS + LOOKBACK)
    assert {row["series_id"] for row in ending.table} == {"data"}


def test_a_shorter_horizon_is_the_first_rows_and_a_longer_one_names_the_command_that_trains_it(trained):
    whole, part = forecast("predict", cwd=trained), forecast("predict", "--horizon", 3, cwd=trained)
    assert [row for row in whole.table if int(row["step"]) <= 3] == part.table
    longer = forecast("predict", "--horizon", 48, cwd=trained)
    assert longer.code == 2
    assert "forecast train data.csv" in longer.err
    assert "--horizon 48" in longer.err


def test_any_level_can_be_asked_for_and_wider_ones_hold_narrower_ones(trained):
    ending = forecast("predict", "--level", "10,50,90", cwd=trained)
    assert ending.out.splitlines()[0].endswith("forecast,lower_10,upper_10,lower_50,upper_50,lower_90,upper_90")
    for row in ending.table:
        values = [float(row[name]) for name in ("lower_90", "lower_50", "lower_10", "upper_10", "upper_50", "upper_90")]
        assert values == sorted(values)


def test_a_level_that_validation_cannot_support_is_empty_and_said(tmp_path, no_tensorflow):
    write_csv(tmp_path / "data.csv", make_rows(0, 150))
    forecast("train", "data.csv", "--horizon", 5, cwd=tmp_path, env=no_tensorflow)
    ending = forecast("predict", "--level", "80,99", cwd=tmp_path)
    assert ending.code == 0
    assert "cannot support a level of 99 %" in ending.err
    assert {row["upper_99"] for row in ending.table} == {""}
    assert all(row["upper_80"] for row in ending.table)


def test_a_target_unobserved_for_over_a_quarter_of_the_lookback_has_empty_cells(trained, tmp_path):
    lines = make_rows(ROWS, ROWS + LOOKBACK)
    for i in range(LOOKBACK // 2, LOOKBACK):
        lines[i] = lines[i].rsplit(",", 1)[0] + ","
    path = write_csv(tmp_path / "new.csv", lines)
    ending = forecast("predict", path, cwd=trained)
    assert ending.code == 0
    assert {row["forecast"] == "" for row in ending.table if row["target"] == "flow [m3/h]"} == {True}
    assert all(row["forecast"] for row in ending.table if row["target"] != "flow [m3/h]")
    assert forecast("predict", path, "--strict", cwd=trained).code == 3


def test_neither_tensorflow_nor_keras_nor_scikit_learn_nor_pandas_is_in_the_process(trained):
    code = (
        "import sys\n"
        "from forecast_cli.__main__ import main\n"
        "sys.argv = ['forecast', 'predict', '-o', 'unused.csv', '--quiet']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = {'tensorflow', 'keras', 'sklearn', 'pandas', 'plotly', 'onnx'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=trained, capture_output=True, text=True, check=False)
    (trained / "unused.csv").unlink(missing_ok=True)
    assert done.returncode == 0, done.stderr


def test_head_closes_the_pipe_and_nobody_complains(trained):
    line = f"{sys.executable} -m forecast_cli predict 2>messages | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], cwd=trained, capture_output=True, text=True, check=False)
    messages = (trained / "messages").read_text()
    (trained / "messages").unlink()
    assert done.stdout.splitlines()[0] == COLUMNS
    assert done.stdout.splitlines()[1] in {"0", "141"}
    assert "Traceback" not in messages
    assert "BrokenPipe" not in messages
