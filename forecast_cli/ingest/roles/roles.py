"""What each column of the files is for: the time, the id, a number to read, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forecast_cli.errors import DataError, UsageError
from forecast_cli.frequency import parse_freq
from forecast_cli.ingest.journal import Journal, list_names
from forecast_cli.ingest.roles.columns import resolve_columns, spell_out
from forecast_cli.ingest.text.cells import is_missing
from forecast_cli.ingest.time.clock import find_time_columns, tell_unread

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from forecast_cli.ingest.scan.table import Scan
    from forecast_cli.types import Columns, ReadingOptions


@dataclass(frozen=True)
class Roles:
    """The columns with exact names, and the numbers to read."""

    columns: Columns
    numbers: tuple[str, ...]  # in the order of the file
    left_out: tuple[str, ...] = ()  # neither: texts, or all but what was named


def lend_header(scan: Scan, header: tuple[str, ...] | None, journal: Journal) -> Scan:
    """Return the scan under the training names where a table has lost its header; else as it is."""
    lost = scan.dialect is not None and not scan.dialect.has_header and scan.names != header
    if header is None or not lost or len(header) != len(scan.names):
        return scan
    journal.note(f"{scan.source.label} has no header: its {len(header)} columns take the names of the training data")
    return replace(scan, names=header)


def choose_roles(scans: Sequence[Scan], options: ReadingOptions, journal: Journal) -> Roles:
    """Return what each column is for, as named or by rule.

    Raises DataError for a named column that a file does not have, or that holds text where numbers are needed.
    """
    first = scans[0]
    shared = _share_names(scans, journal)
    asked = resolve_columns(options.columns, shared, first.source.label, _list_spare(options))
    columns = replace(asked, timestamp=asked.timestamp or _find_times(first, asked, options))
    if not columns.timestamp:
        tell_unread(first, list_named(columns), options, journal)
    taken = {*columns.timestamp, *columns.ignored, *columns.static_covariates, columns.series_id}
    _check_numbers(scans, options.columns, shared, taken)
    numeric = [name for name in shared if name not in taken and _is_number_everywhere(scans, name)]
    columns = _keep_numbers(columns, numeric)
    if not columns.targets:
        _check_left(scans, columns.ignored, numeric)
        texts = [name for name in shared if name not in taken and name not in numeric]
        return Roles(columns, tuple(numeric), tuple(texts))
    wanted = {*columns.targets, *columns.past_covariates, *columns.future_covariates}
    left = [name for name in shared if name not in taken and name not in wanted and not _is_empty(scans, name)]
    return Roles(columns, tuple(name for name in shared if name in wanted), tuple(left))


def list_named(columns: Columns) -> set[str]:
    """Return all names that a role was given."""
    covariates = {*columns.past_covariates, *columns.future_covariates, *columns.static_covariates}
    return {*columns.timestamp, *columns.targets, *columns.ignored, *covariates, *filter(None, [columns.series_id])}


def report_left_out(roles: Roles, id_column: str | None, journal: Journal) -> None:
    """Say which columns are not read; the one that turned out to hold the ids is."""
    names = [name for name in roles.left_out if name != id_column]
    reason, flag = ("not named", "--past-covariate") if roles.columns.targets else ("text", "--series-id")
    if names:
        journal.leave_out(names, reason)
        journal.note(f"left out {list_names(names)}: {reason}", flag)


def _check_left(scans: Sequence[Scan], ignored: tuple[str, ...], numeric: list[str]) -> None:
    """Raise UsageError where no column of numbers is left because --ignore took them all."""
    if not numeric and any(_is_number_everywhere(scans, name) for name in ignored):
        label = scans[0].source.label
        raise UsageError(f"--ignore takes every column of numbers of {label}", "leave the ones to forecast")


def _list_spare(options: ReadingOptions) -> tuple[str, ...]:
    """Return the columns that DATA of a trained model may lack: it ignores them, or knows what they say of a series."""
    columns = options.columns
    ids = columns.series_id if options.only_series is not None else None
    known = (*columns.static_covariates, *columns.ignored) if options.header is not None else ()
    return (*filter(None, [ids]), *known)


def _check_numbers(scans: Sequence[Scan], asked: Columns, shared: Sequence[str], taken: Collection[str | None]) -> None:
    """Raise DataError where a column that was spelled out as a number holds text; wildcards pass over those."""
    spelled = spell_out((*asked.targets, *asked.past_covariates, *asked.future_covariates), shared)
    for name in shared:
        if name in spelled and name not in taken:
            _check_number(scans, name)


def _keep_numbers(columns: Columns, numeric: list[str]) -> Columns:
    """Return the roles without texts; raises DataError where a wildcard for targets took texts only."""

    def keep(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if name in numeric)

    targets = keep(columns.targets)
    if columns.targets and not targets:
        raise DataError(f"{list_names(columns.targets)} holds no numbers", "name a numeric column with --target")
    past, future = keep(columns.past_covariates), keep(columns.future_covariates)
    return replace(columns, targets=targets, past_covariates=past, future_covariates=future)


def _share_names(scans: Sequence[Scan], journal: Journal) -> tuple[str, ...]:
    """Return the columns that all files have, in the order of the first."""
    shared = tuple(name for name in scans[0].names if all(name in scan.names for scan in scans))
    for scan in scans:
        odd = [name for name in scan.names if name not in shared]
        if not shared:
            raise DataError(
                f"{scan.source.label} has no column in common with {scans[0].source.label}",
                "read files of one kind at a time",
            )
        if odd:
            journal.warn(f"left out {list_names(odd)} of {scan.source.label}: not in every file")
    return shared


def _find_times(scan: Scan, asked: Columns, options: ReadingOptions) -> tuple[str, ...]:
    """Return the columns that hold the time; a wildcard for numbers, as in `--past-covariate '*'`, takes none away."""
    if options.freq is not None and parse_freq(options.freq).unit == "row":
        return ()
    numbers = {*asked.targets, *asked.past_covariates, *asked.future_covariates}
    patterns = (*options.columns.targets, *options.columns.past_covariates, *options.columns.future_covariates)
    named = (list_named(asked) - numbers) | spell_out(patterns, scan.names)
    taken = [k for k, name in enumerate(scan.names) if name in named]
    return tuple(scan.names[k] for k in find_time_columns(scan, taken, options))


def _is_number_everywhere(scans: Sequence[Scan], name: str) -> bool:
    return all(scan.is_number(scan.names.index(name)) for scan in scans)


def _is_empty(scans: Sequence[Scan], name: str) -> bool:
    """Return whether a column without a value anywhere in the samples, such as a trailing delimiter makes."""
    cells = [cell for scan in scans for cell in scan.samples[scan.names.index(name)]]
    return all(map(is_missing, cells))


def _check_number(scans: Sequence[Scan], name: str) -> None:
    for scan in scans:
        k = scan.names.index(name)
        if not scan.is_number(k):
            shown = next((cell for cell in scan.samples[k] if not is_missing(cell)), "")
            raise DataError(
                f"column {name!r} of {scan.source.label} holds {shown!r}, which is no number", "name a numeric column"
            )
