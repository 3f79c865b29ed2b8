"""Which points of a long curve are drawn, so that nothing that an eye would see is lost."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from forecast_cli.types import Integers


def thin(curves: NDArray[Any], most: int) -> Integers:
    """Return the places, ascending, at which K curves (K, n) on one axis are drawn: all, or at most about `most`.

    The axis is cut into equal bins. Of each bin stay its first and last place, and, of every curve, the lowest and
    highest known value and the first unknown one, so that a gap remains a gap and a spike a spike.
    """
    n_curves, n = curves.shape
    if n <= most:
        return np.arange(n)
    n_bins = max(1, most // (2 + 3 * n_curves))
    borders = np.linspace(0, n, n_bins + 1).round().astype(np.int64)
    kept = [_keep(curves[:, a:b]) + a for a, b in itertools.pairwise(borders)]
    return np.concatenate(kept)


def _keep(piece: NDArray[Any]) -> Integers:
    """Return the places of one bin (K, n) that stay."""
    known = np.isfinite(piece)
    lowest = np.where(known, piece, np.inf).argmin(axis=1)
    highest = np.where(known, piece, -np.inf).argmax(axis=1)
    unknown = known.argmin(axis=1)  # where all are known, the first place, which stays anyway
    return np.unique(np.concatenate([[0, piece.shape[1] - 1], lowest, highest, unknown]))
