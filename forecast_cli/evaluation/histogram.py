"""How often errors of each size occur: counted in fine bins of fixed width, shown in few."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from forecast_cli.types import Array, Floats, Integers

FINE_BINS, LEAST_BINS = 4096, 256  # of a target
MOST_COUNTS = 2**21  # of all targets together: 16 MB
SHOWN_BINS = 60
MOST_DOUBLINGS = 20  # a millionth of the reach can still be told apart
TAIL = 0.001  # share of the values that may lie beyond the shown bins, on either side


@dataclass(eq=False)
class Histogram:
    """Counts of errors that pass by; the memory it takes does not depend on how many they are.

    Bins begin narrow and double, two becoming one, until all errors have room: the counts are those of any order.
    """

    reach: Floats  # (T,): errors beyond plus and minus this are counted in the outermost bins
    fine: Integers = field(init=False)  # (T, F)
    doublings: Integers = field(init=False)  # (T,)

    def __post_init__(self) -> None:
        n = len(self.reach)
        half = int(np.clip(MOST_COUNTS // n, LEAST_BINS, FINE_BINS)) // 4 * 2
        self.fine, self.doublings = np.zeros((n, 2 * half), dtype=np.int64), np.zeros(n, dtype=np.int64)

    @property
    def widths(self) -> Floats:
        """(T,): of a fine bin."""
        return 2 * self.reach / self.fine.shape[1] * 2.0 ** (self.doublings - MOST_DOUBLINGS)

    def add(self, errors: Array) -> None:
        """Count errors (..., T); NaN is none."""
        T, F = self.fine.shape
        known = ~np.isnan(errors)
        self._make_room(np.where(known, np.abs(errors), 0).reshape(-1, T).max(axis=0, initial=0))
        places = np.floor(np.where(known, errors, 0) / self.widths) + F // 2
        places = np.clip(places, 0, F - 1).astype(np.int64) + np.arange(T) * F
        self.fine += np.bincount(places[known], minlength=T * F).reshape(T, F)

    def _make_room(self, largest: Floats) -> None:
        """Double the bins of targets until errors as large as this (T,) fit, or the reach is reached."""
        F = self.fine.shape[1]
        while (short := (largest >= F // 2 * self.widths) & (self.doublings < MOST_DOUBLINGS)).any():
            merged = self.fine[short].reshape(-1, F // 2, 2).sum(axis=2)
            self.fine[short] = np.pad(merged, ((0, 0), (F // 4, F // 4)))
            self.doublings[short] += 1

    def finish(self, n_bins: int = SHOWN_BINS) -> tuple[Floats, Integers]:
        """Return the edges (T, B + 1) and counts (T, B) of equal bins that hold all but the tails; 0 is an edge."""
        drawn = [coarsen(each, n_bins) for each in self.fine]
        edges = np.stack([first + size * np.arange(n_bins + 1) for first, size, _ in drawn])
        return edges * self.widths[:, None], np.stack([counts for _, _, counts in drawn])


def coarsen(fine: Integers, n_bins: int) -> tuple[int, int, Integers]:
    """Return where the shown bins begin, counted in fine bins from 0, how many of those each takes, and the counts.

    `fine` (F,): as many bins below 0 as above. Both numbers are whole multiples, so that 0 is an edge.
    """
    F, seen = len(fine), np.cumsum(fine)
    low, high = np.searchsorted(seen, [TAIL * seen[-1] + 0.5, (1 - TAIL) * seen[-1]]) - F // 2
    size = max(1, -(-int(high - low + 1) // (n_bins - 2)))
    first = int((low + high + 1 - size * n_bins) // 2 // size * size)
    places = np.clip((np.arange(F) - F // 2 - first) // size, 0, n_bins - 1)
    counts = np.zeros(n_bins, dtype=np.int64)
    np.add.at(counts, places, fine)
    return first, size, counts
