"""Curves and instants in few characters; base.js has the other half."""

from __future__ import annotations

import base64
import re
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from forecast_cli.types import Integers, Json

LEVELS = 65_534  # of a value within its curve's span: what 16 bits can count, less the one that means "not known"
UNKNOWN = -32_768


def pack_numbers(values: NDArray[Any]) -> list[Any]:
    """Return [lowest, step, codes]: value = lowest + (code + 32767) * step, to half a step, in row-major order.

    A step is 1 / 65,534 of the span. Codes are 16-bit integers, little-endian, in base64, 2.7 characters a number;
    -32768 stands for what is not finite.
    """
    exact = np.asarray(values, np.float64).ravel()
    known = np.isfinite(exact)
    lowest, highest = (float(exact[known].min()), float(exact[known].max())) if known.any() else (0.0, 0.0)
    step = (highest - lowest) / LEVELS
    codes = np.full(exact.shape, UNKNOWN, "<i2")
    codes[known] = np.round((exact[known] - lowest) / step) - 32_767 if step else -32_767
    return [lowest, step, base64.b64encode(codes.tobytes()).decode("ascii")]


def pack_places(places: Integers) -> str:
    """Return places in a curve, ascending, as base64 of 32-bit integers, little-endian."""
    return base64.b64encode(places.astype("<i4").tobytes()).decode("ascii")


def pack_stamps(stamps: Sequence[str]) -> Json:
    """Return printed instants, or row numbers, as the first one and the runs of equal differences to the next.

    {rows: row numbers, first: a row number, or the clock in microseconds since 1970, runs: [[n, difference]],
     length: of a printed clock, zones: [[n, what follows the clock: "", "Z", "+01:00"]]}
    """
    if all(re.fullmatch(r"-?\d+", stamp) for stamp in stamps):
        return {"rows": True, **_pack_ascending([int(stamp) for stamp in stamps])}
    clocks, zones = zip(*(_split_zone(stamp) for stamp in stamps), strict=True)
    instants = np.array(clocks, "datetime64[us]").astype(np.int64).tolist()
    return {"rows": False, **_pack_ascending(instants), "length": len(clocks[0]), "zones": _count_runs(zones)}


def _split_zone(stamp: str) -> tuple[str, str]:
    """Return the clock of a printed instant, and its offset."""
    clock, zone = re.fullmatch(r"(.{10}(?:T[\d:.]+)?)(.*)", stamp, re.DOTALL).groups()  # type: ignore[union-attr]
    return clock, zone


def _pack_ascending(numbers: Sequence[int]) -> Json:
    return {"first": numbers[0], "runs": _count_runs(b - a for a, b in pairwise(numbers))}


def _count_runs(items: Iterable[Any]) -> list[list[Any]]:
    """Return [how often in a row, the item] of each run of equal items."""
    return [[sum(1 for _ in run), item] for item, run in groupby(items)]
