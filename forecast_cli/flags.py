"""Every flag of the command line, once: its name, unit, default, panel and the check of its value.

The values are checked here, so that a wrong one ends in exit 2 before a file is opened. What the words mean stands
in the requests; the order of the panels in `--help` is the order in which a command takes the flags.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

import typer

DATA, WINDOWS, MODEL = "Your data", "Windows", "Model"
TRAINING, PREDICTING, COMPARING, OUTPUT = "Training", "Predicting", "Comparing", "Output"
SIZE_UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}  # powers of 1024
Format: TypeAlias = Literal["csv", "json", "jsonl", "parquet", "table"]


# --- Values ----------------------------------------------------------------------------------------------------


def parse_count(text: str) -> int:
    """Return a whole number of 1 or more."""
    count = _read_whole(text)
    if count < 1:
        raise typer.BadParameter(f"{text} is too small: give 1 or more")
    return count


def parse_count_or_zero(text: str) -> int:
    """Return a whole number of 0 or more."""
    count = _read_whole(text)
    if count < 0:
        raise typer.BadParameter(f"{text} is too small: give 0 or more")
    return count


def parse_lookback(text: str) -> int | None:
    """Return the steps of history, None for `auto`."""
    return None if text.strip().lower() == "auto" else parse_count(text)


def parse_rate(text: str) -> float:
    """Return a finite number above 0."""
    try:
        rate = float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a number") from None
    if not 0 < rate < float("inf"):
        raise typer.BadParameter(f"{text} is not a finite number above 0")
    return rate


def parse_levels(text: str) -> str:
    """Return the levels as given, once they are whole percents from 1 to 99, ascending and each once."""
    levels = [_read_whole(word) for word in text.split(",")]
    outside = [level for level in levels if not 1 <= level <= 99]
    if outside:
        raise typer.BadParameter(f"{outside[0]} is no level: give whole percents from 1 to 99, such as 80,95")
    if levels != sorted(set(levels)):
        straight = ",".join(str(level) for level in sorted(set(levels)))
        raise typer.BadParameter(f"{text} is not ascending, each level once: write {straight}")
    return text


def split_levels(text: str) -> tuple[int, ...]:
    """Return checked levels as numbers."""
    return tuple(int(word) for word in text.split(","))


def parse_size(text: str) -> int:
    """Return a size in bytes: `0`, `500KB`, `64MB`, `1.5GB`; a kilobyte has 1024 bytes."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)I?B?", str(text).strip().upper())
    if match is None:
        raise typer.BadParameter(f"{text!r} is no size: write 0, 500KB, 64MB or 1.5GB")
    number, prefix = match.groups()
    return round(float(number) * 1024.0 ** SIZE_UNITS[prefix])


def parse_delimiter(text: str) -> str:
    """Return the one character between cells; `tab` and a backslash with t name the tab."""
    delimiter = "\t" if text in ("tab", "\\t") else text
    if len(delimiter) != 1:
        raise typer.BadParameter(f"{text!r} is not one character: write one such as ';', or tab")
    return delimiter


def _read_whole(text: str) -> int:
    word = str(text).strip()
    if not re.fullmatch(r"[+-]?\d{1,15}", word, re.ASCII):
        raise typer.BadParameter(f"{text!r} is not a whole number")
    return int(word)


# --- Flags -----------------------------------------------------------------------------------------------------


class Kind(NamedTuple):
    """What a value is called in `--help`, and the function that checks it."""

    unit: str
    check: Callable[[str], Any] | None = None


NAME, STEPS, NUMBER = Kind("NAME"), Kind("STEPS", parse_count), Kind("N", parse_count)
LEVELS = Kind("PERCENT,...", parse_levels)


def _flag(panel: str, name: str, text: str, kind: Kind | None = None, default: str = "") -> Any:
    """Return an option of a panel; `name` may list several spellings, `default` words what no value can show."""
    unit, check = kind or Kind("")
    shown: str | bool = default or True
    spellings = name.split()
    return typer.Option(
        *spellings, help=text, rich_help_panel=panel, metavar=unit or None, parser=check, show_default=shown
    )


_WHAT = "files, quoted globs, or - for stdin; CSV, TSV, gzip or Parquet, told by their content"
Sources = Annotated[list[str], typer.Argument(metavar="DATA", help=f"Your data: {_WHAT}.", show_default=False)]
_FURTHER = typer.Argument(
    metavar="DATA", help=f"New data: {_WHAT}. Without it, what the model directory keeps.", show_default=False
)
FurtherSources = Annotated[list[str] | None, _FURTHER]
Names: TypeAlias = list[str] | None

Timestamp = Annotated[
    Names, _flag(DATA, "--timestamp", "Time column; repeat for a date and a time column.", NAME, "found")
]
Target = Annotated[
    Names, _flag(DATA, "--target", "Column to forecast; repeat, or use commas and wildcards.", NAME, "by rule")
]
Ignore = Annotated[Names, _flag(DATA, "--ignore", "Column to leave out; repeat, or use commas and wildcards.", NAME)]
SeriesId = Annotated[str | None, _flag(DATA, "--series-id", "Column that names the series.", NAME, "found")]
PastCovariate = Annotated[
    Names, _flag(DATA, "--past-covariate", "Column to learn from but not to forecast; '*' takes all others.", NAME)
]
Freq = Annotated[str | None, _flag(DATA, "--freq", "Step of the grid: 10min, 1h, 1D, 1W, 1MS.", Kind("STEP"), "found")]
Season = Annotated[int | None, _flag(DATA, "--season", "Length of a season.", STEPS, "found")]
MaxGap = Annotated[
    int | None,
    _flag(
        DATA,
        "--max-gap",
        "Longest gap to fill; longer ones hold the last value.",
        Kind("STEPS", parse_count_or_zero),
        "3",
    ),
]
Fill = Annotated[
    Literal["linear", "hold"], _flag(DATA, "--fill", "How gaps are filled: a straight line, or the last value.")
]
Delimiter = Annotated[
    str | None,
    _flag(DATA, "--delimiter", "Character between cells, or tab.", Kind("CHAR", parse_delimiter), "found"),
]
Decimal = Annotated[
    Literal[".", ","] | None, _flag(DATA, "--decimal", "Decimal mark, a dot or a comma.", Kind("MARK"), "found")
]

Horizon = Annotated[int | None, _flag(WINDOWS, "--horizon", "Steps to forecast.", STEPS, "the shortest season found")]
Lookback = Annotated[
    int | None,
    _flag(WINDOWS, "--lookback", "Steps of history that a model sees.", Kind("STEPS|auto", parse_lookback), "auto"),
]
Stride = Annotated[int, _flag(WINDOWS, "--stride", "Steps between training windows.", STEPS)]
SampleEvery = Annotated[int, _flag(WINDOWS, "--sample-every", "Steps between the rows of a lookback.", STEPS)]
Delay = Annotated[int, _flag(WINDOWS, "--delay", "Steps from the last known row to the first forecast.", STEPS)]
_SPLIT = "Train, validation and test: shares as in 0.7,0.1,0.2, or steps as in 8640,2880,2880."
Split = Annotated[str | None, _flag(WINDOWS, "--split", _SPLIT, Kind("A,B,C"), "0.7,0.1,0.2")]

Model = Annotated[str | None, _flag(MODEL, "--model", "A preset or a baseline by name.", NAME, "conv-birnn")]
Layers = Annotated[
    str | None, _flag(MODEL, "--layers", 'A network of your own: "LSTM(32) | Dense(64)".', Kind("NOTATION"))
]
Levels = Annotated[str, _flag(MODEL, "--level", "Interval levels in percent, ascending.", LEVELS)]
Channels = Annotated[int | None, _flag(MODEL, "--channels", "Columns that the network reads.", NUMBER)]
Targets = Annotated[int | None, _flag(MODEL, "--targets", "Columns that the network forecasts.", NUMBER)]

# The defaults shown here are those of `types.Training`; a test compares them. It is not imported here, because making
# the dataclasses would take a tenth of the time of `forecast --help`.
Epochs = Annotated[
    int | None,
    _flag(TRAINING, "--epochs", "Epochs at most; 0 keeps the initial weights.", Kind("N", parse_count_or_zero), "20"),
]
BatchSize = Annotated[
    int | None, _flag(TRAINING, "--batch-size", "Windows in a step, each target counted.", NUMBER, "252")
]
LearningRate = Annotated[
    float | None, _flag(TRAINING, "--learning-rate", "Size of a step.", Kind("X", parse_rate), "0.001")
]
Patience = Annotated[
    int | None, _flag(TRAINING, "--patience", "Epochs without a gain before training stops.", NUMBER, "4")
]
Loss = Annotated[
    Literal["mae", "mse", "huber"] | None, _flag(TRAINING, "--loss", "What training makes small.", default="mae")
]
Optimizer = Annotated[
    Literal["adam", "rmsprop"] | None, _flag(TRAINING, "--optimizer", "The rule of a step.", default="adam")
]
_SEED = "Start of all randomness: same seed, same model."
Seed = Annotated[int | None, _flag(TRAINING, "--seed", _SEED, Kind("N", parse_count_or_zero), "0")]

AskedLevels = Annotated[
    str | None, _flag(PREDICTING, "--level", "Interval levels in percent, ascending.", LEVELS, "as trained")
]
AskedHorizon = Annotated[
    int | None, _flag(PREDICTING, "--horizon", "Forecast the first steps only.", STEPS, "as trained")
]
NoHistory = Annotated[
    bool, _flag(PREDICTING, "--no-history", "Never fill the front of DATA with rows that the model directory keeps.")
]
Baseline = Annotated[
    Names, _flag(COMPARING, "--baseline", "Baseline to compare with; repeat.", NAME, "all that are kept")
]

ModelDir = Annotated[Path, _flag(OUTPUT, "-m --model-dir", "The model directory.", Kind("DIR"))]
OutputFile = Annotated[
    str | None, _flag(OUTPUT, "-o --output", "File for the result; - is stdout.", Kind("FILE"), "stdout")
]
OutputFormat = Annotated[
    Format | None,
    _flag(OUTPUT, "--format", "csv, json, jsonl, parquet or table.", Kind("FORMAT"), "table on a terminal, else csv"),
]
KeepData = Annotated[
    int,
    _flag(
        OUTPUT,
        "--keep-data",
        "Most data to keep in the model directory; 0 keeps none.",
        Kind("SIZE", parse_size),
        "64MB",
    ),
]
Force = Annotated[bool, _flag(OUTPUT, "-f --force", "Replace the model directory that is there.")]
Strict = Annotated[bool, _flag(OUTPUT, "--strict", "Exit 3 on every remark that touches the result.")]
Quiet = Annotated[bool, _flag(OUTPUT, "-q --quiet", "Results, warnings and errors only.")]
Verbose = Annotated[bool, _flag(OUTPUT, "-v --verbose", "Show what the libraries say, too.")]
NoColor = Annotated[bool, _flag(OUTPUT, "--no-color", "No colours; NO_COLOR and TERM=dumb do the same.")]
