"""Whose rows a file holds: one series that goes on from file to file, a series each, or what the file's name says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_cli.errors import DataError, UsageError
from forecast_cli.ingest.grid.rows import Rows, drop_duplicates, join_rows, sort_rows, spans_overlap
from forecast_cli.ingest.journal import list_names
from forecast_cli.ingest.roles.columns import FROM_FILE
from forecast_cli.ingest.scan.sources import spell_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.scan.sources import Source
    from forecast_cli.types import ReadingOptions

_CONFLICTS = 0.2  # share of the rows that repeat an instant with other values: several series, not one


def parse_file_pattern(asked: str | None) -> re.Pattern[str] | None:
    r"""Return the pattern of `--series-id 'file:meter_(\d+)'`; None where a column is named. Raises UsageError."""
    if asked is None or not asked.startswith(FROM_FILE):
        return None
    try:
        pattern = re.compile(asked.removeprefix(FROM_FILE))
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(
            f"--series-id {asked}: no regular expression: {error}", r"write one such as 'file:meter_(\d+)'"
        ) from error
    if not pattern.pattern:
        raise UsageError(f"--series-id {asked}: there is no pattern", r"write one such as 'file:meter_(\d+)'")
    return pattern


def name_files(sources: Sequence[Source], pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Return what the pattern finds in the name of each file, folders aside: its first group, else all it matches.

    Raises DataError for a file in whose name it finds nothing.
    """
    return tuple(_name_file(source, pattern) for source in sources)


def _name_file(source: Source, pattern: re.Pattern[str]) -> str:
    name = Path(source.label).name
    match = pattern.search(name)
    found = (match[1] if pattern.groups else match[0]) if match else None
    if not found:
        raise DataError(
            f"the name of {source.label} does not hold {pattern.pattern!r}",
            f"leave the file out, or change --series-id '{FROM_FILE}{pattern.pattern}'",
        )
    return spell_name(found)


def settle_series(
    parts: Sequence[Rows], names: tuple[str, ...], has_column: bool, options: ReadingOptions, journal: Journal
) -> tuple[list[Rows], bool | None]:
    """Return the files with the ids of their series, and whether they are one series; None: one file does not tell.

    `names`: of the files, as `file_ids` finds them or else their stems. `has_column`: the parts hold the ids of a
    column, which are kept; behind the name of the file, `north/7`, where each file holds series of its own.
    """
    by_name = options.file_ids is not None or options.one_series is False
    if has_column:
        return _rename(parts, names, keeps=True) if by_name else list(parts), options.one_series
    if options.only_series is not None:
        return _rename(parts, (options.only_series,) * len(parts)), options.one_series
    if by_name:
        if len(parts) > 1:
            shown = list_names(tuple(sorted(set(names))))
            journal.decide("series", shown, f"the names of {len(parts):,} files", "--series-id", said=False)
        return _rename(parts, names), options.one_series
    if not options.one_series and len(parts) > 1 and spans_overlap(list(parts)):
        evidence = f"{len(parts):,} files {_tell_overlap(parts)}, a series each"
        journal.decide("series", list_names(tuple(sorted(names))), evidence, "--one-series")
        return _rename(parts, names), False
    if len(parts) > 1:
        evidence = "as asked" if options.one_series else f"{len(parts):,} files whose spans do not overlap"
        journal.decide("series", "one", f"{evidence}: they go on from each other", "--series-per-file")
    first = min(range(len(parts)), key=lambda k: _find_begin(parts[k]))
    return _rename(parts, (names[first],) * len(parts)), True if len(parts) > 1 else options.one_series


def join_files(parts: Sequence[Rows], label: str, only_series: str | None) -> Rows:
    """Return the rows of all files, the earlier ones first; used up on the way.

    Raises DataError where the files for a model of one series repeat instants with other values.
    """
    rows = join_rows(sorted(parts, key=_find_begin))
    if only_series is not None and len(parts) > 1 and rows.stamps is not None:
        distinct, _, conflicts = drop_duplicates(sort_rows(rows)[0])
        if conflicts > _CONFLICTS * distinct.n_rows:
            raise DataError(
                f"{label} and the other files hold several series: {conflicts:,} rows repeat an instant with other "
                "values; the model knows one",
                "give the files of one series",
            )
    return rows


def _tell_overlap(parts: Sequence[Rows]) -> str:
    return "without a time" if parts[0].stamps is None else "whose spans overlap"


def _find_begin(part: Rows) -> int:
    """Return a file's first instant; 0 without a time, so that files stay in the order that they were given in."""
    return int(part.stamps.min()) if part.stamps is not None else 0


def _rename(parts: Sequence[Rows], names: tuple[str, ...], *, keeps: bool = False) -> list[Rows]:
    """Return the files with the series of these names; `keeps`: the ids of a column follow, behind a slash."""
    return [
        replace(part, series_ids=tuple(f"{name}/{own}" for own in part.series_ids) if keeps else (name,))
        for part, name in zip(parts, names, strict=True)
    ]
