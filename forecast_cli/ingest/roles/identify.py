"""The id column of the files: as named, or the one that tells several series in one table apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest.roles.roles import list_named
from forecast_cli.ingest.roles.series import (
    alternates,
    names_id,
    needs_ids,
    propose_id_columns,
    runs_apart,
    takes_turns,
    tells_apart,
)
from forecast_cli.ingest.roles.tags import suggest_pivot
from forecast_cli.ingest.scan.codes import Codes, read_codes
from forecast_cli.ingest.scan.load import take_stamps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.scan.load import Loaded
    from forecast_cli.types import Integers, ReadingOptions

_MOST_IN_TURN = 1_000  # ids of series that take turns


def find_ids(
    connection: DuckDBPyConnection,
    tables: Sequence[Loaded],
    reading: str | None,
    options: ReadingOptions,
    journal: Journal,
) -> tuple[list[Codes] | None, str | None]:
    """Return the codes of the id column of each file and its name, as named or by rule; None where there is none.

    Raises DataError where a named column makes a series of every row, and where a model of one series would have
    several averaged into it.
    """
    named = options.columns.series_id
    if named is not None:
        return _read_named(connection, tables, named, options), named
    if reading is None or options.pivot is not None:  # tags repeat their instants
        return None, None
    repeats = any(needs_ids(take_stamps(table, reading)) for table in tables)
    codes, name = _search(connection, tables, reading, options, repeats)
    if name is None or codes is None:
        return None, None
    if options.only_series is not None:
        _check_only(tables[0].scan.source.label, name, repeats, journal)
        return None, None
    evidence = "its values make repeated instants unique" if repeats else "the rows of each value run on their own"
    journal.decide("series", name, evidence, "--series-id")
    remark = suggest_pivot(tables, codes, name)
    if remark:
        journal.note(remark, "--pivot")
    return codes, name


def _check_only(label: str, name: str, repeats: bool, journal: Journal) -> None:
    """Raise DataError where DATA for a model of one series hold several; warn where they only might.

    Rows whose text takes regular turns, while no instant repeats, are several series if the column is called like an
    id; else it may hold a state that comes and goes, as of a valve.
    """
    if repeats or names_id(name):
        raise DataError(
            f"{label} holds several series, told apart by {name!r}; the model knows one",
            f"give the rows of one series, those of one value of {name!r}",
        )
    journal.warn(f"the values of {name} take turns: if they name several series, give the rows of one only")


def _read_named(
    connection: DuckDBPyConnection, tables: Sequence[Loaded], name: str, options: ReadingOptions
) -> list[Codes]:
    codes = [_read_column(connection, table, name, max(table.n_rows, 1)) for table in tables]
    found = [part for part in codes if part is not None]
    n_ids = len({text for _, ids in found for text in ids})
    if options.freq is None and n_ids > 1 and n_ids > sum(table.n_rows for table in tables) / 2:
        raise DataError(
            f"nearly every value of {name!r} is a series of its own: {n_ids:,} of them",
            "name a column whose values repeat with --series-id",
        )
    return found


def _search(
    connection: DuckDBPyConnection, tables: Sequence[Loaded], reading: str, options: ReadingOptions, repeats: bool
) -> tuple[list[Codes] | None, str | None]:
    """Return the first column that tells repeated instants apart, or else series that take turns."""
    taken = list_named(options.columns)
    limit = sum(table.n_rows for table in tables) // 2 if repeats else _MOST_IN_TURN
    for k in propose_id_columns(tables[0].scan, taken, tables[0].unreadable):
        name = tables[0].scan.names[k]
        if not all(name in table.scan.names for table in tables):
            continue
        if not repeats and not all(_may_take_turns(table, reading, name) for table in tables):
            continue
        codes = [_read_column(connection, table, name, limit) for table in tables]
        found = [part for part in codes if part is not None]
        if len(found) == len(tables) and all(
            _fits(table, reading, name, part[0], repeats) for table, part in zip(tables, found, strict=True)
        ):
            return found, name
    return None, None


def _read_column(connection: DuckDBPyConnection, table: Loaded, name: str, limit: int) -> Codes | None:
    return read_codes(connection, table, table.scan.names.index(name), limit)


def _may_take_turns(table: Loaded, reading: str, name: str) -> bool:
    """Return whether the sampled cells allow it: a pass over the file for every text column would be dear."""
    cells = table.scan.samples[table.scan.names.index(name)]
    is_sorted = bool(np.all(np.diff(take_stamps(table, reading)) >= 0))
    return 2 <= len(set(cells)) <= len(cells) / 4 and (alternates(np.array(cells)) or not is_sorted)


def _fits(table: Loaded, reading: str, name: str, codes: Integers, repeats: bool) -> bool:
    _, instants, readable = table.readings[reading]
    keep = readable & table.filled
    if np.any(codes[keep] < 0):
        return False
    instants, codes = instants[keep], codes[keep]
    if repeats:
        return tells_apart(instants, codes)
    return takes_turns(instants, codes) or runs_apart(instants, codes, name)
