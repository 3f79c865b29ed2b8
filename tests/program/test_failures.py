"""What goes wrong, and how it is said: one test for each exit code that can occur, no traceback anywhere."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.program.conftest import LOOKBACK, forecast, make_rows, write_csv


def assert_refused(ending, code, *words):
    assert ending.code == code, ending.err
    assert "Traceback" not in ending.err
    assert ending.out == ""
    for word in words:
        assert word in ending.err


def test_a_missing_file_is_named(tmp_path):
    assert_refused(forecast("train", "nowhere.csv", cwd=tmp_path), 3, "nowhere.csv")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("blank.csv", b"\n\n\n"),
        ("header.csv", b"time,value\n"),
        ("words.csv", b"name,colour\nann,red\nbob,blue\n"),
        ("rubbish.bin", bytes(range(256)) * 50),
    ],
)
def test_a_file_without_a_number_in_it_is_refused_with_its_name(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert_refused(forecast("train", name, cwd=tmp_path), 3, name)


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "data").mkdir()
    assert_refused(forecast("train", "data", cwd=tmp_path), 3, "data")


def test_a_horizon_longer_than_the_data_is_named_beside_their_length(tmp_path):
    write_csv(tmp_path / "data.csv", make_rows(0, 100))
    ending = forecast("train", "data.csv", "--horizon", 200, cwd=tmp_path)
    assert_refused(ending, 3, "200", "100")
    assert not (tmp_path / "forecast-model").exists()


def test_a_season_longer_than_the_training_part_is_refused(tmp_path):
    write_csv(tmp_path / "data.csv", make_rows(0, 300))
    assert_refused(forecast("train", "data.csv", "--season", 5000, cwd=tmp_path), 3, "5,000")


def test_a_disk_that_is_full_is_exit_5_and_leaves_no_half_model(tmp_path, no_tensorflow):
    write_csv(tmp_path / "data.csv", make_rows(0, 150))
    line = f"ulimit -f 8; exec {sys.executable} -m forecast_cli train data.csv"  # files of 4 KB at most
    env = {**os.environ, **no_tensorflow}
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "forecast-model").exists()


def test_an_existing_model_directory_is_refused_before_the_data_are_opened(linear):
    ending = forecast("train", "no-such-file.csv", cwd=linear)
    assert_refused(ending, 5, "already holds a model", "forecast train no-such-file.csv --force")


def test_force_replaces_a_model_and_nothing_else(linear, copy_of, no_tensorflow):
    folder = copy_of(linear)
    args = ("train", "data.csv", "--model", "naive", "--lookback", LOOKBACK)
    assert forecast(*args, "--force", cwd=folder, env=no_tensorflow).code == 0
    assert {row["series_id"] for row in forecast("predict", cwd=folder).table} == {"data"}
    (folder / "thesis").mkdir()
    (folder / "thesis" / "chapter.txt").touch()
    assert_refused(forecast(*args, "--force", "-m", "thesis", cwd=folder), 5, "chapter.txt")


def test_a_missing_model_directory_says_how_to_make_one(tmp_path):
    assert_refused(forecast("predict", cwd=tmp_path), 4, "forecast-model", "forecast train")


def test_a_damaged_model_directory_is_exit_4(linear, copy_of):
    folder = copy_of(linear)
    arrays = next((folder / "forecast-model").glob("arrays-*"))
    arrays.write_bytes(arrays.read_bytes()[:-1] + b"x")
    assert_refused(forecast("predict", cwd=folder), 4, "damaged")


def test_an_unknown_flag_is_usage(tmp_path):
    assert_refused(forecast("predict", "--target", "x", cwd=tmp_path), 2, "--target")


def test_an_unknown_model_lists_the_known_ones(tmp_path):
    write_csv(tmp_path / "data.csv", make_rows(0, 200))
    assert_refused(forecast("train", "data.csv", "--model", "prophet", cwd=tmp_path), 2, "prophet", "conv-birnn")


def test_with_format_json_the_error_is_one_json_line_on_stderr(tmp_path):
    ending = forecast("predict", "--format", "json", cwd=tmp_path)
    line = ending.err.strip().splitlines()[-1]
    error = json.loads(line)["error"]
    assert ending.code == error["code"] == 4
    assert set(error) == {"code", "message", "hint"}


HOSTILE = ["flow [m3/h]", "x [/m]", "\x1b[31mred\x1b[0m", "[bold]b[/bold]"]


def test_hostile_column_names_reach_the_output_unchanged_and_the_terminal_unharmed(tmp_path, no_tensorflow):
    lines = [f"{line},{i % 24 + i / 1000},{i % 12 + i / 500}" for i, line in enumerate(make_rows(0, 400))]
    write_csv(tmp_path / "data.csv", lines, header=",".join(["time", *HOSTILE]))
    ending = forecast("train", "data.csv", "--model", "linear", "--lookback", 30, cwd=tmp_path, env=no_tensorflow)
    assert ending.code == 0, ending.err
    assert "flow [m3/h]" in ending.err
    assert "x [/m]" in ending.err
    assert "\x1b[31m" not in ending.err
    table = forecast("predict", cwd=tmp_path)
    assert {row["target"] for row in table.table} == set(HOSTILE)
    assert "\x1b[31m" not in (tmp_path / "forecast-model" / "report.md").read_text()
    for command in ("predict", "compare-baselines", "summary"):
        drawn = forecast(command, "--format", "table", cwd=tmp_path)
        assert drawn.code == 0, drawn.err
        assert "\x1b[31m" not in drawn.out


def start_training(folder, **popen):
    write_csv(folder / "data.csv", make_rows())
    args = [sys.executable, "-m", "forecast_cli", "train", "data.csv", "--epochs", "500", "--patience", "500"]
    return subprocess.Popen(args, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **popen)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_training_writes_nothing_and_says_one_sentence(tmp_path, sent, code):
    process = start_training(tmp_path, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    told = []
    for line in process.stderr:  # progress lines begin once the first batches are through
        told.append(line)
        if "epoch" in line:
            break
    time.sleep(0.5)
    process.send_signal(sent)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, "".join(told) + err
    assert out == ""
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv"]
    if sent == signal.SIGINT:
        assert "nothing was written" in err
