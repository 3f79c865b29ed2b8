"""Which column tells the series apart, when nobody says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.frequency import DAY
from forecast_cli.ingest.time.timeline import infer_step, measure_regularity

if TYPE_CHECKING:
    from collections.abc import Collection

    from forecast_cli.ingest.scan.table import Scan
    from forecast_cli.types import Integers

_ID_NAME = re.compile(
    r"(^|[^a-z])(id|uid|series|meter|sensor|station|device|node|site|unit|tag|asset|machine|channel|item|store|name)"
    r"([^a-z]|$)|(?<=[a-z])Id$|_?id$",
    re.IGNORECASE,
)
_SURE_ID_NAME = re.compile(
    r"(^|[^a-z])(id|uid|sensor|station|device|meter|node|entity|tag|topic)s?$|[a-z]Id$|_id$", re.IGNORECASE
)
_REPEATED = 0.2  # share of rows that share their instant, before an id is looked for
_IN_TURN = 0.5  # share of rows, by time, that hold another id than the row before
_REGULAR = 0.9  # share of a series' distances that are its step
_FEWEST = 5  # rows of a series, for its step to be told
_OVERLAP = 0.5  # share of the shorter of two spans that both series run through
_LEFT = 0.01  # share of rows that may still share id and instant


def propose_id_columns(scan: Scan, taken: set[str], mixed: Collection[str]) -> list[int]:
    """Return the columns that may hold ids: text, or numbers called like an id; those called so first.

    `mixed`: columns that looked like numbers in the sample and hold text elsewhere, such as the ids 007 and B12.
    """
    free = [k for k, name in enumerate(scan.names) if name not in taken and not scan.is_instant(k)]
    fitting = [k for k in free if not scan.is_number(k) or scan.names[k] in mixed or _looks_like_id(scan, k)]
    return sorted(fitting, key=lambda k: (not names_id(scan.names[k]), k))


def _looks_like_id(scan: Scan, k: int) -> bool:
    return names_id(scan.names[k]) and all(cell.strip().isdigit() for cell in scan.samples[k] if cell.strip())


def names_id(name: str) -> bool:
    """Return whether a column is called like an id."""
    return _ID_NAME.search(name) is not None


def measure_repeats(stamps: Integers, codes: Integers | None = None) -> float:
    """Return the share of rows whose instant (and code) another row before them has."""
    if stamps.size == 0:
        return 0.0
    codes = np.zeros_like(stamps) if codes is None else codes
    order = np.lexsort((stamps, codes))
    same = (np.diff(stamps[order]) == 0) & (np.diff(codes[order]) == 0)
    return float(np.count_nonzero(same)) / stamps.size


def needs_ids(stamps: Integers) -> bool:
    """Return whether so many instants repeat that several series must lie in one table."""
    if np.all(np.diff(stamps) > 0):  # the usual file, without a sort
        return False
    return measure_repeats(stamps) >= _REPEATED


def tells_apart(stamps: Integers, codes: Integers) -> bool:
    """Return whether a column makes the instants unique, or nearly so."""
    return measure_repeats(stamps, codes) <= _LEFT


def alternates(cells: np.ndarray) -> bool:
    """Return whether neighbours mostly differ."""
    return cells.size > 1 and float(np.mean(cells[1:] != cells[:-1])) >= _IN_TURN


def takes_turns(stamps: Integers, codes: Integers) -> bool:
    """Return whether the rows are those of several series, each regular, that were written down in turn.

    As of two sensors, one on the hour and one on the half hour: no instant repeats, and within each the step is steady
    and longer than that of all rows. A step of a day or more is not taken for one: the names of weekdays or shifts
    return as regularly, and are no series.
    """
    order = np.argsort(stamps, kind="stable")
    if np.unique(codes).size < 2 or not alternates(codes[order]):
        return False
    step = _measure_step(stamps[order])
    if step is None:
        return False
    by_code = np.lexsort((stamps, codes))
    groups = np.split(stamps[by_code], np.flatnonzero(np.diff(codes[by_code])) + 1)
    return all(_is_steady(group, step) for group in groups)


def runs_apart(stamps: Integers, codes: Integers, name: str) -> bool:
    """Return whether the rows are those of several series of no steady step, as of sensors that write on change.

    Either the file holds one after the other, each from its own beginning, or the column is called like an id and its
    values change with most rows.
    """
    ids = np.unique(codes)
    if not 2 <= ids.size <= codes.size / _FEWEST:
        return False
    if _lies_in_blocks(stamps, codes):
        return True
    return _SURE_ID_NAME.search(name) is not None and alternates(codes[np.argsort(stamps, kind="stable")])


def _lies_in_blocks(stamps: Integers, codes: Integers) -> bool:
    """Return whether each id's rows stand together, in order, and begin before those of the id above had ended.

    Zones of winter and summer are no ids: theirs share no more than an hour.
    """
    changes = np.diff(codes) != 0
    heads = np.append(0, np.flatnonzero(changes) + 1)
    if np.unique(codes[heads]).size < heads.size or np.any(np.diff(stamps)[~changes] < 0):
        return False
    first, last = stamps[heads], stamps[np.append(heads[1:], codes.size) - 1]
    shared = np.minimum(last[1:], last[:-1]) - np.maximum(first[1:], first[:-1])
    shorter = np.minimum((last - first)[1:], (last - first)[:-1])
    return bool(np.mean(shared > _OVERLAP * shorter) >= _OVERLAP)


def _measure_step(stamps: Integers) -> int | None:
    step = infer_step(stamps, np.zeros_like(stamps))
    return step.microseconds if step else None


def _is_steady(stamps: Integers, step: int) -> bool:
    """Return whether the instants of one series keep a step of their own, above `step` and below a day."""
    own = _measure_step(stamps) if stamps.size >= _FEWEST else None
    return own is not None and step < own < DAY and measure_regularity(stamps, np.zeros_like(stamps)) >= _REGULAR
