"""A network as a forecaster: trained on a panel, then a function from histories to futures."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from forecast_cli.models.forecaster import ReadsWindow
from forecast_cli.models.layers import Recurrent
from forecast_cli.models.networks.backend import load_backend
from forecast_cli.models.networks.build import build_network
from forecast_cli.models.networks.dataset import place_panel, plan_epochs
from forecast_cli.models.networks.device import note_device, should_unroll
from forecast_cli.models.networks.export import assign_weights
from forecast_cli.models.networks.training import train_network
from forecast_cli.models.reads import describe_reads, measure_inputs
from forecast_cli.models.shapes import summarize_network
from forecast_cli.prepare.inputs import HISTORY, feed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.models.layers import InputShape, Network
    from forecast_cli.types import Array, Batch, Epoch, Listener, Panel, Reads, Split, Training, Window


@dataclass(frozen=True, eq=False)
class NetworkForecaster(ReadsWindow):
    """A network in the layer notation and how it is trained; fitted once it holds a model."""

    name: str
    network: Network
    window: Window
    training: Training
    model: Any = None  # keras.Model (B, L, C) -> (B, H, T)
    history: tuple[Epoch, ...] = ()
    best_epoch: int = 0  # the one whose weights it holds; 0: what training began with
    fit_seconds: float = 0.0
    start: Mapping[str, Array] | None = None  # learnt weights to go on from; None: fresh ones
    reads: Reads = HISTORY  # what it looks at; known once it is fitted
    sizes: InputShape | None = None  # likewise

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
        note_device(self.network, listener)
        reads = describe_reads(self.network, self.window, panel)
        source = place_panel(panel, self.window, self.network.mixes_channels, reads)
        schedule = plan_epochs(split, source, self.training)
        sizes = measure_inputs(panel)
        unroll = should_unroll(_count_recurrent_steps(self.network, self.window, sizes))
        model = build_network(self.network, self.window, sizes, unroll=unroll, seed=self.training.seed)
        if self.start is not None:
            assign_weights(model, self.start)
        goes_on = self.start is not None
        history, best = train_network(model, source, schedule, self.training, listener, goes_on=goes_on)
        return replace(
            self,
            model=model,
            history=history,
            best_epoch=best,
            fit_seconds=time.perf_counter() - began,
            reads=reads,
            sizes=sizes,
        )

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T), scaled; what is unknown in the history counts as 0, as it did in training."""
        return self._forward(feed(batch, self.reads)).numpy()

    @cached_property
    def _forward(self) -> Any:
        """Return the network as a compiled function, traced once for every batch size."""
        _, tf = load_backend()
        signature = [{each.name: tf.TensorSpec(each.shape, each.dtype) for each in self.model.inputs}]
        return tf.function(lambda inputs: self.model(inputs, training=False), input_signature=signature)


def _count_recurrent_steps(network: Network, window: Window, sizes: InputShape) -> int:
    """Return the steps of the longest sequence that a recurrent layer reads."""
    rows = summarize_network(network, window, sizes)[len(network.framings) : -1]  # the layers'
    lengths = (window.inputs, *(row.output[0] for row in rows))  # what goes into each layer
    pairs = zip(lengths, network.layers, strict=False)  # one length more: what goes into the head
    return max((length for length, layer in pairs if isinstance(layer, Recurrent)), default=0)
