"""What commands come to: the figures and sentences that the console and the reports show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    from forecast_cli.report import Outlook
    from forecast_cli.types import Decision, Forecast, Instants, Reject


@dataclass(frozen=True)
class IntervalFigures:
    """How the intervals of a model did, by level in percent; None where calibration does not support a level."""

    coverage: Mapping[int, float | None]  # share of the truth inside, in percent
    width_scaled: Mapping[int, float | None]  # mean, in scaled units
    winkler_scaled: Mapping[int, float | None]
    wql: float | None  # weighted quantile loss of the forecast and all its bounds


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
    rmsse: float | None = None
    smape: float | None = None
    intervals: IntervalFigures | None = None  # None of a model without intervals


Judgement: TypeAlias = Literal["better", "worse", "no difference", "too few windows", "alone"]


@dataclass(frozen=True)
class Wins:
    """On how many series, targets or steps a model has the lower MAE; counted, not tested."""

    won: int = 0
    of: int = 0  # that have scored values


@dataclass(frozen=True)
class Verdict:
    """Whether a model beats one opponent on the same windows, and whether that is more than luck.

    A gain is what the model takes off the opponent's MAE, in percent of it, negative where it adds to it; None where
    that MAE is 0.
    """

    model: str
    baseline: str  # "" where the model was scored alone
    outcome: Judgement
    sentence: str
    gain: float | None = None
    gain_interval: tuple[float, float] | None = None  # 95 %, by block bootstrap; None of too few windows
    n_windows: int = 0
    n_cutoffs: int = 0  # distinct instants that windows were scored from
    block: int = 0  # cutoffs that are drawn together
    series: Wins = Wins()
    targets: Wins = Wins()
    steps: Wins = Wins()
    no_better_from: int | None = None  # the first step after the last one won; None where the last step is won
    dm_p_value: float | None = None  # of Diebold and Mariano, a second opinion; None of too few windows

    @property
    def is_better(self) -> bool:
        """Whether the interval of the difference in MAE lies wholly on the model's side."""
        return self.outcome == "better"


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
    verdict: Verdict
    ranking: tuple[RankingRow, ...]
    errors: tuple[TargetError, ...]
    learnt_until: str
    refitted_until: str = ""  # the second set; "" where there is none
    findings: tuple[Finding, ...] = ()
    is_saved: bool = True  # False where `--fail-unless-better` was asked for, and not met


@dataclass(frozen=True, eq=False)
class Prediction:
    """What `forecast predict` shows."""

    forecast: Forecast  # of all series
    outlook: Outlook  # of the first ones, with what came before


@dataclass(frozen=True)
class Reports:
    """What `forecast report` shows: where the reports lie, or the one that was asked for."""

    paths: Mapping[str, Path] = field(default_factory=dict)  # by the name of the file; {} where it is not written yet
    data: bytes = b""  # of the one asked for


@dataclass(frozen=True)
class PartRow:
    """The error of one model on one part of the windows' targets; None = an empty cell."""

    part: str  # a target, a series, or a step as counted from the cutoff
    model: str
    mae: float | None  # in the target's own unit; None where the part holds several targets
    mae_scaled: float | None
    n: int  # scored values
    mse_scaled: float | None = None
    mase: float | None = None
    rmse: float | None = None  # as mae
    rmsse: float | None = None
    smape: float | None = None
    intervals: IntervalFigures | None = None  # None of a model without intervals


@dataclass(frozen=True)
class CompareResult:
    """What `forecast compare-baselines` shows."""

    verdict: Verdict
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
    """One suggestion of `forecast inspect`, or one thing worth knowing at the end of `forecast train`."""

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
