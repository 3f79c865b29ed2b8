"""A block of plain text as words of eight bytes, and where its cells end: the ground of the plain lane.

A cell is read as the words that end with it, little-endian, so that its last sign is in the highest byte. All large
arrays are made once and written over, block after block: fresh pages of memory would cost more than the arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from forecast_cli.types import Flags, Integers

Bytes: TypeAlias = NDArray[np.uint8]
Words: TypeAlias = NDArray[np.uint64]

WORD = 8  # bytes
_BEFORE = 2 * WORD  # bytes before the text of a block: two words end with its first cell
_ROOMS = 8  # of numbers of cells
_SLACK = 1.1  # room for more cells than the first block has
_END, _RETURN = ord("\n"), ord("\r")


class NotPlainError(Exception):
    """The text holds something that the plain lane does not read."""


@dataclass(frozen=True, eq=False)
class Rooms:
    """Rooms for as many numbers as some cells are, each (columns, rows)."""

    lengths: Integers
    places: Integers
    low: Words  # the last eight signs
    low_points: Words
    high: Words  # the eight before
    high_points: Words
    spare: tuple[Words, Words]


class Bench:
    """The arrays that blocks of at most `size` bytes are worked on in."""

    def __init__(self, size: int) -> None:
        self.words: Words = np.zeros((_BEFORE + size) // WORD + 2, dtype=np.uint64)
        self._flags = np.zeros((2, _BEFORE + size + 1), dtype=np.bool_)
        self._rooms = np.empty((_ROOMS, 0), dtype=np.int64)

    def lay(self, text: Bytes) -> Bytes:
        """Return the bytes of a text where its words are, with an end of its last line."""
        room = self.words.view(np.uint8)[_BEFORE:]
        room[: text.size] = text
        room[text.size] = _END
        return room[: text.size + int(text[-1] != _END)]

    def lend_flags(self, size: int) -> tuple[Flags, Flags]:
        """Return rooms for two flags of every byte, those before the text among them, which are not set."""
        return self._flags[0, : _BEFORE + size], self._flags[1, : _BEFORE + size]

    def lend_rooms(self, shape: tuple[int, int]) -> Rooms:
        """Return rooms for cells (columns, rows)."""
        size = shape[0] * shape[1]
        if size > self._rooms.shape[1]:
            self._rooms = np.empty((_ROOMS, int(size * _SLACK)), dtype=np.int64)
        lengths, places, *words = (room[:size].reshape(shape) for room in self._rooms)
        low, low_points, high, high_points, *spare = (room.view(np.uint64) for room in words)
        return Rooms(lengths, places, low, low_points, high, high_points, (spare[0], spare[1]))


def find_cells(bench: Bench, text: Bytes, delimiter: int, width: int) -> Integers:
    """Return where the cells of some lines end (1 + width, rows), below a row of the place before each line.

    Places are those of the bytes of `bench.words`. Raises NotPlainError where a line has not `width` cells.
    """
    ends, found = bench.lend_flags(text.size)
    np.equal(text, _END, out=ends[_BEFORE:])
    np.equal(text, delimiter, out=found[_BEFORE:])
    np.logical_or(found, ends, out=found)
    places, n_rows = np.flatnonzero(found), int(np.count_nonzero(ends))
    if places.size != n_rows * width or not ends.take(places[width - 1 :: width]).all():
        raise NotPlainError
    cells = np.empty((width + 1, n_rows), dtype=np.int64)
    cells[1:] = places.reshape(n_rows, width).T
    cells[0, 0] = _BEFORE - 1
    cells[0, 1:] = cells[-1, :-1]
    return cells


def strip_returns(bench: Bench, cells: Integers) -> None:
    """Let each line end before its carriage return; raises NotPlainError where one has none."""
    cells[-1] -= 1
    if not (bench.words.view(np.uint8).take(cells[-1]) == _RETURN).all():
        raise NotPlainError


def load(words: Words, places: Integers, out: Words, spare: tuple[Words, Words]) -> None:
    """Fill `out` with the eight bytes from each place on; the places and `spare` are used up.

    Two words that lie on their own bounds, shifted: quicker by far than to index words that lie across them.
    """
    shift, more = spare
    np.bitwise_and(places, WORD - 1, out=shift.view(np.int64))
    shift <<= np.uint64(3)
    places >>= 3
    words.take(places, out=out, mode="clip")
    words[1:].take(places, out=more, mode="clip")
    out >>= shift
    np.subtract(np.uint64(64), shift, out=shift)
    more <<= shift  # by 64 nothing is left, as NumPy has it
    out |= more


def repeat(byte: int) -> np.uint64:
    """Return a word of eight equal bytes."""
    return np.uint64(byte * 0x0101010101010101)
