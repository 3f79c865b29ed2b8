"""How good intervals are: what they cover, how wide they are, and what is paid for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.metrics import average, know, mean_known, take_scale
from forecast_cli.evaluation.sums import divide
from forecast_cli.results import IntervalFigures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.evaluation.metrics import Part
    from forecast_cli.types import Floats, Integers, IntervalScores, Scaler, Scores


def measure_intervals(scores: Scores, found: IntervalScores, scaler: Scaler, part: Part) -> IntervalFigures:
    """Return the figures of one model's intervals on a part of the series, targets and steps.

    Coverage is the share of all values inside, in percent. Widths and Winkler scores are means over windows and steps,
    then targets, then series, as errors are.
    """
    place = (slice(None), *part)
    n = found.n[place]
    return IntervalFigures(
        coverage=_by_level(found, cover(found.inside[place], n)),
        width_scaled=_by_level(found, average(found.width[place], n)),
        winkler_scaled=_by_level(found, average(found.winkler[place], n)),
        wql=know(measure_quantile_loss(scores, found, scaler, part)),
    )


def cover(inside: Floats, n: Integers) -> Floats:
    """Return (K,) how much of the truth lies inside, in percent, from shares and counts (K, ...)."""
    axes = tuple(range(1, n.ndim))
    return 100 * divide((np.nan_to_num(inside) * n).sum(axis=axes), n.sum(axis=axes))


def cover_steps(found: IntervalScores) -> Floats:
    """Return (K, H) how much of the truth lies inside at each step, in percent; NaN where there is no interval."""
    return 100 * divide((np.nan_to_num(found.inside) * found.n).sum(axis=(1, 2)), found.n.sum(axis=(1, 2)))


def measure_quantile_loss(scores: Scores, found: IntervalScores, scaler: Scaler, part: Part) -> np.float64:
    """Return the weighted quantile loss of a part: over windows and steps, then targets, then series.

    That is 2 x pinball loss / sum of |y|, in the columns' units, averaged over the quantiles that the forecast (as the
    median) and the bounds of all levels are (Rangapuram et al., End-to-end learning of coherent probabilistic
    forecasts for hierarchical time series, 2021). The two bounds of a level together lose alpha / 2 x Winkler score,
    the median half the absolute error. NaN where no level has intervals.
    """
    usable = found.n.any(axis=(1, 2, 3))
    if not usable.any():
        return np.float64("nan")
    alpha = 1 - np.array(found.levels)[usable] / 100
    place = (slice(None), *part)
    n = found.n[place][usable].min(axis=0)  # (N, T, H): where every level has an interval
    bounds = np.tensordot(alpha, np.nan_to_num(found.winkler[place][usable]), axes=1)
    loss = (scores.absolute[scores.models.index(found.model)][part] + bounds) / (2 * len(alpha) + 1)
    in_unit = (np.nan_to_num(loss) * n).sum(axis=-1) * take_scale(scaler, scores)[part[:2]]
    whole = (np.nan_to_num(scores.magnitude[part]) * n).sum(axis=-1)
    return np.float64(mean_known(mean_known(divide(in_unit, whole))))


def _by_level(found: IntervalScores, values: Floats) -> Mapping[int, float | None]:
    return {level: know(value) for level, value in zip(found.levels, values, strict=True)}
