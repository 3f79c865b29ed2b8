"""The frozen dataclasses that the rooms hand to each other, on one page.

Axis letters, in every comment and docstring: N series, R rows of all series end to end, B windows in a batch,
L lookback, H horizon, C channels in, T targets out (the first T channels), F covariates known ahead,
K interval levels. Arrays are NumPy's; it is not imported here, so that `forecast --help` starts at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


# --- Settings --------------------------------------------------------------------------------------------------


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
    """What the flags ask of the reader; None means: find out."""

    columns: Columns = field(default_factory=Columns)
    freq: str | None = None  # "10min", "1h", "1D", "1W", "1MS"; a step of the grid
    season: int | None = None  # steps
    max_gap: int | None = None  # steps; gaps up to this are filled
    fill: Literal["linear", "hold"] = "linear"
    delimiter: str | None = None
    decimal: str | None = None
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
class Reading:
    """What was taken from the files: decisions for people, counts for machines, names to read new data alike."""

    sources: tuple[str, ...]
    columns: Columns  # exact names
    header: tuple[str, ...]  # all columns of the table, in its order
    freq: str
    max_gap: int
    fill: Literal["linear", "hold"]
    decisions: tuple[Decision, ...]
    counts: Mapping[str, int]  # rows_read, rows_rejected, duplicates, conflicts, gaps, filled, ...


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


@dataclass(frozen=True)
class RunConfig:
    """Everything a run was made with: resolved values, never `auto`."""

    columns: Columns
    freq: str
    season_length: int
    window: Window
    split: tuple[int, int, int]  # grid steps from the earliest instant to the end of train, validation, test
    model: str
    layers: str | None  # in the layer notation; None for a closed form
    training: Training
    levels: tuple[int, ...]
    max_gap: int
    fill: Literal["linear", "hold"]


# --- What the rooms make ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class Panel:
    """Every series on one regular grid, end to end, in order of id."""

    series_ids: tuple[str, ...]  # (N,)
    indptr: Integers  # (N+1,): series i is the rows indptr[i] ... indptr[i+1] - 1
    origin: np.datetime64 | None  # instant of step 0, UTC or a clock without a zone; None: rows are the time
    freq: str
    tz: str | None  # "Z", "+01:00" or None for naive stamps
    start: Integers  # (N,): step of each series' first row, from the origin
    values: Array  # (R, C): the column's unit, less `offset`; filled where not observed; NaN before the first value
    offset: Floats  # (N, C): taken off before the cast to float32
    observed: Flags  # (R, C)
    channels: tuple[str, ...]  # (C,): the targets first
    units: tuple[str, ...]  # (C,): "" where unknown
    n_targets: int
    season_length: int  # steps; 1 where no season was found

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
    future: Array  # (B, H, F)
    series: Integers  # (B,): index into the training series; -1 = unknown
    cutoff: Integers  # (B,): steps from the origin


@dataclass(frozen=True, eq=False, slots=True)
class Scaler:
    """Location and scale of every series and channel, in the column's unit; fitted on training rows only."""

    loc: Floats  # (N, C)
    scale: Floats  # (N, C)


@dataclass(frozen=True, eq=False, slots=True)
class Conformal:
    """The percentiles 1 ... 99 of the calibration scores; NaN where n does not support one."""

    percentiles: Floats  # (99, H, T): scaled units over the window's spread
    n: int


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
        import numpy as np

        n, h, t = self.point.shape
        by_target = np.ndindex(n, t)  # series, then target; each followed by its H steps
        rows = [(self.series_ids[i], self.targets[j], self.cutoff[i]) for i, j in by_target for _ in range(h)]
        stamps = [stamp for i, _ in np.ndindex(n, t) for stamp in self.timestamps[i]]
        table: dict[str, Any] = {
            "series_id": [row[0] for row in rows],
            "target": [row[1] for row in rows],
            "cutoff": [row[2] for row in rows],
            "timestamp": stamps,
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
class Scores:
    """Aggregates over all windows of one part, one row per model; errors in scaled units."""

    models: tuple[str, ...]  # (M,)
    absolute: Floats  # (M, N, T, H): mean absolute error; NaN where nothing was scored
    squared: Floats  # (M, N, T, H): mean squared error
    n: Integers  # (N, T, H): scored values
    cutoffs: Integers  # (W,): distinct cutoff instants, in steps from the origin
    losses: Floats  # (M, W): mean absolute error of each cutoff
    n_windows: int


@dataclass(frozen=True)
class Epoch:
    """One line of training.csv."""

    epoch: int  # from 1
    loss: float
    val_loss: float
    learning_rate: float
    seconds: float


Json: TypeAlias = dict[str, Any]
