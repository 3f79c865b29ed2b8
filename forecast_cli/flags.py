"""Every flag of the command line, once: its name, unit, default, panel and the check of its value (`values.py`).

What the words mean stands in the requests; the order of the panels in `--help` is the order in which a command takes
the flags.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

import typer

from forecast_cli import values

DATA, WINDOWS, MODEL = "Your data", "Windows", "Model"
TRAINING, PREDICTING, COMPARING, OUTPUT = "Training", "Predicting", "Comparing", "Output"
Format: TypeAlias = Literal["csv", "json", "jsonl", "parquet", "table"]


# --- Flags -----------------------------------------------------------------------------------------------------


class Kind(NamedTuple):
    """What a value is called in `--help`, and the function that checks it."""

    unit: str
    check: Callable[[str], Any] | None = None


NAME, NUMBER = Kind("NAME"), Kind("N", values.parse_count)
STEPS = Kind("STEPS|TIME", values.parse_steps)
LEVELS = Kind("PERCENT,...", values.parse_levels)


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
Pairs: TypeAlias = list[Any] | None  # column and value
Length: TypeAlias = Any  # a count of steps, or a time; Typer takes no union

Timestamp = Annotated[
    Names, _flag(DATA, "--timestamp", "Time column; repeat for a date and a time column.", NAME, "found")
]
Target = Annotated[
    Names, _flag(DATA, "--target", "Column to forecast; repeat, or use commas and wildcards.", NAME, "by rule")
]
Ignore = Annotated[Names, _flag(DATA, "--ignore", "Column to leave out; repeat, or use commas and wildcards.", NAME)]
_SERIES_ID = "Column that names the series, or file:PATTERN to take it from the name of the file."
SeriesId = Annotated[str | None, _flag(DATA, "--series-id", _SERIES_ID, NAME, "found")]
PastCovariate = Annotated[
    Names, _flag(DATA, "--past-covariate", "Column to learn from but not to forecast; '*' takes all others.", NAME)
]
FutureCovariate = Annotated[
    Names, _flag(DATA, "--future-covariate", "Column whose values are known ahead, such as a tariff.", NAME)
]
StaticCovariate = Annotated[
    Names, _flag(DATA, "--static-covariate", "Column with one value per series, such as a site.", NAME)
]
_FUTURE = "Further file with the values of covariates known ahead; it wins over DATA."
Future = Annotated[str | None, _flag(DATA, "--future", _FUTURE, Kind("FILE"))]
Freq = Annotated[str | None, _flag(DATA, "--freq", "Step of the grid: 10min, 1h, 1D, 1W, 1MS.", Kind("STEP"), "found")]
Season = Annotated[Length, _flag(DATA, "--season", "Length of a season.", STEPS, "found")]
_TZ = "Zone in which stamps without an offset are read, and in which forecasts are written: Europe/Berlin."
Tz = Annotated[str | None, _flag(DATA, "--tz", _TZ, Kind("ZONE"), "a clock without daylight saving")]
_MAX_GAP = "Longest gap to fill; longer ones hold the last value."
_GAP = Kind("STEPS|TIME", values.parse_steps_or_zero)
MaxGap = Annotated[Length, _flag(DATA, "--max-gap", _MAX_GAP, _GAP, "3, at most an eighth of a season")]
Fill = Annotated[
    Literal["linear", "hold"], _flag(DATA, "--fill", "How gaps are filled: a straight line, or the last value.")
]
_AGGREGATE = "How several rows in one step become one: mean, sum, last, min, max or std; rain=sum for one column."
AggregateFlag = Annotated[
    Pairs, _flag(DATA, "--aggregate", _AGGREGATE, Kind("[NAME=]HOW", values.parse_aggregate), "mean")
]
Angle = Annotated[Names, _flag(DATA, "--angle", "Column in degrees, such as a wind direction.", NAME)]
Counter = Annotated[Names, _flag(DATA, "--counter", "Meter that only rises: its increase per step is forecast.", NAME)]
_BOUND = Kind("[NAME=]X", values.parse_bound)
Min = Annotated[Pairs, _flag(DATA, "--min", "No forecast or interval below this; flow=0 for one column.", _BOUND)]
Max = Annotated[Pairs, _flag(DATA, "--max", "No forecast or interval above this; level=4.2 for one column.", _BOUND)]
MissingValue = Annotated[
    Names, _flag(DATA, "--missing-value", "Cell that means no value, such as -200 or ERR; repeat.", Kind("TEXT"))
]
KeepSentinels = Annotated[bool, _flag(DATA, "--keep-sentinels", "Take -200, -999 and -9999 for measurements, too.")]
MaxRejects = Annotated[
    float | None,
    _flag(DATA, "--max-rejects", "Share of lines that may be unreadable.", Kind("SHARE", values.parse_share), "1%"),
]
Pivot = Annotated[
    str | None, _flag(DATA, "--pivot", "Column of tags, a row per tag and value: each tag becomes a column.", NAME)
]
Delimiter = Annotated[
    str | None,
    _flag(DATA, "--delimiter", "Character between cells, or tab.", Kind("CHAR", values.parse_delimiter), "found"),
]
Decimal = Annotated[
    Literal[".", ","] | None, _flag(DATA, "--decimal", "Decimal mark, a dot or a comma.", Kind("MARK"), "found")
]
Encoding = Annotated[
    str | None,
    _flag(
        DATA, "--encoding", "Encoding of the text: utf-8, latin-1, cp949.", Kind("NAME", values.parse_encoding), "found"
    ),
]
DayFirst = Annotated[
    bool | None,
    _flag(DATA, "--day-first/--month-first", "Read 03/04/2026 as 3 April, or as 4 March.", default="found"),
]
TimeFormat = Annotated[
    str | None, _flag(DATA, "--time-format", "Format of the time: '%d.%m.%y %H:%M'.", Kind("FORMAT"), "found")
]
OneSeries = Annotated[
    bool | None,
    _flag(
        DATA,
        "--one-series/--series-per-file",
        "Several files go on from each other, or are a series each.",
        default="by their spans",
    ),
]

Horizon = Annotated[Length, _flag(WINDOWS, "--horizon", "Steps to forecast.", STEPS, "the shortest season found")]
Lookback = Annotated[
    Length,
    _flag(
        WINDOWS,
        "--lookback",
        "Steps of history that a model sees.",
        Kind("STEPS|TIME|auto", values.parse_lookback),
        "720, or what the data allow; auto: the best of a few on validation",
    ),
]
Stride = Annotated[Length, _flag(WINDOWS, "--stride", "Steps between training windows.", STEPS)]
SampleEvery = Annotated[Length, _flag(WINDOWS, "--sample-every", "Steps between the rows of a lookback.", STEPS)]
Delay = Annotated[Length, _flag(WINDOWS, "--delay", "Steps from the last known row to the first forecast.", STEPS)]
_SPLIT = "Shares as in 0.7,0.1,0.2, steps as in 8640,2880,2880, or where validation and test begin, two dates."
Split = Annotated[str | None, _flag(WINDOWS, "--split", _SPLIT, Kind("A,B[,C]"), "0.7,0.1,0.2")]

Model = Annotated[str | None, _flag(MODEL, "--model", "A preset or a baseline by name.", NAME, "conv-birnn")]
Layers = Annotated[
    str | None, _flag(MODEL, "--layers", 'A network of your own: "LSTM(32) | Dense(64)".', Kind("NOTATION"))
]
NoBlend = Annotated[
    bool,
    _flag(MODEL, "--no-blend", "Save one model alone, a network where the data are enough, not a mean of several."),
]
Levels = Annotated[str, _flag(MODEL, "--level", "Interval levels in percent, ascending.", LEVELS)]
WindowRows = Annotated[int | None, _flag(MODEL, "--lookback", "Rows that the network reads.", NUMBER)]
WindowSteps = Annotated[int | None, _flag(MODEL, "--horizon", "Steps that the network forecasts.", NUMBER)]
Channels = Annotated[int | None, _flag(MODEL, "--channels", "Columns that the network reads.", NUMBER)]
Targets = Annotated[int | None, _flag(MODEL, "--targets", "Columns that the network forecasts.", NUMBER)]

# The defaults shown here are those of `types.Training`; a test compares them. It is not imported here, because making
# the dataclasses would take a tenth of the time of `forecast --help`.
Epochs = Annotated[
    int | None,
    _flag(
        TRAINING,
        "--epochs",
        "Epochs at most; 0 keeps the initial weights.",
        Kind("N", values.parse_count_or_zero),
        "20",
    ),
]
BatchSize = Annotated[
    int | None, _flag(TRAINING, "--batch-size", "Windows in a step, each target counted.", NUMBER, "252")
]
LearningRate = Annotated[
    float | None, _flag(TRAINING, "--learning-rate", "Size of a step.", Kind("X", values.parse_rate), "0.001")
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
Seed = Annotated[int | None, _flag(TRAINING, "--seed", _SEED, Kind("N", values.parse_count_or_zero), "0")]
_LIMIT = "Longest time for training networks: 90s, 10min, 1h; what was best by then is kept."
TimeLimit = Annotated[float | None, _flag(TRAINING, "--time-limit", _LIMIT, Kind("TIME", values.parse_seconds), "none")]
_FROM = "Model directory whose network learns on from DATA: its columns, window and scale stay; 5 epochs, a lower rate."
From = Annotated[Path | None, _flag(TRAINING, "--from", _FROM, Kind("DIR"))]
_REFIT = (
    "Then fit again, on all rows, for predict; scores and intervals stay those of the first fit. compare-baselines "
    "scores the first; on DATA the second, after its last learnt row."
)
Refit = Annotated[bool, _flag(TRAINING, "--refit", _REFIT)]
_KEEP_UNLESS = "Exit 7, and save nothing, unless the model is better than the best baseline, beyond luck."
SaveIfBetter = Annotated[bool, _flag(TRAINING, "--fail-unless-better", _KEEP_UNLESS)]

AskedLevels = Annotated[
    str | None, _flag(PREDICTING, "--level", "Interval levels in percent, ascending.", LEVELS, "as trained")
]
AskedHorizon = Annotated[Length, _flag(PREDICTING, "--horizon", "Forecast the first steps only.", STEPS, "as trained")]
NoHistory = Annotated[
    bool, _flag(PREDICTING, "--no-history", "Never fill the front of DATA with rows that the model directory keeps.")
]
MaxAge = Annotated[
    str | None,
    _flag(PREDICTING, "--max-age", "Exit 3 where the newest row is older than this.", Kind("TIME", values.parse_age)),
]
AskedFuture = Annotated[str | None, _flag(PREDICTING, "--future", _FUTURE, Kind("FILE"))]
_TEMPLATE = "Write the form for --future, to be filled in, in place of a forecast."
FutureTemplate = Annotated[bool, _flag(PREDICTING, "--future-template", _TEMPLATE)]
_PLOT = "Plot every series and target, not only the first; beside -o or a pipe on stderr, where that is a terminal."
PlotFlag = Annotated[bool, _flag(PREDICTING, "--plot", _PLOT)]
By = Annotated[
    Literal["target", "series", "step"] | None, _flag(COMPARING, "--by", "Errors of each target, series or step.")
]
Worst = Annotated[int | None, _flag(COMPARING, "--worst", "Only the N parts with the largest errors.", NUMBER)]
_BASELINE = "Baseline to compare with; repeat. gradient-boosting is fitted on the spot."
Baseline = Annotated[Names, _flag(COMPARING, "--baseline", _BASELINE, NAME, "all that are kept")]
NWindows = Annotated[
    int | None, _flag(COMPARING, "--n-windows", "Score the last N cutoffs, of every series.", NUMBER, "all")
]
CutoffStride = Annotated[
    Length, _flag(COMPARING, "--stride", "Steps between the cutoffs, counted back from the last.", STEPS)
]
_REFIT_EVERY = (
    "Fit the closed forms anew every N cutoffs, on everything before the next one. Networks, the scale and all that "
    "was chosen on validation stay as trained."
)
RefitEvery = Annotated[int | None, _flag(COMPARING, "--refit-every", _REFIT_EVERY, NUMBER, "never")]
_FORECASTS = (
    "File for every forecast of every model, beside what was observed: .csv or .parquet, else as --format says. It "
    "has a row for each model, window, target and step."
)
Forecasts = Annotated[Path | None, _flag(COMPARING, "--forecasts", _FORECASTS, Kind("FILE"))]
_FAIL_UNLESS = "Exit 7, after the ranking, unless the model is better than its opponent, beyond luck."
FailUnlessBetter = Annotated[bool, _flag(COMPARING, "--fail-unless-better", _FAIL_UNLESS)]

_EXPLAIN = "Measure, too, what the model makes use of: each of its inputs, and each part of its look-back."
Explain = Annotated[bool, _flag(OUTPUT, "--explain", _EXPLAIN)]
ModelDir = Annotated[Path, _flag(OUTPUT, "-m --model-dir", "The model directory.", Kind("DIR"))]
_MODEL_DIRS = "The model directory; given twice, before and after: the second is held against the first."
ModelDirs = Annotated[list[Path] | None, _flag(OUTPUT, "-m --model-dir", _MODEL_DIRS, Kind("DIR"), "forecast-model")]
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
        Kind("SIZE", values.parse_size),
        "64MB",
    ),
]
Force = Annotated[bool, _flag(OUTPUT, "-f --force", "Replace the model directory that is there.")]
Strict = Annotated[bool, _flag(OUTPUT, "--strict", "Exit 3 on every remark that touches the result.")]
Quiet = Annotated[bool, _flag(OUTPUT, "-q --quiet", "Results, warnings and errors only.")]
Verbose = Annotated[bool, _flag(OUTPUT, "-v --verbose", "Show what the libraries say, too.")]
NoColor = Annotated[bool, _flag(OUTPUT, "--no-color", "No colours; NO_COLOR and TERM=dumb do the same.")]
