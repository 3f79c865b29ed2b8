"""Historian exports, a row per tag and value, become a table with a column per tag."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError, UsageError
from forecast_cli.ingest.grid.widen import make_long, widen
from forecast_cli.ingest.journal import list_names, say_count
from forecast_cli.ingest.roles.columns import expand_pattern, fits, resolve_columns, spell_out
from forecast_cli.ingest.roles.tags import names_value
from forecast_cli.ingest.scan.codes import read_codes
from forecast_cli.ingest.text.cells import is_missing
from forecast_cli.ingest.time.clock import find_time_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from forecast_cli.ingest.grid.assemble import Assembled
    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.scan.load import Loaded
    from forecast_cli.ingest.scan.table import Scan
    from forecast_cli.types import Columns, Floats, Integers, ReadingOptions

MOST_TAGS = 5_000


@dataclass(frozen=True)
class Pivot:
    """Which column of the files holds the tags, and which one their values."""

    tag: str
    value: str
    asked: Columns  # as patterns for the columns that will be made

    def aim(self, options: ReadingOptions) -> ReadingOptions:
        """Return the options with which the rows are read: tags apart, one column of numbers."""
        columns = replace(
            options.columns, targets=(self.value,), past_covariates=(), future_covariates=(), ignored=(self.tag,)
        )
        return replace(options, columns=columns, pivot=self.tag, pivot_value=self.value)


def find_pivot(scans: Sequence[Scan], options: ReadingOptions, journal: Journal) -> Pivot | None:
    """Return which columns hold tags and values; None where no --pivot is asked for.

    The values stand in the sole column of numbers, in the one that --target names, or in the one called so. Raises
    DataError where they cannot be told, UsageError where --pivot or --target names several columns.
    """
    if options.pivot is None:
        return None
    scan, asked = scans[0], options.columns
    tags = expand_pattern(options.pivot, scan.names, scan.source.label)
    if len(tags) != 1:
        raise UsageError(f"--pivot {options.pivot} names {len(tags)} columns", "name the one that holds the tags")
    others = (*asked.timestamp, *asked.static_covariates, *filter(None, [asked.series_id]))
    if fits(tags[0], others):
        raise UsageError(f"--pivot names {tags[0]!r}, which another flag names, too", "a column has one role")
    value = options.pivot_value or _find_value(scan, tags[0], options)
    journal.decide("pivot", f"a column per value of {tags[0]}", f"the values stand in {value}", "--pivot")
    if options.pivot_value is None:  # else the targets are tags, one of which may be called as the column is
        asked = replace(asked, targets=tuple(name for name in asked.targets if name != value))
    return Pivot(tags[0], value, asked)


def _find_value(scan: Scan, tag: str, options: ReadingOptions) -> str:
    named = sorted(spell_out(options.columns.targets, scan.names) - {tag})
    if len(named) > 1:
        raise UsageError(f"--pivot {tag}: --target names {len(named)} columns", "name the one that holds the values")
    numbers = named or _list_numbers(scan, tag, options)
    called = [name for name in numbers if names_value(name)]
    found = numbers if len(numbers) == 1 else called
    if len(found) == 1:
        return found[0]
    label = scan.source.label
    if not numbers:
        raise DataError(f"--pivot {tag}: {label} has no column of numbers beside it", "a row needs a tag and a value")
    raise DataError(
        f"--pivot {tag}: {label} has several columns of numbers: {list_names(numbers)}",
        f"name the one that holds the values with --target {numbers[0]!r}",
    )


def _list_numbers(scan: Scan, tag: str, options: ReadingOptions) -> list[str]:
    """Return the columns of numbers that have no other role, and a value."""
    columns, names = options.columns, scan.names
    roles = (*columns.timestamp, *columns.static_covariates, *filter(None, [columns.series_id]), *columns.ignored)
    taken = [k for k, name in enumerate(names) if name == tag or fits(name, roles)]
    if not columns.timestamp:
        taken += find_time_columns(scan, taken, options)
    filled = [k for k, cells in enumerate(scan.samples) if not all(map(is_missing, cells))]
    return [names[k] for k in filled if k not in taken and scan.is_number(k)]


def attach_tags(connection: DuckDBPyConnection, tables: Sequence[Loaded], pivot: Pivot) -> tuple[str, ...]:
    """Put the tag of every row beside its number, as a code, and return the sorted tags of all files.

    Raises DataError where a column holds so many texts that they are no tags.
    """
    found = [
        read_codes(connection, table, table.scan.names.index(pivot.tag), MOST_TAGS) if table.n_rows else None
        for table in tables
    ]
    texts = tuple(sorted({text for part in found if part is not None for text in part[1]}))
    if any(part is None for part in found) or len(texts) > MOST_TAGS:
        raise DataError(
            f"{pivot.tag!r} holds more than {MOST_TAGS:,} distinct texts: too many to be tags",
            "name the column that holds the tags with --pivot",
        )
    place = {text: float(k) for k, text in enumerate(texts)}
    for table, part in zip(tables, found, strict=True):
        codes, own = part or (np.empty(0, dtype=np.int64), ())
        table.columns[pivot.tag] = np.array([*(place[text] for text in own), np.nan])[codes]  # -1, the last: no tag
    return texts


def pivot_rows(found: Assembled, pivot: Pivot, texts: tuple[str, ...], label: str, journal: Journal) -> Assembled:
    """Return the rows with a column per tag that is wanted, and the roles of those columns with exact names.

    Where tags are written at instants of their own, the rows are put on the grid of a tag's usual step first. Raises
    DataError where there is no time, or where a tag is asked for that there is not.
    """
    rows, options = found.rows, found.options
    if rows.stamps is None:
        raise DataError(f"--pivot {pivot.tag}: {label} has no column with the time", "name it with --timestamp")
    tags = texts if options.header is None else tuple(sorted({*texts, *_list_named(pivot.asked)}))
    columns = _name_columns(pivot, tags, options, label)
    wanted = _choose_tags(tags, columns, options, journal)
    codes = _number_tags(rows.columns[pivot.tag], pivot, journal)
    long, repeats = make_long(rows, codes, rows.columns[pivot.value], texts)
    if not long.tags.size:
        raise DataError(
            f"--pivot {pivot.tag}: no row of {label} has both a {pivot.tag} and a number in {pivot.value}",
            "name the column that holds the values with --target",
        )
    journal.counts["duplicates"] += repeats
    if repeats:
        journal.note(f"dropped {say_count(repeats, 'row', 'repeat')} another exactly")
    wide, freq = widen(long, wanted, options.freq)
    if freq is not None and options.freq is None:
        journal.decide("step", freq, "the most frequent distance of a tag's rows", "--freq")
    return replace(found, rows=wide, options=replace(options, columns=columns, freq=freq or options.freq))


def _name_columns(pivot: Pivot, tags: tuple[str, ...], options: ReadingOptions, label: str) -> Columns:
    """Return the roles with the exact names of tags."""
    asked = pivot.asked
    ignored = () if options.header is not None else tuple(p for p in asked.ignored if any(fits(t, (p,)) for t in tags))
    patterns = replace(
        asked, timestamp=(), series_id=None, static_covariates=(), ignored=ignored
    )  # the other roles are those of the file, and known
    exact = resolve_columns(patterns, tags, f"{pivot.tag} of {label}")
    return replace(
        options.columns,
        targets=exact.targets,
        past_covariates=exact.past_covariates,
        future_covariates=exact.future_covariates,
        ignored=exact.ignored,
    )


def _list_named(columns: Columns) -> tuple[str, ...]:
    """Return the tags of a model, which new data may lack: a tag may have been silent."""
    return (*columns.targets, *columns.past_covariates, *columns.future_covariates)


def _choose_tags(tags: tuple[str, ...], columns: Columns, options: ReadingOptions, journal: Journal) -> tuple[str, ...]:
    """Return the tags that become columns; the others are said, as columns that are not read are."""
    wanted = {*_list_named(columns)} if columns.targets else {*tags} - {*columns.ignored}
    left = [name for name in tags if name not in wanted and name not in columns.ignored]
    if left and options.header is None:
        journal.leave_out(left, "not named")
        journal.note(f"left out {list_names(left)}: not named", "--past-covariate")
    return tuple(name for name in tags if name in wanted)


def _number_tags(codes: Floats, pivot: Pivot, journal: Journal) -> Integers:
    """Return the tag of every row as an index, -1 for none; those without one are said."""
    known = ~np.isnan(codes)
    nameless = int(codes.size - np.count_nonzero(known))
    if nameless:
        journal.warn(f"left out {say_count(nameless, 'row')} without a {pivot.tag}")
    return np.where(known, codes, -1).astype(np.int64)
