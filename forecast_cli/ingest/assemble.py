"""All files into one set of rows: who is which series, and does a file go on where another ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest.identify import find_ids
from forecast_cli.ingest.journal import list_names, say_count
from forecast_cli.ingest.load import check_rejects, count_rows, mark_until_last, settle_reading
from forecast_cli.ingest.rows import Rows, join_rows, select_rows, spans_overlap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.load import Loaded
    from forecast_cli.ingest.roles import Roles
    from forecast_cli.types import Integers, ReadingOptions


def assemble_rows(
    connection: DuckDBPyConnection, tables: Sequence[Loaded], roles: Roles, options: ReadingOptions, journal: Journal
) -> tuple[Rows, str | None]:
    """Return the rows of all files as one, and the name of the id column, if there is one.

    Rows without a readable time or id are left out and counted; above 1 % of a file is a DataError.
    """
    reading = settle_reading(tables, options.freq)
    _report_rejects(tables, reading, journal)
    codes, id_column = find_ids(connection, tables, reading, roles, options, journal)
    parts = [_build_part(table, reading, codes[k] if codes else None) for k, table in enumerate(tables)]
    if reading:
        _report_reading(tables[0], reading, roles, journal)
    return _join(parts, id_column is not None, options, journal), id_column


def _report_rejects(tables: Sequence[Loaded], reading: str | None, journal: Journal) -> None:
    for table in tables:
        lost = check_rejects(table, reading)
        journal.counts["rows_read"] += count_rows(table, reading)
        journal.counts["rows_rejected"] += lost
        if lost:
            where = table.rejects.first or "without a readable time"
            journal.warn(f"left out {say_count(lost, 'row')} of {table.scan.source.label} ({where})")
        journal.counts["cells_unreadable"] += sum(table.unreadable.values())


def _report_reading(table: Loaded, reading: str, roles: Roles, journal: Journal) -> None:
    usual = reading in ("ISO 8601", "instants")
    taken = " and ".join(roles.columns.timestamp)
    journal.decide("time", f"{taken}, read as {reading}", "reads the whole column", "--timestamp", said=not usual)


# --- Rows --------------------------------------------------------------------------------------------------------


def _build_part(table: Loaded, reading: str | None, codes: tuple[Integers, tuple[str, ...]] | None) -> Rows:
    """Return the rows of one file; without ids they are one series, named by the file's stem."""
    series, ids = codes if codes else (np.zeros(table.n_rows, dtype=np.int64), (table.scan.source.stem,))
    stamps, tz = None, None
    keep = mark_until_last(table.filled)
    if reading is not None:
        stamp, stamps, keep = table.readings[reading]
        tz = _find_tz(table, reading) if stamp.is_zoned or table.offsets is not None else None
    if codes:
        keep = keep & (series >= 0)
    rows = select_rows(Rows(ids, series, stamps, table.columns, tz), keep)
    if rows.n_rows == 0:
        raise DataError(f"{table.scan.source.label} holds no row with a number", "name a file with numbers in it")
    return rows


def _find_tz(table: Loaded, reading: str) -> str | None:
    """Return the offset of the latest row as it is printed; None for a clock without a zone."""
    stamp, instants, readable = table.readings[reading]
    if table.offsets is None:
        return "Z" if stamp.is_zoned else None
    if not stamp.is_zoned and not np.any(table.offsets[readable]):
        return None
    last = int(np.where(readable, instants, instants.min() - 1).argmax())
    minutes = int(table.offsets[last])
    if minutes == 0 and stamp.is_zulu:
        return "Z"
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _join(parts: list[Rows], has_ids: bool, options: ReadingOptions, journal: Journal) -> Rows:
    """Return the rows of all files: one series that goes on, or a series per file, or per id."""
    if has_ids:
        return join_rows(parts)
    goes_on = len(parts) == 1 or not spans_overlap(parts)
    if not goes_on:
        names = list_names(tuple(sorted(part.series_ids[0] for part in parts)))
        journal.decide("series", names, f"{len(parts):,} files whose spans overlap, a series each")
        return join_rows(parts)
    if len(parts) > 1:
        parts = sorted(parts, key=lambda part: int(part.stamps.min()) if part.stamps is not None else 0)
        journal.decide("series", "one", f"{len(parts):,} files whose spans do not overlap go on from each other")
    name = options.only_series or parts[0].series_ids[0]
    return join_rows([Rows((name,), part.series, part.stamps, part.columns, part.tz) for part in parts])
