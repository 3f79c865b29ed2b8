"""The time axis as `forecast inspect` tells of it: its step, its flaws, and its gaps by length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.frequency import DAY, UNITS, Freq, build_freq, format_instants, format_span
from forecast_cli.ingest.time.own_step import take_clock

if TYPE_CHECKING:
    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.read import Gathered
    from forecast_cli.types import Integers

_MOST_DISTANCES = 3
_WORDS = (("days", DAY), ("h", UNITS["h"]), ("min", UNITS["min"]), ("s", UNITS["s"]), ("ms", UNITS["ms"]))
_FEW = 24  # steps, where no day is made of several: the border between short gaps and long ones


def describe_axis(table: Gathered, journal: Journal) -> dict[str, Any]:
    """Return where the time stands, how it is read, its first and last instant, its step and its flaws."""
    grid, layout, rows = table.grid, table.layout, table.rows
    ends = layout.start + np.diff(layout.indptr) - 1
    freq = str(grid.freq)
    first, last = format_instants(grid.origin, freq, rows.tz, [int(layout.start.min()), int(ends.max())])
    read = next((each for each in journal.decisions if each.what == "time"), None)
    return {
        "columns": list(table.columns.timestamp),
        "read_as": read.taken if read else "",
        "evidence": read.evidence if read else "",
        "first": first,
        "last": last,
        "step": freq,
        "step_words": format_span(1, freq),
        "zone": rows.tz,
        "distances": measure_distances(_read_clock(table), rows.series),
        "is_newest_first": bool(rows.n_rows > 1 and journal.counts["out_of_order"] >= rows.n_rows - 1),
        **measure_jitter(table),
        **{name: journal.counts[name] for name in ("off_grid", "out_of_order", "duplicates", "conflicts", "averaged")},
    }


def _read_clock(table: Gathered) -> Integers | None:
    """Return the time of every row as the grid counts it; None where rows are the time."""
    rows = table.rows
    return None if rows.stamps is None else take_clock(rows.stamps, rows.series, rows.tz, str(table.grid.freq))


def measure_distances(stamps: Integers | None, series: Integers) -> list[dict[str, Any]]:
    """Return the three most usual distances of neighbouring rows and the share of each; [] where rows are the time."""
    if stamps is None or stamps.size < 2:
        return []
    apart = np.diff(stamps)[np.diff(series) == 0]
    apart = apart[apart > 0]
    values, counts = np.unique(apart, return_counts=True)
    usual = np.argsort(-counts, kind="stable")[:_MOST_DISTANCES]
    return [{"distance": str(build_freq(int(values[k]))), "share": float(counts[k] / apart.size)} for k in usual]


def measure_jitter(table: Gathered) -> dict[str, Any]:
    """Return the rows that do not stand exactly on the grid, and by how many seconds they miss it in the middle."""
    step, stamps, origin = table.grid.freq.microseconds, _read_clock(table), table.grid.origin
    if step is None or stamps is None or origin is None:
        return {"jittered": 0, "jitter_seconds": 0.0}
    off = np.abs(stamps - origin.astype("datetime64[us]").astype(np.int64) - table.grid.steps * step)
    off = off[off > 0]
    return {"jittered": int(off.size), "jitter_seconds": float(np.median(off)) / 1e6 if off.size else 0.0}


def describe_gaps(table: Gathered, max_gap: int) -> dict[str, Any]:
    """Return the steps without any row: how many, in how many gaps, and these by their length.

    `open` are those in gaps above `max_gap` steps, which are not filled.
    """
    cells, series = table.layout.cells, table.rows.series
    apart = np.diff(cells)[np.diff(series) == 0]
    lengths = apart[apart > 1] - 1
    longest = int(lengths.max()) if lengths.size else 0
    return {
        "missing": int(lengths.sum()),
        "share": float(lengths.sum() / table.layout.n_cells),
        "open": int(lengths[lengths > max_gap].sum()),
        "count": int(lengths.size),
        "longest": longest,
        "longest_words": say_length(longest, table.grid.freq) if longest else "",
        "lengths": count_lengths(lengths, _find_border(table.grid.freq.microseconds)),
        "filled_up_to": max_gap,
    }


def say_length(steps: int, freq: Freq) -> str:
    """Return a count of steps as a length of three digits in the largest unit of which it has two: `24.3 h`."""
    if freq.microseconds is None:
        return format_span(steps, str(freq))
    length = steps * freq.microseconds
    unit, size = next((pair for pair in _WORDS if length >= 2 * pair[1]), _WORDS[-1])
    return f"{length / size:.3g} {unit}"


def count_lengths(lengths: Integers, border: int) -> dict[str, int]:
    """Return how many gaps are of one step, of up to `border` steps, and longer; only what there is."""
    bins = {
        "1": np.count_nonzero(lengths == 1),
        f"2-{border}": np.count_nonzero((lengths > 1) & (lengths <= border)),
        f">{border}": np.count_nonzero(lengths > border),
    }
    return {name: int(count) for name, count in bins.items() if count}


def _find_border(step: int | None) -> int:
    """Return the steps of a day, an hour or a minute, the first that has 3 to 300 of them; else 24."""
    counts = [length // step for length in (DAY, UNITS["h"], UNITS["min"]) if step and length % step == 0]
    return next((count for count in counts if 3 <= count <= 300), _FEW)
