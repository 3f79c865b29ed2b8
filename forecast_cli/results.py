"""What commands come to: the figures and sentences that the console and the reports show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from forecast_cli.types import Array, Decision, Epoch, Forecast, Instants, Reading, Reject, RunConfig, Scores


@dataclass(frozen=True)
class RankingRow:
    """One row of the ranking; None = an empty cell."""

    rank: int
    model: str
    mae_scaled: float
    mse_scaled: float
    mase: float | None
    skill: float | None
    mae: float | None
    rmse: float | None
    n_windows: int
    fit_seconds: float | None
    parameters: int | None


@dataclass(frozen=True)
class TargetError:
    """The error of the saved model and of the best baseline on one target, in the target's unit."""

    target: str
    unit: str
    mae: float
    best_baseline: str
    baseline_mae: float


@dataclass(frozen=True)
class TrainResult:
    """What `forecast train` shows at its end."""

    model_dir: Path
    model: str
    verdict: str  # one sentence: who wins, and by how much
    ranking: tuple[RankingRow, ...]
    errors: tuple[TargetError, ...]
    learnt_until: str


@dataclass(frozen=True)
class PartRow:
    """The error of one model on one part of the windows' targets; None = an empty cell."""

    part: str  # a target, a series, or a step as counted from the cutoff
    model: str
    mae: float | None  # in the target's own unit; None where the part holds several targets
    mae_scaled: float | None
    n: int  # scored values


@dataclass(frozen=True)
class CompareResult:
    """What `forecast compare-baselines` shows."""

    verdict: str
    ranking: tuple[RankingRow, ...]
    windows: Mapping[str, Any]  # first and last cutoff, n_windows, horizon, lookback
    by: Literal["target", "series", "step"] | None = None
    parts: tuple[PartRow, ...] = ()  # in place of the ranking, where they were asked for


@dataclass(frozen=True)
class LayerRow:
    """One line of a network's summary."""

    layer: str  # in the notation
    output: tuple[int, ...]  # shape without the batch axis
    parameters: int
    remark: str = ""  # the formula of a recurrent layer's count, or what a framing does
    recurrent_steps: int | None = None  # one after the other, for one window; None of a closed form
    multiply_adds: int | None = None  # for one window, all its targets


@dataclass(frozen=True)
class Summary:
    """What `forecast summary` shows: facts of a model directory (none for a named network) and its layers."""

    facts: Mapping[str, str]
    layers: tuple[LayerRow, ...]
    parameters: int | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Report:
    """Everything that a report shows; reporting computes no figure of its own."""

    model: str
    verdict: str  # one sentence
    config: RunConfig
    reading: Reading
    ranking: tuple[RankingRow, ...]
    errors: tuple[TargetError, ...]
    scores: Scores
    series_ids: tuple[str, ...]  # (N,)
    targets: tuple[str, ...]  # (T,)
    units: tuple[str, ...]  # (T,)
    coverage: Mapping[int, float]  # level in percent -> share of test values inside, in percent
    epochs: tuple[Epoch, ...]  # () for a closed form
    recent_timestamps: tuple[tuple[str, ...], ...]  # (N, W): what lay before the last test cutoff
    recent: Array  # (N, W, T): NaN where not observed
    forecast: Forecast  # from the last test cutoff of each series
    truth: Array  # (N, H, T): NaN where not observed
    learnt_until: str
    command: str
    versions: Mapping[str, str]
    data_hash: str
    blend: Mapping[str, float] = field(default_factory=dict)  # model -> share; {} where one model alone is saved


@dataclass(frozen=True)
class ColumnProfile:
    """A column of the files as `forecast inspect` shows it; None where nothing is known, or where it is no number."""

    column: str
    kind: str  # "time", "id", "number", "text", "empty"
    role: str  # "target", "past covariate", "left out: constant", ...
    unit: str
    n_values: int | None
    missing: float | None  # share of the rows without a value
    minimum: float | None
    median: float | None
    maximum: float | None
    longest_run: int | None  # rows that hold one value
    is_stuck: bool  # that run is longer than the column's other runs make plausible
    spikes: int | None  # values far outside the middle 98 %
    repeats: float | None = None  # share of the values that equal the one before, both ends of its range left out
    only_rises: bool = False  # as a meter does
    outline: tuple[float | None, ...] = ()  # means of equal stretches of the longest series


@dataclass(frozen=True)
class Finding:
    """One suggestion of `forecast inspect`."""

    text: str
    flag: str = ""  # to try


@dataclass(frozen=True)
class Inspection:
    """What `forecast inspect` shows: every table is plain enough to be JSON."""

    sources: tuple[str, ...]
    format: Mapping[str, Any]
    rows: Mapping[str, int]
    time: Mapping[str, Any]
    gaps: Mapping[str, Any]
    series: Mapping[str, Any]
    seasons: tuple[int, ...]  # steps
    columns: tuple[ColumnProfile, ...]
    decisions: tuple[Decision, ...]
    warnings: tuple[str, ...]
    rejects: tuple[Reject, ...]
    findings: tuple[Finding, ...]
    command: str  # the `forecast train` line that it suggests


@dataclass(frozen=True, eq=False, slots=True)
class CleanTable:
    """What `forecast ingest` writes: one row per series and step, nothing filled."""

    series: tuple[str, Any] | None  # name of the id column, and the id of every row (R,)
    time: tuple[str, Instants] | None  # name of the time column, and the instant of every row (R,)
    tz: str | None
    columns: Mapping[str, Any]  # (R,) each: float64 with NaN where nothing was observed, or texts
    flags: tuple[str, ...] = ()  # that `forecast train` needs on the clean table, so that it learns the same

    @property
    def n_rows(self) -> int:
        """R, the number of rows."""
        return len(next(iter(self.columns.values())))
