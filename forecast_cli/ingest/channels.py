"""Which columns become channels: the targets, named or by rule, then the past covariates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest.journal import list_names
from forecast_cli.ingest.targets import count_cells, explain_exclusion

if TYPE_CHECKING:
    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.rows import Rows
    from forecast_cli.types import Columns, Integers

_HALF = "observed on under half of the steps"


def choose_channels(
    rows: Rows, columns: Columns, cells: Integers, n_cells: int, journal: Journal
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the targets, as named or else by name, and the past covariates by name.

    `cells` (rows,): where on the grid of n_cells steps each row lies. Raises DataError where nothing is to be forecast.
    """
    past = tuple(name for name in columns.past_covariates if name in rows.columns)
    if columns.targets:
        _check_named(rows, columns.targets, journal)
        return columns.targets, past
    empty = [name for name, column in rows.columns.items() if np.isnan(column).all()]
    named = [name for name in empty if not _is_made_up(name)]
    if named:
        journal.note(f"left out {list_names(named)}: without a single value")
    free = [name for name in rows.columns if name not in past and name not in empty]
    if not free:
        raise DataError("there is no column of numbers to forecast", "name one with --target")
    targets = free if len(free) == 1 else _apply_rules(rows, free, cells, n_cells, journal)
    journal.decide("targets", list_names(targets), "numeric columns that vary", "--target", said=False)
    return tuple(sorted(targets)), past  # a file with its columns permuted is the same panel


def _check_named(rows: Rows, targets: tuple[str, ...], journal: Journal) -> None:
    empty = [name for name in targets if np.isnan(rows.columns[name]).all()]
    if len(empty) == len(targets):
        raise DataError(f"{list_names(targets)} holds no number", "name another column with --target")
    if empty:
        journal.warn(f"{list_names(empty)} holds no value at all")


def _is_made_up(name: str) -> bool:
    """Return whether a column had no name of its own, as behind a trailing delimiter."""
    return name.startswith("column_") and name.removeprefix("column_").isdigit()


def _apply_rules(rows: Rows, free: list[str], cells: Integers, n_cells: int, journal: Journal) -> list[str]:
    reasons = {name: explain_exclusion(name, rows.columns[name], rows.series) for name in free}
    for name in free:
        if not reasons[name] and count_cells(rows.columns[name], cells) < 0.5 * n_cells:
            reasons[name] = _HALF
    targets = [name for name in free if not reasons[name]]
    if not targets:  # rather a sparse target than none
        targets = [name for name in free if reasons[name] == _HALF]
    if not targets:
        listed = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        raise DataError(f"no column looks like something to forecast ({listed})", "name one with --target")
    for reason in dict.fromkeys(reasons[name] for name in free if name not in targets):
        names = [name for name in free if name not in targets and reasons[name] == reason]
        journal.decide("left out", list_names(names), reason, "--target")
    return targets
