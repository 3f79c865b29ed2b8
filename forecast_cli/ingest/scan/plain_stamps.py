"""Instants of one fixed width, as 2024-05-31 18:00:00, many at once: pairs of digits in words of eight bytes."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.ingest.scan.plain_words import WORD, NotPlainError, load, repeat

if TYPE_CHECKING:
    from forecast_cli.ingest.scan.plain_words import Bench, Words
    from forecast_cli.types import Integers

_FIELDS = {"%Y": ("century", "year"), "%m": ("month",), "%d": ("day",)}
_FIELDS |= {"%H": ("hour",), "%M": ("minute",), "%S": ("second",)}
_MOST = {"century": 99, "year": 99, "month": 12, "day": 31, "hour": 23, "minute": 59, "second": 59}
_WHOLE = {"century", "year", "month", "day"}
_SECOND = 1_000_000


@dataclass(frozen=True, eq=False)
class Stamps:
    """How the stamps of a column are written: every sign has its place, in slices of eight bytes."""

    width: int
    places: Integers  # (slices, 1): where each begins
    signs: Words  # (slices, 1): what stands in it with all digits 0; 0 behind the stamp
    masks: Words  # (slices, 1): 0 behind the stamp
    above: Words  # (slices, 1): added to a word without the signs, a byte that is too large reaches its highest bit
    fields: tuple[tuple[str, int, int], ...]  # each pair of digits by name, its slice, and its byte there


@lru_cache
def plan_stamps(layout: str) -> Stamps | None:
    """Return how stamps of a format of strptime are written; None where it has more than numbers of a fixed width."""
    text, fields = "", dict[int, str]()
    for part in re.findall(r"%.|[^%]", layout, re.DOTALL):
        if part in _FIELDS:
            fields |= {len(text) + 2 * k: name for k, name in enumerate(_FIELDS[part])}
            text += "00" * len(_FIELDS[part])
        elif len(part) > 1 or not part.isascii() or part.isdigit():
            return None
        else:
            text += part
    names = list(fields.values())
    if not set(names) >= _WHOLE or len(names) > len(set(names)):
        return None
    return _cut(text, fields)


def read_stamps(bench: Bench, stamps: Stamps, before: Integers, ends: Integers, out: Words) -> None:
    """Write the words of stamps (slices, rows); raises NotPlainError where one is written otherwise."""
    if np.any(ends - before != stamps.width + 1):
        raise NotPlainError
    rooms = bench.lend_rooms(out.shape)
    words, (spare, _) = rooms.low, rooms.spare
    np.add(before, stamps.places + 1, out=rooms.places)
    load(bench.words, rooms.places, words, rooms.spare)
    words &= stamps.masks
    words ^= stamps.signs
    out[...] = words
    np.add(words, stamps.above, out=spare)
    spare |= words
    if np.bitwise_or.reduce(spare, axis=None) & repeat(0x80):
        raise NotPlainError


def count_microseconds(stamps: Stamps, words: Words) -> Integers:
    """Return the instants (rows,) in microseconds since 1970; raises NotPlainError for 31 April, or 24:00."""
    found = {name: np.zeros(1, dtype=np.int64) for name in ("hour", "minute", "second")}
    pairs = words * np.uint64(10) + (words >> np.uint64(8))  # of each byte and the next, at most 99
    for name, k, byte in stamps.fields:
        found[name] = ((pairs[k] >> np.uint64(8 * byte)) & np.uint64(0xFF)).view(np.int64)
    if any(np.any(values > _MOST[name]) for name, values in found.items()):
        raise NotPlainError
    days = _count_days(found["century"] * 100 + found["year"], found["month"], found["day"])
    seconds = ((days * 24 + found["hour"]) * 60 + found["minute"]) * 60 + found["second"]
    return np.asarray(seconds * _SECOND)


def _count_days(year: Integers, month: Integers, day: Integers) -> Integers:
    """Return the days since 1970; few months are looked up, and not every day."""
    months = (year - 1970) * 12 + month - 1
    first, last = int(months.min()), int(months.max())
    begins = np.arange(first, last + 2).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    lengths = np.diff(begins)
    months -= first
    if month.min() < 1 or day.min() < 1 or np.any(day > lengths.take(months)):
        raise NotPlainError
    return np.asarray(begins.take(months) + day - 1)


def _cut(text: str, fields: dict[int, str]) -> Stamps:
    """Return the plan of stamps that look like a text, in slices none of which parts a pair of digits."""
    starts = [0]
    while (end := starts[-1] + WORD) < len(text):
        starts.append(end - (end - 1 in fields))
    digits = {place + k for place in fields for k in (0, 1)}
    signs, masks, above = [], [], []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        signs.append(text[start:end].encode())
        masks.append(b"\xff" * (end - start))
        above.append(bytes(0x80 - 10 if k in digits else 0x7F for k in range(start, end)))
    found = [(name, bisect_right(starts, place) - 1, place) for place, name in fields.items()]
    return Stamps(
        width=len(text),
        places=np.array(starts)[:, None],
        signs=_write_words(signs),
        masks=_write_words(masks),
        above=_write_words(above),
        fields=tuple((name, k, place - starts[k]) for name, k, place in found),
    )


def _write_words(texts: list[bytes]) -> Words:
    return np.array([[int.from_bytes(text, "little")] for text in texts], dtype=np.uint64)
