"""The layer notation: one line in Keras's own words in, a frozen `Network` out, and back; no Keras is needed."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from forecast_cli.errors import UsageError
from forecast_cli.models.forms import FORMS, UNHEEDED, Kind, format_layer
from forecast_cli.models.layers import Dense, Framing, Layer, Network, RevIN, SubtractLast
from forecast_cli.models.line import (
    HINT_ON_LAYERS,
    MAX_CHARACTERS,
    MisreadError,
    check_characters,
    fail_at,
    parse_element,
    point,
    split_line,
)
from forecast_cli.models.notebook import drop_notebook
from forecast_cli.models.sequences import HINT_ON_ORDER, find_misfit, returns_sequence

_ALIASES = {
    "MaxPooling1D": "MaxPool1D",
    "AvgPool1D": "AveragePooling1D",
    "GlobalMaxPooling1D": "GlobalMaxPool1D",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
}
_NOT_YET = {"Embedding": "it reads texts and categories, and classification is not there yet"}
_PREFIXES = ("", "layers", "keras.layers", "tf.keras.layers")
_HINT_ON_RETURNS = "Leave return_sequences out: it follows. Flatten, and every layer along time, reads a sequence."


def parse_network(line: str) -> Network:
    """Return the network that a line of the notation describes, without its head.

    Framings come first, then layers, with | between them: `SubtractLast | LSTM(16) | Dense(8, "relu")`. Arguments
    are Keras's, by name or in Keras's order, and literals only. A line of more than 2,000 characters or 64 elements is
    refused, and so is one whose layers do not fit together (see `find_misfit`).

    Raises:
        UsageError: the line is wrong; the message shows the place with carets, the hint what may stand there.
    """
    try:
        return _read_network(drop_notebook(line) if len(line) <= MAX_CHARACTERS else line)
    except MisreadError as wrong:
        raise UsageError(f"in the layer notation: {wrong.what}\n{point(line, wrong)}", wrong.hint) from None


def format_network(network: Network) -> str:
    """Return the canonical line of a network; `parse_network` gives the same network back."""
    return " | ".join(format_layer(part) for part in (*network.framings, *network.layers))


def drop_head(network: Network, head_width: int) -> Network:
    """Return the network without a last `Dense` that is as wide as the head and has no activation: it is the head."""
    if network.layers[-1:] == (Dense(head_width),) and not returns_sequence(network)[-1]:
        return Network(network.framings, network.layers[:-1])
    return network


def find_narrow_end(network: Network, head_width: int) -> str:
    """Return a remark on a last `Dense` of fewer numbers than the forecast has, which all must pass; "" if none is."""
    last = network.layers[-1] if network.layers else None
    if isinstance(last, Dense) and last.activation == "linear" and last.units < head_width:
        numbers = "1 number" if last.units == 1 else f"{last.units} numbers"
        return f"{format_layer(last)} is a layer like others: the head makes {head_width} values of its {numbers}"
    return ""


def list_notes(line: str) -> tuple[str, ...]:
    """Return what somebody who knows Keras should hear about a line, each thing once."""
    elements = drop_notebook(line).split("|")
    if any("Conv1D" in element and not re.search("padding|same|valid", element) for element in elements):
        return ('Conv1D pads here, so that only strides shorten the sequence; Keras\'s default is padding="valid".',)
    return ()


def suggest_name(word: str, known: Sequence[str]) -> str:
    """Return a hint: the known name that is closest to a wrong word, if one is close, and all known names."""
    return f"{_suggest_close(word, known)}Known: {', '.join(known) or 'none'}."


def _suggest_close(word: str, known: Sequence[str]) -> str:
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1)
    return "".join(f"Did you mean {by_lower[match]}? " for match in close)


# --- From text to layers ----------------------------------------------------------------------------------------------


def _read_network(text: str) -> Network:
    check_characters(text)
    spans = split_line(text)
    nodes = [parse_element(text, start, end) for start, end in spans]
    parts = [_read_part(node) for node in nodes]
    _check_order(parts, nodes)
    framings = tuple(part for part in parts if isinstance(part, Framing))
    network = Network(framings, tuple(part for part in parts if isinstance(part, Layer)))
    _check_sequences(network, nodes[len(framings) :])
    misfit = find_misfit(network)
    if misfit:
        raise fail_at(nodes[len(framings) + misfit[0]], misfit[1], HINT_ON_ORDER)
    return network


def _read_part(node: ast.expr, backward: bool = False) -> Framing | Layer:
    """Return the framing or layer that `node` writes; `backward` in the place of a backward layer."""
    call = node if isinstance(node, ast.Call) else None
    name = _read_name(call.func if call else node)
    values = _read_arguments(name, call) if call else {}
    make = FORMS[name].make
    missing = [f.name for f in fields(make) if f.default is MISSING and f.name not in values]
    if missing:
        raise fail_at(node, f"{name} needs {' and '.join(missing)}", _describe(name))
    _check_together(node, name, values, backward)
    return make(**{f.name: values[f.name] for f in fields(make) if f.name in values})


def _read_name(node: ast.expr) -> str:
    words: list[str] = []
    inner = node
    while isinstance(inner, ast.Attribute):
        words.insert(0, inner.attr)
        inner = inner.value
    if not isinstance(inner, ast.Name):
        raise fail_at(node, "this is not a layer", HINT_ON_LAYERS)
    *prefix, word = [inner.id, *words]
    name = _ALIASES.get(word, word)
    if name in _NOT_YET:
        raise fail_at(node, f"no {name} yet: {_NOT_YET[name]}", HINT_ON_LAYERS)
    if name not in FORMS or ".".join(prefix) not in _PREFIXES:
        raise fail_at(node, f"no layer is called {'.'.join([*prefix, word])}", suggest_name(word, tuple(FORMS)))
    return name


def _read_arguments(name: str, call: ast.Call) -> dict[str, Any]:
    form = FORMS[name]
    if len(call.args) > len(form.in_order):
        raise fail_at(call.args[len(form.in_order)], f"one argument too many for {name}", _describe(name))
    known = form.arguments | (UNHEEDED if issubclass(form.make, Layer) else {})
    values: dict[str, Any] = {}
    given: list[tuple[str, ast.expr, ast.expr | ast.keyword]]
    given = [(word, value, value) for word, value in zip(form.in_order, call.args, strict=False)]
    given += [(str(keyword.arg), keyword.value, keyword) for keyword in call.keywords]
    for word, value, place in given:
        if word not in known:
            raise fail_at(place, f"{name} has no argument {word}", suggest_name(word, tuple(form.arguments)))
        if word in values:
            raise fail_at(place, f"{name} gets {word} twice", "Give it once.")
        values[word] = _read_value(known[word], word, value)
    return values


def _read_value(kind: Kind, word: str, node: ast.expr) -> object:
    value = _read_part(node, word == "backward_layer") if isinstance(node, ast.Call) else _read_literal(node)
    if not kind.accepts(value):
        close = _suggest_close(value, kind.choices) if isinstance(value, str) else ""
        raise fail_at(node, f"{word} cannot be this", f"{close}{word} is {kind.allowed}.")
    return kind.keep(value)


def _read_literal(node: ast.expr) -> object:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        number = node.operand.value
        if isinstance(number, int | float):
            return -number
    if isinstance(node, ast.Tuple):
        return tuple(_read_literal(element) for element in node.elts)
    raise fail_at(node, "this is not a plain value", 'Plain values are numbers, "words" in quotes, True, False, None.')


def _describe(name: str) -> str:
    return f"{name} takes {', '.join(FORMS[name].arguments) or 'no arguments'}."


# --- What must hold between arguments and between layers --------------------------------------------------------------


def _check_together(node: ast.expr, name: str, values: Mapping[str, Any], backward: bool) -> None:
    if name == "Conv1D" and min(values.get("strides", 1), values.get("dilation_rate", 1)) > 1:
        raise fail_at(node, "strides and dilation_rate cannot both be above 1", "Leave one of them out.")
    if name in ("MaxPool1D", "AveragePooling1D") and values.get("strides") not in (None, values.get("pool_size", 2)):
        raise fail_at(node, "pools stand end to end: strides is the pool_size", "Leave strides out.")
    if values.get("go_backwards", backward) != backward:
        what = "go_backwards=True belongs to the backward_layer of Bidirectional, and only there"
        raise fail_at(node, what, "Leave go_backwards out.")


def _check_order(parts: Sequence[Framing | Layer], nodes: Sequence[ast.expr]) -> None:
    layers_began = False
    for i, part in enumerate(parts):
        if not isinstance(part, Framing):
            layers_began = True
        elif layers_began:
            raise fail_at(nodes[i], f"{format_layer(part)} stands ahead of all layers", "Move it to the front.")
        elif type(part) in map(type, parts[:i]):
            raise fail_at(nodes[i], f"{type(part).__name__} stands here twice", "Write it once.")
        elif isinstance(part, SubtractLast | RevIN) and {SubtractLast(), RevIN()} & set(parts[:i]):
            raise fail_at(nodes[i], "SubtractLast and RevIN both set the window's level", "Leave one of them out.")


def _check_sequences(network: Network, nodes: Sequence[ast.expr]) -> None:
    """Refuse a `return_sequences` that is not what follows from the next layer."""
    for node, sequence in zip(nodes, returns_sequence(network), strict=True):
        keywords = [inner for inner in ast.walk(node) if isinstance(inner, ast.keyword)]
        for word in keywords:
            if word.arg == "return_sequences" and _read_literal(word.value) is not sequence:
                reads = "the sequence" if sequence else "the last state only"
                raise fail_at(word, f"what comes after this layer reads {reads}", _HINT_ON_RETURNS)
