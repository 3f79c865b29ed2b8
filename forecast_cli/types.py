"""The frozen dataclasses that the rooms hand to each other, on one page.

Axis letters, in every comment and docstring: N series, R rows of all series end to end, B windows in a batch,
L lookback, H horizon, C channels in, T targets out (the first T channels), F covariates known ahead,
K interval levels. Arrays are NumPy's; it is not imported here, so that `forecast --help` starts at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float32]
    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]
    Instants: TypeAlias = NDArray[np.datetime64]


class Listener(Protocol):
    """How every room below the console speaks."""

    def note(self, text: str, flag: str = "", *, warning: bool = False) -> None:
        """Hear one remark, with the flag that changes what it says; a warning is heard even by `--quiet`."""

    def progress(self, stage: str, done: int, total: int, facts: Mapping[str, float]) -> None:
        """Hear how far a stage has come, with figures to show beside it; done == total ends the stage."""


class Silence:
    """A listener that lets all words pass, warnings too: for Python code that wants the result alone."""

    def note(self, text: str, flag: str = "", *, warning: bool = False) -> None:
        """Let a remark pass."""

    def progress(self, stage: str, done: int, total: int, facts: Mapping[str, float]) -> None:
        """Let a figure pass."""


# --- Settings --------------------------------------------------------------------------------------------------

Steps: TypeAlias = int | str  # a count of grid steps, or a time such as "4h" until the step of the grid is known
Aggregate: TypeAlias = Literal["mean", "sum", "last", "min", "max", "std"]


@dataclass(frozen=True)
class Columns:
    """The user's names for the columns; as patterns before ingest, as exact names after."""

    timestamp: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    series_id: str | None = None
    past_covariates: tuple[str, ...] = ()
    future_covariates: tuple[str, ...] = ()
    static_covariates: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadingOptions:
    """What the flags ask of the reader; None, or an empty tuple, means: find out.

    In a pair (column, value) the column is a pattern, and `*` stands for all.
    """

    columns: Columns = field(default_factory=Columns)
    freq: str | None = None  # "10min", "1h", "1D", "1W", "1MS"; a step of the grid
    season: Steps | None = None
    max_gap: Steps | None = None  # gaps up to this are filled
    fill: Literal["linear", "hold"] = "linear"
    delimiter: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    tz: str | None = None  # a zone of the IANA data base, in which stamps without an offset are read
    day_first: bool | None = None
    time_format: str | None = None  # of strptime
    aggregate: tuple[tuple[str, Aggregate], ...] = ()  # how several rows in one step become one value; else the mean
    angles: tuple[str, ...] = ()  # columns in degrees, read as sine and cosine
    counters: tuple[str, ...] = ()  # columns that only rise, read as the increase per step
    minimum: tuple[tuple[str, float], ...] = ()  # no forecast lies below
    maximum: tuple[tuple[str, float], ...] = ()
    missing_values: tuple[str, ...] = ()  # cells that mean "no value", beside the usual ones
    keep_sentinels: bool = False
    sentinels: tuple[tuple[str, float], ...] = ()  # column, code: found by the reader, to be known again in new data
    max_rejects: float | None = None  # share of the lines that may be left out
    pivot: str | None = None  # the column of tags: a row per tag and value becomes a column per tag
    pivot_value: str | None = None  # the column of their values; found by the reader
    one_series: bool | None = None  # several files: True one series, False a series each
    file_ids: str | None = None  # series_id "file:...", once read: what it finds in a file's name is the id
    signs: tuple[str, str, str] | None = None  # delimiter, decimal sign, thousands separator, as the reader found them
    rows_freq: str | None = None  # the step of the rows themselves, as the reader found it: new ones are placed alike
    header: tuple[str, ...] | None = None  # predict: the training names, for a table that lost its header
    only_series: str | None = None  # predict: the one series of the model, whatever the file is called


@dataclass(frozen=True)
class Decision:
    """One thing the reader took, from which evidence, and the flag that overrides it."""

    what: str
    taken: str
    evidence: str
    flag: str = ""


@dataclass(frozen=True)
class Reject:
    """A line that became no row of the table."""

    source: str  # as the user named the file
    line: int  # from 1
    text: str  # its beginning
    reason: str


@dataclass(frozen=True)
class ColumnFact:
    """What a column of the files is, and what became of it."""

    name: str
    kind: Literal["time", "id", "number", "text", "empty"]
    role: str  # "target", "past covariate", "left out: constant", ...
    unit: str
    n_values: int | None  # None: not counted, as in texts that are not read
    n_missing: int | None
    minimum: float | None  # None where it holds no number
    maximum: float | None


@dataclass(frozen=True)
class Reading:
    """What was taken from the files: decisions for people, counts for machines, options to read new data alike."""

    sources: tuple[str, ...]
    header: tuple[str, ...]  # all columns of the table, in its order
    options: ReadingOptions  # resolved: exact names, the step, the longest gap to fill
    decisions: tuple[Decision, ...]
    counts: Mapping[str, int]  # rows_read, rows_rejected, duplicates, conflicts, gaps, filled, ...
    columns: tuple[ColumnFact, ...] = ()  # in the order of the header
    rejects: tuple[Reject, ...] = ()  # the first ones of each file


@dataclass(frozen=True)
class Window:
    """The shape of a window, in grid steps.

    Inputs are the rows cutoff, cutoff - s, cutoff - 2s, ... with s = sample_every: L = lookback // s of them.
    Targets are the rows cutoff + delay ... cutoff + delay + horizon - 1. `stride` thins training windows only.
    """

    lookback: int
    horizon: int
    stride: int = 1
    sample_every: int = 1
    delay: int = 1

    @property
    def inputs(self) -> int:
        """L, the number of rows that a model reads."""
        return self.lookback // self.sample_every

    @property
    def reach(self) -> int:
        """Rows from the oldest input to the cutoff, both counted."""
        return (self.inputs - 1) * self.sample_every + 1


@dataclass(frozen=True)
class Training:
    """How a network is trained."""

    epochs: int = 20
    batch_size: int = 252  # channel-windows a step
    learning_rate: float = 1e-3
    patience: int = 4
    loss: Literal["mae", "mse", "huber"] = "mae"
    optimizer: Literal["adam", "rmsprop"] = "adam"
    seed: int = 0
    epoch_size: int = 150_000  # channel-windows an epoch, at most
    time_limit: float | None = None  # seconds, of all networks of a run together


@dataclass(frozen=True)
class RunConfig:
    """What a run was made with beside the reading: resolved values, never `auto`."""

    freq: str
    season_length: int
    window: Window
    split: tuple[int, int, int]  # grid steps from the earliest instant to the end of train, validation, test
    model: str
    layers: str | None  # in the layer notation; None for a closed form
    training: Training
    levels: tuple[int, ...]


# --- What the rooms make ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class Panel:
    """Every series on one regular grid, end to end, in order of id."""

    series_ids: tuple[str, ...]  # (N,)
    indptr: Integers  # (N+1,): series i is the rows indptr[i] ... indptr[i+1] - 1
    origin: np.datetime64 | None  # instant of step 0, UTC or a clock without a zone; None: rows are the time
    freq: str
    tz: str | None  # "Z", "+01:00", a zone such as "Europe/Berlin", or None for naive stamps
    start: Integers  # (N,): step of each series' first row, from the origin
    values: Array  # (R, C): the column's unit, less `offset`; filled where not observed; NaN before the first value
    offset: Floats  # (N, C): taken off before the cast to float32
    observed: Flags  # (R, C)
    channels: tuple[str, ...]  # (C,): the targets first, then what is known of the past, then what is known ahead
    units: tuple[str, ...]  # (C,): "" where unknown
    n_targets: int
    season_length: int  # steps; 1 where no season was found
    n_future: int = 0  # the last channels, whose values are known ahead
    statics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # name -> (N,): one text per series
    scaler: Scaler | None = None  # by which the values were scaled; None: they are in the columns' units

    @property
    def n_series(self) -> int:
        """N, the number of series."""
        return len(self.series_ids)

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of the T targets."""
        return self.channels[: self.n_targets]


@dataclass(frozen=True, eq=False, slots=True)
class Split:
    """The cutoff rows of the windows of each part, ascending; borders are instants common to all series."""

    train: Integers
    validation: Integers
    test: Integers
    borders: tuple[int, int, int]  # steps from the origin: the first step after train, validation, test


@dataclass(frozen=True, eq=False, slots=True)
class Batch:
    """Windows of history, oldest row first."""

    history: Array  # (B, L, C)
    observed: Flags  # (B, L, C)
    series: Integers  # (B,): place among the panel's series
    cutoff: Integers  # (B,): steps from the origin
    beside: Mapping[str, NDArray[Any]] = field(default_factory=dict)  # what else the model reads, as `Reads` names it


@dataclass(frozen=True)
class Reads:
    """What a model looks at in a window, and the words it was trained with.

    Its inputs are `history` (B, L, C) and, where its layers ask for them, `observed` (B, L, C) 0 or 1; `future`
    (B, H, F) the channels known ahead, then the calendar; `series` (B,) index into the training series; `statics`
    (B, S) index into the categories of each static covariate; `phase` (B,) the cutoff's step since 1970, modulo
    `cycle`. An index of -1 is one that the training did not know. The first three are float32, the others int32.
    """

    inputs: tuple[str, ...] = ("history",)
    horizon: int = 1
    delay: int = 1
    cycle: int = 1  # steps
    series_ids: tuple[str, ...] = ()
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # static covariate -> its texts, in order

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The index of each training series."""
        return {name: i for i, name in enumerate(self.series_ids)}


@dataclass(frozen=True, eq=False, slots=True)
class Scaler:
    """Location and scale of every series and channel, in the column's unit; fitted on training rows only."""

    loc: Floats  # (N, C)
    scale: Floats  # (N, C)


@dataclass(frozen=True, eq=False, slots=True)
class Conformal:
    """The percentiles 1 ... 99 of the calibration scores, widened for overlap; NaN where n does not support one."""

    percentiles: Floats  # (99, H, T): scaled units over the window's spread
    n: int
    angles: Floats | None = None  # (99, H, A): degrees, of the targets that are read as sine and cosine


@dataclass(frozen=True, eq=False, slots=True)
class Forecast:
    """The next steps of every series, in the columns' units; NaN = unknown."""

    series_ids: tuple[str, ...]  # (N,)
    targets: tuple[str, ...]  # (T,)
    cutoff: tuple[str, ...]  # (N,): as printed
    timestamps: tuple[tuple[str, ...], ...]  # (N, H): as printed
    steps: tuple[int, ...]  # (H,): counted from the cutoff
    point: Floats  # (N, H, T)
    lower: Floats  # (K, N, H, T)
    upper: Floats  # (K, N, H, T)
    levels: tuple[int, ...]  # (K,): percent, ascending

    def to_columns(self) -> dict[str, Any]:
        """Return the forecast table of `cli.md` as columns: one row per series, target and step, in that order."""
        n, h, t = self.point.shape  # series, then target; each followed by its H steps
        table: dict[str, Any] = {
            "series_id": [name for name in self.series_ids for _ in range(t * h)],
            "target": [name for name in self.targets for _ in range(h)] * n,
            "cutoff": [cutoff for cutoff in self.cutoff for _ in range(t * h)],
            "timestamp": [stamp for stamps in self.timestamps for stamp in stamps * t],
            "step": list(self.steps) * (n * t),
            "forecast": self.point.transpose(0, 2, 1).ravel(),
        }
        for k, level in enumerate(self.levels):
            table[f"lower_{level}"] = self.lower[k].transpose(0, 2, 1).ravel()
            table[f"upper_{level}"] = self.upper[k].transpose(0, 2, 1).ravel()
        return table

    def to_frame(self) -> pd.DataFrame:
        """Return the forecast table as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(self.to_columns())


@dataclass(frozen=True, eq=False, slots=True)
class IntervalScores:
    """Aggregates of one model's intervals over all windows of one part; NaN where nothing was scored."""

    model: str
    levels: tuple[int, ...]  # (K,): percent, ascending
    inside: Floats  # (K, N, T, H): share of the truth inside, 0 to 1
    width: Floats  # (K, N, T, H): mean, in scaled units
    winkler: Floats  # (K, N, T, H): mean Winkler score, in scaled units
    n: Integers  # (K, N, T, H): scored values that have an interval
    inside_by_cutoff: Floats  # (K, W): share of the truth inside
    n_by_cutoff: Integers  # (K, W)


@dataclass(frozen=True, eq=False, slots=True)
class Scores:
    """Aggregates over all windows of one part, one row per model; errors in scaled units."""

    models: tuple[str, ...]  # (M,)
    absolute: Floats  # (M, N, T, H): mean absolute error; NaN where nothing was scored
    squared: Floats  # (M, N, T, H): mean squared error
    symmetric: Floats  # (M, N, T, H): mean |y - f| / (|y| + |f|) in the columns' units, 0 to 1
    magnitude: Floats  # (N, T, H): mean |y| in the columns' units
    n: Integers  # (N, T, H): scored values
    cutoffs: Integers  # (W,): distinct cutoff instants, in steps from the origin
    losses: Floats  # (M, W): mean absolute error of each cutoff, its targets and series weighted as in the ranking
    weights: Floats  # (W,): share of each cutoff in the ranking's mean absolute error, which is losses @ weights
    n_windows: int
    intervals: IntervalScores | None = None  # of the saved model


@dataclass(frozen=True)
class Epoch:
    """One line of training.csv."""

    epoch: int  # from 1
    loss: float
    val_loss: float
    learning_rate: float
    seconds: float


Json: TypeAlias = dict[str, Any]
