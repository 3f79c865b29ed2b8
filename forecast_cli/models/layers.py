"""The closed list of layers and framings that the notation knows, as plain data in Keras's own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Activation: TypeAlias = Literal["linear", "relu", "swish", "tanh", "sigmoid", "gelu", "elu", "selu", "softplus"]


@dataclass(frozen=True)
class PerChannel:
    """Each target is forecast from its own history, with the weights shared; covariates ride along as channels."""


@dataclass(frozen=True)
class SubtractLast:
    """The last row of the window is taken off every channel, and the target's added back to the output."""


@dataclass(frozen=True)
class Conv1D:
    """A convolution over time, padded so that strides alone shorten the sequence."""

    filters: int
    kernel_size: int
    strides: int = 1
    padding: Literal["same", "valid"] = "same"
    dilation_rate: int = 1
    activation: Activation = "linear"


@dataclass(frozen=True)
class MaxPool1D:
    """The largest of every `pool_size` steps; an odd length loses its oldest step."""

    pool_size: int = 2


@dataclass(frozen=True)
class LSTM:
    """A long short-term memory; whether it returns its sequence follows from what comes after it."""

    units: int


@dataclass(frozen=True)
class GRU:
    """A gated recurrent unit; `reset_after` (Keras's default) takes a second bias."""

    units: int
    reset_after: bool = True


@dataclass(frozen=True)
class Bidirectional:
    """One recurrent layer forward in time, one backward, side by side; of any two kinds and widths."""

    layer: LSTM | GRU
    backward_layer: LSTM | GRU | None = None  # None: the same again


@dataclass(frozen=True)
class Dense:
    """A product with a matrix, on the last axis."""

    units: int
    activation: Activation = "linear"


@dataclass(frozen=True)
class Dropout:
    """Zeroes a share of its inputs while training."""

    rate: float


@dataclass(frozen=True)
class Flatten:
    """Steps and channels end to end."""


Framing: TypeAlias = PerChannel | SubtractLast
Recurrent: TypeAlias = LSTM | GRU | Bidirectional
Layer: TypeAlias = Conv1D | MaxPool1D | LSTM | GRU | Bidirectional | Dense | Dropout | Flatten


@dataclass(frozen=True)
class Network:
    """A parsed line of the notation; the linear head is not part of it."""

    framings: tuple[Framing, ...]
    layers: tuple[Layer, ...]

    @property
    def mixes_channels(self) -> bool:
        """True where a forecast of one target reads the history of the others."""
        return PerChannel() not in self.framings
