"""All files into one set of rows: who is which series, and does a file go on where another ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest.grid.rows import Rows, select_rows
from forecast_cli.ingest.roles.files import join_files, name_files, parse_file_pattern, settle_series
from forecast_cli.ingest.roles.identify import find_ids
from forecast_cli.ingest.roles.statics import read_statics, settle_statics
from forecast_cli.ingest.scan.account import account_rejects
from forecast_cli.ingest.scan.load import mark_until_last
from forecast_cli.ingest.time.local import settle_clocks
from forecast_cli.ingest.time.settle import keep_order, level_days, settle_reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.roles.roles import Roles
    from forecast_cli.ingest.roles.statics import Statics
    from forecast_cli.ingest.scan.codes import Codes
    from forecast_cli.ingest.scan.load import Loaded
    from forecast_cli.types import Flags, ReadingOptions


@dataclass(frozen=True, eq=False)
class Assembled:
    """The rows of all files, and what they are."""

    rows: Rows
    options: ReadingOptions  # with exact names, the id column that was found, and what the files are to each other
    statics: Statics


def assemble_rows(
    connection: DuckDBPyConnection, tables: Sequence[Loaded], roles: Roles, options: ReadingOptions, journal: Journal
) -> Assembled:
    """Return the rows of all files as one, whose series they are, and what is said of a series once.

    Rows without a readable time or id are left out and counted; above 1 % of a file is a DataError.
    """
    options, names = _name_files(tables, roles, options)
    reading = settle_reading(tables, options, journal)
    options = keep_order(tables, reading, options)
    tables = level_days(tables, reading, options)
    account_rejects(tables, reading, options, journal)
    codes, id_column = find_ids(connection, tables, reading, options, journal)
    kept = [_mark_rows(table, reading, codes[k] if codes else None) for k, table in enumerate(tables)]
    static = options.columns.static_covariates
    cells = [read_statics(connection, table, keep, static) for table, keep in zip(tables, kept, strict=True)]
    parts = [_build_part(t, reading, codes[k] if codes else None, kept[k]) for k, t in enumerate(tables)]
    parts = settle_clocks(parts, options.tz, journal)
    parts, one_series = settle_series(parts, names, id_column is not None, options, journal)
    statics = settle_statics(parts, cells)
    rows = join_files(parts, tables[0].scan.source.label, options.only_series)
    rows.columns.pop(id_column or "", None)
    columns = replace(options.columns, series_id=id_column)
    return Assembled(rows, replace(options, columns=columns, one_series=one_series), statics)


def _name_files(
    tables: Sequence[Loaded], roles: Roles, options: ReadingOptions
) -> tuple[ReadingOptions, tuple[str, ...]]:
    """Return the options with exact columns and the pattern for ids in names apart; and the name of each file."""
    asked = roles.columns.series_id
    pattern = None if asked in tables[0].scan.names else parse_file_pattern(asked)
    columns = roles.columns if pattern is None else replace(roles.columns, series_id=None)
    options = replace(options, columns=columns, file_ids=options.file_ids if pattern is None else asked)
    sources = [table.scan.source for table in tables]
    pattern = parse_file_pattern(options.file_ids)
    if pattern is None or options.only_series is not None:
        return options, tuple(source.stem for source in sources)
    return options, name_files(sources, pattern)


# --- Rows --------------------------------------------------------------------------------------------------------


def _mark_rows(table: Loaded, reading: str | None, codes: Codes | None) -> Flags:
    """Return which rows of a file are rows of a series: those with a readable time and id; (rows,)."""
    keep = mark_until_last(table.filled) if reading is None else table.readings[reading][2]
    return keep if codes is None else keep & (codes[0] >= 0)


def _build_part(table: Loaded, reading: str | None, codes: Codes | None, keep: Flags) -> Rows:
    """Return the kept rows of one file; without ids they are one series, named by the file's stem."""
    series, ids = codes or (np.zeros(table.n_rows, dtype=np.int64), (table.scan.source.stem,))
    stamps, tz = None, None
    if reading is not None:
        stamp, stamps, _ = table.readings[reading]
        tz = _find_tz(table, reading) if stamp.is_zoned or table.offsets is not None else None
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
