"""Directions from the scaled sine and cosine that models work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from forecast_cli.types import Array, Floats, Integers, Scaler


@dataclass(frozen=True, eq=False)
class Compass:
    """Reads directions from targets."""

    pairs: tuple[tuple[int, int], ...]  # (A, 2): where sine and cosine stand among the targets
    scaler: Scaler

    def read(self, values: Array, series: Integers) -> Floats:
        """Return degrees (B, H, A) from scaled targets (B, H, T) of these series (B,); NaN where either part is."""
        sine, cosine = (self._unscale(values, series, [pair[k] for pair in self.pairs]) for k in (0, 1))
        return to_degrees(sine, cosine)

    def _unscale(self, values: Array, series: Integers, places: list[int]) -> Floats:
        loc, scale = (each[series][:, None, places] for each in (self.scaler.loc, self.scaler.scale))
        return values[:, :, places] * scale + loc


def to_degrees(sine: Floats, cosine: Floats) -> Floats:
    """Return the direction in 0 <= degrees < 360; the length of the vector does not matter."""
    return np.degrees(np.arctan2(sine, cosine)) % 360 % 360  # what is just below 0 becomes 360 first


def find_turn(one: Floats, other: Floats) -> Floats:
    """Return the turn from the other direction to this one, the shorter way round: -180 <= degrees < 180."""
    return (one - other + 180) % 360 - 180


def measure_turn(one: Floats, other: Floats) -> Floats:
    """Return how far one direction is from another, the shorter way round: 0 <= degrees <= 180."""
    return np.abs(find_turn(one, other))
