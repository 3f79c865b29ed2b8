"""A line of the layer notation as text: its elements as syntax trees, and the place where it is wrong."""

from __future__ import annotations

import ast
import re
import warnings

from forecast_cli.models.forms import FORMS

# These bounds keep Python's parser away from RecursionError and MemoryError.
MAX_CHARACTERS = 2_000
MAX_LAYERS = 64  # framings among them
MAX_ELEMENT = 400  # characters from one | to the next
MAX_DEPTH = 4  # parentheses in parentheses; a right line needs 3
HINT_ON_LAYERS = f"Layers, with | between them, e.g. LSTM(16) | Dense(8). Known: {', '.join(FORMS)}."


class MisreadError(Exception):
    """What is wrong from column `start` to `end` of the line; `parse_network` makes the UsageError of it."""

    def __init__(self, what: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(what)
        self.what, self.start, self.end, self.hint = what, start, end, hint


def fail_at(node: ast.expr | ast.keyword, what: str, hint: str = "") -> MisreadError:
    """Return the error that points at a node."""
    return MisreadError(what, node.col_offset, node.end_col_offset or node.col_offset + 1, hint)


def point(line: str, wrong: MisreadError) -> str:
    """Return the place in the line, at most 100 characters of it, with carets under what is wrong."""
    text = re.sub(r"\s", " ", line)
    first = max(0, wrong.start - 50)
    last = min(len(text), first + 100)
    before, after = "..." if first else "", "..." if last < len(text) else ""
    shown = "".join(c if c.isprintable() else "?" for c in text[first:last])
    carets = "^" * max(1, min(wrong.end, last) - wrong.start)
    return f"    {before}{shown}{after}\n    {' ' * (len(before) + wrong.start - first)}{carets}"


def check_characters(text: str) -> None:
    """Raise where a line is too long, or holds a character that no line needs."""
    if len(text) > MAX_CHARACTERS:
        what = f"the line has {len(text):,} characters, more than {MAX_CHARACTERS:,}"
        raise MisreadError(what, MAX_CHARACTERS, MAX_CHARACTERS + 1, "Describe a smaller network.")
    strange = re.search(r"""[^A-Za-z0-9_ .,()|="'+-]""", text)
    if strange:
        hint = "Only layers, | between them, plain quotes and literal numbers: no comments, names or arithmetic."
        raise MisreadError(f"{strange[0]!r} has no place in it", *strange.span(), hint)


def split_line(text: str) -> list[tuple[int, int]]:
    """Return where each element starts and ends, without the spaces around it."""
    opened: list[int] = []
    bars = [-1]
    for i, c in enumerate(text):
        if c == "(":
            opened.append(i)
        if len(opened) > MAX_DEPTH or (c == ")" and not opened):
            raise MisreadError("one parenthesis too many", i, i + 1, HINT_ON_LAYERS)
        if c == ")":
            opened.pop()
        if c == "|" and not opened:
            bars.append(i)
    if opened:
        raise MisreadError("this parenthesis is never closed", opened[-1], opened[-1] + 1, HINT_ON_LAYERS)
    if len(bars) > MAX_LAYERS:
        what = f"more than {MAX_LAYERS} framings and layers"
        raise MisreadError(what, bars[MAX_LAYERS], len(text), "Describe a smaller network.")
    return [_trim(text, bar + 1, end) for bar, end in zip(bars, [*bars[1:], len(text)], strict=True)]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    element = text[start:end].strip()
    if not element:
        raise MisreadError("a layer is missing here", start, start + 1, HINT_ON_LAYERS)
    start = text.index(element, start)
    if len(element) > MAX_ELEMENT:
        raise MisreadError(f"one layer takes more than {MAX_ELEMENT} characters", start, end, HINT_ON_LAYERS)
    return start, start + len(element)


def parse_element(text: str, start: int, end: int) -> ast.expr:
    """Return the syntax tree of one element, its columns counted from the start of the line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Python only warns of `1or 2`; here it is wrong
            tree = ast.parse(text[start:end], mode="eval").body
    except SyntaxError as error:
        at = start + max(1, error.offset or 1) - 1
        raise MisreadError(f"this cannot be read ({error.msg})", at, at + 1, HINT_ON_LAYERS) from None
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.keyword):
            node.end_col_offset = start + (node.end_col_offset or node.col_offset + 1)
            node.col_offset += start
    return tree
