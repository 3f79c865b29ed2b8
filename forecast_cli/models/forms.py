"""How each framing and layer is written: its arguments in Keras's order, and what each of them may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, get_args

from forecast_cli.models.layers import (
    GRU,
    LSTM,
    Activation,
    Attention,
    AveragePooling1D,
    Bidirectional,
    Conv1D,
    Cycle,
    Dense,
    Direction,
    Dropout,
    Flatten,
    Framing,
    Future,
    GlobalAveragePooling1D,
    GlobalMaxPool1D,
    Layer,
    LayerNormalization,
    Masking,
    MaxPool1D,
    MultiHeadAttention,
    Observed,
    Padding,
    PerChannel,
    RevIN,
    SeriesEmbedding,
    SimpleRNN,
    State,
    StaticEmbedding,
    SubtractLast,
)


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
    unnamed: int = 1  # leading arguments that the canonical line writes without their name; the first of them always

    @property
    def arguments(self) -> dict[str, Kind]:
        """All arguments, those in order first."""
        return self.in_order | self.by_name


def _allow(*values: object) -> Kind:
    """Return the kind of an argument that is one of these; True is not 1."""
    words = " or ".join(_format_value(value) for value in values)
    choices = tuple(value for value in values if isinstance(value, str))
    return Kind(
        words, lambda given: any(type(given) is type(value) and given == value for value in values), choices=choices
    )


def _format_value(value: object) -> str:
    if isinstance(value, Layer):
        return format_layer(value)
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _is_size(value: object) -> bool:
    return value is None or _COUNT.accepts(value)


_MOST = 65_536  # far beyond any use, and products of three of them are still exact
_SAME_WORDS = {None: "linear", "silu": "swish"}  # more of Keras's names for an activation
_COUNT = Kind(f"a whole number from 1 to {_MOST:,}", lambda n: type(n) is int and 1 <= n <= _MOST)
_RATE = Kind("a number from 0 to below 1", lambda x: type(x) in (int, float) and 0 <= x < 1, float)
_EPSILON = Kind("a number above 0, to 1", lambda x: type(x) in (int, float) and 1e-12 <= x <= 1, float)
_SWITCH = _allow(True, False)
_DIRECTION = Kind("SimpleRNN(...), LSTM(...) or GRU(...)", lambda layer: isinstance(layer, Direction))
_POOL_STRIDES = Kind("None or the pool_size", _is_size)
_ACTIVATION = Kind(
    _allow(*get_args(Activation)).allowed,
    lambda name: isinstance(name, str | None) and (name in get_args(Activation) or name in _SAME_WORDS),
    lambda name: _SAME_WORDS.get(name, name),
    get_args(Activation),
)
_ORDER = {"data_format": _allow("channels_last", None)}
_BIAS = {"use_bias": _allow(True)}
_CONV_1 = {"filters": _COUNT, "kernel_size": _COUNT, "strides": _COUNT, "padding": _allow(*get_args(Padding))}
_CONV_2 = {"dilation_rate": _COUNT, "groups": _allow(1), "activation": _ACTIVATION}
_POOL = {"pool_size": _COUNT, "strides": _POOL_STRIDES, "padding": _allow("valid")}
_GLOBAL = {"keepdims": _allow(False)}
_UNITS = {"units": _COUNT, "activation": _ACTIVATION}
_GATES = _UNITS | {"recurrent_activation": _ACTIVATION}
_WAYS = {
    "dropout": _RATE,
    "recurrent_dropout": _RATE,
    "initial_state": _allow(*get_args(State)),
    "return_sequences": _SWITCH,
    "go_backwards": _SWITCH,
}
_PAIR = {"layer": _DIRECTION, "backward_layer": _DIRECTION}
_HEADS = {"num_heads": _COUNT, "key_dim": _COUNT, "value_dim": _allow(None), "dropout": _RATE}
FORMS = {
    form.make.__name__: form
    for form in (
        Form(PerChannel),
        Form(SubtractLast),
        Form(RevIN),
        Form(Cycle, {"period": _COUNT}),
        Form(Observed),
        Form(Future, {"units": _COUNT}),
        Form(SeriesEmbedding, {"dim": _COUNT}),
        Form(StaticEmbedding, {"dim": _COUNT}),
        Form(Conv1D, _CONV_1 | _ORDER | _CONV_2 | _BIAS, unnamed=2),
        Form(MaxPool1D, _POOL | _ORDER),
        Form(AveragePooling1D, _POOL | _ORDER),
        Form(GlobalMaxPool1D, _ORDER | _GLOBAL),
        Form(GlobalAveragePooling1D, _ORDER | _GLOBAL),
        Form(SimpleRNN, _UNITS | _BIAS, _WAYS),
        Form(LSTM, _GATES | _BIAS, _WAYS | {"unit_forget_bias": _allow(True)}),
        Form(GRU, _GATES | _BIAS, _WAYS | {"reset_after": _SWITCH}),
        Form(Bidirectional, _PAIR, {"merge_mode": _allow("concat")}, unnamed=2),
        Form(Masking),
        Form(Attention, {"units": _COUNT}),
        Form(MultiHeadAttention, _HEADS | _BIAS, unnamed=2),
        Form(Dense, _UNITS | _BIAS, unnamed=2),
        Form(Dropout, {"rate": _RATE}),
        Form(LayerNormalization, {"axis": _allow(-1), "epsilon": _EPSILON}, unnamed=0),
        Form(Flatten, _ORDER),
    )
}
# What notebooks give any layer and nothing here depends on: sizes come from the data, names from the places.
UNHEEDED = {
    "name": Kind("a text in quotes", lambda text: isinstance(text, str)),
    "input_shape": Kind(
        "whole numbers or None, in parentheses", lambda sizes: isinstance(sizes, tuple) and all(map(_is_size, sizes))
    ),
}


def format_layer(part: Framing | Layer) -> str:
    """Return one framing or layer as the notation writes it, e.g. `Dense(256, "swish")`; defaults are left out."""
    name = type(part).__name__
    unnamed = FORMS[name].unnamed
    words = []
    for i, argument in enumerate(fields(part)):
        value = getattr(part, argument.name)
        if (i == 0 and unnamed) or value != argument.default:
            words.append(("" if i < unnamed else f"{argument.name}=") + _format_value(value))
    return f"{name}({', '.join(words)})" if words else name
