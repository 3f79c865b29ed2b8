"""Texts that a spreadsheet would take for a formula: a CSV holds them behind an apostrophe, and is read without it.

The signs are those that OWASP names under "CSV Injection": `= + - @`, their full-width forms, and the white space that
spreadsheets strip off before them. Parquet and JSON, which no spreadsheet computes, hold texts as they are.
"""

from __future__ import annotations

import re

_SIGNS = "[-=+@＝＋－＠\\t\\r\\n\\0]"
_FORMULA = re.compile(f"'*{_SIGNS}")
_GUARDED = re.compile(f"'+{_SIGNS}")
_NUMBER = re.compile(r"[-+]?((\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|inf)", re.ASCII)


def guard_formula(text: str) -> str:
    """Return a text as a cell that no spreadsheet computes: `'=SUM(A1)`; a number stays as it is.

    A text that begins with apostrophes before such a sign gets one more, so that each comes back as it was.
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unguard_formula(cell: str) -> str:
    """Return the text behind a cell: without its first apostrophe where one or more stand before `= + - @`.

    The same cell of a file that is not ours loses its apostrophe, too: there it is a spreadsheet's way to say "text".
    """
    return cell[1:] if _GUARDED.match(cell) else cell
