"""The simplest forecasts, which all others are held against: NumPy alone, in scaled units, alike for every column."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from forecast_cli.errors import ArtifactError
from forecast_cli.models.choosing import MOST_CUTOFFS, measure_losses
from forecast_cli.models.forecaster import ReadsWindow
from forecast_cli.models.stored import take_array
from forecast_cli.prepare.inputs import HISTORY
from forecast_cli.prepare.windows import count_cutoffs, take_evenly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.types import Array, Batch, Listener, Panel, Reads, Split, Window


@dataclass(frozen=True)
class Rule(ReadsWindow, ABC):
    """A rule from the lookback to the steps ahead: nothing is learnt, and nothing stored."""

    name: ClassVar[str]
    reads: ClassVar[Reads] = HISTORY
    window: Window
    n_targets: int

    @property
    def parameters(self) -> int:
        """0: nothing is learnt."""
        return 0

    def fit(self, panel: Panel, split: Split, listener: Listener) -> Self:
        """Return the same: nothing is learnt."""
        return self

    def to_arrays(self) -> dict[str, Array]:
        """Return no array."""
        return {}

    def from_arrays(self, arrays: Mapping[str, Array]) -> Self:
        """Return the same."""
        return self

    @abstractmethod
    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T), of the targets' histories (B, L, T)."""


@dataclass(frozen=True)
class Naive(Rule):
    """The last value, at every step (Hyndman & Athanasopoulos, Forecasting, 3rd ed., 5.2)."""

    name: ClassVar[str] = "naive"

    @property
    def lookback(self) -> int:
        """The last row alone."""
        return 1

    @property
    def sample_every(self) -> int:
        """Every row."""
        return 1

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T)."""
        return np.repeat(batch.history[:, -1:, : self.n_targets], self.window.horizon, axis=1)


@dataclass(frozen=True)
class Mean(Rule):
    """The mean of the values observed in the lookback, at every step (Hyndman & Athanasopoulos, 3rd ed., 5.2).

    The last value where none was observed.
    """

    name: ClassVar[str] = "mean"

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T)."""
        history, observed = batch.history[:, :, : self.n_targets], batch.observed[:, :, : self.n_targets]
        total = np.einsum("blt,blt->bt", history, observed, dtype=np.float64)  # a third of the time of np.sum(where=)
        n = observed.sum(axis=1)
        mean = np.where(n > 0, total / np.maximum(n, 1), history[:, -1]).astype(np.float32)
        return np.repeat(mean[:, None], self.window.horizon, axis=1)


@dataclass(frozen=True)
class Drift(Rule):
    """The line from the first to the last value observed in the lookback, drawn on (Hyndman & Athanasopoulos, 5.2).

    x[t+h] = x[t] + h (x[t] - x[t-L+1]) / (L - 1). With one value observed it is level.
    """

    name: ClassVar[str] = "drift"

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T)."""
        history, observed = batch.history[:, :, : self.n_targets], batch.observed[:, :, : self.n_targets]
        end = history.shape[1] - 1
        first, last = observed.argmax(axis=1)[:, None], end - observed[:, ::-1].argmax(axis=1)[:, None]  # (B, 1, T)
        begun, ended = (np.take_along_axis(history, place, axis=1) for place in (first, last))
        slope = (ended - begun) / np.maximum(last - first, 1)  # an input
        ahead = (self.window.delay + np.arange(self.window.horizon))[:, None] / self.sample_every  # in inputs
        return (ended + slope * (end - last + ahead)).astype(np.float32)


@dataclass(frozen=True)
class SeasonalNaive:
    """The value of the last season known at the cutoff (Hyndman & Athanasopoulos, Forecasting, 3rd ed., 5.2).

    Of several seasons the one with the smallest absolute error on the validation cutoffs.
    """

    name: ClassVar[str] = "seasonal-naive"
    reads: ClassVar[Reads] = HISTORY
    window: Window
    n_targets: int
    seasons: tuple[int, ...] = (1,)  # candidates; after fit the one taken
    sample_every: int = 1

    @property
    def lookback(self) -> int:
        """The longest season, in steps."""
        return max(self.seasons)

    @property
    def parameters(self) -> int:
        """0: nothing is learnt but the season."""
        return 0

    def fit(self, panel: Panel, split: Split, listener: Listener) -> Self:
        """Return this baseline with the season that is best on validation."""
        if len(self.seasons) == 1 or not len(split.validation):
            return replace(self, seasons=self.seasons[:1])
        rows = take_evenly(split.validation, MOST_CUTOFFS)
        candidates = [replace(self, seasons=(season,)) for season in self.seasons]
        counts = count_cutoffs(panel, self.window, mixes_channels=False)
        losses = measure_losses(candidates, panel, self.window, rows, counts)
        return candidates[int(np.argmin(losses))]

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T)."""
        season = self.seasons[0]
        ahead = self.window.delay + np.arange(self.window.horizon)  # steps after the cutoff
        back = ahead - season * -(-ahead // season)  # the same phase, at the cutoff or before
        return batch.history[:, batch.history.shape[1] - 1 + back, : self.n_targets]

    def to_arrays(self) -> dict[str, Array]:
        """Return the season."""
        return {"season": np.array([self.seasons[0]], dtype=np.float32)}

    def from_arrays(self, arrays: Mapping[str, Array]) -> Self:
        """Return the baseline with a stored season."""
        (season,) = take_array(arrays, "season", (1,))
        if not 1 <= season <= 10_000_000:
            raise ArtifactError(f"the stored season {season} is out of range")
        return replace(self, seasons=(int(season),))
