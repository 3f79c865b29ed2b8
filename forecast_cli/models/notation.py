"""The layer notation: one line in Keras's own words in, a frozen `Network` out, and back; no Keras is needed."""

from __future__ import annotations

import ast
import difflib
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from forecast_cli.errors import UsageError
from forecast_cli.models.layers import FORMS, Dense, Framing, Kind, Layer, Network, format_layer
from forecast_cli.models.shapes import HINT_ON_ORDER, find_misfit, returns_sequence

# These bounds keep Python's parser away from RecursionError and MemoryError.
MAX_CHARACTERS = 2_000
MAX_LAYERS = 64  # framings among them
_MAX_ELEMENT = 400  # characters from one | to the next
_MAX_DEPTH = 4  # parentheses in parentheses; a right line needs 2
_ALIASES = {"MaxPooling1D": "MaxPool1D"}
_PREFIXES = ("", "layers", "keras.layers", "tf.keras.layers")
_HINT_ON_LAYERS = f"Layers, with | between them, e.g. LSTM(16) | Dense(8). Known: {', '.join(FORMS)}."
_HINT_ON_RETURNS = "Leave return_sequences out: it follows. Flatten, and every layer along time, reads a sequence."


def parse_network(line: str) -> Network:
    """Return the network that a line of the notation describes, without its head.

    Framings come first, then layers, with | between them: `SubtractLast | LSTM(16) | Dense(8, "relu")`. Arguments
    are Keras's, by name or in Keras's order, and literals only. A line of more than 2,000 characters or 64 elements is
    refused, and so is one whose layers do not fit together (see `find_misfit`).

    Raises:
        UsageError: the line is wrong; the message shows the place with carets, the hint what may stand there.
    """
    text = re.sub(r"\s", " ", line)  # a line break pasted from a notebook; columns stay as they are
    try:
        return _read_network(text)
    except _MisreadError as wrong:
        raise UsageError(f"in the layer notation: {wrong.what}\n{_point(text, wrong)}", wrong.hint) from None


def format_network(network: Network) -> str:
    """Return the canonical line of a network; `parse_network` gives the same network back."""
    return " | ".join(format_layer(part) for part in (*network.framings, *network.layers))


def drop_head(network: Network, head_width: int) -> Network:
    """Return the network without a last `Dense` that is as wide as the head and has no activation: it is the head."""
    if network.layers[-1:] == (Dense(head_width),) and not returns_sequence(network)[-1]:
        return Network(network.framings, network.layers[:-1])
    return network


def list_notes(line: str) -> tuple[str, ...]:
    """Return what somebody who knows Keras should hear about a line, each thing once."""
    elements = line.split("|")
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


class _MisreadError(Exception):
    """What is wrong from column `start` to `end` of the line; `parse_network` makes the UsageError of it."""

    def __init__(self, what: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(what)
        self.what, self.start, self.end, self.hint = what, start, end, hint


def _fail_at(node: ast.expr | ast.keyword, what: str, hint: str = "") -> _MisreadError:
    return _MisreadError(what, node.col_offset, node.end_col_offset or node.col_offset + 1, hint)


def _point(text: str, wrong: _MisreadError) -> str:
    """Return the place in the line, at most 100 characters of it, with carets under what is wrong."""
    first = max(0, wrong.start - 50)
    last = min(len(text), first + 100)
    before, after = "..." if first else "", "..." if last < len(text) else ""
    shown = "".join(c if c.isprintable() else "?" for c in text[first:last])
    carets = "^" * max(1, min(wrong.end, last) - wrong.start)
    return f"    {before}{shown}{after}\n    {' ' * (len(before) + wrong.start - first)}{carets}"


# --- From text to elements --------------------------------------------------------------------------------------------


def _read_network(text: str) -> Network:
    _check_characters(text)
    spans = _split_line(text)
    nodes = [_parse_element(text, start, end) for start, end in spans]
    parts = [_read_part(node) for node in nodes]
    _check_order(parts, nodes)
    framings = tuple(part for part in parts if isinstance(part, Framing))
    network = Network(framings, tuple(part for part in parts if isinstance(part, Layer)))
    _check_sequences(network, nodes[len(framings) :])
    misfit = find_misfit(network)
    if misfit:
        raise _fail_at(nodes[len(framings) + misfit[0]], misfit[1], HINT_ON_ORDER)
    return network


def _check_characters(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        what = f"the line has {len(text):,} characters, more than {MAX_CHARACTERS:,}"
        raise _MisreadError(what, MAX_CHARACTERS, MAX_CHARACTERS + 1, "Describe a smaller network.")
    strange = re.search(r"""[^A-Za-z0-9_ .,()|="'+-]""", text)
    if strange:
        hint = "Only layers, | between them, plain quotes and literal numbers: no comments, names or arithmetic."
        raise _MisreadError(f"{strange[0]!r} has no place in it", *strange.span(), hint)


def _split_line(text: str) -> list[tuple[int, int]]:
    """Return where each element starts and ends, without the spaces around it."""
    opened: list[int] = []
    bars = [-1]
    for i, c in enumerate(text):
        if c == "(":
            opened.append(i)
        if len(opened) > _MAX_DEPTH or (c == ")" and not opened):
            raise _MisreadError("one parenthesis too many", i, i + 1, _HINT_ON_LAYERS)
        if c == ")":
            opened.pop()
        if c == "|" and not opened:
            bars.append(i)
    if opened:
        raise _MisreadError("this parenthesis is never closed", opened[-1], opened[-1] + 1, _HINT_ON_LAYERS)
    if len(bars) > MAX_LAYERS:
        what = f"more than {MAX_LAYERS} framings and layers"
        raise _MisreadError(what, bars[MAX_LAYERS], len(text), "Describe a smaller network.")
    return [_trim(text, bar + 1, end) for bar, end in zip(bars, [*bars[1:], len(text)], strict=True)]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    element = text[start:end].strip()
    if not element:
        raise _MisreadError("a layer is missing here", start, start + 1, _HINT_ON_LAYERS)
    start = text.index(element, start)
    if len(element) > _MAX_ELEMENT:
        raise _MisreadError(f"one layer takes more than {_MAX_ELEMENT} characters", start, end, _HINT_ON_LAYERS)
    return start, start + len(element)


def _parse_element(text: str, start: int, end: int) -> ast.expr:
    """Return the syntax tree of one element, its columns counted from the start of the line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Python only warns of `1or 2`; here it is wrong
            tree = ast.parse(text[start:end], mode="eval").body
    except SyntaxError as error:
        at = start + max(1, error.offset or 1) - 1
        raise _MisreadError(f"this cannot be read ({error.msg})", at, at + 1, _HINT_ON_LAYERS) from None
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.keyword):
            node.end_col_offset = start + (node.end_col_offset or node.col_offset + 1)
            node.col_offset += start
    return tree


# --- From elements to layers ------------------------------------------------------------------------------------------


def _read_part(node: ast.expr, backward: bool = False) -> Framing | Layer:
    """Return the framing or layer that `node` writes; `backward` in the place of a backward layer."""
    call = node if isinstance(node, ast.Call) else None
    name = _read_name(call.func if call else node)
    values = _read_arguments(name, call) if call else {}
    make = FORMS[name].make
    missing = [f.name for f in fields(make) if f.default is MISSING and f.name not in values]
    if missing:
        raise _fail_at(node, f"{name} needs {' and '.join(missing)}", _describe(name))
    _check_together(node, name, values, backward)
    return make(**{f.name: values[f.name] for f in fields(make) if f.name in values})


def _read_name(node: ast.expr) -> str:
    words: list[str] = []
    inner = node
    while isinstance(inner, ast.Attribute):
        words.insert(0, inner.attr)
        inner = inner.value
    if not isinstance(inner, ast.Name):
        raise _fail_at(node, "this is not a layer", _HINT_ON_LAYERS)
    *prefix, word = [inner.id, *words]
    name = _ALIASES.get(word, word)
    if name not in FORMS or ".".join(prefix) not in _PREFIXES:
        raise _fail_at(node, f"no layer is called {'.'.join([*prefix, word])}", suggest_name(word, tuple(FORMS)))
    return name


def _read_arguments(name: str, call: ast.Call) -> dict[str, Any]:
    form = FORMS[name]
    if len(call.args) > len(form.in_order):
        raise _fail_at(call.args[len(form.in_order)], f"one argument too many for {name}", _describe(name))
    known = form.arguments
    values: dict[str, Any] = {}
    given: list[tuple[str, ast.expr, ast.expr | ast.keyword]]
    given = [(word, value, value) for word, value in zip(form.in_order, call.args, strict=False)]
    given += [(str(keyword.arg), keyword.value, keyword) for keyword in call.keywords]
    for word, value, place in given:
        if word not in known:
            raise _fail_at(place, f"{name} has no argument {word}", suggest_name(word, tuple(known)))
        if word in values:
            raise _fail_at(place, f"{name} gets {word} twice", "Give it once.")
        values[word] = _read_value(known[word], word, value)
    return values


def _read_value(kind: Kind, word: str, node: ast.expr) -> object:
    value = _read_part(node, word == "backward_layer") if isinstance(node, ast.Call) else _read_literal(node)
    if not kind.accepts(value):
        close = _suggest_close(value, kind.choices) if isinstance(value, str) else ""
        raise _fail_at(node, f"{word} cannot be this", f"{close}{word} is {kind.allowed}.")
    return kind.keep(value)


def _read_literal(node: ast.expr) -> object:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        number = node.operand.value
        if isinstance(number, int | float):
            return -number
    raise _fail_at(node, "this is not a plain value", 'Plain values are numbers, "words" in quotes, True, False, None.')


def _describe(name: str) -> str:
    return f"{name} takes {', '.join(FORMS[name].arguments) or 'no arguments'}."


# --- What must hold between arguments and between layers --------------------------------------------------------------


def _check_together(node: ast.expr, name: str, values: Mapping[str, Any], backward: bool) -> None:
    if name == "Conv1D" and min(values.get("strides", 1), values.get("dilation_rate", 1)) > 1:
        raise _fail_at(node, "strides and dilation_rate cannot both be above 1", "Leave one of them out.")
    if name == "MaxPool1D" and values.get("strides") not in (None, values.get("pool_size", 2)):
        raise _fail_at(node, "pools stand end to end: strides is the pool_size", "Leave strides out.")
    if values.get("go_backwards", backward) != backward:
        what = "go_backwards=True belongs to the backward_layer of Bidirectional, and only there"
        raise _fail_at(node, what, "Leave go_backwards out.")


def _check_order(parts: Sequence[Framing | Layer], nodes: Sequence[ast.expr]) -> None:
    layers_began = False
    for i, part in enumerate(parts):
        if not isinstance(part, Framing):
            layers_began = True
        elif layers_began:
            raise _fail_at(nodes[i], f"{format_layer(part)} stands ahead of all layers", "Move it to the front.")
        elif part in parts[:i]:
            raise _fail_at(nodes[i], f"{format_layer(part)} stands here twice", "Write it once.")


def _check_sequences(network: Network, nodes: Sequence[ast.expr]) -> None:
    """Refuse a `return_sequences` that is not what follows from the next layer."""
    for node, sequence in zip(nodes, returns_sequence(network), strict=True):
        keywords = [inner for inner in ast.walk(node) if isinstance(inner, ast.keyword)]
        for word in keywords:
            if word.arg == "return_sequences" and _read_literal(word.value) is not sequence:
                reads = "the sequence" if sequence else "the last state only"
                raise _fail_at(word, f"what comes after this layer reads {reads}", _HINT_ON_RETURNS)
