"""What is read of a piece, and of all pieces together: arrays, and an account of what became no row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.ingest.scan.rejects import Rejected, Rejects, join_rejects

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from forecast_cli.types import Flags, Floats, Integers

_LEAST_SHARE = 1e-3
_SLACK = 1.05  # room that is kept for more rows than the first piece made one expect


@dataclass(frozen=True)
class Ask:
    """What is wanted of every row."""

    times: tuple[str, ...]  # SQL of instants: null where unreadable
    offsets: tuple[str, ...]  # SQL of minutes ahead of UTC, null for 0; one at most
    numbers: tuple[int, ...]  # columns
    texts: frozenset[int] = frozenset()  # columns that `times` and `offsets` read as text
    usual: tuple[str, ...] = ()  # SQL of the same instants in their usual form alone, for which no offset is asked
    layouts: tuple[tuple[int, str], ...] = ()  # that form of each: its column, and strptime's format


@dataclass(frozen=True)
class Flaws:
    """What was not as it should be in the lines of a piece, or of a file."""

    rejects: Rejects = field(default_factory=Rejects)
    unread: tuple[tuple[Rejected, ...], ...] = ()  # per time: the first rows with a number and no readable time
    repeated: int = 0  # lines that repeat the header
    repaired: frozenset[int] = frozenset()  # the pieces that lines were taken out of
    unfinished: int = 0  # lines within which the file ended


@dataclass(frozen=True, eq=False)
class Part:
    """Rows, a list entry per thing that was asked for; the arrays are (rows,)."""

    n_rows: int
    times: list[Integers]  # microseconds
    readable: list[Flags]  # where they are
    offsets: list[Integers]
    numbers: list[Floats]  # NaN where there is no value
    filled: Flags  # rows with any number
    n_bad: tuple[int, ...]  # cells of each column that are no number
    flaws: Flaws = field(default_factory=Flaws)

    def list_unread(self, k: int) -> Integers:
        """Return the rows with a number and without the `k`-th time."""
        return np.flatnonzero(~self.readable[k] & self.filled)


def take_part(arrays: list[Any], ask: Ask, plain: Collection[int] = ()) -> Part:
    """Return what a query gave, an array per thing that was asked for, masked where null; the list is emptied.

    In `plain` columns null is a missing value, in others a cell that is no number.
    """
    n_rows = len(arrays[0])
    times = [arrays.pop(0) for _ in ask.times]
    offsets = [np.ma.filled(arrays.pop(0), 0) for _ in ask.offsets]
    numbers = [_take_numbers(arrays.pop(0)) for _ in ask.numbers]
    filled = mark_filled([column for column, _ in numbers], n_rows)
    return Part(
        n_rows,
        [np.ma.filled(cells, 0).astype(np.int64, copy=False) for cells in times],
        [~np.ma.getmaskarray(cells) for cells in times],
        offsets,
        [column for column, _ in numbers],
        filled,
        tuple(0 if k in plain else bad for k, (_, bad) in zip(ask.numbers, numbers, strict=True)),
    )


def mark_filled(columns: Sequence[Floats], n_rows: int) -> Flags:
    """Return which rows hold any number."""
    filled = np.zeros(n_rows, dtype=np.bool_)
    for column in columns:
        if not filled.all():
            filled |= ~np.isnan(column)
    return filled


def _take_numbers(cells: Any) -> tuple[Floats, int]:
    """Return a column as floats, NaN where there is no value, and how many cells were null."""
    if not isinstance(cells, np.ma.MaskedArray):
        return cells, 0
    return cells.filled(np.nan), int(np.count_nonzero(np.ma.getmaskarray(cells)))


class Gathering:
    """The parts of a file, end to end: each is copied as it comes, so that no row is held twice."""

    def __init__(self) -> None:
        self._arrays: list[Any] = []
        self._n_rows = 0
        self._n_bad: list[tuple[int, ...]] = []
        self._flaws: list[Flaws] = []

    @property
    def n_bytes(self) -> int:
        """The bytes of the rows so far."""
        return sum(array.itemsize for array in self._arrays) * self._n_rows

    def add(self, part: Part, share: float) -> None:
        """Take the next rows in; `share`: of the file that has been read with them."""
        arrays = [*part.times, *part.readable, *part.offsets, *part.numbers, part.filled]
        begun, self._n_rows = self._n_rows, self._n_rows + part.n_rows
        if not self._arrays or self._n_rows > self._arrays[0].size:
            self._make_room(arrays, int(self._n_rows / min(max(share, _LEAST_SHARE), 1) * _SLACK))
        for whole, array in zip(self._arrays, arrays, strict=True):
            whole[begun : self._n_rows] = array
        self._n_bad.append(part.n_bad)
        self._flaws.append(part.flaws)

    def close(self, ask: Ask) -> Part:
        """Return all rows."""
        arrays = iter([array[: self._n_rows] for array in self._arrays])
        counts = [len(ask.times), len(ask.times), len(ask.offsets), len(ask.numbers)]
        times, readable, offsets, numbers = ([next(arrays) for _ in range(count)] for count in counts)
        n_bad = tuple(map(sum, zip(*self._n_bad, strict=True)))
        return Part(self._n_rows, times, readable, offsets, numbers, next(arrays), n_bad, _join_flaws(self._flaws))

    def _make_room(self, arrays: Sequence[Any], n_rows: int) -> None:
        """Make all arrays larger, one after the other."""
        self._arrays = self._arrays or [np.empty(0, dtype=array.dtype) for array in arrays]
        for k, old in enumerate(self._arrays):
            self._arrays[k] = np.empty(n_rows, dtype=old.dtype)
            self._arrays[k][: old.size] = old


def _join_flaws(flaws: Sequence[Flaws]) -> Flaws:
    return Flaws(
        join_rejects(each.rejects for each in flaws),
        tuple(tuple(one for found in same for one in found) for same in zip(*(f.unread for f in flaws), strict=True)),
        sum(each.repeated for each in flaws),
        frozenset(number for each in flaws for number in each.repaired),
        sum(each.unfinished for each in flaws),
    )
