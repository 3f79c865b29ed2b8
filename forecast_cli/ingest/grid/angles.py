"""Angles in degrees: averaged on the circle, and read as sine and cosine, so that 359° lies beside 1°."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.types import Floats, Integers

_NO_DIRECTION = 1e-6  # mean vectors shorter than this point nowhere: north and south cancel out


def name_parts(name: str) -> tuple[str, str]:
    """Return what the two channels of an angle are called."""
    return f"{name} (sin)", f"{name} (cos)"


def find_pairs(channels: Sequence[str], angles: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return where sine and cosine of each angle stand among the channels, in their order; others are passed over."""
    place = {name: k for k, name in enumerate(channels)}
    pairs = [(place.get(sine), place.get(cosine)) for sine, cosine in map(name_parts, angles)]
    return tuple(sorted((s, c) for s, c in pairs if s is not None and c is not None))


def average_angles(column: Floats, cells: Integers, n_cells: int) -> Floats:
    """Return degrees on the grid (n_cells,): the direction of the mean vector where several rows share a step.

    `column` (rows,) degrees with NaN where there is no value, `cells` (rows,) ascending. A single value stays as it
    was written; a mean lies in 0 <= degrees < 360, and is unknown where the directions cancel out.
    """
    known = ~np.isnan(column)
    given, places = column[known], cells[known]
    heads = np.flatnonzero(np.diff(places, prepend=-1))
    laid = np.full(n_cells, np.nan)
    if heads.size == 0:
        return laid
    counts = np.diff(np.append(heads, given.size))
    sine, cosine = (np.add.reduceat(part, heads) / counts for part in split_angle(given))
    directed = np.hypot(sine, cosine) > _NO_DIRECTION
    means = np.where(directed, np.degrees(np.arctan2(sine, cosine)) % 360 % 360, np.nan)
    laid[places[heads]] = np.where(counts == 1, given[heads], means)
    return laid


def split_angle(degrees: Floats) -> tuple[Floats, Floats]:
    """Return sine and cosine of degrees, NaN where they are."""
    turned = np.radians(degrees % 360)
    return np.sin(turned), np.cos(turned)
