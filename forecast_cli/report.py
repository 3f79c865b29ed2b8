"""Everything that a report shows; the rooms of `reporting` compute no figure of their own.

Letters are the axes of `forecast_cli.types`; further W rows of history, S series that are shown, B bins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forecast_cli.results import Finding, LayerRow, RankingRow, TargetError, Verdict
    from forecast_cli.types import Array, Epoch, Floats, Forecast, Integers, Reading, RunConfig, Scores


@dataclass(frozen=True, eq=False, slots=True)
class Outlook:
    """Forecasts, one of each series shown, over what came before and beside what came true; in the targets' units."""

    recent_timestamps: tuple[tuple[str, ...], ...]  # (S, W), the last one is the cutoff
    recent: Array  # (S, W, T): NaN where not observed
    forecast: Forecast  # of S series
    truth: Array  # (S, H, T): NaN where not observed, or not yet


@dataclass(frozen=True, eq=False, slots=True)
class Residuals:
    """Truth less forecast of the saved model on the test part, in the targets' units; an angle's in degrees."""

    series_ids: tuple[str, ...]  # (S,) of the courses over time
    timestamps: tuple[tuple[str, ...], ...]  # (S, W) instants of the first step ahead, one after the other
    first_step: Array  # (S, W, T): NaN where nothing was scored
    edges: Floats  # (T, B + 1) of the histogram; what lies beyond is counted in the outermost bins
    counts: Integers  # (T, B), over all series, windows and steps
    autocorrelation: Floats  # (T, A + 1) of the first step's, at lags of 0 to A cutoffs; NaN where unknown
    autocorrelation_bound: Floats  # (T,): white noise stays within plus and minus this at 95 % of the lags
    mean_by_hour: Floats | None = None  # (T, 7, 24) by weekday from Monday and hour of the forecast instant; NaN: none
    mae_by_hour: Floats | None = None  # likewise; None where a step is a day or longer, or rows are the time


@dataclass(frozen=True, eq=False, slots=True)
class Presence:
    """What was observed when: a bar per series, or per target where there is but one series."""

    names: tuple[str, ...]  # (P,)
    are_series: bool
    timestamps: tuple[str, ...]  # (B,) at which the bins of all bars begin
    share: Floats  # (P, B) of the values observed, in percent; NaN before a bar begins and after its end


@dataclass(frozen=True)
class InputImportance:
    """How much worse the forecasts become where one input is exchanged between windows."""

    name: str
    role: str  # "target", "past covariate", "known ahead", "calendar", "static"
    rise: float  # of the MAE, in percent; negative where the exchange helped


@dataclass(frozen=True)
class LookbackPart:
    """How much worse the forecasts become where one part of the look-back is not seen."""

    first_step: int  # counted back from the cutoff, which is 0: 143 to 96
    last_step: int
    rise: float  # of the MAE, in percent


@dataclass(frozen=True)
class Explanation:
    """What the saved model makes use of, as measured on test windows."""

    inputs: tuple[InputImportance, ...]  # the most important first
    lookback: tuple[LookbackPart, ...]  # from the oldest to the newest
    n_cutoffs: int
    mae_scaled: float  # of the same windows, untouched


@dataclass(frozen=True, eq=False, slots=True)
class Report:
    """Everything that a report shows."""

    model: str
    verdict: Verdict
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
    outlook: Outlook  # the forecast from the end of the data
    trials: tuple[Outlook, ...]  # from some cutoffs of the test part, ascending, with the last one
    learnt_until: str
    command: str
    versions: Mapping[str, str]
    data_hash: str
    blend: Mapping[str, float] = field(default_factory=dict)  # model -> share; {} where one model alone is saved
    refitted_until: str = ""  # the second set; "" where there is none
    findings: tuple[Finding, ...] = ()
    rivals: tuple[Verdict, ...] = ()  # the saved model against each other model of the ranking, in its order
    residuals: Residuals | None = None
    presence: Presence | None = None
    layers: tuple[LayerRow, ...] = ()  # of the network in the saved model; () where there is none
    explanation: Explanation | None = None  # `forecast report --explain`
