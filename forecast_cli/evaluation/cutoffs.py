"""Which cutoffs a backtest takes, and in which order its stages take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.prepare.windows import steps_of

if TYPE_CHECKING:
    from forecast_cli.types import Integers, Panel


def choose_cutoffs(panel: Panel, rows: Integers, n_windows: int | None = None, stride: int = 1) -> Integers:
    """Return those of the cutoff rows that lie a whole number of strides before the last one, of the last instants.

    `stride` is in steps of the grid; of the instants that are left, common to all series, the last `n_windows` count,
    None for all. Counted back from the end, as others do who score a few windows: the newest ones tell most.
    """
    if not len(rows):
        return rows
    steps = steps_of(panel)[rows]
    taken = (steps.max() - steps) % stride == 0
    if n_windows is not None:
        taken &= steps >= np.unique(steps[taken])[-n_windows:][0]
    return rows[taken]


def cut_stages(panel: Panel, rows: Integers, every: int) -> list[Integers]:
    """Return the cutoff rows in stages of `every` instants each, the earliest first; ascending within a stage."""
    instants, place = np.unique(steps_of(panel)[rows], return_inverse=True)
    stage = place // every
    order = np.argsort(stage, kind="stable")
    return np.split(rows[order], np.searchsorted(stage[order], np.arange(1, -(-len(instants) // every))))
