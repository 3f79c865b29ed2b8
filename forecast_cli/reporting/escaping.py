"""The user's names in Markdown: shown as they are, whatever is in them."""

from __future__ import annotations

import re

from forecast_cli.reporting.facts import NUMBER
from forecast_cli.reporting.figures import show_text
from forecast_cli.reporting.outlines import BLANK, CUTOFF
from forecast_cli.reporting.sparkline import BLOCKS

_SPARKLINE = re.compile(f"[{BLOCKS}{BLANK}{CUTOFF}]+")
_ALIVE = re.compile(
    r"(?:https?://|ftp://|www\.|mailto:|xmpp:)[^\s`|\\\"'<>()]+"  # becomes a link
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"  # likewise
    r"|(?<!\w)@[A-Za-z0-9][\w/-]*"  # tells somebody on GitHub of it
    r"|[\w/.-]*#\d+|\bGH-\d+"  # becomes a link to an issue, which then tells of it
    r"|:[a-z0-9_+-]*[a-z][a-z0-9_+-]*:",  # becomes a picture
    re.IGNORECASE,
)
"""What GitHub acts upon even where every sign of it is escaped."""

_BLOCK = re.compile(r"^\s*(?:(?=[-+](?:\s|$)|[-=]+\s*$)|\d{1,9}(?=[.)](?:\s|$)))")
"""What stands before the sign that makes a list of a line, or a heading of the line above."""


def escape_text(text: str) -> str:
    """Return Markdown that shows this text and nothing else: no markup, no cell border, on one line.

    A name that GitHub would act upon, such as `@somebody`, stands in a span of code, where it does not.
    """
    shown, parts, end = show_text(text), [], 0
    for found in _ALIVE.finditer(shown):
        parts += [_escape_signs(shown[end : found.start()]), f"`{found[0]}`"]
        end = found.end()
    escaped = "".join([*parts, _escape_signs(shown[end:])])
    return _BLOCK.sub(r"\g<0>\\", escaped)


def escape_cell(cell: str) -> str:
    """Return a cell of a table; a number stays as it is, a sparkline is set in letters of one width."""
    if NUMBER.fullmatch(cell):
        return cell
    return f"`{cell}`" if _SPARKLINE.fullmatch(cell) else escape_text(cell)


def fence_code(text: str) -> str:
    """Return a block of shell code whose fence is longer than any run of backticks in it."""
    runs = re.findall(r"`+", text)
    fence = "`" * max(3, 1 + max(map(len, runs), default=0))
    return f"{fence}sh\n{show_text(text)}\n{fence}"


def _escape_signs(text: str) -> str:
    escaped = re.sub(r"([\\`*\[\]<>|~#&$!])", r"\\\1", text)
    return re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", escaped)  # inside a word it is no markup
