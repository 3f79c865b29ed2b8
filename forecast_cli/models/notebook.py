"""What a notebook writes around its layers: model.add(...), x = ...(x), a list with commas, a layer a line."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAME = r"[A-Za-z_]\w*"
_CALLED = rf"(?:{_NAME}\s*=\s*)?(?:{_NAME}\.)*"
_LIST = (rf"^\s*({_CALLED}Sequential\(\[)", r"(\]\))\s*$")  # around the whole text
_AROUND = (  # of a statement: what is blanked out, group by group
    rf"^\s*({_CALLED}(?:Input|InputLayer|Model)\(.*\)),?\s*$",
    rf"^\s*({_CALLED}Sequential\(\))\s*$",
    rf"^\s*({_NAME}\.add\().*(\))\s*$",
    rf"^\s*({_NAME}\s*=\s*).*\)",
    rf"^.*\)(\(\s*{_NAME}\s*\))\s*$",
)


def drop_notebook(text: str) -> str:
    """Return one line with | between layers; every character that stays keeps its column.

    A comma or a line break between two layers is as good as |. Of a text that nobody took from a notebook nothing is
    changed but white space.
    """
    if re.search(_LIST[0], text):
        text = _blank(text, _LIST)
    return re.sub(r"\s", " ", _set_bars("".join(_blank(each, _AROUND) for each in _split_statements(text))))


def _blank(text: str, patterns: Sequence[str]) -> str:
    """Return the text with spaces for each group of each pattern that is found."""
    for pattern in patterns:
        match = re.search(pattern, text, re.DOTALL)
        for start, end in match.regs[1:] if match else ():
            text = text[:start] + " " * (end - start) + text[end:]
    return text


def _split_statements(text: str) -> list[str]:
    """Return the text in pieces that end with a line break outside of all parentheses."""
    depth, ends = 0, []
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if c == "\n" and depth <= 0:
            ends.append(i + 1)
    return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]


def _set_bars(text: str) -> str:
    """Return the text with | for each run of commas and line breaks between layers, and none at its ends."""
    characters, depth = list(text), 0
    run: list[int] = []  # separators since the last layer
    began = False
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth == 0 and c in ",|\n":
            run.append(i)
        elif not c.isspace():
            _settle(characters, run if began else [j for j in run if characters[j] != "|"], began)
            run, began = [], True
    _settle(characters, run, False)
    return "".join(characters)


def _settle(characters: list[str], run: list[int], between: bool) -> None:
    """Make one bar of a run of separators, unless bars stand there already; none where no layer follows."""
    soft = [i for i in run if characters[i] != "|"]
    for i in soft:
        characters[i] = " "
    if between and soft and len(soft) == len(run):
        characters[soft[0]] = "|"
