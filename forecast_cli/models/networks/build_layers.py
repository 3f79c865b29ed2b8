"""One layer of the notation in Keras."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forecast_cli.models.layers import (
    GRU,
    LSTM,
    Attention,
    AveragePooling1D,
    Bidirectional,
    Conv1D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling1D,
    GlobalMaxPool1D,
    LayerNormalization,
    Masking,
    MaxPool1D,
    MultiHeadAttention,
    SimpleRNN,
)
from forecast_cli.models.networks.build_attention import attend, attend_heads
from forecast_cli.models.networks.build_recurrent import recur, recur_both_ways

if TYPE_CHECKING:
    import numpy as np

    from forecast_cli.models.layers import Layer, Pool


@dataclass(frozen=True)
class Maker:
    """Makes Keras layers, each with seeds of its own from one stream."""

    keras: Any
    unroll: bool
    portable: bool
    rng: np.random.Generator

    def apply(self, layer: Layer, x: Any, name: str, sequence: bool, mask: Any) -> Any:
        """Return the output of one layer on x (B, steps, features) or (B, features).

        A recurrent layer returns its `sequence` or its last state; the mask (B, steps), if any, is True where a step
        counts.
        """
        match layer:
            case Conv1D():
                return self._convolve(layer, x, name)
            case MaxPool1D() | AveragePooling1D():
                return self._pool(layer, x, name)
            case GlobalMaxPool1D():
                return self.keras.ops.max(x, axis=1)
            case GlobalAveragePooling1D():
                return self.keras.ops.mean(x, axis=1)
            case SimpleRNN() | LSTM() | GRU():
                return recur(self, layer, x, name, sequence=sequence, mask=mask)
            case Bidirectional():
                return recur_both_ways(self, layer, x, name, sequence=sequence, mask=mask)
            case Attention():
                return attend(self, layer, x, name, mask)
            case MultiHeadAttention():
                return attend_heads(self, layer, x, name, mask)
            case Dense():
                return self.dense(layer.units, layer.activation, name)(x)
            case Dropout():
                return self.drop(layer.rate, name)(x)
            case LayerNormalization():
                return self.keras.layers.LayerNormalization(epsilon=layer.epsilon, name=name)(x)
            case Flatten():
                return self.keras.layers.Flatten(name=name)(x)
            case Masking():
                return x

    def dense(self, units: int, activation: str, name: str, *, use_bias: bool = True) -> Any:
        """Return a dense layer."""
        kernel = self.draw_kernel()
        activate = self.activate(activation)
        return self.keras.layers.Dense(units, activate, use_bias=use_bias, kernel_initializer=kernel, name=name)

    def drop(self, rate: float, name: str) -> Any:
        """Return a dropout layer."""
        return self.keras.layers.Dropout(rate, seed=self.draw_seed(), name=name)

    def table(self, rows: int, width: int, name: str, *, zeros: bool = False) -> Any:
        """Return an embedding of `rows` vectors, drawn or of zeros."""
        start = "zeros" if zeros else self.keras.initializers.RandomUniform(-0.05, 0.05, seed=self.draw_seed())
        return self.keras.layers.Embedding(rows, width, embeddings_initializer=start, name=name)

    def activate(self, name: str) -> Any:
        """Return what Keras takes as an activation; gelu is spelt out, since TensorFlow's own has no ONNX operator."""
        ops = self.keras.ops
        return (lambda x: x * (1 + ops.erf(x * 2**-0.5)) / 2) if name == "gelu" else name

    def draw_kernel(self) -> Any:
        """Return an initializer of kernels."""
        return self.keras.initializers.GlorotUniform(seed=self.draw_seed())

    def draw_seed(self) -> int:
        """Return the next seed of the stream."""
        return int(self.rng.integers(2**31))

    def _convolve(self, layer: Conv1D, x: Any, name: str) -> Any:
        convolution = self.keras.layers.Conv1D(
            layer.filters,
            layer.kernel_size,
            strides=layer.strides,
            padding=layer.padding,
            dilation_rate=layer.dilation_rate,
            activation=self.activate(layer.activation),
            kernel_initializer=self.draw_kernel(),
            name=name,
        )
        return convolution(x)

    def _pool(self, layer: Pool, x: Any, name: str) -> Any:
        odd = x.shape[1] % layer.pool_size
        if odd:  # Keras would drop the newest steps
            x = x[:, odd:, :]
        kinds = self.keras.layers
        kind = kinds.MaxPooling1D if isinstance(layer, MaxPool1D) else kinds.AveragePooling1D
        return kind(layer.pool_size, name=name)(x)
