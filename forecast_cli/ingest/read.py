"""Files into a regular, checked panel: the story of reading, top to bottom."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.ingest.assemble import assemble_rows
from forecast_cli.ingest.build import Layout, build_panel, lay_out
from forecast_cli.ingest.channels import choose_channels
from forecast_cli.ingest.clean import blank_impossible, blank_sentinels, drop_texts
from forecast_cli.ingest.frequency import ROWS, Freq, format_instants, format_span
from forecast_cli.ingest.gaps import Filling
from forecast_cli.ingest.journal import Journal, list_names, say_count
from forecast_cli.ingest.load import load_table
from forecast_cli.ingest.roles import Roles, choose_roles, lend_header, report_left_out
from forecast_cli.ingest.rows import Rows, drop_duplicates, sort_rows
from forecast_cli.ingest.sources import open_sources
from forecast_cli.ingest.table import Scan, connect, open_scan
from forecast_cli.ingest.timeline import Grid, choose_freq, lay_grid
from forecast_cli.types import Panel, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.types import Columns, Listener, ReadingOptions

MAX_GAP = 3  # steps
_SHORT = 2  # days; a span below this is told with its times


def read_panel(sources: Sequence[str], options: ReadingOptions, listener: Listener) -> tuple[Panel, Reading]:
    """Return the panel that the files hold, and what was taken from which evidence.

    `sources` are paths, globs, or `-` for stdin. Every decision and every flaw of the data is one note to `listener`.
    Raises DataError where the data cannot be used, UsageError where the options cannot be followed.
    """
    journal = Journal(listener)
    rows, columns, scans = _read_rows(sources, options, journal)
    label = scans[0].source.label if len(scans) == 1 else f"{len(scans):,} files"
    rows = _order(blank_sentinels(blank_impossible(rows, journal), journal), journal)
    grid = _lay_grid(rows, options, label, journal)
    layout = lay_out(rows, grid.steps, label)
    _count_shared(layout, journal)
    names = choose_channels(rows, columns, layout.cells, layout.n_cells, journal)
    how = Filling(MAX_GAP if options.max_gap is None else options.max_gap, options.fill)
    panel = build_panel(rows, grid, layout, names, how, journal)
    _report_gaps(panel, how, journal)
    _summarise(panel, label, journal)
    exact = replace(columns, targets=names[0], past_covariates=names[1])
    return panel, Reading(
        sources=tuple(scan.source.label for scan in scans),
        columns=exact,
        header=scans[0].names,
        freq=panel.freq,
        max_gap=how.max_gap,
        fill=how.fill,
        decisions=tuple(journal.decisions),
        counts=dict(journal.counts),
    )


def _read_rows(
    sources: Sequence[str], options: ReadingOptions, journal: Journal
) -> tuple[Rows, Columns, tuple[Scan, ...]]:
    """Return all rows with their numbers, the exact names of the columns, and the files."""
    with open_sources(sources) as (opened, workspace), connect(workspace) as connection:
        scans = tuple(lend_header(open_scan(connection, source, options), options.header, journal) for source in opened)
        _report_dialect(scans[0], journal)
        roles = choose_roles(scans, options, journal)
        tables = [load_table(connection, scan, roles) for scan in scans]
        rows, id_column = assemble_rows(connection, tables, roles, options, journal)
        columns = replace(roles.columns, series_id=id_column)
        rows.columns.pop(id_column or "", None)
        report_left_out(roles, id_column, journal)
        return drop_texts(rows, tables, _list_named(roles), journal), columns, scans


def _list_named(roles: Roles) -> set[str]:
    return {*roles.columns.targets, *roles.columns.past_covariates}


def _report_dialect(scan: Scan, journal: Journal) -> None:
    dialect = scan.dialect
    if dialect is None:
        journal.decide("format", "Parquet", "its first bytes", said=False)
        return
    delimiter = {"\t": "tab"}.get(dialect.delimiter, dialect.delimiter)
    usual = (dialect.delimiter, dialect.decimal, dialect.encoding) == (",", ".", "utf-8")
    taken = f"delimiter {delimiter}  decimal {dialect.decimal}  encoding {dialect.encoding}"
    journal.decide("format", taken, "fits the sampled lines", "--delimiter", said=not usual)
    if not dialect.has_header:
        journal.decide("header", "none", "the first line holds numbers", said=scan.names == dialect.names)
    if dialect.repeated:
        shown = dialect.repeated[0]
        journal.note(f"several columns are called {list_names(dialect.repeated)}: read as {shown}, {shown}_2, ...")


def _order(rows: Rows, journal: Journal) -> Rows:
    """Return the rows by series and time, exact repetitions dropped; conflicts stay, to be averaged."""
    rows, backwards = sort_rows(rows)
    rows, duplicates, conflicts = drop_duplicates(rows)
    journal.counts.update({"out_of_order": backwards, "duplicates": duplicates, "conflicts": conflicts})
    if backwards:
        journal.note(f"sorted: time ran backwards {say_count(backwards, 'time')}")
    if duplicates:
        journal.note(
            f"dropped {say_count(duplicates, 'row')} that {'repeats' if duplicates == 1 else 'repeat'} another exactly"
        )
    if conflicts:
        journal.warn(f"{say_count(conflicts, 'row', 'repeat')} an instant with other values: averaged")
    return rows


def _lay_grid(rows: Rows, options: ReadingOptions, label: str, journal: Journal) -> Grid:
    if rows.stamps is None:
        journal.decide("time", "row numbers", "no column holds the time", "--timestamp")
        heads = np.flatnonzero(np.diff(rows.series, prepend=-1) != 0)
        numbers = np.arange(rows.n_rows) - heads[np.cumsum(np.diff(rows.series, prepend=-1) != 0) - 1]
        return Grid(None, Freq(1, ROWS.removeprefix("1")), numbers, 0)
    freq, gathers = choose_freq(options.freq, rows.stamps, rows.series, label, options.fill)
    grid = lay_grid(rows.stamps, freq, gathers)
    evidence = "as asked" if options.freq else "the most frequent distance of rows"
    journal.decide("step", str(freq), evidence, "--freq", said=False)
    journal.counts["off_grid"] += grid.off_grid
    if grid.off_grid:
        journal.note(
            f"{say_count(grid.off_grid, 'row', 'lie')} off the grid of {freq}: moved to the nearest step", "--freq"
        )
    return grid


def _count_shared(layout: Layout, journal: Journal) -> None:
    shared = int(np.count_nonzero(np.diff(layout.cells) == 0)) - journal.counts["conflicts"]
    journal.counts["averaged"] += max(shared, 0)
    if shared > 0:
        journal.note(f"{say_count(shared, 'row', 'fall')} into a step that has one already: averaged", "--freq")


def _report_gaps(panel: Panel, how: Filling, journal: Journal) -> None:
    counts = journal.counts
    share = counts["unobserved"] / max(panel.observed.size, 1)
    if not counts["gaps"]:
        return
    short = f"up to {format_span(how.max_gap, panel.freq)} interpolated, longer ones hold"
    taken = short if how.fill == "linear" else "all hold"
    journal.decide(
        "gaps",
        f"{taken} the last value",
        f"{say_count(counts['gaps'], 'gap')}, {share:.1%} of all values, none counts as observed",
        "--max-gap",
    )


def _summarise(panel: Panel, label: str, journal: Journal) -> None:
    """Say in one line what was read."""
    ends = panel.start + np.diff(panel.indptr) - 1
    first, last = format_instants(panel.origin, panel.freq, panel.tz, [int(panel.start.min()), int(ends.max())])
    step = format_span(1, panel.freq)
    every = "" if panel.origin is None else f" every {step}"
    span = f"rows {first} to {last}" if panel.origin is None else _write_span(first, last)
    series = "" if panel.n_series == 1 else f" in {panel.n_series:,} series"
    rows, targets = say_count(journal.counts["rows_read"], "row"), say_count(panel.n_targets, "target")
    journal.note(f"read {rows}{series}, {targets} of {Path(label).name}{every}, {span}", "--freq")


def _write_span(first: str, last: str) -> str:
    """Return from when to when, given as printed: dates, with the times where dates alone would say little."""
    days = np.datetime64(last[:10]) - np.datetime64(first[:10])
    if days >= np.timedelta64(_SHORT, "D"):
        return f"{first[:10]} to {last[:10]}"
    end = 16 if first[16:19] == last[16:19] == ":00" else 19
    return f"{first[:end]} to {last[:end]}".replace("T", " ")
