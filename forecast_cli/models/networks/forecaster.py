"""A network as a forecaster: trained on a panel, then a function from histories to futures."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from forecast_cli.models.layers import Recurrent
from forecast_cli.models.networks.backend import load_backend
from forecast_cli.models.networks.build import build_network
from forecast_cli.models.networks.dataset import fill_unknown, place_panel, plan_epochs
from forecast_cli.models.networks.training import train_network
from forecast_cli.models.shapes import summarize_network

if TYPE_CHECKING:
    from forecast_cli.models.layers import Network
    from forecast_cli.types import Array, Batch, Epoch, Listener, Panel, Split, Training, Window

MOST_UNROLLED = 32  # steps of a recurrent layer; beyond, tracing takes longer than it saves


@dataclass(frozen=True, eq=False)
class NetworkForecaster:
    """A network in the layer notation and how it is trained; fitted once it holds a model."""

    name: str
    network: Network
    window: Window
    training: Training
    model: Any = None  # keras.Model (B, L, C) -> (B, H, T)
    history: tuple[Epoch, ...] = ()
    fit_seconds: float = 0.0

    @property
    def lookback(self) -> int:
        """Steps of history it needs: the window's lookback."""
        return self.window.lookback

    @property
    def sample_every(self) -> int:
        """Steps between the rows it reads."""
        return self.window.sample_every

    @property
    def parameters(self) -> int:
        """How many numbers were learnt; 0 before the fit."""
        return self.model.count_params() if self.model else 0

    def fit(self, panel: Panel, split: Split, listener: Listener) -> Self:
        """Return the network trained on the training part of a scaled panel, as it was best on validation.

        Raises:
            UsageError: the network does not fit the window.
            DataError: no window to train on, or the training diverged.
            Interrupted: SIGINT while training.
        """
        began = time.perf_counter()
        source = place_panel(panel, self.window, self.network.mixes_channels)
        schedule = plan_epochs(split, source, self.training)
        shape = len(panel.channels), panel.n_targets
        unroll = _count_recurrent_steps(self.network, self.window, *shape) <= MOST_UNROLLED
        model = build_network(self.network, self.window, *shape, unroll=unroll, seed=self.training.seed)
        history = train_network(model, source, schedule, self.training, listener)
        return replace(self, model=model, history=history, fit_seconds=time.perf_counter() - began)

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T), scaled; what is unknown in the history counts as 0, as it did in training."""
        return self._forward(fill_unknown(batch.history)).numpy()

    @cached_property
    def _forward(self) -> Any:
        """Return the network as a compiled function, traced once for every batch size."""
        _, tf = load_backend()
        signature = [tf.TensorSpec(self.model.input_shape, tf.float32)]
        return tf.function(lambda history: self.model(history, training=False), input_signature=signature)


def _count_recurrent_steps(network: Network, window: Window, n_channels: int, n_targets: int) -> int:
    """Return the steps of the longest sequence that a recurrent layer reads."""
    rows = summarize_network(network, window, n_channels, n_targets)[len(network.framings) : -1]  # the layers'
    lengths = (window.inputs, *(row.output[0] for row in rows))  # what goes into each layer
    pairs = zip(lengths, network.layers, strict=False)  # one length more: what goes into the head
    return max((length for length, layer in pairs if isinstance(layer, Recurrent)), default=0)
