"""New data read as the training data were, where they are written alike; else as they are, which is said.

At predict time there are no flags: what was given in training yields to a file that plainly contradicts it, such as the
clean copy of a dirty one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forecast_cli.errors import UsageError
from forecast_cli.ingest.journal import list_names
from forecast_cli.ingest.roles.roles import lend_header
from forecast_cli.ingest.scan.table import open_scan
from forecast_cli.ingest.text.cells import is_missing
from forecast_cli.ingest.time.clock import find_time_columns
from forecast_cli.ingest.time.strptime import fits_format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.scan.sources import Source
    from forecast_cli.ingest.scan.table import Scan
    from forecast_cli.ingest.text.dialect import Dialect
    from forecast_cli.types import ReadingOptions

_JUDGED = 300  # cells of a time column


def open_alike(
    connection: DuckDBPyConnection, opened: Sequence[Source], options: ReadingOptions, journal: Journal
) -> tuple[tuple[Scan, ...], ReadingOptions]:
    """Return the files ready to be read, and the options that fit them; at training time those that were given."""
    scans: list[tuple[Scan, bool]] = []
    for source in opened:
        scans.append(_open(connection, source, options, scans[0][0].dialect if scans else None))
    anew = [scan.source.label for scan, kept in scans if not kept]
    if anew:
        journal.note(f"{list_names(anew)}: not written as the flags of train say, so its format is found anew")
        options = _free_format(options)
    lent = tuple(lend_header(scan, options.header, journal) for scan, _ in scans)
    if options.header is not None:
        options = _follow_tags(lent[0], _follow_time(lent[0], options, journal), journal)
    return lent, options


def _free_format(options: ReadingOptions) -> ReadingOptions:
    return replace(options, delimiter=None, decimal=None, encoding=None)


def _open(
    connection: DuckDBPyConnection, source: Source, options: ReadingOptions, before: Dialect | None
) -> tuple[Scan, bool]:
    """Return a file as the options say, and True; or as it is written, and False."""
    free = _free_format(options)
    if options.header is None or free == options:
        return open_scan(connection, source, options, before), True
    try:
        scan = open_scan(connection, source, options)
    except UsageError:
        return open_scan(connection, source, free), False
    if _holds_columns(scan, options):
        return scan, True
    found = open_scan(connection, source, free)
    return (found, False) if _holds_columns(found, options) else (scan, True)


def _list_needed(options: ReadingOptions) -> set[str]:
    columns = options.columns
    return {*columns.targets, *columns.past_covariates, *columns.future_covariates}


def _holds_columns(scan: Scan, options: ReadingOptions) -> bool:
    """Return whether a file has the columns of the model, or as many columns as the training data and no header."""
    header = options.header or ()
    if scan.dialect is not None and not scan.dialect.has_header:
        return len(scan.names) == len(header)
    return (_list_needed(options) & set(header)) <= set(scan.names)


def _follow_time(scan: Scan, options: ReadingOptions, journal: Journal) -> ReadingOptions:
    """Return the options with the time to be found anew, where its columns are not there or are written otherwise."""
    stamps, free = options.columns.timestamp, replace(options, time_format=None)
    if stamps and not set(stamps) & set(scan.names):
        anew = replace(free, columns=replace(options.columns, timestamp=()))
        if not find_time_columns(scan, [k for k, name in enumerate(scan.names) if name in _list_needed(options)], anew):
            return options
        journal.warn(f"{scan.source.label} has no column {list_names(stamps)}: the time is found anew")
        return anew
    if options.time_format is None or not set(stamps) <= set(scan.names) or _fits_anywhere(scan, options):
        return options
    journal.note(f"the time of {scan.source.label} is not written as {options.time_format!r}: its format is found anew")
    return free


def _fits_anywhere(scan: Scan, options: ReadingOptions) -> bool:
    """Return whether any sampled cell of the time has the format of training; True where there is none."""
    columns = [scan.samples[scan.names.index(name)][:_JUDGED] for name in options.columns.timestamp]
    cells = [" ".join(parts) for parts in zip(*columns, strict=False) if not any(map(is_missing, parts))]
    return not cells or any(fits_format(options.time_format or "", [cell]) for cell in cells)


def _follow_tags(scan: Scan, options: ReadingOptions, journal: Journal) -> ReadingOptions:
    """Return the options without tags to spread, where each of them is a column already."""
    if options.pivot is None or options.pivot in scan.names or not _list_needed(options) <= set(scan.names):
        return options
    journal.note(f"{scan.source.label} has no column {options.pivot}: its tags are columns already")
    return replace(options, pivot=None, pivot_value=None)
