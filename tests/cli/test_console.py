from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from forecast_cli.bar import fit_words
from forecast_cli.console import Console
from forecast_cli.errors import UsageError
from forecast_cli.output import Manner, Streams, check_file
from forecast_cli.results import CleanTable
from forecast_cli.wording import (
    choose_ends,
    choose_rows,
    clean,
    describe_bytes,
    format_cell,
    format_number,
    format_seconds,
    list_counts,
    list_words,
    to_plain,
)
from tests.cli.fakes import facts, ingest, make_prediction, train_many_targets


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Bytes(io.TextIOWrapper):
    """A text stream in memory."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def text(self) -> str:
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined]


@pytest.fixture
def face() -> Callable[..., tuple[Console, Streams, Clock]]:
    """Return a console on streams in memory and its clock."""

    def make(**manner: object) -> tuple[Console, Streams, Clock]:
        streams, clock = Streams(Bytes(), Bytes()), Clock()
        return Console(streams, Manner(**manner), clock), streams, clock

    return make


def test_without_a_terminal_progress_is_a_line_every_ten_seconds(face):
    console, streams, clock = face()
    for second in range(26):
        clock.now = 100.0 + second
        console.progress("train", second, 600, facts(second + 1))
    lines = streams.messages.text().splitlines()
    assert [line.split("  ")[0] for line in lines] == ["train epoch 11/600", "train epoch 21/600"]
    assert lines[0].endswith("epoch 11/600  1:20 left  loss 0.04545  val_loss 0.2500  12,346 windows/s")


def test_progress_of_reading_is_told_in_percent_and_speed_and_not_in_bytes(face):
    console, streams, clock = face()
    for second in range(21):
        clock.now = 100.0 + second
        console.progress("reading", second * 12_000_000, 480_000_000, {})
    assert streams.messages.text().splitlines() == ["reading 25 %  12 MB/s", "reading 50 %  12 MB/s"]


def test_the_speed_of_a_second_file_is_counted_anew(face):
    console, streams, clock = face()
    console.progress("reading", 0, 1_000_000, {})
    console.progress("reading", 1_000_000, 1_000_000, {})
    clock.now += 100
    console.progress("reading", 0, 90_000_000, {})
    clock.now += 10
    console.progress("reading", 30_000_000, 90_000_000, {})
    assert streams.messages.text().splitlines()[-1] == "reading 33 %  3 MB/s"


def test_of_an_unknown_size_the_megabytes_are_told():
    assert describe_bytes(45_000_000, 0, 3.0) == "45 MB  15 MB/s"
    assert describe_bytes(0, 100, 0.0) == "0 %"


def test_quiet_progress_says_nothing(face):
    console, streams, clock = face(quiet=True)
    clock.now += 60
    console.progress("train", 1, 2, facts(1))
    assert streams.messages.text() == ""


def test_the_facts_of_a_stage_leave_out_what_is_not_known():
    assert list_words({}) == []
    assert list_words({"epoch": 1, "epochs": 20, "val_loss": float("nan")}) == ["epoch 1/20"]
    assert list_words({"seconds_left": 3725.0}) == ["1:02:05 left"]
    assert format_seconds(59.6) == "1:00"


def test_the_figures_of_training_begin_with_what_matters_most():
    told = {"epoch": 3, "epochs": 20, "batch": 12, "batches": 586, "loss": 0.5, "best": 0.25, "seconds_left": 80.0}
    assert list_words(told) == ["epoch 3/20", "batch 12/586", "1:20 left", "best 0.2500", "loss 0.5000"]
    validating = list_words({**told, "validated": 7, "validations": 40})
    assert validating[:2] == ["epoch 3/20", "validation 7/40"]
    assert fit_words(list_words(told), 36) == "epoch 3/20  batch 12/586  1:20 left"
    assert fit_words(["far too long"], 5) == ""


def test_a_stage_of_several_pieces_tells_how_far_it_is_and_after_a_while_how_long_it_takes():
    assert list_counts(0, 1, 9.0) == []
    assert list_counts(3_000, 12_000, 0.5) == ["3,000/12,000"]
    assert list_counts(3_000, 12_000, 20.0) == ["3,000/12,000", "1:00 left"]
    assert list_counts(0, 5, 20.0) == ["0/5"]


def test_a_stage_in_one_piece_is_named_in_a_file_without_counts(face):
    console, streams, clock = face()
    clock.now += 11
    console.progress("fit linear", 0, 1, {})
    assert streams.messages.text() == "fit linear\n"


def test_what_is_drawn_has_a_form_in_ascii_and_names_stay():
    assert to_plain("─┤━╸░▒•…┊▸▁▇█ Größe") == "-|=.:o.|>_*# Größe"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0.1235"),
        (12.0, "12.00"),
        (999.96, "1000"),
        (123456.7, "123457"),
        (0.0, "0.000"),
        (-1e-7, "-1.000e-07"),
    ],
)
def test_a_number_for_people_has_four_digits(value: float, text: str):
    assert format_number(value) == text


def test_a_cell_is_empty_where_nothing_is_known_and_a_count_is_whole():
    assert [format_cell(cell) for cell in (None, float("nan"), 73504, "a\tb\x07")] == ["", "", "73504", "a b"]


def test_control_characters_are_taken_out_of_what_people_read():
    assert clean("a\x1b[31mb\rc\x00\x7f\x9b\u202ed\ne\tf") == "a[31mbcd e f"
    assert clean("two\nlines", keep_lines=True) == "two\nlines"
    assert clean("Größe [m³/h] 温度") == "Größe [m³/h] 温度"


def test_a_short_forecast_is_drawn_whole_and_a_long_one_by_its_ends():
    assert choose_rows(24, 24) == list(range(24))
    rows = choose_rows(96, 96)
    assert rows[:20] == list(range(20))
    assert rows[20] is None
    assert rows[21:] == list(range(76, 96))


def test_of_many_series_the_first_are_drawn_and_a_gap_stands_for_the_rest():
    rows = choose_rows(100 * 24, 24)
    assert rows[-1] is None
    assert max(row for row in rows if row is not None) == 8 * 24 - 1
    assert len(rows) < 60


def test_a_long_drawn_forecast_says_how_to_get_all_of_it(face):
    console, streams, _ = face(format="table")
    console.show_forecast(make_prediction(1, 96))
    drawn = streams.results.text()
    assert "…" in drawn
    assert "2026-01-04T23:00:00" in drawn
    assert "target flow0 [m3/h]" in drawn.splitlines()[0]
    assert "-o forecast.csv" in streams.messages.text()


def test_a_narrow_table_leaves_out_whole_intervals_and_says_how_many_columns(face, monkeypatch):
    console, streams, _ = face(format="table")
    monkeypatch.setenv("COLUMNS", "80")
    console.show_forecast(make_prediction(2, 3, 2))
    drawn = streams.results.text()
    assert "lower_80" in drawn.splitlines()[1]
    assert "2 more columns: --format csv" in drawn
    assert all(len(line) <= 80 for line in drawn.splitlines())
    assert drawn.count("2026-01-01T00:00:00") == 4


def test_where_cutoffs_differ_a_narrow_table_keeps_the_narrowest_interval_rather_than_them(face, monkeypatch):
    console, streams, _ = face(format="table")
    monkeypatch.setenv("COLUMNS", "80")
    made = make_prediction(2, 3, 2)
    console.show_forecast(replace(made, forecast=replace(made.forecast, cutoff=("2025-12-31T23:00:00", "2025-12-30"))))
    head = streams.results.text().splitlines()[0].split()
    assert head == ["series_id", "target", "timestamp", "forecast", "lower_80", "upper_80"]


@pytest.mark.parametrize("columns", ["80", "160"])
def test_a_drawn_ranking_shows_every_model_and_no_empty_column(run, monkeypatch, columns: str):
    monkeypatch.setenv("COLUMNS", columns)
    drawn = run("compare-baselines", "--format", "table").stdout
    assert "conv-birnn" in drawn
    assert "seasonal-naive" in drawn
    assert " mae " not in drawn
    assert ("73504" in drawn) == (columns == "160")


def test_a_drawn_summary_shows_the_facts_the_layers_and_the_total(run):
    drawn = run("summary", "--format", "table").stdout
    for word in ("conv-birnn", "flow [m3/h]", "720x1", "LSTM(64), [x]", "16896", "total", "73504"):
        assert word in drawn


def test_a_forecast_of_nothing_is_a_head_without_rows(face):
    for form in ("csv", "table", "json", "jsonl"):
        console, streams, _ = face(format=form)
        console.show_forecast(make_prediction(0, 0, 0))
        assert "pump" not in streams.results.text()


def test_a_file_for_the_result_is_checked_before_the_work(tmp_path):
    check_file(str(tmp_path / "new.csv"))
    with pytest.raises(UsageError, match="is a directory"):
        check_file(str(tmp_path))
    with pytest.raises(UsageError, match="there is no directory"):
        check_file(str(tmp_path / "no" / "new.csv"))


def test_of_many_targets_the_worst_beside_the_baseline_are_drawn_and_the_file_that_holds_the_rest(run):
    done = run("train", "x.csv", train=train_many_targets)
    drawn = [line.split()[0] for line in done.stderr.splitlines() if " naive " in line]
    assert drawn == [f"t{i}" for i in range(4_998, 4_978, -1)]
    assert "the other 4,980 are in forecast-model/report.json\n" in done.stderr
    document = json.loads(run("train", "x.csv", "--format", "json", train=train_many_targets).stdout)
    assert len(document["errors"]) == 5_000


def test_a_few_targets_are_all_drawn_in_their_order(run):
    said = run("train", "x.csv").stderr
    assert said.index("flow [/m3]") < said.index("dead")
    assert "report.json" not in said


@pytest.mark.parametrize("columns", [80, 160])
def test_a_drawn_inspection_fits_the_terminal_and_ends_in_the_suggested_command_unbroken(
    run, monkeypatch, columns: int
):
    monkeypatch.setenv("COLUMNS", str(columns))
    drawn = run("inspect", "x.csv", "--format", "table").stdout.splitlines()
    assert drawn[-1].startswith("forecast train x.csv --target 'flow [/m3]'")
    assert drawn[-1].endswith("--ignore 'a third column'")
    assert all(len(line) <= columns for line in drawn[:-1])
    assert all(line == line.rstrip() for line in drawn)
    text = "\n".join(drawn)
    for words in (
        "delimiter ;",
        "3 steps without a row",
        "24 steps (24 h)",
        "x.csv, line 7",
        "flow [/m3]",
        "▁ █",
        "-999",
    ):
        assert words in text


def test_an_inspection_in_a_pipe_is_a_row_per_column_and_the_rest_is_on_stderr(run):
    done = run("inspect", "x.csv")
    rows = done.stdout.splitlines()
    assert rows[0] == (
        "column,kind,role,unit,n_values,missing,minimum,median,maximum,longest_run,is_stuck,spikes,repeats,only_rises"
    )
    assert [row.split(",")[0] for row in rows[1:]] == ["time", "flow [/m3]"]
    assert "warning: 2 cells hold exactly -999" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("forecast train x.csv")


def test_an_inspection_can_be_parquet(run):
    duckdb = pytest.importorskip("duckdb")
    assert run("inspect", "x.csv", "--format", "parquet", "-o", "p.parquet").exit_code == 0
    rows = duckdb.sql("select \"column\", missing, median, is_stuck from 'p.parquet'").fetchall()
    assert rows == [("time", 0.0, None, False), ("flow [/m3]", 1 / 24, 2.0, True)]


def test_an_inspection_as_json_holds_all_of_it(run):
    document = json.loads(run("inspect", "x.csv", "--format", "json").stdout)
    assert document["schema_version"] == 1
    assert document["columns"][1]["outline"] == [1.0, None, 2.0]
    assert document["command"].startswith("forecast train x.csv")


CLEAN = """timestamp,flow [/m3],level
2026-01-01T00:00:00,0.1,1.0
2026-01-01T01:00:00,,2.0
2026-01-01T02:00:00,1e+22,3.0
"""


def test_a_clean_table_is_csv_and_the_line_that_goes_on_is_on_stderr(run, tmp_path):
    done = run("ingest", "x.csv")
    assert done.stdout == CLEAN
    assert done.stderr.endswith("go on with: forecast train - --fill hold\n")
    done = run("ingest", "x.csv", "-o", "my clean.csv")
    assert (done.stdout, (tmp_path / "my clean.csv").read_text()) == ("", CLEAN)
    assert done.stderr.endswith("go on with: forecast train 'my clean.csv' --fill hold\n")


def test_a_clean_table_is_parquet_by_its_format_or_by_the_name_of_the_file(run, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    for name, more in (("a.parquet", []), ("b", ["--format", "parquet"])):
        assert run("ingest", "x.csv", "-o", name, *more).exit_code == 0
        assert (tmp_path / name).read_bytes()[:4] == b"PAR1"
    read = duckdb.sql("select * from 'a.parquet'")
    assert read.columns == ["timestamp", "flow [/m3]", "level"]
    assert [row[1] for row in read.fetchall()] == [0.1, None, 1e22]
    assert run("ingest", "x.csv", "-o", "c.parquet", "--format", "csv").exit_code == 0
    assert (tmp_path / "c.parquet").read_text() == CLEAN


def test_a_clean_table_as_json_lines_has_null_where_nothing_was_observed(run):
    lines = [json.loads(line) for line in run("ingest", "x.csv", "--format", "jsonl").stdout.splitlines()]
    assert lines[1] == {"timestamp": "2026-01-01T01:00:00", "flow [/m3]": None, "level": 2.0}
    assert json.loads(run("ingest", "x.csv", "--format", "json").stdout) == lines


def test_of_a_long_clean_table_both_ends_are_drawn(face):
    console, streams, _ = face(format="table")
    table = ingest(None, None)
    long = CleanTable(None, None, None, {"v": table.columns["level"].repeat(100)})
    console.show_clean_table(long)
    drawn = [line.strip() for line in streams.results.text().splitlines()]
    assert drawn.count("…") == 1
    assert drawn[2] == "1.000"
    assert drawn[-1] == "3.000"
    assert choose_ends(20) == list(range(20))
    assert "go on with: forecast train clean.csv\n" in streams.messages.text()
