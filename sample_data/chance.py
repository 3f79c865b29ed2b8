"""Randomness that repeats, lags, and the clock."""

import math
import zlib
from datetime import datetime, timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Series: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Table: TypeAlias = dict[str, Series]

SEED = 52
SENTINEL = -999.0  # what a logger writes when a sensor does not answer


def draw(name: str) -> np.random.RandomState:
    """Return a random stream of its own for `name`, so that a change to one sensor leaves the others as they were.

    RandomState and not default_rng: its streams are frozen, those of the newer generators may change with NumPy.
    """
    return np.random.RandomState([SEED, zlib.crc32(name.encode())])


def follow(target: Series, steps: float, start: float) -> Series:
    """Return what follows `target` with a first-order lag of `steps`, from `start`."""
    keep, values = math.exp(-1 / steps), [start]
    for goal in target[1:].tolist():
        values.append(keep * values[-1] + (1 - keep) * goal)
    return np.array(values)


def wander(name: str, n: int, steps: float) -> Series:
    """Return an autoregressive process of order 1: mean 0, deviation 1, memory of `steps`."""
    keep = math.exp(-1 / steps)
    noise = draw(name).standard_normal(n)
    return follow(noise * math.sqrt((1 + keep) / (1 - keep)), steps, float(noise[0]))


def pick(name: str, low: int, high: int, every: int) -> Integers:
    """Return one random whole number from each `every` in low ... high, never two within half of that."""
    starts = np.arange(low, high - every, every)
    return starts + draw(name).randint(0, every // 2, len(starts))


def count_time(start: str, n: int, minutes: int) -> list[str]:
    """Return n timestamps from `start`, one every `minutes`."""
    first = datetime.fromisoformat(start)
    return [(first + timedelta(minutes=minutes * i)).isoformat() for i in range(n)]
