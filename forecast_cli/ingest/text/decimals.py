"""Which sign stands before the decimals, and which between the thousands, told from all numbers of a table."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

_MANY = 6  # cells that could be either, before their neighbours decide
_NEAR = 3  # times the largest number below a thousand, at most, that the smallest one above is
_NAMED = {"comma": ",", "point": ".", "dot": "."}
_UNIT = r"(?:\s*[^\d\s+-][^\d]{0,11})?"
_SPACE = "[ \u00a0\u2007\u2009\u202f]"
_QUOTE = "['\u2019]"
_SIGNED = "[$\u20ac\u00a3\u00a5]? ?[+\u2212-]?"
_POINT = re.compile(r"-?\d+\.(\d\d?|\d{4,})", re.ASCII)  # not three decimals: they could be thousands
_WHOLE = re.compile(rf"(\d{{1,17}}){_UNIT}", re.ASCII)


@dataclass(frozen=True)
class Signs:
    """The decimal sign and the separator of thousands."""

    decimal: str
    thousands: str  # "" none, " " every kind of space, "'" every kind of apostrophe
    evidence: str
    doubt: str = ""  # a cell that could be read in two ways, and how it is


def detect_signs(columns: Sequence[Sequence[str]], delimiter: str, asked: str | None) -> Signs:
    """Return the signs that the cells of these columns show; `asked`: the decimal sign that the user names.

    Raises UsageError where every number is written with the other sign.
    """
    cells = Counter(kind for column in columns for cell in column for kind in _read_kinds(cell))
    decimal = _read_asked(asked, cells) or _choose_decimal(columns, cells, delimiter)
    point, comma = cells["point"], cells["comma"]
    counts = f"{comma:,} of the sampled numbers have a comma, {point:,} a point"
    evidence = "as asked" if asked else counts if point or comma else "no sampled number has decimals"
    thousands = _choose_thousands(columns, cells, decimal, asked is not None)
    return Signs(decimal, thousands, evidence, "" if asked else _find_doubt(columns, cells, decimal, delimiter))


def recall_signs(columns: Sequence[Sequence[str]], delimiter: str, known: tuple[str, str, str] | None) -> Signs | None:
    """Return the signs of the training data where cells of new data could be either, and these explain them all.

    `known`: its delimiter, decimal sign and separator of thousands. None where a cell is sure, so that a file which is
    written in another way is read as it is.
    """
    if known is None or known[0] != delimiter:
        return None
    cells = Counter(kind for column in columns for cell in column for kind in _read_kinds(cell))
    either = {sign for sign, kind in ((",", "either comma"), (".", "either point")) if cells[kind]}
    if not either or not either <= {*known[1:]} or _is_sure(cells):
        return None
    return Signs(known[1], known[2], "as in the training data")


def _is_sure(cells: Counter[str]) -> bool:
    """Return whether any cell shows which sign is which."""
    return any(cells[kind] for kind in ("comma", "point", "thousands comma", "thousands point"))


def _read_kinds(cell: str) -> tuple[str, ...]:
    """Return what a cell tells: its decimal sign, its separator of thousands, or that it could be either."""
    text = cell.strip()
    if _POINT.fullmatch(text):  # the usual cell, without a closer look
        return ("point",)
    if not any(sign in text for sign in ",.'\u2019 \u00a0\u202f\u2009"):
        return ("whole",) if text.isdecimal() else ()
    return next((kinds for form, kinds in _KINDS if form.fullmatch(text)), ())


def _compile(body: str) -> re.Pattern[str]:
    return re.compile(f"{_SIGNED}{body}{_UNIT}", re.ASCII)


_KINDS = (
    (_compile(r"[1-9]\d{0,2}(?:,\d{3}){2,}"), ("thousands comma",)),
    (_compile(r"[1-9]\d{0,2}(?:\.\d{3}){2,}"), ("thousands point",)),
    (_compile(r"[1-9]\d{0,2},\d{3}"), ("either comma",)),
    (_compile(r"[1-9]\d{0,2}\.\d{3}"), ("either point",)),
    (_compile(r"[1-9]\d{0,2}(?:,\d{3})+\.\d*"), ("point", "thousands comma")),
    (_compile(r"[1-9]\d{0,2}(?:\.\d{3})+,\d*"), ("comma", "thousands point")),
    (_compile(r"\d*\.\d+(?:[eE][+-]?\d+)?"), ("point",)),
    (_compile(r"\d*,\d+(?:[eE][+-]?\d+)?"), ("comma",)),
    (_compile(rf"[1-9]\d{{0,2}}(?:{_SPACE}\d{{3}})+"), ("thousands space",)),
    (_compile(rf"[1-9]\d{{0,2}}(?:{_SPACE}\d{{3}})+\.\d+"), ("point", "thousands space")),
    (_compile(rf"[1-9]\d{{0,2}}(?:{_SPACE}\d{{3}})+,\d+"), ("comma", "thousands space")),
    (_compile(rf"[1-9]\d{{0,2}}(?:{_QUOTE}\d{{3}})+"), ("thousands quote",)),
    (_compile(rf"[1-9]\d{{0,2}}(?:{_QUOTE}\d{{3}})+\.\d+"), ("point", "thousands quote")),
    (_compile(rf"[1-9]\d{{0,2}}(?:{_QUOTE}\d{{3}})+,\d+"), ("comma", "thousands quote")),
)


def _read_asked(asked: str | None, cells: Counter[str]) -> str | None:
    if asked is None:
        return None
    sign = _NAMED.get(asked.lower(), asked)
    if sign not in (",", "."):
        raise UsageError(f"{asked!r} is no decimal sign", "give , or .")
    own, other = ("comma", "point") if sign == "," else ("point", "comma")
    if cells[other] and not cells[own] and not cells[f"thousands {other}"] and not cells[f"either {own}"]:
        raise UsageError(
            f"no number has a {own} before its decimals, {cells[other]:,} have a {other}", "leave --decimal out"
        )
    return sign


def _choose_decimal(columns: Sequence[Sequence[str]], cells: Counter[str], delimiter: str) -> str:
    """Return the sign that is surely decimal in more cells; where none is sure, the one that the rest speaks for."""
    if cells["comma"] != cells["point"]:
        return "," if cells["comma"] > cells["point"] else "."
    if cells["thousands comma"] != cells["thousands point"]:
        return "." if cells["thousands comma"] > cells["thousands point"] else ","
    if cells["either point"] and delimiter != "," and _mixes_whole(columns, "either point"):
        return ","
    if cells["either comma"] <= cells["either point"] or delimiter == ",":
        return "."
    return "." if _mixes_whole(columns, "either comma") else ","


def _choose_thousands(columns: Sequence[Sequence[str]], cells: Counter[str], decimal: str, asked: bool) -> str:
    other, name = (",", "comma") if decimal == "." else (".", "point")
    for kind, sign in (("space", " "), ("quote", "'")):
        if cells[f"thousands {kind}"] and not cells[f"thousands {name}"]:
            return sign
    if cells[f"thousands {name}"]:
        return other
    if cells[f"either {name}"] and (decimal == "." or asked or _mixes_whole(columns, f"either {name}")):
        return other
    return ""


def _mixes_whole(columns: Sequence[Sequence[str]], kind: str) -> bool:
    """Return whether whole numbers below a thousand, and none above, run on into many `1,234`: no decimals, then.

    One 850 among many 20.123 tells nothing: it lies far from the rest whichever way they are read.
    """
    for column in columns:
        grouped = [_read_digits(cell) for cell in column if _read_kinds(cell) == (kind,)]
        if len(grouped) >= _MANY:
            whole = [int(match[1]) for cell in column if (match := _WHOLE.fullmatch(cell.strip()))]
            if 9 < max(whole, default=0) < 1000 and min(grouped) <= _NEAR * max(whole):
                return True
    return False


def _read_digits(cell: str) -> int:
    return int("".join(sign for sign in cell if sign.isdecimal()))


def _find_doubt(columns: Sequence[Sequence[str]], cells: Counter[str], decimal: str, delimiter: str) -> str:
    """Return how a number is read that could be another, where no cell of the table is sure.

    A point of three decimals is the usual thing, but where semicolons part the cells it may part thousands, too.
    """
    if _is_sure(cells):
        return ""
    sign = "," if cells["either comma"] else "."
    kind = "either comma" if sign == "," else "either point"
    usual = sign == decimal == "." and delimiter != ";"
    if not cells[kind] or usual or _mixes_whole(columns, kind):
        return ""
    shown = next(cell.strip() for column in columns for cell in column if _read_kinds(cell) == (kind,))
    readings = [shown.replace(sign, "."), shown.replace(sign, "")]
    taken, other = readings if decimal == sign else readings[::-1]
    return f"{shown} is read as {taken}, not as {other}"
