"""Which columns become channels: the targets, named or by rule, then what is known of the past, then ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest.grid.counters import only_rises
from forecast_cli.ingest.journal import list_names
from forecast_cli.ingest.roles.targets import explain_exclusion, is_sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.grid.rows import Rows
    from forecast_cli.ingest.journal import Journal
    from forecast_cli.types import Integers, ReadingOptions

_HALF = "observed on under half of the steps"


@dataclass(frozen=True)
class Names:
    """The columns that become channels, in this order."""

    targets: tuple[str, ...]
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()  # known ahead

    @property
    def all(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.targets, *self.past, *self.future)


def choose_channels(rows: Rows, options: ReadingOptions, cells: Integers, n_cells: int, journal: Journal) -> Names:
    """Return the targets, as named or else by name, and the covariates by name.

    `cells` (rows,): where on the grid of n_cells steps each row lies. Raises DataError where nothing is to be forecast.
    """
    columns = options.columns
    past = _keep_known(rows, columns.past_covariates, options, journal)
    future = _keep_known(rows, columns.future_covariates, options, journal)
    if columns.targets:
        _check_named(rows, columns.targets, journal)
        _suggest_counters(rows, columns.targets, options, journal)
        return Names(columns.targets, past, future)
    others = {*columns.past_covariates, *columns.future_covariates}
    empty = [name for name, column in rows.columns.items() if name not in others and np.isnan(column).all()]
    journal.leave_out(empty, "no value")
    named = [name for name in empty if not _is_made_up(name)]
    if named:
        journal.note(f"left out {list_names(named)}: without a single value")
    free = [name for name in rows.columns if name not in {*others, *empty}]
    if not free:
        raise DataError("there is no column of numbers to forecast", "name one with --target")
    targets = free if len(free) == 1 else _apply_rules(rows, free, options, (cells, n_cells), journal)
    _suggest_counters(rows, targets, options, journal)
    journal.decide("targets", list_names(targets), "numeric columns that vary", "--target", said=False)
    return Names(tuple(sorted(targets)), past, future)  # a file with its columns permuted is the same panel


def _keep_known(rows: Rows, names: Sequence[str], options: ReadingOptions, journal: Journal) -> tuple[str, ...]:
    """Return the covariates that hold any value; a model that was trained keeps its own, which may be silent now."""
    read = tuple(name for name in names if name in rows.columns)
    empty = [name for name in read if options.header is None and np.isnan(rows.columns[name]).all()]
    if empty:
        journal.leave_out(empty, "no value")
        journal.note(f"left out {list_names(empty)}: without a single value", "--past-covariate")
    return tuple(name for name in read if name not in empty)


def _check_named(rows: Rows, targets: tuple[str, ...], journal: Journal) -> None:
    empty = [name for name in targets if np.isnan(rows.columns[name]).all()]
    if len(empty) == len(targets):
        raise DataError(f"{list_names(targets)} holds no number", "name another column with --target")
    if empty:
        journal.warn(f"{list_names(empty)} holds no value at all")


def _suggest_counters(rows: Rows, targets: Sequence[str], options: ReadingOptions, journal: Journal) -> None:
    """Say which targets look like meters; read as they are, a forecast of them is only the next readings."""
    free = [name for name in targets if name not in options.counters]
    meters = [name for name in free if options.header is None and only_rises(rows.columns[name], rows.series)]
    if meters:
        verb, them = ("rises", "its") if len(meters) == 1 else ("rise", "their")
        listed = ",".join(meters)
        journal.note(
            f"{list_names(meters)} only {verb}, as a meter does: --counter {listed!r} forecasts {them} increase",
            "--counter",
        )


def _is_made_up(name: str) -> bool:
    """Return whether a column had no name of its own, as behind a trailing delimiter."""
    return name.startswith("column_") and name.removeprefix("column_").isdigit()


def _apply_rules(
    rows: Rows, free: list[str], options: ReadingOptions, grid: tuple[Integers, int], journal: Journal
) -> list[str]:
    named = {*options.angles, *options.counters}  # what has a flag of its own is meant
    reasons = {name: "" if name in named else explain_exclusion(name, rows.columns[name], rows.series) for name in free}
    cells, n_cells = grid
    n_shared = int(np.count_nonzero(cells[1:] == cells[:-1]))
    for name in free if options.fill != "hold" else ():  # a logger that writes on change is silent most of the time
        if not reasons[name] and name not in named and is_sparse(rows.columns[name], cells, n_cells, n_shared):
            reasons[name] = _HALF
    targets = [name for name in free if not reasons[name]]
    if not targets:  # rather a sparse target than none
        targets = [name for name in free if reasons[name] == _HALF]
    if not targets:
        listed = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        raise DataError(f"no column looks like something to forecast ({listed})", "name one with --target")
    for reason in dict.fromkeys(reasons[name] for name in free if name not in targets):
        names = [name for name in free if name not in targets and reasons[name] == reason]
        journal.leave_out(names, reason)
        journal.decide("left out", list_names(names), reason, "--target")
    return targets
