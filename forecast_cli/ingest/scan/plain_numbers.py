"""Plain decimals, many at once: digits with at most one point and one minus sign, in words of eight bytes.

Within a word all bytes are worked on by the same few operations, and NumPy does so for thousands of words at a time:
the point is found and squeezed out, all other bytes are proved to be digits, and eight digits become a number by three
multiplications (D. Lemire, "Number parsing at a gigabyte per second", Software: Practice and Experience 51(8), 2021).
A whole number below 2^53 divided by a power of ten up to 10^22 is correctly rounded (W. D. Clinger, "How to read
floating point numbers accurately", PLDI 1990): bit for bit what strtod gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.ingest.scan.plain_words import WORD, NotPlainError, load, repeat

if TYPE_CHECKING:
    from forecast_cli.ingest.scan.plain_words import Bench, Rooms, Words
    from forecast_cli.types import Flags, Floats, Integers

_LONGEST = 2 * WORD  # signs of a number beside its minus
_MINUS, _ZERO = ord("-"), ord("0")
_LARGEST = 2**53
_ZEROS, _ONES = repeat(_ZERO), repeat(1)
_ABOVE_NINE, _HIGH = repeat(0x80 - 10), repeat(0x80)  # added to a byte of more than 9, it reaches its highest bit
_POINT_ABOVE = np.uint64(9)  # where the point was taken out, even 1 does: that was another sign
# A point in byte k of the low word is 1 << 8k: times this, the highest five bits are 1 + k; of the high word 9 + k.
_PLACES = [np.uint64(sum((first + k) << (59 - 8 * k) for k in range(WORD))) for first in (1, 9)]
_SCALES = [1.0, *(10.0 ** (7 - k) for k in range(WORD)), *(10.0 ** (15 - k) for k in range(WORD))]
_POWERS = np.array([*_SCALES, *(-scale for scale in _SCALES)])  # below zero for a number with a minus: 0 / -1 is -0.0


def read_numbers(bench: Bench, before: Integers, ends: Integers, point: str, out: Floats) -> None:
    """Write the numbers of cells to `out`, NaN where they are empty; all arrays are (columns, rows).

    before, ends: the places of the byte before and the byte behind each cell. `point` is the sign before the decimals.
    Raises NotPlainError where a cell is anything but a plain number of at most 16 signs, below 2^53 without its point.
    """
    rooms = bench.lend_rooms(ends.shape)
    empty, negative = _measure(bench, before, ends, rooms)
    longest = int(rooms.lengths.max())
    if longest > _LONGEST:
        raise NotPlainError
    _load_end(bench.words, ends, WORD, rooms.low, rooms)
    _squeeze(rooms.low, rooms.low_points, point, rooms.spare)
    if longest > WORD:
        _load_end(bench.words, ends, _LONGEST, rooms.high, rooms)
        _squeeze(rooms.high, rooms.high_points, point, rooms.spare)
        _join(rooms)
    _check_short(rooms, empty, has_high=longest > WORD)
    _write(rooms, negative, out, has_high=longest > WORD)
    if empty is not None:
        np.copyto(out, np.nan, where=empty)


def _measure(bench: Bench, before: Integers, ends: Integers, rooms: Rooms) -> tuple[Flags | None, Flags | None]:
    """Return which cells are empty and which have a minus sign, None for none; write their lengths without it."""
    lengths, places = rooms.lengths, rooms.places
    np.add(before, 1, out=places)
    np.subtract(ends, places, out=lengths)
    empty = lengths == 0 if lengths.min() == 0 else None
    negative = bench.words.view(np.uint8).take(places, mode="clip") == _MINUS
    if not negative.any():
        return empty, None
    lengths -= negative
    return empty, negative


def _load_end(words: Words, ends: Integers, reach: int, out: Words, rooms: Rooms) -> None:
    """Fill `out` with eight bytes of each cell as digits 0 to 9, those from `reach` before its end on; 0 before it."""
    places = rooms.places
    np.subtract(ends, reach, out=places)
    load(words, places, out, rooms.spare)
    out ^= _ZEROS
    np.subtract(reach, rooms.lengths, out=places)
    np.maximum(places, 0, out=places)
    places <<= 3
    shift = places.view(np.uint64)
    out >>= shift
    out <<= shift


def _squeeze(words: Words, points: Words, point: str, spare: tuple[Words, Words]) -> None:
    """Take the point out of each word, the digits before it a byte up; `points` becomes 1 in the byte where it was.

    Raises NotPlainError where a word has two points, or a byte that is neither point nor digit.
    """
    below, other = spare
    np.right_shift(words, np.uint64(4), out=points)
    points &= _ONES  # set in a byte that is no digit: . and , have this bit
    np.subtract(points, np.uint64(1), out=below)
    np.bitwise_and(points, below, out=other)
    twice = np.bitwise_or.reduce(other, axis=None)
    lacks = points == 0
    if lacks.any():
        np.copyto(below, np.uint64(0), where=lacks)
    below &= words
    np.multiply(points, np.uint64(ord(point) ^ _ZERO), out=other)
    words ^= other
    np.multiply(points, _POINT_ABOVE, out=other)
    other += _ABOVE_NINE
    other += words
    other |= words
    if twice or np.bitwise_or.reduce(other, axis=None) & _HIGH:
        raise NotPlainError
    below *= np.uint64(255)  # 256 times, less what stands there already
    words += below


def _join(rooms: Rooms) -> None:
    """Move the digits of the high words up into the byte that the point has left free in the low ones."""
    low, high, (shift, carry) = rooms.low, rooms.high, rooms.spare
    has_point = rooms.low_points != 0
    if np.any(rooms.high_points[has_point]):
        raise NotPlainError
    np.multiply(has_point, np.uint64(8), out=shift)
    np.subtract(np.uint64(64), shift, out=carry)
    np.right_shift(high, carry, out=carry)
    low += carry
    high <<= shift


def _check_short(rooms: Rooms, empty: Flags | None, *, has_high: bool) -> None:
    """Raise NotPlainError where a cell that is not empty has no digit."""
    if rooms.lengths.min() > 1:
        return
    points = rooms.low_points | rooms.high_points if has_high else rooms.low_points
    without = rooms.lengths <= (points != 0)
    if np.any(without if empty is None else without & ~empty):
        raise NotPlainError


def _write(rooms: Rooms, negative: Flags | None, out: Floats, *, has_high: bool) -> None:
    """Write the numbers of squeezed words; raises NotPlainError where one is not exact."""
    number, power = rooms.low, rooms.low_points
    _convert(number)
    _count_decimals(power, _PLACES[0])
    if has_high:
        high, more = rooms.high, rooms.high_points
        _convert(high)
        _count_decimals(more, _PLACES[1])
        high *= np.uint64(10**WORD)
        number += high
        power += more
        if number.max() >= _LARGEST:
            raise NotPlainError
    if negative is not None:
        power += np.multiply(negative, np.uint64(len(_SCALES)), out=rooms.spare[0])
    scale = rooms.spare[0].view(np.float64)
    _POWERS.take(power.view(np.int64), out=scale, mode="clip")
    out[...] = number.view(np.int64)  # signed ones are cast several times as quickly
    out /= scale


def _count_decimals(points: Words, places: np.uint64) -> None:
    """Turn the place of each point into its number in `_POWERS`."""
    points *= places
    points >>= np.uint64(59)


def _convert(words: Words) -> None:
    """Turn eight digits, a byte each, the first in the lowest, into the number that they write."""
    words *= np.uint64(10 << 8 | 1)
    words >>= np.uint64(8)
    words &= np.uint64(0x00FF00FF00FF00FF)
    words *= np.uint64(100 << 16 | 1)
    words >>= np.uint64(16)
    words &= np.uint64(0x0000FFFF0000FFFF)
    words *= np.uint64(10_000 << 32 | 1)
    words >>= np.uint64(32)
