"""Chronological splits, cut at instants common to all series."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.prepare.windows import rows_left, steps_of
from forecast_cli.types import Split

if TYPE_CHECKING:
    from forecast_cli.prepare.asked_split import Parts
    from forecast_cli.types import Flags, Integers, Panel, Window

DEFAULT_SHARES = (0.7, 0.1, 0.2)


def choose_borders(n_steps: int, horizon: int, asked: Parts | None) -> tuple[int, int, int]:
    """Return the first step after train, validation and test, counted from the earliest instant.

    `asked`: shares of the n_steps or counts of steps, taken as given; without it 70/10/20 %, where validation and test
    each get at least 2 x horizon + 20 as long as training keeps half.
    """
    if asked is None:
        return _widen(_cut_by_shares(n_steps, DEFAULT_SHARES), n_steps, 2 * horizon + 20)
    if isinstance(asked[0], float):
        return _cut_by_shares(n_steps, asked)
    train, validation, test = (int(part) for part in asked)
    if train + validation + test > n_steps:
        raise DataError(
            f"--split {train},{validation},{test} asks for {train + validation + test:,} steps, the data has "
            f"{n_steps:,}",
            "give smaller counts, or shares such as --split 0.7,0.1,0.2",
        )
    return train, train + validation, train + validation + test


def make_split(panel: Panel, window: Window, counts: Flags, borders: tuple[int, int, int]) -> Split:
    """Return the cutoffs of each part: a window belongs to the part in which all its targets lie.

    `counts` (R, T) tells which cutoffs a target may be forecast from; a window exists when one target may. Borders
    are counted from the earliest instant. `window.stride` thins the training part, on instants common to all series.
    """
    earliest = int(panel.start.min())
    train_end, validation_end, test_end = (border + earliest for border in borders)
    train = find_cutoffs(panel, window, counts, earliest, train_end)
    return Split(
        train=train[(steps_of(panel)[train] - earliest) % window.stride == 0],
        validation=find_cutoffs(panel, window, counts, train_end, validation_end),
        test=find_cutoffs(panel, window, counts, validation_end, test_end),
        borders=(train_end, validation_end, test_end),
    )


def find_cutoffs(panel: Panel, window: Window, counts: Flags, begin: int, end: int | None = None) -> Integers:
    """Return the cutoff rows whose targets all lie in the steps begin ... end - 1, counted from the origin."""
    first = steps_of(panel) + window.delay
    usable = counts.any(axis=1) & (rows_left(panel) >= window.delay + window.horizon - 1) & (first >= begin)
    if end is not None:
        usable &= first + window.horizon <= end
    return np.flatnonzero(usable)


def _cut_by_shares(n: int, shares: tuple[float, ...]) -> tuple[int, int, int]:
    train, test = (math.floor(share * n + 1e-9) for share in (shares[0], shares[2]))
    total = n if sum(shares) > 1 - 1e-9 else math.floor(sum(shares) * n + 1e-9)
    return train, total - test, total


def _widen(borders: tuple[int, int, int], n: int, least: int) -> tuple[int, int, int]:
    train_end, validation_end, end = borders
    spare = n - math.ceil(n / 2)  # what training can give away
    least = min(least, spare // 2)
    test = max(end - validation_end, least)
    validation = max(validation_end - train_end, least)
    return end - test - validation, end - test, end
