"""Workflows that do nothing but what a test wants to see the door and the face do with it.

They return real result objects, and stand in `sys.modules` under the names that the commands import.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from forecast_cli.errors import ArtifactError, DataError
from forecast_cli.report import Outlook
from forecast_cli.results import (
    CleanTable,
    ColumnProfile,
    CompareResult,
    Finding,
    Inspection,
    LayerRow,
    Prediction,
    RankingRow,
    Reports,
    Summary,
    TargetError,
    TrainResult,
    Verdict,
)
from forecast_cli.types import Decision, Forecast, Reject

REPOSITORY = Path(__file__).parents[2]
NAMES = {
    **{"inspect": "inspect", "train": "train", "predict": "predict"},
    **{"compare": "compare", "summary": "summarize", "ingest": "ingest", "future": "make_template", "report": "report"},
}
FORECAST_HEAD = "series_id,target,cutoff,timestamp,step,forecast,lower_80,upper_80,lower_95,upper_95"
SENTENCE = "conv-birnn beats seasonal-naive by 12 % [9, 15] on 860 windows"
VERDICT = Verdict("conv-birnn", "seasonal-naive", "better", SENTENCE, 12.0, (9.0, 15.0), 860, 860, 24)
RANKING = (
    RankingRow(1, "conv-birnn", 0.352, 0.41, 0.81, 0.12, None, None, 860, 12.25, 73504),
    RankingRow(2, "seasonal-naive", 0.4, 0.45, None, 0.0, None, None, 860, 0.5, 0),
)
ERRORS = (
    TargetError("flow [/m3]", "m3/h", 12.5, "seasonal-naive", 15.75),
    TargetError("dead", "", float("nan"), "naive", float("nan")),
)


def make_forecast(n: int = 1, horizon: int = 3, targets: int = 1) -> Forecast:
    """Return a forecast; the upper bound of 95 % is unknown."""
    point = np.arange(n * horizon * targets, dtype=np.float64).reshape(n, horizon, targets) / 10
    return Forecast(
        series_ids=tuple(f"pump {i}" for i in range(n)),
        targets=tuple(f"flow{j} [m3/h]" for j in range(targets)),
        cutoff=("2025-12-31T23:00:00",) * n,
        timestamps=(tuple(f"2026-01-{1 + k // 24:02}T{k % 24:02}:00:00" for k in range(horizon)),) * n,
        steps=tuple(range(1, horizon + 1)),
        point=point,
        lower=np.stack([point - 1, point - 2]),
        upper=np.stack([point + 1, np.full_like(point, np.nan)]),
        levels=(80, 95),
    )


def make_prediction(n: int = 1, horizon: int = 3, targets: int = 1) -> Prediction:
    """Return a forecast over two days before it, with a gap in them."""
    return look_back(make_forecast(n, horizon, targets))


def look_back(forecast: Forecast) -> Prediction:
    """Return the forecast over two days before it, with a gap in them."""
    shape = (len(forecast.series_ids), 48, len(forecast.targets))
    recent = np.sin(np.arange(shape[1]) / 4)[None, :, None].repeat(shape[0], 0).repeat(shape[2], 2)
    recent[:, 20:24] = np.nan
    stamps = tuple(f"2025-12-{30 + k // 24:02}T{k % 24:02}:00:00" for k in range(shape[1]))
    outlook = Outlook((stamps,) * shape[0], recent, forecast, np.full(forecast.point.shape, np.nan))
    return Prediction(forecast, outlook)


def train(request: Any, listener: Any) -> TrainResult:
    """Return the result of a run."""
    return TrainResult(request.model_dir, "conv-birnn", VERDICT, RANKING, ERRORS, "2025-11-02T10:00:00")


def train_noisily(request: Any, listener: Any) -> TrainResult:
    """Write to 1 and 2 as Keras and TensorFlow do, and from a child process."""
    os.write(1, b"C++ on 1\n")
    os.write(2, b"C++ on 2\n")
    print("keras on stdout")
    print("a warning on stderr", file=sys.stderr)
    subprocess.run([sys.executable, "-c", "print('a child on stdout')"], check=True)
    return train(request, listener)


def train_noisily_to_a_bug(request: Any, listener: Any) -> TrainResult:
    """Write to 1 and fail."""
    train_noisily(request, listener)
    secret = "hunter2"
    raise ZeroDivisionError(f"nobody expected {len(secret)}")


def train_for_long(request: Any, listener: Any) -> TrainResult:
    """Report an epoch every now and then for half a minute, after saying that it is ready to be stopped."""
    listener.note("under way")
    for epoch in range(1, 600):
        listener.progress("train", epoch, 600, facts(epoch))
        time.sleep(0.05)
    return train(request, listener)


def train_in_a_library(request: Any, listener: Any) -> TrainResult:
    """Do as DuckDB does: swallow what a signal raises, and fail with an error of its own."""
    try:
        return train_for_long(request, listener)
    except SystemExit:
        raise KeyboardInterrupt from None


def train_to_an_error_of_a_library(request: Any, listener: Any) -> TrainResult:
    """Make of what a signal raises an error that says nothing of it."""
    try:
        return train_for_long(request, listener)
    except SystemExit:
        raise RuntimeError("INTERRUPT Error: Interrupted!") from None


def train_with_a_warning(request: Any, listener: Any) -> TrainResult:
    """Write to Python's own stdout and stderr while a bar runs."""
    for epoch in range(1, 5):
        listener.progress("train", epoch, 5, facts(epoch))
        print("FutureWarning: of a library", file=sys.stderr, flush=True)
        print("a library on stdout", flush=True)
        time.sleep(0.15)
    listener.progress("train", 5, 5, facts(5))
    return train(request, listener)


def train_many_targets(request: Any, listener: Any) -> TrainResult:
    """Return 5,000 targets, each a little worse beside its baseline than the one before; the last is unknown."""
    known = [TargetError(f"t{i}", "m3", 1.0 + i, "naive", 1.0 + i / 2) for i in range(4_999)]
    errors = (*known, TargetError("unknown", "", float("nan"), "naive", 1.0))
    return TrainResult(request.model_dir, "conv-birnn", VERDICT, RANKING, errors, "2025-11-02T10:00:00")


def train_while_reading(request: Any, listener: Any) -> TrainResult:
    """Report how far a file of 80 MB is read."""
    for done in range(0, 81_000_000, 20_000_000):
        listener.progress("reading", done, 80_000_000, {})
        time.sleep(0.15)
    return train(request, listener)


def train_with_a_bar(request: Any, listener: Any) -> TrainResult:
    """Report two stages, with a note in between."""
    listener.progress("fit naive", 0, 1, {})
    listener.progress("fit naive", 1, 1, {})
    for epoch in range(1, 4):
        listener.progress("train", epoch, 4, facts(epoch))
        time.sleep(0.15)
    listener.note("a note while the bar runs", "--epochs")
    listener.progress("train", 4, 4, facts(4))
    return train(request, listener)


def facts(epoch: int) -> dict[str, float]:
    """Return what a network tells about an epoch."""
    return {
        "epoch": epoch,
        "epochs": 600,
        "loss": 0.5 / epoch,
        "val_loss": float("nan") if epoch == 1 else 0.25,
        "windows_per_second": 12345.6,
        "seconds_left": 80.0,
    }


def predict(request: Any, listener: Any) -> Prediction:
    """Return three steps."""
    listener.note("cutoff 2025-12-31T23:00:00 (3 h ago)")
    listener.note("a sentinel was found", "--missing-value", warning=True)
    return make_prediction()


def predict_much(request: Any, listener: Any) -> Prediction:
    """Return more than a pipe holds."""
    return make_prediction(3, 20_000, 2)


def predict_hostile_names(request: Any, listener: Any) -> Prediction:
    """Return names that are markup, colour, a bell and a line start."""
    from dataclasses import replace

    listener.note("column evil\x1b[31m\r\x07[/m] of\nfile \x9b31m")
    return look_back(replace(make_forecast(), targets=("flow [m3/h] [/m]\x1b[2J\x07",), series_ids=("[bold]\rid",)))


def predict_without_data(request: Any, listener: Any) -> Prediction:
    """Raise what the artifact raises."""
    raise ArtifactError(f"there is no model directory {request.model_dir}", "make one: forecast train data.csv")


def predict_bad_data(request: Any, listener: Any) -> Prediction:
    """Raise an error about a hostile name."""
    raise DataError("data.csv, line 3: column flow [/m]\x1b[31m is no number", "")


def compare(request: Any, listener: Any) -> CompareResult:
    """Return a ranking; a count may be NumPy's."""
    cutoffs = {"first_cutoff": "2025-10-01", "last_cutoff": "2025-11-02"}
    return CompareResult(VERDICT, RANKING, {"n_windows": np.int64(860), **cutoffs, "lookback": 60, "horizon": 24})


def summarize(request: Any, listener: Any) -> Summary:
    """Return two layers."""
    formula = "4·((1+64+1)·64)"
    layers = (
        LayerRow("SubtractLast", (720, 1), 0, "", 0, 0),
        LayerRow("LSTM(64), [x]", (64,), 16896, formula, 30, 499200),
    )
    return Summary({"model": "conv-birnn", "targets": "flow [m3/h]"}, layers, 73504, ("counted as Keras 3 does",))


def inspect(request: Any, listener: Any) -> Inspection:
    """Return what a file holds."""
    return make_inspection(request.sources)


def make_inspection(sources: tuple[str, ...] = ("x.csv",)) -> Inspection:
    """Return what a file with two columns holds, one of them with a name that is markup."""
    stamps = ColumnProfile("time", "time", "time", "", 48, 0.0, None, None, None, None, False, None)
    flow = ColumnProfile(
        *(
            "flow [/m3]",
            "number",
            "target",
            "m3/h",
            46,
            1 / 24,
            0.5,
            2.0,
            9.5,
            30,
            True,
            0,
            0.25,
            False,
            (1.0, None, 2.0),
        )
    )
    flaws = {
        "off_grid": 0,
        "jittered": 0,
        "jitter_seconds": 0.0,
        "is_newest_first": False,
        "duplicates": 0,
        "conflicts": 0,
        "averaged": 0,
    }
    read = {"columns": ["time"], "read_as": "time, read as ISO 8601", "evidence": "47 of 47 rows", "zone": None}
    span = {"first": "2026-01-01T00:00:00", "last": "2026-01-02T23:00:00", "step": "1h", "step_words": "1 h"}
    distances = [{"distance": "1h", "share": 0.95}, {"distance": "3h", "share": 0.05}]
    lengths = {
        "missing": 3,
        "share": 0.06,
        "open": 0,
        "count": 2,
        "longest": 2,
        "longest_words": "2 h",
        "filled_up_to": 3,
    }
    text = {"kind": "text", "delimiter": ";", "decimal": ",", "thousands": "", "encoding": "utf-8"}
    return Inspection(
        sources=sources,
        format={**text, "has_header": True, "preamble_lines": 2, "lines_above_data": 3, "has_units": False},
        rows={"rows_read": 48, "rows_rejected": 1, "duplicates": 0, "conflicts": 0, "out_of_order": 2},
        time={**read, **span, "distances": distances, "out_of_order": 2, **flaws},
        gaps={**lengths, "lengths": {"1": 1, "2-24": 1}},
        series={"count": 1, "ids": ["x"], "shortest": 48, "median": 48, "longest": 48},
        seasons=(24,),
        columns=(stamps, flow),
        decisions=(Decision("step", "1h", "the most frequent distance of rows", "--freq"),),
        warnings=("2 cells hold exactly -999 (--missing-value)",),
        rejects=(Reject("x.csv", 7, "a;b;c", "3 cells in place of 2"),),
        findings=(Finding("flow stood at 2.0 for 30 rows", "--fill hold"),),
        command="forecast train x.csv --target 'flow [/m3]' --ignore one --ignore another --ignore 'a third column'",
    )


def ingest(request: Any, listener: Any) -> CleanTable:
    """Return three rows of one series, the second without a value."""
    instants = np.datetime64("2026-01-01T00:00:00", "us") + np.arange(3) * np.timedelta64(1, "h")
    columns = {"flow [/m3]": np.array([0.1, np.nan, 1e22]), "level": np.array([1.0, 2.0, 3.0])}
    return CleanTable(None, ("timestamp", instants), None, columns, ("--fill", "hold"))


def report(request: Any, listener: Any) -> Reports:
    """Return the places of all reports, or the one that was asked for."""
    if request.form is not None:
        return Reports(data=f"a report in {request.form}\n".encode())
    return Reports({name: request.model_dir / name for name in ("report.html", "report.md", "report.json")})


def make_modules(**workflows: Callable[..., Any]) -> dict[str, ModuleType]:
    """Return modules by the names that the commands import: `make_modules(train=train_noisily)`."""
    chosen = {name: globals()[workflow] for name, workflow in NAMES.items()} | workflows
    modules = {}
    for name, workflow in chosen.items():
        module = ModuleType(f"forecast_cli.workflows.{name}")
        setattr(module, NAMES[name], workflow)
        modules[module.__name__] = module
    return modules


def make_template(request: Any, listener: Any) -> dict[str, list[object]]:
    """Return a form of two steps."""
    return {"time": ["2026-01-01T00:00:00", "2026-01-01T01:00:00"], "tariff [€]": [None, None]}


def run_main(*fakes: str) -> None:
    """Run the console script with these fakes, each as `train=train_noisily`; for a process of its own."""
    from tests.cli import hostile

    known, pairs = {**globals(), **vars(hostile)}, (fake.split("=") for fake in fakes)
    sys.modules.update(make_modules(**{name: known[workflow] for name, workflow in pairs}))
    from forecast_cli.__main__ import main

    main()


def write_command(arguments: list[str], *fakes: str) -> list[str]:
    """Return the command line of a process that runs `forecast` with these fakes."""
    program = f"from tests.cli.fakes import run_main; run_main(*{fakes!r})"
    return [sys.executable, "-c", program, *arguments]


def wait_for(process: subprocess.Popen[bytes], word: bytes) -> None:
    """Return when the process has written the word to stderr."""
    seen = b""
    assert process.stderr is not None
    while word not in seen:
        seen += os.read(process.stderr.fileno(), 4096)


def stop(process: subprocess.Popen[bytes], number: signal.Signals) -> tuple[int, str]:
    """Return the exit code and the rest of stderr after a signal."""
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    return process.returncode, said.decode()


def crash(request: Any, listener: Any) -> TrainResult:
    """End as a library in C++ does that gives up."""
    os.abort()
