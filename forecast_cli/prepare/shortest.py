"""The shortest decimal of a float32, as the double that prints with its digits: 0.1, not 0.10000000149."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from forecast_cli.types import Floats

_DIGITS = (6, 7, 8, 9)  # a float32 keeps every decimal of six digits, and nine name each one
_LARGEST = 1e12  # beyond, and below its inverse, powers of ten are no longer exact
_POWERS = np.array([float(f"1e{k}") for k in range(23)])


def shorten(values: NDArray[np.float32]) -> Floats:
    """Return the doubles with the fewest digits that read back as these float32, in the same shape.

    The digits are tried one after the other on all values at once: rounded to so many and divided by a power of ten,
    both exact, so that the quotient is the double next to the decimal.
    """
    flat = values.ravel()
    wide = flat.astype(np.float64)
    size = np.abs(wide)
    is_usual = (size < _LARGEST) & (size > 1 / _LARGEST)
    odd = np.flatnonzero(~is_usual & (size != 0))
    wide[odd] = flat[odd].astype(str).astype(np.float64)
    left = np.flatnonzero(is_usual)
    for digits in _DIGITS:
        near = _round_digits(flat[left].astype(np.float64), digits)
        wide[left] = near
        left = left[near.astype(np.float32) != flat[left]]
    return wide.reshape(values.shape)


def _round_digits(values: Any, digits: int) -> Floats:
    """Return values of a usual size, none 0, rounded to so many significant digits."""
    behind = digits - 1 - np.floor(np.log10(np.abs(values))).astype(np.int64)
    power = _POWERS[np.abs(behind)]
    return np.where(behind >= 0, np.round(values * power) / power, np.round(values / power) * power)
