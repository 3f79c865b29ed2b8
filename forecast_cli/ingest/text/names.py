"""From the cells of a header to one unique name per column."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from forecast_cli.ingest.text.cells import TIME_OF_DAY, is_missing
from forecast_cli.ingest.text.records import SPACES

if TYPE_CHECKING:
    from collections.abc import Sequence

_ENOUGH = 50  # cells that tell a row number
_FITS = 0.9  # share of the cells


def name_columns(given: Sequence[str], width: int) -> tuple[str, ...]:
    """Return unique names: `column_3` where there is none, `flow_2` for a second `flow`."""
    names: dict[str, None] = {}
    counts: Counter[str] = Counter()
    for k in range(width):
        stem = (given[k].strip() if k < len(given) else "") or f"column_{k + 1}"
        name = stem
        while name in names:
            counts[stem] += 1
            name = f"{stem}_{counts[stem] + 1}"
        names[name] = None
    return tuple(names)


def find_repeated(given: Sequence[str]) -> tuple[str, ...]:
    """Return the names that a header gives to several columns."""
    counts = Counter(name.strip() for name in given)
    return tuple(name for name, count in counts.items() if name and count > 1)


def tell_apart(given: Sequence[str], aggregates: Sequence[str]) -> tuple[str, ...]:
    """Return the names with the aggregate behind those that are given several times: `temp Max`."""
    repeated = set(find_repeated(given))
    more = [*aggregates, *[""] * len(given)]
    return tuple(f"{name} {more[k]}".strip() if name.strip() in repeated else name for k, name in enumerate(given))


def align_names(header: Sequence[str], samples: Sequence[Sequence[str]], delimiter: str) -> tuple[str, ...] | None:
    """Return the names as they stand above their columns; None where it cannot be known which is whose.

    A comment sign before the first name is none of it. Names that are one short: R writes none above the numbers of
    the rows, and a stamp with a space in it becomes two columns where spaces part them.
    """
    given = [cell.strip() for cell in header]
    if given and given[0] in ("#", "%") and len(given) == len(samples) + 1:
        given = given[1:]
    if given and given[0][:1] in ("#", "%") and not given[0][1:2].isdigit():
        given[0] = given[0].lstrip("#% ") or given[0]
    if len(given) == len(samples) - 1 and not all(map(is_missing, samples[-1])):
        if _counts_rows(samples[0]):
            return ("row", *given)
        if delimiter == SPACES:
            return _split_stamp(given, samples)
    return None if delimiter == SPACES and len(given) != len(samples) else tuple(given)


def splits_decimals(header: Sequence[str], samples: Sequence[Sequence[str]]) -> bool:
    """Return whether the delimiter cuts decimal commas in two: every number fills two columns under one name.

    The second half of each holds the same count of digits throughout.
    """
    n_split = len(samples) - len(header)
    if not 0 < n_split < len(header) <= n_split + 2:  # the date, or the date and the time, are whole
        return False
    halves = samples[len(header) - n_split :]
    pairs = zip(halves[::2], halves[1::2], strict=True)
    return all(_is_whole(whole) and _is_fraction(fraction) for whole, fraction in pairs)


def _is_whole(cells: Sequence[str]) -> bool:
    return all(cell.strip().lstrip("+-").isdecimal() for cell in cells if not is_missing(cell))


def _is_fraction(cells: Sequence[str]) -> bool:
    known = [cell.strip() for cell in cells if not is_missing(cell)]
    usual = Counter(map(len, known)).most_common(1)
    return bool(usual) and all(map(str.isdecimal, known)) and usual[0][1] >= _FITS * len(known)


def _counts_rows(cells: Sequence[str]) -> bool:
    """Return whether cells are 1, 2, 3, ..."""
    return list(cells[:_ENOUGH]) == [str(k + 1) for k in range(min(len(cells), _ENOUGH))]


def _split_stamp(given: Sequence[str], samples: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    clocks = [k for k, cells in enumerate(samples) if cells and all(map(TIME_OF_DAY.fullmatch, cells[:_ENOUGH]))]
    if len(clocks) != 1 or clocks[0] == 0:
        return None
    k = clocks[0]
    return (*given[:k], f"{given[k - 1]} of day", *given[k:])
