"""How the numbers of a column are written, and the SQL that reads them.

Most cells are read by one cast. Only where that fails the costlier forms are tried: separators between thousands, a
unit behind the number, a minus sign or a space beyond ASCII. So they cost a clean table nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from forecast_cli.ingest.scan.query import quote
from forecast_cli.ingest.text.cells import MISSING, is_missing
from forecast_cli.ingest.text.units import is_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAN = "CAST('NaN' AS DOUBLE)"
_EDGES = " \t\u00a0\u2007\u2009\u202f\ufeff"  # what may stand around a number
_CURRENCIES = "$\u20ac\u00a3\u00a5"  # what may stand before one
_QUIET = "'\u2019\u00a0\u2007\u2009\u202f"  # separators of thousands that mean nothing else
_SEPARATORS = " .," + _QUIET
_EXPONENT = r"([eE][+-]?[0-9]+)?"
_BARE = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")  # a number in whatever form
_PLAIN = re.compile(rf"[+-]?(([0-9]+(\.[0-9]*)?|\.[0-9]+){_EXPONENT}|inf|infinity|nan)", re.IGNORECASE)
_WITH_UNIT = re.compile(r"([+\u2212-]?[\d.,'\u2019\u00a0\u202f]*\d(?:[eE][+-]?\d+)?)(\s*)([^\d\s+-][^\d]{0,11})")
_WORDS = (("false", "true"), ("off", "on"))


@dataclass(frozen=True)
class NumberForm:
    """How the numbers of one column are written."""

    decimal: str = "."
    thousands: str = ""  # "" none, " " every kind of space
    unit: str = ""  # stands behind the numbers: 12.3 °C
    words: tuple[str, ...] = ()  # the words for 0 and 1, in lower case, where the column holds nothing else
    missing: tuple[str, ...] = ()  # cells without a value, in lower case, beside the usual ones


def choose_form(
    cells: Sequence[str], decimal: str = ".", thousands: str = "", missing: Sequence[str] = ()
) -> NumberForm:
    """Return how the column is written that these cells are from; `missing`: codes beside the usual ones."""
    codes = tuple(sorted(code.strip().lower() for code in missing))
    if not codes and _are_bare(cells):
        return NumberForm(decimal, thousands)
    known = [_strip(cell) for cell in cells if not is_blank(cell, codes)]
    kinds = {cell.lower() for cell in known}
    words = next((pair for pair in _WORDS if kinds and kinds <= set(pair)), ())
    plain = NumberForm(decimal, thousands, "", words, codes)
    return NumberForm(decimal, thousands, _find_unit(known, plain), words, codes)


def is_blank(cell: str, codes: Sequence[str] = ()) -> bool:
    """Return whether a cell holds no value: the usual codes and these, which are in lower case."""
    return is_missing(cell) or cell.strip(_EDGES).lower() in codes


def read_number(cell: str, form: NumberForm) -> float | None:
    """Return the number in a cell as `write_number` reads it; None where it holds none."""
    if (form.decimal, form.thousands) == (".", "") and _BARE.fullmatch(cell):  # the usual cell
        return float(cell)
    text = _strip(cell)
    if text.lower() in form.words:
        return float(form.words.index(text.lower()))
    text = text.replace("\u2212", "-")
    if form.unit and text.endswith(form.unit):
        text = text.removesuffix(form.unit).rstrip(_EDGES)
    if re.fullmatch(write_grouped(form), text):
        text = text.translate({ord(sign): None for sign in _SEPARATORS if sign != form.decimal})
    text = text.replace(form.decimal, ".")
    return float(text) if _PLAIN.fullmatch(text) else None


def _strip(cell: str) -> str:
    return cell.strip(_EDGES).lstrip(_CURRENCIES + _EDGES)


def holds_numbers(cells: Sequence[str], form: NumberForm) -> bool:
    """Return whether most cells of a column are numbers, the missing ones aside; also where all are missing."""
    bare = sum(_BARE.fullmatch(cell) is not None for cell in cells)
    if 2 * bare >= len(cells) and not form.missing:  # the usual column, without a closer look
        return True
    known = [cell for cell in cells if not is_blank(cell, form.missing)]
    return 2 * sum(read_number(cell, form) is not None for cell in known) >= len(known)


def write_number(cell: str, form: NumberForm) -> str:
    """Return the SQL that reads a text cell, given as SQL, as DOUBLE: NaN where missing, null where it is no number."""
    bare = f"ltrim(trim({cell}, {quote(_EDGES)}), {quote(_CURRENCIES + _EDGES)})"
    clean = f"replace({_write_without_unit(bare, form)}, '\u2212', '-')"
    grouped = f"regexp_full_match({clean}, {quote(write_grouped(form))})"
    removed = "".join(sign for sign in _SEPARATORS if sign != form.decimal)
    joined = f"translate({clean}, {quote(removed)}, '')"
    codes = quote("|".join(re.escape(code) for code in sorted({*MISSING, *form.missing})))
    casts = [
        write_cast(cell, form),
        f"CASE WHEN {cell} IS NULL OR {cell} = '' THEN {_NAN} END",
        write_cast(clean, form),
    ]
    if (form.decimal, form.thousands) == (",", "."):  # 1.234 would cast, and be wrong by a thousand
        casts = [f"CASE WHEN NOT {grouped} THEN {casts[0]} END", casts[1]]
    branches = [
        f"WHEN regexp_full_match(lower({bare}), {codes}) THEN {_NAN}",
        *(f"WHEN lower({bare}) = {quote(word)} THEN {k}.0" for k, word in enumerate(form.words)),
        f"WHEN {grouped} THEN {write_cast(joined, form)}",
        f"ELSE {write_cast(clean, form)}",
    ]
    return f"coalesce({', '.join(casts)}, CASE {' '.join(branches)} END)"


def _write_without_unit(text: str, form: NumberForm) -> str:
    if not form.unit:
        return text
    without = f"rtrim(left({text}, length({text}) - {len(form.unit)}), {quote(_EDGES)})"
    return f"CASE WHEN suffix({text}, {quote(form.unit)}) THEN {without} ELSE {text} END"


@lru_cache
def write_grouped(form: NumberForm) -> str:
    """Return the pattern of a number with separators between its thousands, as Python and DuckDB both read it.

    `1,234` alone could be a decimal comma: it is taken only where the column is known to have such separators.
    """
    decimal, other = re.escape(form.decimal), re.escape("," if form.decimal == "." else ".")
    lead, rest = r"[+-]?[1-9][0-9]{0,2}", rf"({decimal}[0-9]*)?{_EXPONENT}"
    groups = [rf"([{_QUIET}][0-9]{{3}})+{rest}", rf"({other}[0-9]{{3}}){{2,}}{rest}"]
    groups.append(rf"({other}[0-9]{{3}})+{decimal}[0-9]+")
    if form.thousands == " ":
        groups.append(rf"( [0-9]{{3}})+{rest}")
    elif form.thousands:
        groups.append(rf"({re.escape(form.thousands)}[0-9]{{3}})+{rest}")
    return f"{lead}({'|'.join(groups)})"


def write_cast(text: str, form: NumberForm) -> str:
    """Return the SQL that reads a plain number as DOUBLE; null where it is none."""
    pointed = text if form.decimal == "." else f"replace({text}, {quote(form.decimal)}, '.')"
    return f"TRY_CAST({pointed} AS DOUBLE)"


def _are_bare(cells: Sequence[str]) -> bool:
    """Return whether some cells are bare numbers, and none has anything behind its number: neither words nor units."""
    odd = [cell for cell in cells if not _BARE.fullmatch(cell)]
    return len(odd) < len(cells) and not any(_WITH_UNIT.fullmatch(_strip(cell)) for cell in odd)


def _find_unit(cells: Sequence[str], form: NumberForm) -> str:
    """Return the unit that stands behind every number of a column; "" where there is none, or more than one."""
    found = {match[3].strip() for cell in cells if (match := _WITH_UNIT.fullmatch(cell))}
    if len(found) != 1 or not is_unit(unit := found.pop()):
        return ""
    with_unit = NumberForm(form.decimal, form.thousands, unit)
    apart = any(cell.removesuffix(unit)[-1:].isspace() or not unit[0].isalpha() or "." in cell for cell in cells)
    return unit if apart and all(read_number(cell, with_unit) is not None for cell in cells) else ""
