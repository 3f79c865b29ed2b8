"""A model whose forecasts stay within physical bounds: what is scored and calibrated is what will be delivered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.models.blend import Blend

if TYPE_CHECKING:
    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.types import Array, Batch, Floats, Reads, Scaler

ROUNDING = 4 * float(np.finfo(np.float32).eps)


@dataclass(frozen=True, eq=False)
class Bounded:
    """A predictor, clipped."""

    model: Predictor
    lower: Array  # (N, T): scaled units of the panel's series; -inf where there is no bound
    upper: Array  # (N, T)

    @property
    def lookback(self) -> int:
        """The model's own."""
        return self.model.lookback

    @property
    def sample_every(self) -> int:
        """The model's own."""
        return self.model.sample_every

    @property
    def reads(self) -> Reads:
        """The model's own."""
        return self.model.reads

    @property
    def parameters(self) -> int:
        """The model's own: nothing is learnt here."""
        return self.model.parameters

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T): the model's forecasts, none beyond the bounds of its series."""
        lower, upper = self.lower[batch.series][:, None, :], self.upper[batch.series][:, None, :]
        return np.clip(self.model.predict(batch), lower, upper)


def bind(model: Predictor, lower: Floats, upper: Floats, scaler: Scaler) -> Predictor:
    """Return the model within bounds (T,) in the targets' units; the model itself where there is none.

    `scaler` is that of the panel it will predict from: batches number its series.
    """
    if np.isinf(lower).all() and np.isinf(upper).all():
        return model
    if isinstance(model, Blend):  # a mean of what lies within bounds lies within them
        return replace(model, parts={name: bind(part, lower, upper, scaler) for name, part in model.parts.items()})
    return Bounded(model, *scale_bounds(lower, upper, scaler))


def loosen(model: Predictor) -> Predictor:
    """Return the model without the bounds that `bind` gave it: it can predict from panels of other series again."""
    if isinstance(model, Blend):
        return replace(model, parts={name: loosen(part) for name, part in model.parts.items()})
    return model.model if isinstance(model, Bounded) else model


def scale_bounds(lower: Floats, upper: Floats, scaler: Scaler) -> tuple[Array, Array]:
    """Return bounds (T,) in the targets' units as (N, T) in scaled units, of the panel's series.

    They lie outside by the rounding of a mean of float32, so that clipping in the targets' units ends on the bound.
    """
    loc, scale = (each[:, : lower.size] for each in (scaler.loc, scaler.scale))
    low, high = (lower - loc) / scale, (upper - loc) / scale
    return (low - ROUNDING * np.abs(low)).astype(np.float32), (high + ROUNDING * np.abs(high)).astype(np.float32)
