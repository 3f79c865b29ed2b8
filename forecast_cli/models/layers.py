"""The closed list of layers and framings that the notation knows, as plain data in Keras's own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeAlias, get_args

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


# --- How each is written ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """What an argument may be: in words, as a claim about a literal, and how the literal is kept."""

    allowed: str
    accepts: Callable[[Any], bool]
    keep: Callable[[Any], object] = lambda value: value
    choices: tuple[str, ...] = ()  # the words among which a misspelt one is looked up


@dataclass(frozen=True)
class Form:
    """How a layer is written: its arguments in Keras's order, those given only by name, and how many stay unnamed.

    An argument that the dataclass does not have is accepted where it says what holds anyway.
    """

    make: type[Layer] | type[Framing]
    in_order: dict[str, Kind] = field(default_factory=dict)
    by_name: dict[str, Kind] = field(default_factory=dict)
    unnamed: int = 1  # leading arguments that the canonical line writes without their name

    @property
    def arguments(self) -> dict[str, Kind]:
        """All arguments, those in order first."""
        return self.in_order | self.by_name


def _allow(*values: object) -> Kind:
    """Return the kind of an argument that is one of these; True is not 1."""
    words = " or ".join(_format_value(value) for value in values)
    return Kind(words, lambda given: any(type(given) is type(value) and given == value for value in values))


def _format_value(value: object) -> str:
    if isinstance(value, Layer):
        return format_layer(value)
    return f'"{value}"' if isinstance(value, str) else repr(value)


_MOST = 65_536  # far beyond any use, and products of three of them are still exact
_SAME_WORDS = {None: "linear", "silu": "swish"}  # more of Keras's names for an activation
_COUNT = Kind(f"a whole number from 1 to {_MOST:,}", lambda n: type(n) is int and 1 <= n <= _MOST)
_RATE = Kind("a number from 0 to below 1", lambda x: type(x) in (int, float) and 0 <= x < 1, float)
_SWITCH = _allow(True, False)
_DIRECTION = Kind("LSTM(...) or GRU(...)", lambda layer: isinstance(layer, LSTM | GRU))
_POOL_STRIDES = Kind("None or the pool_size", lambda n: n is None or _COUNT.accepts(n))
_ACTIVATION = Kind(
    _allow(*get_args(Activation)).allowed,
    lambda name: isinstance(name, str | None) and (name in get_args(Activation) or name in _SAME_WORDS),
    lambda name: _SAME_WORDS.get(name, name),
    get_args(Activation),
)
_ORDER = {"data_format": _allow("channels_last", None)}
_BIAS = {"use_bias": _allow(True)}
_CONV_1 = {"filters": _COUNT, "kernel_size": _COUNT, "strides": _COUNT, "padding": _allow("same", "valid")}
_CONV_2 = {"dilation_rate": _COUNT, "groups": _allow(1), "activation": _ACTIVATION}
_POOL = {"pool_size": _COUNT, "strides": _POOL_STRIDES, "padding": _allow("valid")}
_GATES = {"units": _COUNT, "activation": _allow("tanh"), "recurrent_activation": _allow("sigmoid")}
_WAYS = {"return_sequences": _SWITCH, "go_backwards": _SWITCH}
_PAIR = {"layer": _DIRECTION, "backward_layer": _DIRECTION}
FORMS = {
    form.make.__name__: form
    for form in (
        Form(PerChannel),
        Form(SubtractLast),
        Form(Conv1D, _CONV_1 | _ORDER | _CONV_2 | _BIAS, unnamed=2),
        Form(MaxPool1D, _POOL | _ORDER),
        Form(LSTM, _GATES | _BIAS, _WAYS),
        Form(GRU, _GATES | _BIAS, _WAYS | {"reset_after": _SWITCH}),
        Form(Bidirectional, _PAIR, {"merge_mode": _allow("concat")}, unnamed=2),
        Form(Dense, {"units": _COUNT, "activation": _ACTIVATION} | _BIAS, unnamed=2),
        Form(Dropout, {"rate": _RATE}),
        Form(Flatten, _ORDER),
    )
}


def format_layer(part: Framing | Layer) -> str:
    """Return one framing or layer as the notation writes it, e.g. `Dense(256, "swish")`; defaults are left out."""
    name = type(part).__name__
    words = []
    for i, argument in enumerate(fields(part)):
        value = getattr(part, argument.name)
        if i == 0 or value != argument.default:
            words.append(("" if i < FORMS[name].unnamed else f"{argument.name}=") + _format_value(value))
    return f"{name}({', '.join(words)})" if words else name
