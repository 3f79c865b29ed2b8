"""What is read of a piece, and of all pieces together: arrays, and an account of what became no row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.ingest.rejects import Rejected, Rejects, join_rejects

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from forecast_cli.types import Flags, Floats, Integers


@dataclass(frozen=True)
class Ask:
    """What is wanted of every row."""

    times: tuple[str, ...]  # SQL of instants: null where unreadable
    offsets: tuple[str, ...]  # SQL of minutes ahead of UTC, null for 0; one at most
    numbers: tuple[int, ...]  # columns
    texts: frozenset[int] = frozenset()  # columns that `times` and `offsets` read as text


@dataclass(frozen=True, eq=False)
class Part:
    """Rows, a list entry per thing that was asked for; the arrays are (rows,)."""

    n_rows: int
    times: list[tuple[Integers, Flags]]  # microseconds, and where they were readable
    offsets: list[Integers]
    numbers: list[Floats]  # NaN where there is no value
    n_bad: list[int]  # cells that are no number
    filled: Flags  # rows with any number
    rejects: Rejects = Rejects()
    unread: tuple[tuple[Rejected, ...], ...] = ()  # per time: the first rows with a number and no readable time
    repeated: int = 0  # lines that repeat the header
    repaired: frozenset[int] = frozenset()  # the pieces that were
    unfinished: int = 0  # lines within which the file ended


def take_part(arrays: list[Any], ask: Ask, plain: Collection[int] = ()) -> Part:
    """Return what a query gave, an array per thing that was asked for, masked where null; the list is emptied.

    In `plain` columns null is a missing value, in others a cell that is no number.
    """
    n_rows = len(arrays[0])
    times = [_take_instants(arrays.pop(0)) for _ in ask.times]
    offsets = [np.ma.filled(arrays.pop(0), 0) for _ in ask.offsets]
    filled = np.zeros(n_rows, dtype=np.bool_)
    numbers, n_bad = [], []
    for k in ask.numbers:
        column, bad = take_numbers(arrays.pop(0))
        filled |= ~np.isnan(column)
        numbers.append(column)
        n_bad.append(0 if k in plain else bad)
    return Part(n_rows, times, offsets, numbers, n_bad, filled)


def take_numbers(cells: Any) -> tuple[Floats, int]:
    """Return a column as floats, NaN where there is no value, and how many cells were null."""
    if not isinstance(cells, np.ma.MaskedArray):
        return cells, 0
    return cells.filled(np.nan), int(np.count_nonzero(np.ma.getmaskarray(cells)))


def list_unread(part: Part, k: int) -> Integers:
    """Return the rows with a number and without the `k`-th time."""
    return np.flatnonzero(~part.times[k][1] & part.filled)


def join_parts(parts: Sequence[Part]) -> Part:
    """Return the parts as one, in their order; their lists are emptied, so that no column is held twice for long."""
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    return Part(
        sum(part.n_rows for part in parts),
        [(_join([t[0] for t in found]), _join([t[1] for t in found])) for found in _pop_each(parts, lambda p: p.times)],
        [_join(found) for found in _pop_each(parts, lambda p: p.offsets)],
        [_join(found) for found in _pop_each(parts, lambda p: p.numbers)],
        [sum(part.n_bad[k] for part in parts) for k in range(len(first.n_bad))],
        _join([part.filled for part in parts]),
        join_rejects(part.rejects for part in parts),
        tuple(tuple(one for found in each for one in found) for each in zip(*(p.unread for p in parts), strict=True)),
        sum(part.repeated for part in parts),
        frozenset(number for part in parts for number in part.repaired),
        sum(part.unfinished for part in parts),
    )


def measure_bytes(part: Part) -> int:
    """Return the bytes of the arrays."""
    arrays = [array for pair in part.times for array in pair] + part.offsets + part.numbers + [part.filled]
    return sum(array.nbytes for array in arrays)


def _take_instants(cells: Any) -> tuple[Integers, Flags]:
    readable = ~np.ma.getmaskarray(cells)
    return np.ma.filled(cells, 0).astype(np.int64, copy=False), readable


def _pop_each(parts: Sequence[Part], take: Callable[[Part], list[Any]]) -> Any:
    """Yield the entries of the parts' lists that belong together, and take them out."""
    while take(parts[0]):
        yield [take(part).pop(0) for part in parts]


def _join(arrays: list[Any]) -> Any:
    joined = np.concatenate(arrays)
    arrays.clear()
    return joined
