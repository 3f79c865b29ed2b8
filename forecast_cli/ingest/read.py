"""Files into a regular, checked panel: the story of reading, top to bottom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.frequency import format_instants, format_span
from forecast_cli.ingest.grid.aggregate import describe_aggregate
from forecast_cli.ingest.grid.assemble import Assembled, assemble_rows
from forecast_cli.ingest.grid.build import Layout, build_panel, lay_out
from forecast_cli.ingest.grid.clean import blank_codes, blank_impossible, drop_texts
from forecast_cli.ingest.grid.gaps import Filling, choose_filling
from forecast_cli.ingest.grid.pivot import attach_tags, find_pivot, pivot_rows
from forecast_cli.ingest.grid.rows import Rows, drop_duplicates, drop_empty_series, sort_rows
from forecast_cli.ingest.journal import Journal, list_names, say_count
from forecast_cli.ingest.roles.channels import Names, choose_channels
from forecast_cli.ingest.roles.roles import Roles, choose_roles, report_left_out
from forecast_cli.ingest.roles.statics import list_texts
from forecast_cli.ingest.roles.treatment import check_bounds, name_kinds, settle_treatment
from forecast_cli.ingest.scan.load import load_table
from forecast_cli.ingest.scan.query import connect
from forecast_cli.ingest.scan.sources import open_sources
from forecast_cli.ingest.scan.table import Scan
from forecast_cli.ingest.text.alike import open_alike
from forecast_cli.ingest.text.announce import announce_dialects
from forecast_cli.ingest.time.own_step import announce_unfinished
from forecast_cli.ingest.time.place import place_rows, tell_order
from forecast_cli.ingest.views.facts import describe_columns
from forecast_cli.types import Panel, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.roles.statics import Statics
    from forecast_cli.ingest.time.timeline import Grid
    from forecast_cli.types import Columns, Listener, ReadingOptions

_SHORT = 2  # days; a span below this is told with its times


def read_panel(sources: Sequence[str], options: ReadingOptions, listener: Listener) -> tuple[Panel, Reading]:
    """Return the panel that the files hold, and what was taken from which evidence.

    `sources` are paths, globs, or `-` for stdin. Every decision and every flaw of the data is one note to `listener`.
    Raises DataError where the data cannot be used, UsageError where the options cannot be followed.
    """
    journal = Journal(listener)
    return make_panel(gather(sources, options, journal), journal)


@dataclass(frozen=True, eq=False)
class Gathered:
    """What the files hold, in order and placed on the grid, each column still in the user's own unit."""

    rows: Rows
    options: ReadingOptions  # with the exact names of columns
    statics: Statics
    names: Names
    scans: tuple[Scan, ...]
    label: str  # of the file, or of all of them
    grid: Grid
    layout: Layout

    @property
    def columns(self) -> Columns:
        """The exact names of the columns by their roles."""
        return self.options.columns


def gather(sources: Sequence[str], options: ReadingOptions, journal: Journal) -> Gathered:
    """Return the rows of all files, sorted, checked and placed on the grid; nothing is filled or aggregated yet."""
    check_bounds(options)
    found, scans = _read_rows(sources, options, journal)
    rows, options = _drop_empty_series(found.rows, journal), found.options
    label = scans[0].source.label if len(scans) == 1 else f"{len(scans):,} files"
    known = tuple(dict.fromkeys((*scans[0].names, *rows.columns)))
    options = name_kinds(options, known, label)
    rows, options = blank_codes(blank_impossible(rows, journal), options, journal)
    rows = _order(rows, options, journal)
    grid = place_rows(rows, options, label, journal)
    layout = lay_out(rows, grid.steps, label)
    _count_shared(grid, layout, options, journal)
    names = choose_channels(rows, options, layout.cells, layout.n_cells, journal)
    announce_unfinished(rows, grid, layout, names.targets, options, journal)
    options = settle_treatment(options, names, known, label, journal)
    columns = replace(
        options.columns, targets=names.targets, past_covariates=names.past, future_covariates=names.future
    )
    return Gathered(rows, replace(options, columns=columns), found.statics, names, scans, label, grid, layout)


def make_panel(table: Gathered, journal: Journal) -> tuple[Panel, Reading]:
    """Return the panel of what was gathered, whose columns are used up on the way, and what was taken."""
    options = table.options
    how = choose_filling(options, str(table.grid.freq))
    facts = describe_columns(table, journal.left_out)
    panel = build_panel(table, how, journal)
    panel = replace(panel, statics=list_texts(table.statics, panel.series_ids))
    _report_gaps(panel, how, journal)
    _summarise(panel, table, journal)
    return panel, Reading(
        sources=tuple(scan.source.label for scan in table.scans),
        header=table.scans[0].names,
        options=replace(options, freq=panel.freq, max_gap=how.max_gap, rows_freq=_write_freq(table.grid)),
        decisions=tuple(journal.decisions),
        counts=dict(journal.counts),
        columns=facts,
        rejects=tuple(journal.rejects),
    )


def _write_freq(grid: Grid) -> str | None:
    return None if grid.own is None else str(grid.own)


def _read_rows(sources: Sequence[str], options: ReadingOptions, journal: Journal) -> tuple[Assembled, tuple[Scan, ...]]:
    """Return all rows with their numbers, what they are, and the files."""
    with open_sources(sources) as (opened, workspace), connect(workspace) as connection:
        scans, options = open_alike(connection, opened, options, journal)
        announce_dialects(scans, options, journal)
        options = _keep_signs(scans[0], options)
        pivot = find_pivot(scans, options, journal)
        options = pivot.aim(options) if pivot else options
        roles = choose_roles(scans, options, journal)
        tables = [load_table(connection, scan, roles, options, journal) for scan in scans]
        tags = attach_tags(connection, tables, pivot) if pivot else ()
        found = assemble_rows(connection, tables, roles, options, journal)
        report_left_out(roles, found.options.columns.series_id, journal)
        found = replace(found, rows=drop_texts(found.rows, tables, _list_named(roles), journal))
        return pivot_rows(found, pivot, tags, scans[0].source.label, journal) if pivot else found, scans


def _keep_signs(scan: Scan, options: ReadingOptions) -> ReadingOptions:
    """Return the options with the signs that were found in training, so that a few new rows are read alike."""
    dialect = scan.dialect
    if options.signs is not None or dialect is None:
        return options
    return replace(options, signs=(dialect.delimiter, dialect.decimal, dialect.thousands))


def _list_named(roles: Roles) -> set[str]:
    return {*roles.columns.targets, *roles.columns.past_covariates, *roles.columns.future_covariates}


def _drop_empty_series(rows: Rows, journal: Journal) -> Rows:
    """Return the rows without the ids of series that have none, as where no time of theirs can be read."""
    rows, lost = drop_empty_series(rows)
    if lost:
        journal.warn(f"left out series {list_names(lost)}: no row of it can be read", "--series-id")
    return rows


def _order(rows: Rows, options: ReadingOptions, journal: Journal) -> Rows:
    """Return the rows by series and time, exact repetitions dropped; conflicts stay, to be aggregated."""
    if rows.snapped:
        return rows
    rows, backwards = sort_rows(rows)
    burst = tell_order(rows, backwards, options, journal)
    rows, duplicates, conflicts = drop_duplicates(rows)
    journal.counts.update({"out_of_order": backwards, "duplicates": duplicates, "conflicts": conflicts})
    if duplicates:
        journal.note(
            f"dropped {say_count(duplicates, 'row')} that {'repeats' if duplicates == 1 else 'repeat'} another exactly"
        )
    if conflicts and burst == 1:
        taken = describe_aggregate(options.aggregate)
        journal.warn(f"{say_count(conflicts, 'row', 'repeat')} an instant with other values: {taken}", "--aggregate")
    return rows


def _count_shared(grid: Grid, layout: Layout, options: ReadingOptions, journal: Journal) -> None:
    shared = int(np.count_nonzero(np.diff(layout.cells) == 0)) - journal.counts["conflicts"]
    journal.counts["averaged"] += max(shared, 0)
    if shared > 0 and not grid.gathers:
        taken = describe_aggregate(options.aggregate)
        journal.note(f"{say_count(shared, 'row', 'fall')} into a step that has one already: {taken}", "--aggregate")


def _report_gaps(panel: Panel, how: Filling, journal: Journal) -> None:
    counts, size = journal.counts, max(panel.observed.size, 1)
    if not counts["gaps"]:
        return
    longest, gaps = format_span(how.max_gap, panel.freq), say_count(counts["gaps"], "gap")
    unknown = f"{counts['unobserved'] / size:.1%} of all values"
    if how.fill == "hold":
        taken = f"a value stands for up to {longest}, as where a logger writes on change"
        evidence = f"{gaps}, {counts['held'] / size:.1%} of all values so known, {unknown} not"
    else:
        taken = f"up to {longest} interpolated, longer ones hold the last value"
        evidence = f"{gaps}, {unknown}, none counts as observed"
    journal.decide("gaps", taken, evidence, "--max-gap")


def _summarise(panel: Panel, table: Gathered, journal: Journal) -> None:
    """Say in one line what was read."""
    ends = panel.start + np.diff(panel.indptr) - 1
    first, last = format_instants(panel.origin, panel.freq, panel.tz, [int(panel.start.min()), int(ends.max())])
    step = format_span(1, panel.freq)
    every = "" if panel.origin is None else f" every {step}"
    span = f"rows {first} to {last}" if panel.origin is None else _write_span(first, last)
    series = "" if panel.n_series == 1 else f" in {panel.n_series:,} series"
    rows, targets = say_count(journal.counts["rows_read"], "row"), say_count(len(table.names.targets), "target")
    journal.note(f"read {rows}{series}, {targets} of {Path(table.label).name}{every}, {span}", "--freq")


def _write_span(first: str, last: str) -> str:
    """Return from when to when, given as printed: dates, with the times where dates alone would say little."""
    days = np.datetime64(last[:10]) - np.datetime64(first[:10])
    if days >= np.timedelta64(_SHORT, "D"):
        return f"{first[:10]} to {last[:10]}"
    end = 16 if first[16:19] == last[16:19] == ":00" else 19
    return f"{first[:end]} to {last[:end]}".replace("T", " ")
