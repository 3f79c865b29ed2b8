"""The closed list of framings and layers that the notation knows, as plain data in Keras's own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

Activation: TypeAlias = Literal["linear", "relu", "swish", "tanh", "sigmoid", "gelu", "elu", "selu", "softplus"]
Padding: TypeAlias = Literal["same", "valid", "causal"]
State: TypeAlias = Literal["zeros", "learnt"]


# --- Framings: what is done to a window ahead of the layers, and undone behind them -----------------------------------


@dataclass(frozen=True)
class PerChannel:
    """Each target is forecast from its own history, with the weights shared; covariates ride along as channels."""


@dataclass(frozen=True)
class SubtractLast:
    """The last row of the window is taken off every channel, and the target's added back to the output."""


@dataclass(frozen=True)
class RevIN:
    """Every channel is standardised by its own mean and deviation in the window, undone at the output.

    Kim et al., Reversible Instance Normalization, ICLR 2022; without its learnt scale and shift.
    """


@dataclass(frozen=True)
class Cycle:
    """A learnt cycle of each target is taken off the history, and added back at the steps ahead.

    Lin et al., CycleNet, NeurIPS 2024. The period is counted in steps of the data.
    """

    period: int


@dataclass(frozen=True)
class Observed:
    """Which steps were observed joins the channels, as 0 or 1 for each."""


@dataclass(frozen=True)
class Future:
    """What is known of each step ahead joins at the head, by weights that all steps share."""

    units: int


@dataclass(frozen=True)
class SeriesEmbedding:
    """Which series (and, per channel, which target) it is joins the row that the head reads."""

    dim: int


@dataclass(frozen=True)
class StaticEmbedding:
    """Each static covariate's category joins the row that the head reads."""

    dim: int


# --- Layers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Conv1D:
    """A convolution over time, padded so that strides alone shorten the sequence."""

    filters: int
    kernel_size: int
    strides: int = 1
    padding: Padding = "same"
    dilation_rate: int = 1
    activation: Activation = "linear"


@dataclass(frozen=True)
class MaxPool1D:
    """The largest of every `pool_size` steps; an odd length loses its oldest step."""

    pool_size: int = 2


@dataclass(frozen=True)
class AveragePooling1D:
    """The mean of every `pool_size` steps; an odd length loses its oldest step."""

    pool_size: int = 2


@dataclass(frozen=True)
class GlobalMaxPool1D:
    """The largest of all steps, channel by channel."""


@dataclass(frozen=True)
class GlobalAveragePooling1D:
    """The mean of all steps, channel by channel."""


@dataclass(frozen=True)
class SimpleRNN:
    """A plain recurrent layer; whether it returns its sequence follows from what comes after it."""

    units: int
    activation: Activation = "tanh"
    dropout: float = 0.0
    recurrent_dropout: float = 0.0
    initial_state: State = "zeros"


@dataclass(frozen=True)
class LSTM:
    """A long short-term memory; whether it returns its sequence follows from what comes after it."""

    units: int
    activation: Activation = "tanh"
    recurrent_activation: Activation = "sigmoid"
    dropout: float = 0.0
    recurrent_dropout: float = 0.0
    initial_state: State = "zeros"


@dataclass(frozen=True)
class GRU:
    """A gated recurrent unit; `reset_after` (Keras's default) takes a second bias."""

    units: int
    activation: Activation = "tanh"
    recurrent_activation: Activation = "sigmoid"
    dropout: float = 0.0
    recurrent_dropout: float = 0.0
    reset_after: bool = True
    initial_state: State = "zeros"


Direction: TypeAlias = SimpleRNN | LSTM | GRU


@dataclass(frozen=True)
class Bidirectional:
    """One recurrent layer forward in time, one backward, side by side; of any two kinds and widths."""

    layer: Direction
    backward_layer: Direction | None = None  # None: the same again


@dataclass(frozen=True)
class Masking:
    """Steps of which nothing was observed are skipped by the recurrent layers behind it: their state stays."""


@dataclass(frozen=True)
class Attention:
    """The mean of all steps, weighted by how each goes with the last: softmax of v·tanh(W h + U last + b).

    Additive attention, Bahdanau et al., ICLR 2015.
    """

    units: int


@dataclass(frozen=True)
class MultiHeadAttention:
    """Every step becomes a mixture of all steps, by scaled dot products (Vaswani et al., NeurIPS 2017)."""

    num_heads: int
    key_dim: int
    dropout: float = 0.0  # of the weights


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
class LayerNormalization:
    """Each step's features, less their mean and over their deviation, with a learnt scale and shift."""

    epsilon: float = 0.001


@dataclass(frozen=True)
class Flatten:
    """Steps and channels end to end."""


Framing: TypeAlias = (
    PerChannel | SubtractLast | RevIN | Cycle | Observed | Future | SeriesEmbedding | StaticEmbedding
)  # fmt: skip
_Kind = TypeVar("_Kind", bound=Framing)
Recurrent: TypeAlias = Direction | Bidirectional
Pool: TypeAlias = MaxPool1D | AveragePooling1D
GlobalPool: TypeAlias = GlobalMaxPool1D | GlobalAveragePooling1D
Steps: TypeAlias = Conv1D | Pool | GlobalPool | Recurrent | Masking | Attention | MultiHeadAttention  # along time
Pointwise: TypeAlias = Dense | Dropout | LayerNormalization  # step by step; of a row, the row
Layer: TypeAlias = Steps | Pointwise | Flatten


# --- Networks ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InputShape:
    """The sizes of what a network can read of a panel."""

    n_channels: int
    n_targets: int  # the first channels
    n_future: int = 0  # values known of each step ahead
    n_series: int = 1
    statics: tuple[int, ...] = ()  # categories of each static covariate


@dataclass(frozen=True)
class Network:
    """A parsed line of the notation; the linear head is not part of it."""

    framings: tuple[Framing, ...]
    layers: tuple[Layer, ...]

    @property
    def mixes_channels(self) -> bool:
        """True where a forecast of one target reads the history of the others."""
        return PerChannel() not in self.framings

    def find(self, kind: type[_Kind]) -> _Kind | None:
        """Return its framing of this kind; None where it has none."""
        return next((each for each in self.framings if isinstance(each, kind)), None)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of what it reads, always in this order; their shapes are those of `Reads`."""
        asks = {
            "observed": self.find(Observed) or Masking() in self.layers,
            "future": self.find(Future),
            "series": self.find(SeriesEmbedding),
            "statics": self.find(StaticEmbedding),
            "phase": self.find(Cycle),
        }
        return ("history", *(name for name, asked in asks.items() if asked))
