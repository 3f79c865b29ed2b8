"""A weighted mean of models: often better than its best part, and on validation never worse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import gcd, lcm
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from forecast_cli.prepare.inputs import measure_reach
from forecast_cli.types import Reads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.types import Array, Batch, Floats

ROUNDS = 20  # so that weights are multiples of a twentieth, or of another share of at most twenty


@dataclass(frozen=True, eq=False)
class Blend:
    """The mean of several fitted models, each with its weight; weights are positive and sum to 1."""

    name: ClassVar[str] = "blend"
    parts: Mapping[str, Predictor]  # by name
    weights: Mapping[str, float]

    @property
    def sample_every(self) -> int:
        """Steps between the rows it reads: each part finds its own among them."""
        return gcd(*(part.sample_every for part in self.parts.values()))

    @property
    def lookback(self) -> int:
        """As many steps as the part that reaches furthest back."""
        return max(map(measure_reach, self.parts.values())) + self.sample_every - 1

    @property
    def reads(self) -> Reads:
        """All that any part looks at; what the parts know of series and categories is the same."""
        reads = [part.reads for part in self.parts.values()]
        asking = max(reads, key=lambda each: len(each.inputs))
        inputs = sorted({name for each in reads for name in each.inputs}, key=_ORDER.index)
        return replace(asking, inputs=tuple(inputs), cycle=lcm(*(each.cycle for each in reads)))

    @property
    def parameters(self) -> int:
        """Those of all parts."""
        return sum(part.parameters for part in self.parts.values())

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T): the weighted mean of what the parts forecast from their own share of the history."""
        return self.mix({name: part.predict(self._cut(batch, part)) for name, part in self.parts.items()})

    def mix(self, forecasts: Mapping[str, Array]) -> Array:
        """Return the weighted mean of forecasts of its parts, which others may be among."""
        return np.asarray(sum(share * forecasts[name] for name, share in self.weights.items()), dtype=np.float32)

    def _cut(self, batch: Batch, part: Predictor) -> Batch:
        every = part.sample_every // self.sample_every
        begin = batch.history.shape[1] - 1 - (measure_reach(part) - 1) // self.sample_every
        return replace(batch, history=batch.history[:, begin::every], observed=batch.observed[:, begin::every])


_ORDER = ("history", "observed", "future", "series", "statics", "phase")


def choose_weights(forecasts: Array, truth: Array, importance: Array) -> Floats:
    """Return (M,) weights, non-negative with sum 1, that make the mean of M forecasts good on validation.

    Models are added one after the other, each as often as it helps, always the one that lowers the weighted mean
    absolute error most (Caruana et al., Ensemble Selection from Libraries of Models, ICML 2004); the best of the
    twenty rounds counts. The first round is the best single model, so the blend is never worse than that one.

    Args:
        forecasts: (M, n) of each model, for the same values.
        truth: (n,).
        importance: (n,) what the error of each value weighs; 0 where it is not scored.
    """
    taken, total = np.zeros(len(forecasts)), np.zeros_like(truth)
    best_loss, best = np.inf, taken
    for round_number in range(1, ROUNDS + 1):
        losses = [importance @ np.abs((total + each) / round_number - truth) for each in forecasts]
        m = int(np.argmin(losses))
        taken, total = taken + (np.arange(len(forecasts)) == m), total + forecasts[m]
        if losses[m] < best_loss:
            best_loss, best = losses[m], taken / round_number
    return best


def tell_shares(shares: Mapping[str, float]) -> str:
    """Return the parts of a blend in words, the largest first: `conv-birnn 60 %, linear 40 %`."""
    return ", ".join(f"{name} {share:.0%}".replace("%", " %") for name, share in sorted(shares.items(), key=_by_share))


def _by_share(part: tuple[str, float]) -> tuple[float, str]:
    return -part[1], part[0]
