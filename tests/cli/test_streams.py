from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import time
from dataclasses import asdict

import numpy as np
import pytest

from tests.cli.fakes import (
    FORECAST_HEAD,
    REPOSITORY,
    SENTENCE,
    VERDICT,
    predict_bad_data,
    predict_hostile_names,
    predict_much,
    write_command,
)

RANKING_HEAD = "rank,model,mae_scaled,mse_scaled,mase,skill,mae,rmse,n_windows,fit_seconds,parameters,rmsse,smape,wql"
ESCAPE = "\x1b"


def test_in_a_pipe_predict_writes_the_forecast_table_and_nothing_else(process):
    done = process(["predict"])
    lines = done.stdout.splitlines()
    assert lines[0] == FORECAST_HEAD
    assert lines[1] == "pump 0,flow0 [m3/h],2025-12-31T23:00:00,2026-01-01T00:00:00,1,0.0,-1.0,1.0,-2.0,"
    assert len(lines) == 4
    assert "cutoff" in done.stderr


def test_what_libraries_write_to_either_descriptor_is_not_seen(process):
    done = process(["train", "x.csv"], "train=train_noisily")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == RANKING_HEAD
    assert len(done.stdout.splitlines()) == 3
    for word in ("C++", "keras", "a warning on stderr", "a child"):
        assert word not in done.stdout + done.stderr


def test_verbose_shows_what_libraries_write_on_stderr(process):
    done = process(["train", "x.csv", "-v"], "train=train_noisily")
    assert done.stdout.splitlines()[0] == RANKING_HEAD
    assert len(done.stdout.splitlines()) == 3
    for word in ("C++ on 1", "C++ on 2", "keras on stdout", "a warning on stderr", "a child on stdout"):
        assert word in done.stderr


def test_a_bug_shows_what_libraries_wrote_and_a_traceback_without_values(process):
    done = process(["train", "x.csv"], "train=train_noisily_to_a_bug")
    assert done.stdout == ""
    for word in ("C++ on 1", "keras on stdout", "Traceback", "ZeroDivisionError: nobody expected 7", "please report"):
        assert word in done.stderr
    assert "hunter2" not in done.stderr


def test_results_of_training_go_to_stdout_and_all_else_to_stderr(run):
    done = run("train", "x.csv")
    assert done.stdout.splitlines()[0] == RANKING_HEAD
    for word in ("reading x.csv", SENTENCE, "forecast-model", "contains data", "learnt until 2025-11-02", "15.75"):
        assert word in done.stderr
        assert word not in done.stdout


def test_the_first_words_of_train_come_before_anything_heavy_is_imported(tmp_path):
    start = time.perf_counter()
    child = subprocess.Popen(
        write_command(["train", "x.csv"], "train=train_for_long"),
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )
    assert child.stderr is not None
    assert os.read(child.stderr.fileno(), 100).startswith(b"reading x.csv")
    assert time.perf_counter() - start < 20  # that it comes is tested here; how fast, in tests/benchmarks
    child.kill()
    child.communicate()


def test_quiet_leaves_results_and_warnings(run):
    done = run("predict", "-q")
    assert done.stdout.startswith(FORECAST_HEAD)
    assert done.stderr == "warning: a sentinel was found (--missing-value)\n"
    assert run("train", "x.csv", "-q").stderr == ""


def test_a_note_is_one_line_with_its_flag(run):
    assert "warning: a sentinel was found (--missing-value)\n" in run("predict").stderr


def test_json_of_a_comparison_is_one_object(run):
    document = json.loads(run("compare-baselines", "--format", "json").stdout)
    assert document["schema_version"] == 1
    assert document["verdict"] == json.loads(json.dumps(asdict(VERDICT)))
    cutoffs = {"first_cutoff": "2025-10-01", "last_cutoff": "2025-11-02"}
    assert document["windows"] == {"n_windows": 860, **cutoffs, "lookback": 60, "horizon": 24}
    assert ",".join(document["ranking"][0]) == RANKING_HEAD
    assert document["ranking"][1]["mase"] is None


def test_json_of_training_holds_the_ranking_and_the_errors_with_null_for_unknown(run):
    document = json.loads(run("train", "x.csv", "--format", "json").stdout)
    assert [row["model"] for row in document["ranking"]] == ["conv-birnn", "seasonal-naive"]
    assert document["errors"][0]["mae"] == 12.5
    assert document["errors"][1]["mae"] is None
    assert document["model_dir"] == "forecast-model"


def test_json_and_json_lines_of_a_forecast_hold_the_same_rows(run):
    rows = json.loads(run("predict", "--format", "json").stdout)
    lines = run("predict", "--format", "jsonl").stdout.splitlines()
    assert rows == [json.loads(line) for line in lines]
    assert rows[1]["forecast"] == 0.1
    assert rows[1]["upper_95"] is None


def test_summary_in_a_pipe_is_a_row_a_layer_and_a_total(run):
    rows = list(csv.reader(io.StringIO(run("summary").stdout)))
    assert rows[0] == ["layer", "output", "parameters", "recurrent_steps", "multiply_adds", "remark"]
    assert rows[2] == ["LSTM(64), [x]", "64", "16896", "30", "499200", "4·((1+64+1)·64)"]
    assert rows[-1] == ["total", "", "73504", "30", "499200", ""]
    document = json.loads(run("summary", "--format", "json").stdout)
    assert document["layers"][0]["output"] == [720, 1]
    assert document["facts"]["targets"] == "flow [m3/h]"


def test_parquet_goes_to_a_file_and_to_a_pipe(run, process, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    assert run("predict", "-o", "f.parquet", "--format", "parquet").exit_code == 0
    read = duckdb.sql("select step, forecast, upper_95 from 'f.parquet'").fetchall()
    assert [row[0] for row in read] == [1, 2, 3]
    assert np.float32(read[2][1]) == np.float32(0.2)
    with (tmp_path / "piped.parquet").open("wb") as piped:
        env = os.environ | {"PYTHONPATH": str(REPOSITORY)}
        command = write_command(["predict", "--format", "parquet"])
        subprocess.run(command, stdout=piped, stdin=subprocess.DEVNULL, check=True, env=env, cwd=tmp_path)
    assert len(duckdb.sql("from 'piped.parquet'").fetchall()) == 3


def test_names_stay_as_they_are_in_data_and_lose_control_characters_before_people(run):
    done = run("predict", predict=predict_hostile_names)
    assert "flow [m3/h] [/m]\x1b[2J\x07" in done.stdout
    assert "column evil[31m[/m] of file 31m\n" in done.stderr
    drawn = run("predict", "--format", "table", predict=predict_hostile_names).stdout
    assert "flow [m3/h] [/m][2J" in drawn
    assert "[bold]id" in drawn
    assert not {ESCAPE, "\r", "\x07"} & set(drawn)


def test_an_error_is_also_one_json_line_where_json_was_asked_for(run):
    for asked in (["--format", "json"], ["--format=json"]):
        done = run("predict", *asked, predict=predict_bad_data)
        assert done.stdout == ""
        assert json.loads(done.stderr.splitlines()[-1])["error"]["code"] == 3
    wrong = run("predict", "--format", "json", "--horizn", "3")
    assert json.loads(wrong.stderr.splitlines()[-1])["error"]["code"] == 2
    assert "{" not in run("predict", predict=predict_bad_data).stderr


def test_on_a_terminal_the_forecast_is_drawn(terminal):
    seen = terminal(["predict"])
    assert FORECAST_HEAD not in seen
    assert "2026-01-01T02:00:00" in seen
    assert "0.1000" in seen


def test_on_a_terminal_names_are_no_markup_and_ring_no_bell(terminal):
    seen = terminal(["predict", "--no-color"], "predict=predict_hostile_names")
    assert "flow [m3/h] [/m][2J" in seen
    assert "\x07" not in seen
    assert "\x1b[2J" not in seen


@pytest.mark.parametrize(
    ("arguments", "env"),
    [(["--no-color"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})],
    ids=["--no-color", "NO_COLOR", "TERM=dumb"],
)
def test_no_colour_is_written_where_none_is_wanted(terminal, arguments, env):
    colour = re.compile(r"\x1b\[[0-9;]*3\d")  # a foreground; bold and dim are no colours
    assert colour.search(terminal(["predict"]))
    assert not colour.search(terminal(["predict", *arguments], env=env))


def test_a_bar_runs_on_a_terminal_with_the_figures_of_the_epoch(terminal):
    seen = terminal(["train", "x.csv"], "train=train_with_a_bar", columns=160)
    assert "━" in seen
    for word in ("epoch 3/600", "loss 0.1667", "val_loss 0.2500", "12,346 windows/s", "1:20 left"):
        assert word in seen
    assert "val_loss nan" not in seen
    assert "a note while the bar runs (--epochs)" in seen


def test_a_bar_fits_the_terminal_ends_in_nothing_and_a_stage_of_no_length_has_none(terminal):
    seen = re.sub(r"\x1b\[[0-9;]*m", "", terminal(["train", "x.csv"], "train=train_with_a_bar"))
    drawn = [line for line in re.split(r"[\r\n]|\x1b\[[0-9;?]*[A-Za-z]", seen) if "epoch 3/600" in line]
    assert any("epoch 3/600  1:20 left" in line for line in drawn)
    assert all(len(line) <= 80 for line in drawn)
    assert "fit naive" not in seen
    assert seen.rindex("\x1b[?25h") > seen.rindex("epoch 3/600")  # the cursor is shown again
    assert "epoch" not in seen[seen.rindex("\x1b[?25h") :]


def test_while_a_file_is_read_the_bar_shows_percent_and_speed(terminal):
    seen = terminal(["train", "x.csv"], "train=train_while_reading")
    assert re.search(r"reading ━+.* 50 %  \d+ MB/s", re.sub(r"\x1b\[[0-9;]*m", "", seen))
    assert "80000000" not in seen


def test_what_libraries_print_while_a_bar_runs_is_not_seen(terminal):
    seen = terminal(["train", "x.csv"], "train=train_with_a_warning", columns=160)
    assert "epoch 3/600" in seen
    assert "of a library" not in seen
    assert "a library on stdout" not in seen


def test_no_bar_is_drawn_on_a_dumb_terminal_in_a_pipe_or_with_verbose(terminal, process):
    dumb = terminal(["train", "x.csv"], "train=train_with_a_bar", env={"TERM": "dumb"})
    verbose = terminal(["train", "x.csv", "-v"], "train=train_with_a_bar")
    piped = process(["train", "x.csv"], "train=train_with_a_bar").stderr
    assert "epoch 3" not in dumb + verbose + piped


def test_a_warning_says_that_stdin_was_not_read_only_where_data_wait_in_it(process, tmp_path):
    (tmp_path / "data.csv").write_text("a\n1\n")
    warning = "stdin is read only as"
    assert warning in process(["predict"], input="a\n1\n").stderr
    with (tmp_path / "data.csv").open() as file:
        assert warning in process(["predict"], stdin=file).stderr
    assert warning not in process(["predict"]).stderr
    assert warning not in process(["predict"], input="").stderr
    assert warning not in process(["predict", "-"], input="a\n1\n").stderr


def test_a_closed_stdout_or_stderr_is_no_bug(tmp_path):
    env = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    for redirection in (">&-", "2>&-", "<&-"):
        shell = f'exec "$@" {redirection}'
        command = ["sh", "-c", shell, "sh", *write_command(["predict"])]
        done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=tmp_path, timeout=60)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr


def test_a_long_result_reaches_a_slow_reader_whole(process, run):
    assert len(process(["predict"], "predict=predict_much").stdout.splitlines()) == 120_001
    assert len(run("predict", predict=predict_much).stdout.splitlines()) == 120_001
