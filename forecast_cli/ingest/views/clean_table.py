"""The clean table: what was gathered, on its grid, in the user's own units and names, with nothing filled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.frequency import add_steps, keeps_local_clock
from forecast_cli.ingest.grid.lay import lay_columns
from forecast_cli.ingest.grid.rows import Rows
from forecast_cli.ingest.journal import Journal, Silence
from forecast_cli.ingest.roles.channels import choose_channels
from forecast_cli.ingest.roles.statics import list_texts
from forecast_cli.ingest.time.timeline import infer_step
from forecast_cli.results import CleanTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forecast_cli.ingest.read import Gathered
    from forecast_cli.types import Columns, Instants, Integers

SERIES_ID, TIMESTAMP = "series_id", "timestamp"  # where the files have no name for them


def lay_table(table: Gathered, journal: Journal) -> CleanTable:
    """Return a row per series and step; its columns in the order of the files. `table` is used up on the way.

    A value is what the rows of its step come to (`--aggregate`), in float64; NaN where nothing was observed. A meter's
    readings go on over its resets.
    """
    rows, layout = table.rows, table.layout
    laid = lay_columns(table, journal)
    columns = {name: laid[name] for name in _order_names(table)}
    series = np.repeat(np.arange(len(rows.series_ids)), np.diff(layout.indptr))
    statics = list_texts(table.statics, rows.series_ids)
    texts = {name: np.array(each, dtype=object)[series] for name, each in statics.items()}
    taken = {*columns, *texts}
    id_column = name_series_column(table, taken)
    ids = np.array(rows.series_ids, dtype=object)[series]
    instants = list_instants(table)
    return CleanTable(
        series=None if id_column is None else (id_column, ids),
        time=None if instants is None else (_name_time_column(table.columns, taken), instants),
        tz=None if keeps_local_clock(str(table.grid.freq), rows.tz) else rows.tz,
        columns={**texts, **columns},
    )


def _order_names(table: Gathered) -> list[str]:
    """Return the channels' columns in the order of the header; those made of others after them."""
    header = {name: k for k, name in enumerate(table.scans[0].names)}
    return sorted(table.names.all, key=lambda name: header.get(name, len(header)))


def list_instants(table: Gathered) -> Instants | None:
    """Return the instant of every row of the grid (R,), None where rows are the time."""
    grid, layout = table.grid, table.layout
    if grid.origin is None:
        return None
    into = np.arange(layout.n_cells) - np.repeat(layout.indptr[:-1] - layout.start, np.diff(layout.indptr))
    return add_steps(grid.origin, str(grid.freq), into)


def name_series_column(table: Gathered, taken: Iterable[str]) -> str | None:
    """Return the name of the column of ids: the files' own, else `series_id`; None where there is but one series."""
    own = table.columns.series_id
    if own in table.scans[0].names:
        return own
    return _make_unique(SERIES_ID, taken) if len(table.rows.series_ids) > 1 else None


def _name_time_column(columns: Columns, taken: Iterable[str]) -> str:
    own = columns.timestamp
    return own[0] if len(own) == 1 else _make_unique(TIMESTAMP, taken)


def _make_unique(name: str, taken: Iterable[str]) -> str:
    while name in taken:
        name += "_"
    return name


# --- Does the reader find the same by itself? ------------------------------------------------------------------


def finds_step(clean: CleanTable, table: Gathered) -> bool:
    """Tell whether the reader will find the same step in the clean table without `--freq`."""
    if clean.time is None:
        return True
    stamps = clean.time[1].astype(np.int64)
    return infer_step(stamps, _number_series(table)) == table.grid.freq


def finds_targets(clean: CleanTable, table: Gathered) -> bool:
    """Tell whether the reader will take the same targets from the clean table without `--target`."""
    columns = {name: clean.columns[name] for name in table.names.all}
    rows = Rows(table.rows.series_ids, _number_series(table), None, columns)
    cells = np.arange(table.layout.n_cells)
    asked = replace(table.options, columns=replace(table.columns, targets=()))
    return choose_channels(rows, asked, cells, cells.size, Journal(Silence())).targets == table.names.targets


def _number_series(table: Gathered) -> Integers:
    return np.repeat(np.arange(len(table.rows.series_ids)), np.diff(table.layout.indptr))
