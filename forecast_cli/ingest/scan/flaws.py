"""Which lines of a piece DuckDB left out, and why; and in which line a row stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.ingest.scan.pieces import count_cells
from forecast_cli.ingest.scan.query import execute, fetch_rows
from forecast_cli.ingest.scan.rejects import BEHIND_QUOTES, NO_TIME, TOO_LONG, Rejected, reject
from forecast_cli.ingest.scan.repair import list_starts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from duckdb import DuckDBPyConnection

    from forecast_cli.ingest.scan.repair import Repaired
    from forecast_cli.ingest.text.dialect import Dialect

_LINE_END = ord("\n")
_REASONS = {"UNQUOTED VALUE": BEHIND_QUOTES, "LINE SIZE OVER MAXIMUM": TOO_LONG}
_RAGGED = ("MISSING COLUMNS", "TOO MANY COLUMNS")


def prepare_rejects(connection: DuckDBPyConnection) -> None:
    """Forget the lines that were left out before."""
    execute(connection, "DROP TABLE IF EXISTS rejects")
    execute(connection, "DROP TABLE IF EXISTS reject_scans")


def fetch_rejects(connection: DuckDBPyConnection, repaired: Repaired, dialect: Dialect) -> dict[int, Rejected]:
    """Return the lines that were left out, by their place in the text, from 0."""
    query = "SELECT coalesce(line_byte_position, 1) AS k, error_type, csv_line, error_message FROM rejects ORDER BY k"
    rows = fetch_rows(connection, query)
    if not rows:
        return {}
    ends = np.flatnonzero(np.frombuffer(repaired.data, dtype=np.uint8) == _LINE_END)
    places = np.searchsorted(ends, [row[0] - 1 for row in rows]).tolist()
    found: dict[int, Rejected] = {}
    for place, (_, kind, text, message) in zip(places, rows, strict=True):
        if place not in found:  # one line may have several faults
            reason = _explain(kind, text or "", message, dialect)
            found[place] = reject(repaired.numbers[place], text or "", reason)
    return found


def find_rows(
    rows: Sequence[int], n_rows: int, data: bytes, lines: Sequence[int], left_out: Collection[int], dialect: Dialect
) -> list[Rejected]:
    """Return some rows of a text as lines that have no time that can be read.

    `lines`: the number of each line in the user's file; `left_out`: the places of lines that are no rows.
    """
    if not rows:
        return []
    texts = data.split(b"\n")
    if b'"' in data or n_rows + len(left_out) != len(texts) - texts[-1:].count(b""):
        starts = [place for place in list_starts(data, dialect) if place not in left_out]
    else:
        starts = [place for place in range(len(texts)) if place not in left_out]
    places = [starts[row] for row in rows if row < len(starts)]
    return [reject(lines[place], texts[place], NO_TIME) for place in places if place < len(lines)]


def _explain(kind: str, text: str, message: str, dialect: Dialect) -> str:
    if kind in _RAGGED and (found := count_cells(text.encode(), dialect)) is not None:
        return f"has {found} cell{'' if found == 1 else 's'} instead of {len(dialect.names)}"
    return _REASONS.get(kind) or re.sub(r"\s+", " ", message.splitlines()[0] if message else "is no row of the table")
