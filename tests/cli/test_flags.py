from __future__ import annotations

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from forecast_cli import values
from forecast_cli.cli import app
from forecast_cli.requests import (
    CompareRequest,
    IngestRequest,
    InspectRequest,
    PredictRequest,
    ReportRequest,
    SummaryRequest,
    TrainRequest,
)
from forecast_cli.types import Columns, ReadingOptions, Training

COMMANDS = ["inspect", "train", "predict", "compare-baselines", "report", "summary", "ingest"]
LOOK = "--output --format --quiet --verbose --no-color --help"
OUTPUT = f"--model-dir {LOOK}"
DATA = (
    "--timestamp --target --ignore --series-id --past-covariate --future-covariate --static-covariate --freq --season "
    "--tz --max-gap --fill --aggregate --angle --counter --min --max --missing-value --keep-sentinels --max-rejects "
    "--pivot --delimiter --decimal --encoding --day-first --month-first --time-format --one-series --series-per-file"
)
TRAINING = (
    "--epochs --batch-size --learning-rate --patience --loss --optimizer --seed --time-limit --from "
    "--refit --fail-unless-better"
)
MATRIX = {
    "inspect": f"{DATA} --strict {LOOK}",
    "train": f"{DATA} --future --horizon --lookback --stride --sample-every --delay --split --model --layers "
    f"--no-blend --level {TRAINING} --keep-data --force --strict {OUTPUT}",
    "predict": f"--level --horizon --max-age --no-history --future --future-template --plot --strict {OUTPUT}",
    "compare-baselines": "--baseline --by --worst --n-windows --stride --refit-every --forecasts --fail-unless-better "
    f"--strict {OUTPUT}",
    "report": f"--explain {OUTPUT}",
    "summary": f"--model --layers --lookback --horizon --channels --targets {OUTPUT}",
    "ingest": f"{DATA} --strict {LOOK}",
}
EVERY_DATA_FLAG = (
    "--timestamp day --timestamp time --target t* --ignore x --series-id id --past-covariate * "
    "--future-covariate tariff --static-covariate site --freq 1h --season 24 --tz Europe/Berlin --max-gap 0 "
    "--fill hold --aggregate sum --aggregate rain=last --angle wind --counter meter --min 0 --max level=4.25 "
    "--missing-value -- --missing-value -200 --keep-sentinels --max-rejects 5% --pivot tag --delimiter tab "
    "--decimal , --encoding latin-1 --day-first --time-format %d.%m.%y --one-series"
)
EVERY_TRAIN_FLAG = (
    f"train a.csv - {EVERY_DATA_FLAG} --future tariff.csv --horizon 12 --lookback 48 "
    "--stride 2 --sample-every 3 --delay 4 --split 0.6,0.2,0.2 --layers LSTM(8) --no-blend --level 50,90 --epochs 3 "
    "--batch-size 64 --learning-rate 0.01 --patience 2 --loss huber --optimizer rmsprop --seed 7 --time-limit 10min "
    "--refit --fail-unless-better -m here "
    "--keep-data 1.5GB -f --strict"
)
EVERY_COMPARE_FLAG = (
    "compare-baselines new.csv -m before -m after --n-windows 20 --stride 6h --refit-every 5 --forecasts all.parquet "
    "--fail-unless-better"
)
READING = ReadingOptions(
    columns=Columns(("day", "time"), ("t*",), "id", ("*",), ("tariff",), ("site",), ("x",)),
    freq="1h",
    season=24,
    max_gap=0,
    fill="hold",
    delimiter="\t",
    decimal=",",
    encoding="iso8859-1",
    tz="Europe/Berlin",
    day_first=True,
    time_format="%d.%m.%y",
    aggregate=(("*", "sum"), ("rain", "last")),
    angles=("wind",),
    counters=("meter",),
    minimum=(("*", 0.0),),
    maximum=(("level", 4.25),),
    missing_values=("--", "-200"),
    keep_sentinels=True,
    max_rejects=0.05,
    pivot="tag",
    one_series=True,
)
EVERY_FLAG = sorted({flag for row in MATRIX.values() for flag in row.split()} - {"--help"})


@pytest.fixture
def help_of(monkeypatch: pytest.MonkeyPatch):
    """Return the help of a command, on a wide terminal."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERMINAL_WIDTH", "200")
    return lambda *command: CliRunner().invoke(app, [*command, "--help"]).stdout


def test_the_commands_stand_in_help_in_the_order_of_a_first_session(help_of):
    shown = help_of()
    places = [re.search(rf"^\W*{command} ", shown, re.MULTILINE).start() for command in COMMANDS]
    assert places == sorted(places)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_takes_the_flags_of_its_row_and_no_other(run, command: str):
    takes = MATRIX[command].split()
    shown = CliRunner().invoke(app, [command, "--help"]).stdout
    assert set(re.findall(r"--[a-z-]+", shown)) >= set(takes)
    for flag in EVERY_FLAG:
        done = run(command, flag)
        is_unknown = "No such option" in done.stderr
        assert is_unknown == (flag not in takes), (flag, done.stderr)
        if is_unknown:
            assert done.exit_code == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_every_flag_has_help_and_a_panel(command: str):
    click_command = typer.main.get_command(app).commands[command]
    for parameter in click_command.params:
        assert parameter.help
        if parameter.param_type_name == "option":
            assert parameter.rich_help_panel


def test_the_defaults_of_training_shown_in_help_are_those_of_the_types(help_of):
    shown = help_of("train")
    for name in ("epochs", "batch_size", "learning_rate", "patience", "loss", "optimizer", "seed"):
        line = next(line for line in shown.splitlines() if f"--{name.replace('_', '-')} " in line)
        assert f"[default: ({getattr(Training, name)})]" in line
    assert f"{TrainRequest.__dataclass_fields__['keep_data'].default // 2**20}MB" in shown


def test_help_says_how_an_interval_is_to_be_read(help_of):
    assert "cannot be added up" in re.sub(r"\s+", " ", help_of("predict"))


def test_without_flags_train_asks_for_the_defaults(ask):
    request = ask("train", "x.csv")
    assert request == TrainRequest(("x.csv",), Path("forecast-model"), command=request.command)


def test_every_flag_of_train_reaches_the_request(ask):
    request = ask(*EVERY_TRAIN_FLAG.split())
    assert request == TrainRequest(
        sources=("a.csv", "-"),
        model_dir=Path("here"),
        reading=READING,
        horizon=12,
        lookback=48,
        stride=2,
        sample_every=3,
        delay=4,
        split="0.6,0.2,0.2",
        layers="LSTM(8)",
        blend=False,
        levels=(50, 90),
        training=Training(3, 64, 0.01, 2, "huber", "rmsprop", 7, time_limit=600.0),
        keep_data=1536 * 2**20,
        force=True,
        strict=True,
        command=shlex.join(["forecast", *EVERY_TRAIN_FLAG.split()]),
        future="tariff.csv",
        flags=request.flags,
        refit=True,
        fail_unless_better=True,
    )
    assert set(request.flags) == {
        "--layers" if flag == "--model" else flag  # which cannot stand beside each other
        for flag in MATRIX["train"].split()
        if flag not in LOOK.split() and flag not in ("--month-first", "--series-per-file", "--from")
    }


@pytest.mark.parametrize("command", ["inspect", "ingest"])
def test_every_flag_of_the_reader_reaches_the_request_and_can_be_repeated(ask, command: str):
    kind = {"inspect": InspectRequest, "ingest": IngestRequest}[command]
    request = ask(command, "a.csv", *EVERY_DATA_FLAG.split(), "--strict")
    assert request == kind(("a.csv",), READING, True, request.flags)
    again = ask("train", "a.csv", *request.flags)
    assert again.reading == READING
    assert ask(command, "a.csv") == kind(("a.csv",))


def test_the_flags_that_are_repeated_keep_every_digit_of_a_bound(ask):
    assert ask("inspect", "a.csv", "--min", "t=-1234.5678901", "--max", "0").flags == (
        *("--min", "t=-1234.5678901"),
        *("--max", "0"),
    )


def test_every_flag_of_the_other_commands_reaches_its_request(ask):
    assert ask("predict") == PredictRequest((), Path("forecast-model"))
    asked = ask("predict", "new.csv", "--level", "90", "--horizon", "3", "--strict", "--no-history", "-m", "here")
    assert asked == PredictRequest(("new.csv",), Path("here"), (90,), 3, True, False)
    asked = ask("predict", "--future", "tariff.csv", "--future-template")
    assert asked == PredictRequest((), Path("forecast-model"), future="tariff.csv", template=True)
    assert ask("report") == ReportRequest(Path("forecast-model"))
    assert ask("report", "-m", "here", "--explain", "-o", "r.HTML") == ReportRequest(Path("here"), "html", True)
    assert ask("report", "-o", "-").form == "md"
    assert ask("report", "-o", "-", "--format", "json").form == "json"
    assert ask("predict", "--horizon", "6h", "--max-age", "2h").horizon == "6h"
    asked = ask("compare-baselines", "new.csv", "--baseline", "naive", "--baseline", "dense", "--strict")
    assert asked == CompareRequest(("new.csv",), Path("forecast-model"), ("naive", "dense"), True)
    asked = ask("compare-baselines", "--by", "series", "--worst", "5")
    assert asked == CompareRequest((), Path("forecast-model"), by="series", worst=5)
    asked = ask(*EVERY_COMPARE_FLAG.split())
    assert asked == CompareRequest(
        sources=("new.csv",),
        model_dir=Path("after"),
        n_windows=20,
        stride="6h",
        refit_every=5,
        forecasts=Path("all.parquet"),
        form="parquet",
        before=Path("before"),
    )
    asked = ask(
        "summary",
        "--model",
        "lstm-gru-stack",
        "--lookback",
        "20",
        "--channels",
        "6",
        "--targets",
        "1",
        "--horizon",
        "5",
    )
    assert asked == SummaryRequest(Path("forecast-model"), "lstm-gru-stack", None, 20, 5, 6, 1)


@pytest.mark.parametrize(
    ("file", "asked", "form"),
    [
        ("all.csv", None, "csv"),
        ("all.csv", "parquet", "csv"),
        ("all.PARQUET", "json", "parquet"),
        ("all", "parquet", "parquet"),
        ("all", "json", "csv"),
    ],
)
def test_the_name_of_a_file_of_forecasts_says_what_it_is_and_else_the_format(ask, file, asked, form):
    words = ["compare-baselines", "--forecasts", file, *([] if asked is None else ["--format", asked, "-o", "r"])]
    assert ask(*words).form == form


def test_forecasts_are_not_written_over_data_a_model_the_result_or_a_device(run, tmp_path):
    (tmp_path / "new.csv").write_text("a\n1\n")
    (tmp_path / "before").mkdir()
    for words, sentence in (
        (["new.csv", "--forecasts", "new.csv"], "--forecasts new.csv would replace the data in new.csv"),
        (["-m", "before", "-m", "after", "--forecasts", "before/f.csv"], "lies in the model directory before"),
        (["--forecasts", "f.csv", "-o", "f.csv"], "--forecasts and --output name one file"),
        (["--forecasts", "/dev/null"], "--forecasts /dev/null is no file"),
        (["--forecasts", "-"], "--forecasts - is no file"),
        (["--forecasts", "no/f.csv"], "--forecasts no/f.csv: there is no directory no"),
    ):
        done = run("compare-baselines", *words)
        assert done.exit_code == 2
        assert sentence in done.stderr
        assert "reading" not in done.stderr
    assert (tmp_path / "new.csv").read_text() == "a\n1\n"


def test_more_than_two_model_directories_are_refused(run):
    done = run("compare-baselines", "-m", "a", "-m", "b", "-m", "c")
    assert done.exit_code == 2
    assert "-m names 3 directories" in done.stderr


def test_every_field_of_a_request_can_be_changed_by_a_flag(ask):
    train, plain = ask(*EVERY_TRAIN_FLAG.split()), TrainRequest((), Path("forecast-model"))
    assert [field.name for field in fields(train) if getattr(train, field.name) == getattr(plain, field.name)] == [
        *("model", "start")
    ]
    assert ask("train", "x.csv", "--model", "naive").model == "naive"
    assert ask("train", "x.csv", "--from", "before").start == Path("before")
    settings = fields(Training)
    same = [field.name for field in settings if getattr(train.training, field.name) == getattr(Training, field.name)]
    assert same == ["epoch_size"]  # a rule of the defaults, and no flag


@pytest.mark.parametrize(
    ("flag", "value", "sentence"),
    [
        ("--horizon", "0", "0 is too small: give 1 or more"),
        ("--horizon", "4 fortnights", "'4 fortnights' is neither a count nor a time"),
        ("--horizon", "1.5", "'1.5' is neither a count nor a time"),
        ("--horizon", "0h", "'0h' is neither a count nor a time"),
        ("--lookback", "-3", "-3 is too small"),
        ("--lookback", "often", "'often' is neither a count nor a time"),
        ("--max-gap", "-1", "-1 is too small: give 0 or more"),
        ("--aggregate", "rain=total", "'total' is no aggregate: write one of mean, sum, last, min, max, std"),
        ("--min", "low", "'low' is no finite number: write 0, or flow=0"),
        ("--max", "flow=inf", "'inf' is no finite number"),
        ("--max-rejects", "2", "'2' is no share: write 5% or 0.05"),
        ("--encoding", "utf-7-bit", "'utf-7-bit' is no encoding"),
        ("--seed", "1e3", "'1e3' is not a whole number"),
        ("--level", "95,80", "not ascending, each level once: write 80,95"),
        ("--level", "80,80", "not ascending, each level once: write 80"),
        ("--level", "80,100", "100 is no level"),
        ("--level", "0", "0 is no level"),
        ("--level", "80,", "'' is not a whole number"),
        ("--level", "80.5", "'80.5' is not a whole number"),
        ("--learning-rate", "0", "not a finite number above 0"),
        ("--learning-rate", "inf", "not a finite number above 0"),
        ("--learning-rate", "nan", "not a finite number above 0"),
        ("--learning-rate", "fast", "'fast' is not a number"),
        ("--time-limit", "10", "'10' has no unit: write 30min, 2h or 7d"),
        ("--time-limit", "soon", "'soon' is neither a count nor a time"),
        ("--time-limit", "1MS", "'1MS' is no fixed length of time: write 90s, 10min or 1h"),
        ("--keep-data", "much", "'much' is no size"),
        ("--keep-data", "-1", "'-1' is no size"),
        ("--delimiter", ";;", "';;' is not one character"),
        ("--decimal", "x", "'--decimal': 'x' is not one of '.', ','."),
        ("--loss", "mape", "'--loss': 'mape' is not one of 'mae', 'mse', 'huber'."),
        ("--fill", "zero", "'--fill': 'zero' is not one of 'linear', 'hold'."),
        ("--format", "xml", "'--format': 'xml' is not one of 'csv', 'json', 'jsonl', 'parquet', 'table'."),
        ("--split", "0.7,0.2", "neither three shares, three counts of steps nor two dates"),
        ("--split", "0.7,0.2,0.2", "neither three shares, three counts of steps nor two dates"),
        ("--split", "70%,10%,20%", "neither three shares, three counts of steps nor two dates"),
    ],
)
def test_a_value_that_cannot_be_ends_in_2_with_a_sentence(run, flag: str, value: str, sentence: str):
    done = run("train", "x.csv", f"{flag}={value}")
    assert done.exit_code == 2
    assert flag in done.stderr
    assert sentence in done.stderr
    assert "Value error" not in done.stderr
    assert "reading" not in done.stderr  # before DATA is opened


def test_a_file_whose_name_begins_with_a_dash_is_hinted_at_where_it_was_taken_for_a_flag(run, tmp_path):
    (tmp_path / "-dash.csv").write_text("a\n1\n")
    taken = run("predict", "-dash.csv")
    assert taken.exit_code == 2
    assert "written ./-dash.csv" in taken.stderr
    assert run("predict", "./-dash.csv").exit_code == 0
    assert "written ./" not in run("predict", "-ash.csv").stderr


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("100", 100), ("2KB", 2048), ("64MB", 64 * 2**20), ("1.5 GiB", 3 * 2**29), ("1m", 2**20)],
)
def test_a_size_is_read_in_powers_of_1024(ask, text: str, size: int):
    assert ask("train", "x.csv", "--keep-data", text).keep_data == size


def test_a_lookback_of_auto_can_be_told_from_none_at_all(ask):
    assert ask("train", "x.csv", "--lookback", "AUTO").lookback == "auto"
    assert ask("train", "x.csv").lookback is None
    assert ask("train", "x.csv", "--lookback", "auto").flags == ("--lookback",)


def test_the_form_for_what_is_known_ahead_is_the_result_in_place_of_a_forecast(run, tmp_path):
    form = "time,tariff [€]\n2026-01-01T00:00:00,\n2026-01-01T01:00:00,\n"
    assert run("predict", "--future-template").stdout == form
    assert run("predict", "--future-template", "-o", "form.csv").stdout == ""
    assert (tmp_path / "form.csv").read_text(encoding="utf-8") == form


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("500ms", 0.5), ("10 min", 600), ("1h", 3600)])
def test_a_time_limit_is_read_in_seconds(ask, text: str, seconds: float):
    assert ask("train", "x.csv", "--time-limit", text).training.time_limit == seconds


def test_data_are_read_as_before_where_training_goes_on(run, ask):
    assert ask("train", "x.csv", "--from", "before", "--future", "tariff.csv", "--epochs", "2").flags == (
        *("--future", "--epochs", "--from"),
    )
    twice = run("train", "x.csv", "--from", "before", "--target", "flow", "--freq", "1h")
    assert twice.exit_code == 2
    assert "--target and --freq: with --from DATA are read as the model in before was trained" in twice.stderr


def test_stdin_is_read_only_once_and_a_future_file_is_not_written_over(run, tmp_path):
    twice = run("predict", "-", "--future", "-")
    assert twice.exit_code == 2
    assert "stdin can be read only once" in twice.stderr
    (tmp_path / "ahead.csv").write_text("a\n1\n")
    over = run("predict", "--future", "ahead.csv", "-o", "ahead.csv")
    assert over.exit_code == 2
    assert (tmp_path / "ahead.csv").read_text() == "a\n1\n"


def test_a_model_and_layers_together_are_refused_and_so_is_an_unknown_model(run):
    assert run("train", "x.csv", "--model", "naive", "--layers", "LSTM(8)").exit_code == 2
    unknown = run("train", "x.csv", "--model", "navie")
    assert unknown.exit_code == 2
    assert "naive" in unknown.stderr
    assert run("summary", "--layers", "LSTM(8").exit_code == 2


def test_the_name_of_a_model_is_no_model_directory_unless_one_is_there(run, tmp_path):
    for command in (["train", "x.csv"], ["predict"], ["compare-baselines"], ["summary"]):
        done = run(*command, "-m", "conv-birnn")
        assert done.exit_code == 2
        assert "--model conv-birnn" in done.stderr
    (tmp_path / "conv-birnn").mkdir()
    assert run("predict", "-m", "conv-birnn").exit_code == 0


def test_version_and_the_short_help(run):
    assert re.fullmatch(r"forecast \d+\.\d+\.\d+\n", run("--version").stdout)
    assert run("predict", "-h").stdout.lstrip().startswith("Usage:")


@pytest.mark.parametrize("text", ["2", "0", "-1", "+24"])
def test_an_age_is_no_count_of_steps(text) -> None:
    with pytest.raises(typer.BadParameter, match="has no unit: write 30min, 2h or 7d"):
        values.parse_age(text)
