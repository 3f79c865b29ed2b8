"""The seam: whatever maps windows of history to futures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

from forecast_cli.prepare.inputs import Reader

if TYPE_CHECKING:
    from forecast_cli.types import Array, Batch, Listener, Panel, Split, Window


class Predictor(Reader, Protocol):
    """A fitted model. It works in scaled units and knows nothing of columns, files or clocks."""

    @property
    def parameters(self) -> int:
        """How many numbers were learnt."""

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T) from the `lookback // sample_every` rows of history in the batch, and what else it reads."""


class ReadsWindow:
    """A model that reads all of its window, every row of it."""

    window: Window

    @property
    def lookback(self) -> int:
        """The window's own lookback, in steps."""
        return self.window.lookback

    @property
    def sample_every(self) -> int:
        """The window's own distance of inputs, in steps."""
        return self.window.sample_every


class Forecaster(Predictor, Protocol):
    """A model that can be fitted."""

    def fit(self, panel: Panel, split: Split, listener: Listener) -> Self:
        """Return the model fitted on the training part of a scaled panel."""
