"""From the targets of the model to the forecast that is handed out: within its bounds, and angles in degrees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.ingest.grid.angles import find_pairs, name_parts
from forecast_cli.models.bounded import bind
from forecast_cli.prepare.angles import to_degrees

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.types import Conformal, Floats, Forecast, ReadingOptions, Scaler

_HALF_TURN = 180.0  # an interval as wide as the circle says nothing


@dataclass(frozen=True, eq=False)
class Delivery:
    """What becomes of each target on its way out."""

    names: tuple[str, ...]  # (D,): as people know them
    places: tuple[int, ...]  # (D,): the target, or the sine of an angle
    pairs: tuple[tuple[int, int], ...]  # (A, 2): where sine and cosine of each angle stand among the targets
    lower: Floats  # (T,): -inf where there is no bound
    upper: Floats  # (T,)

    def name_units(self, units: Sequence[str]) -> tuple[str, ...]:
        """Return the unit of each (D,), given those of the channels; angles are in degrees."""
        sines = {s for s, _ in self.pairs}
        return tuple("°" if t in sines else units[t] for t in self.places)


def plan_delivery(options: ReadingOptions, targets: Sequence[str]) -> Delivery:
    """Return what the reader's options make of these targets."""
    pairs = find_pairs(targets, options.angles)
    whole = {name_parts(name)[0]: name for name in options.angles}
    cosines, sines = {c for _, c in pairs}, {s for s, _ in pairs}
    places = tuple(t for t in range(len(targets)) if t not in cosines)
    lower, upper = dict(options.minimum), dict(options.maximum)
    return Delivery(
        names=tuple(whole[targets[t]] if t in sines else targets[t] for t in places),
        places=places,
        pairs=pairs,
        lower=np.array([lower.get(name, -np.inf) for name in targets]),
        upper=np.array([upper.get(name, np.inf) for name in targets]),
    )


def bind_models(models: Mapping[str, Predictor], how: Delivery, scaler: Scaler) -> Mapping[str, Predictor]:
    """Return models of scaled values whose forecasts stay within the bounds of their targets."""
    return {name: bind(model, how.lower, how.upper, scaler) for name, model in models.items()}


def deliver(forecast: Forecast, how: Delivery, conformal: Conformal) -> Forecast:
    """Return the forecast with values and intervals inside the bounds, and angles in degrees, in their place.

    The interval of an angle is its direction plus or minus a radius, both ends modulo 360: one that passes through
    north has its lower end above its upper one. Empty where the radius reaches 180 degrees or is not supported.
    """
    point, lower, upper = (clip(values, how) for values in (forecast.point, forecast.lower, forecast.upper))
    places = list(how.places)
    shown = replace(
        forecast,
        targets=how.names,
        point=point[..., places],
        lower=lower[..., places],
        upper=upper[..., places],
    )
    return _turn(shown, point, how, conformal) if how.pairs else shown


def clip(values: Floats, how: Delivery) -> Floats:
    """Return values (..., T) inside the bounds of their targets; NaN stays."""
    return np.clip(values, how.lower, how.upper)


def fold_angles(values: Floats, how: Delivery) -> Floats:
    """Return values (..., T) as (..., D): angles in degrees in their place, the others as they are."""
    folded = values[..., list(how.places)]
    for s, c in how.pairs:
        folded[..., how.places.index(s)] = round_degrees(to_degrees(values[..., s], values[..., c]))
    return folded


def _turn(shown: Forecast, targets: Floats, how: Delivery, conformal: Conformal) -> Forecast:
    """Return the forecast with the columns of angles made from sine and cosine in targets (N, H, T)."""
    point, lower, upper = shown.point.copy(), shown.lower.copy(), shown.upper.copy()
    for a, (s, c) in enumerate(how.pairs):
        d, degrees = how.places.index(s), to_degrees(targets[..., s], targets[..., c])
        radius = _take_radius(conformal, shown.levels, a)[:, None]  # (K, 1, H)
        point[..., d] = round_degrees(degrees)
        lower[..., d], upper[..., d] = round_degrees(degrees - radius), round_degrees(degrees + radius)
    return replace(shown, point=point, lower=lower, upper=upper)


def _take_radius(conformal: Conformal, levels: Sequence[int], angle: int) -> Floats:
    """Return (K, H) degrees; NaN where an interval would be the whole circle or the scores are too few."""
    if conformal.angles is None:
        return np.full((len(levels), conformal.percentiles.shape[1]), np.nan)
    radius = conformal.angles[[level - 1 for level in levels], :, angle]
    return np.where(radius < _HALF_TURN, radius, np.nan)


def round_degrees(degrees: Floats) -> Floats:
    """Return degrees in 0 <= degrees < 360, in steps of 0.001: finer than any vane."""
    return np.round(degrees % 360, 3) % 360
