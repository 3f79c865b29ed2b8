"""What commands come to: the figures and sentences that the console and the reports show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from forecast_cli.types import Array, Decision, Epoch, Forecast, RunConfig, Scores


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
class CompareResult:
    """What `forecast compare-baselines` shows."""

    verdict: str
    ranking: tuple[RankingRow, ...]
    windows: Mapping[str, Any]  # first and last cutoff, n_windows, horizon, lookback


@dataclass(frozen=True)
class LayerRow:
    """One line of a network's summary."""

    layer: str  # in the notation
    output: tuple[int, ...]  # shape without the batch axis
    parameters: int
    remark: str = ""  # the formula of a recurrent layer's count, or what a framing does


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
    decisions: tuple[Decision, ...]
    counts: Mapping[str, int]
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
