"""The account of every line that is no row: counted, the first of each file kept, and too many of them an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest.journal import say_count
from forecast_cli.ingest.scan.load import count_rows, count_unread, explain_no_rows
from forecast_cli.ingest.scan.rejects import SHOWN, describe, list_rejects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.scan.load import Loaded
    from forecast_cli.ingest.scan.rejects import Rejected
    from forecast_cli.types import ReadingOptions

MOST_REJECTS = 0.01  # share of the lines of a file
_TOLD = 3  # lines of an error
_ALLOW = "or allow more with --max-rejects"


def account_rejects(tables: Sequence[Loaded], reading: str | None, options: ReadingOptions, journal: Journal) -> None:
    """Count, keep and say which lines are lost: those that are no row, and rows without a time that can be read.

    Raises DataError where a file has more of them than the options allow.
    """
    most = MOST_REJECTS if options.max_rejects is None else options.max_rejects
    for table in tables:
        lost = _check(table, reading, most)
        journal.counts["rows_read"] += count_rows(table, reading)
        journal.counts["rows_rejected"] += lost
        journal.counts["cells_unreadable"] += sum(table.unreadable.values())
        first = list_lost(table, reading)
        label = table.scan.source.label
        journal.rejects += list_rejects(label, first)
        if lost:
            where = describe(first[0]) if first else "without a readable time"
            journal.warn(f"left out {say_count(lost, 'line')} of {label} ({where})", "--max-rejects")


def list_lost(table: Loaded, reading: str | None) -> list[Rejected]:
    """Return the first lines of a file that are lost."""
    return sorted([*table.rejects.lines, *table.unread.get(reading or "", ())])[:SHOWN]


def _check(table: Loaded, reading: str | None, most: float) -> int:
    """Return how many lines of a file are lost; raises DataError where that is too large a share of them."""
    n_unread = count_unread(table, reading) if reading else 0
    lost, n_lines = table.rejects.count + n_unread, table.n_rows + table.rejects.count
    if n_lines == 0:
        raise explain_no_rows(table.scan)
    if lost <= most * n_lines:
        return lost
    first = "; ".join(map(describe, list_lost(table, reading)[:_TOLD]))
    label, share = table.scan.source.label, f"{lost / n_lines:.1%}"
    if table.rejects.count >= n_unread:
        told = f"{say_count(lost, 'line', 'are')} no row of the table ({share}): {first}"
        raise DataError(f"{label}: {told}", f"repair the lines, name the delimiter with --delimiter, {_ALLOW}")
    told = f"{_describe_unread(table, str(reading), n_unread)} ({share})"
    raise DataError(f"{label}: {told}", f"name the column with --timestamp, repair the cells, {_ALLOW}")


def _describe_unread(table: Loaded, reading: str, count: int) -> str:
    stamp, _, readable = table.readings[reading]
    names = " and ".join(table.scan.names[k] for k in stamp.columns)
    lines = table.unread.get(reading, ())
    row = int(np.flatnonzero(~readable & table.filled)[0])
    where = f"in line {lines[0].line}: {lines[0].text!r}" if lines else f"in row {row + 1}"
    return f"{say_count(count, 'row', 'have')} no time in {names} that reads as {reading}, the first {where}"
