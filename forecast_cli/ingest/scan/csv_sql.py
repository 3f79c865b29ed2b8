"""The SQL by which DuckDB reads a piece of a text table: columns c0, c1, ... whatever their names.

Columns of plain numbers are read as such. That is quicker than text and a cast, but one cell that is no number spoils
the piece: then it is read again as text, where such a cell costs that cell alone.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from forecast_cli.ingest.scan.query import quote
from forecast_cli.ingest.text import numbers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from forecast_cli.ingest.text.dialect import Dialect

_MOST_CODES = 20  # for a missing value, that a column of numbers is read with


def write_quick_relation(
    path: Path, data: bytes | bytearray, dialect: Dialect, plain: Mapping[int, Sequence[str]]
) -> str:
    """Return what stands after FROM for a piece without flaws.

    `plain`: columns that are read as numbers, with the codes for a missing value in them.
    """
    codes = dict.fromkeys(code for found in plain.values() for code in found)
    more = {
        "nullstr": f"[{', '.join(map(quote, ['', *codes]))}]",
        "decimal_separator": quote(dialect.decimal),
        "parallel": "true",
    }
    if b'"' not in data:  # not to look for them is quicker by a tenth
        more |= {"quote": "''", "escape": "''"}
    return _write_relation(path, len(data), dialect, plain, more)


def write_careful_relation(path: Path, size: int, dialect: Dialect, *, keeps_rejects: bool) -> str:
    """Return what stands after FROM for a piece with flaws: every cell is text, and lines that are no row are left out.

    With `keeps_rejects` the table `rejects` tells of them. The parallel scanner cannot pad rows where cells have line
    breaks.
    """
    kept = {"store_rejects": "true", "rejects_table": "'rejects'", "rejects_scan": "'reject_scans'"}
    more = {"ignore_errors": "true", "parallel": "false" if dialect.pads else "true", **(kept if keeps_rejects else {})}
    return _write_relation(path, size, dialect, (), more)


def find_codes(cells: Sequence[str], form: numbers.NumberForm) -> list[str]:
    """Return the cells that mean a missing value and are no number, as they are written and behind a space."""
    odd = {cell for cell in set(cells) if cell and not _is_plain_number(cell)}
    blank = (cell for cell in odd if numbers.is_blank(cell, form.missing))
    texts = sorted(cell for cell in blank if numbers.read_number(cell, form) is None)[:_MOST_CODES]
    return [written for cell in texts for written in (cell, f" {cell}")]


def is_plain(form: numbers.NumberForm) -> bool:
    """Return whether DuckDB reads numbers of this form itself, and takes nothing else for one."""
    return not (form.thousands or form.unit or form.words)


def _is_plain_number(cell: str) -> bool:
    """Return whether a cell is surely a number: quicker than to look at it closely."""
    try:
        return isfinite(float(cell))
    except ValueError:
        return False


def _write_relation(path: Path, size: int, dialect: Dialect, plain: Collection[int], more: Mapping[str, str]) -> str:
    kinds = ("DOUBLE" if k in plain else "VARCHAR" for k in range(len(dialect.names)))
    columns = ", ".join(f"'c{k}': '{kind}'" for k, kind in enumerate(kinds))
    settings = {
        "columns": f"{{{columns}}}",
        "auto_detect": "false",
        "delim": quote(dialect.delimiter),
        "quote": "'\"'",
        "escape": "'\"'",
        "header": "false",
        "compression": "'none'",
        "null_padding": "true" if dialect.pads else "false",
        "max_line_size": str(size + 1),
        "buffer_size": str(size + 1),
        **more,
    }
    return f"read_csv({quote(str(path))}, {', '.join(f'{key} = {value}' for key, value in settings.items())})"
