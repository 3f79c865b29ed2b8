"""Which of several ways to read the time is the right one, judged by the whole column and the step of its instants."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError, UsageError
from forecast_cli.frequency import parse_freq
from forecast_cli.ingest.scan.load import count_unread
from forecast_cli.ingest.time.readings import ISO_NAME
from forecast_cli.ingest.time.timeline import approximate, infer_step, measure_regularity
from forecast_cli.zones import is_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.scan.load import Loaded
    from forecast_cli.ingest.time.readings import StampReading
    from forecast_cli.types import Integers, ReadingOptions

_CLEARLY = 0.3  # how much more regular the steps of the right order of day and month are
_DENSER = 2  # times as many of its steps are filled
_USUAL = (ISO_NAME, "instants")
_MINUTE = 60_000_000


def settle_reading(tables: Sequence[Loaded], options: ReadingOptions, journal: Journal) -> str | None:
    """Return the name of the reading that understands the time of all files; None where there is no time.

    The one that reads the most cells; where several do equally, the one that `--freq` or the regularity of the steps
    tells. Raises DataError where day and month cannot be told apart, UsageError where `--time-format` reads nothing.
    """
    names = [name for name in tables[0].readings if all(name in table.readings for table in tables)]
    if not names:
        if any(table.readings for table in tables):
            label = tables[-1].scan.source.label
            raise DataError(f"the time in {label} is written in another way than in the files before", "read it alone")
        return None
    unread = {name: sum(count_unread(table, name) for table in tables) for name in names}
    fitting = [name for name in names if unread[name] == min(unread.values())]
    name, why = _tell_apart(tables, fitting, options) if len(fitting) > 1 else (fitting[0], "")
    if not why and len(names) > 1:
        lost = min(unread[other] for other in names if other != name)
        why = f"another order of day and month would leave {lost:,} unread"
    _report(tables, name, why or _explain_sample(tables[0].readings[name][0], options), options, journal)
    return name


def keep_order(tables: Sequence[Loaded], name: str | None, options: ReadingOptions) -> ReadingOptions:
    """Return the options with the order of day and month that was found, so that a few new rows are read alike."""
    first = name[:2] if name and tables[0].readings[name][0].is_ordered else ""
    return replace(options, day_first=first == "dd") if first in ("dd", "mm") else options


def _report(tables: Sequence[Loaded], name: str, why: str, options: ReadingOptions, journal: Journal) -> None:
    """Note which columns are read how, and how many rows that reads."""
    reading = tables[0].readings[name][0]
    total = sum(int(np.count_nonzero(table.readings[name][2] | table.filled)) for table in tables)
    read = total - sum(count_unread(table, name) for table in tables)
    if options.time_format is not None and not read and total:
        cell = next((c for c in tables[0].scan.samples[reading.columns[0]] if c.strip()), "")
        raise UsageError(
            f"--time-format {options.time_format!r} reads no cell of {tables[0].scan.source.label}, such as {cell!r}",
            "write it as strptime does: '%d.%m.%Y %H:%M'",
        )
    columns = " and ".join(tables[0].scan.names[k] for k in reading.columns)
    written = reading.shown or name
    evidence = f"{read:,} of {total:,} rows" + (f"; {why}" if why else "")
    flag = "--day-first" if reading.is_ordered else "--timestamp"
    journal.decide("time", f"{columns}, read as {written}", evidence, flag, said=name not in _USUAL)


def _explain_sample(reading: StampReading, options: ReadingOptions) -> str:
    """Return why no other order of day and month came into question; "" where the form knows but one."""
    if options.time_format is not None or (options.day_first is not None and reading.is_ordered):
        return "as asked"
    return "numbers above 12 rule the other order out" if reading.is_ordered else ""


# --- Day or month ------------------------------------------------------------------------------------------------


def _tell_apart(tables: Sequence[Loaded], names: list[str], options: ReadingOptions) -> tuple[str, str]:
    """Return the order of day and month that fits the step asked for, or whose steps are regular; and why."""
    instants = {name: _gather(tables, name) for name in names}
    likely = [name for name in names if not tables[0].readings[name][0].is_last_resort]
    if len(likely) > 1 and np.array_equal(instants[likely[0]], instants[likely[1]]):
        return likely[0], "either order of day and month is the same day"
    if len(likely) > 1 and options.freq is not None:
        told = [name for name in likely if _has_step(instants[name], options.freq)]
        if len(told) == 1:
            return told[0], f"a step of {options.freq} tells day from month"
    best, *others = sorted(names, key=lambda name: (-_measure_fill(instants[name]), name not in likely))
    rivals = others if best not in likely else [name for name in others if name in likely]
    if all(_fits_better(instants[best], instants[name]) for name in rivals):
        return best, f"its steps are regular, those of {others[0].split(',')[0]} are not"
    if len(likely) == 1:
        return likely[0], ""
    raise _explain_ambiguity(tables[0], *likely[:2])


def _gather(tables: Sequence[Loaded], name: str) -> Integers:
    return np.unique(np.concatenate([t.readings[name][1][t.readings[name][2]] for t in tables]))


def _has_step(instants: Integers, freq: str) -> bool:
    return infer_step(instants, np.zeros_like(instants)) == parse_freq(freq)


def _fits_better(one: Integers, other: Integers) -> bool:
    """Return whether the steps of one order are clearly more regular or leave clearly fewer gaps, and neither worse."""
    zeros = np.zeros_like(one)
    regular = measure_regularity(one, zeros) - measure_regularity(other, zeros[: other.size])
    denser = _measure_fill(one) / max(_measure_fill(other), 1e-9)
    return regular > _CLEARLY or (denser > _DENSER and regular > -_CLEARLY)


def _measure_fill(instants: Integers) -> float:
    """Return the share of the steps between the first instant and the last that one of them stands for."""
    step = infer_step(instants, np.zeros_like(instants))
    return 0.0 if step is None else instants.size / (1 + np.ptp(instants) / approximate(step))


def _explain_ambiguity(table: Loaded, first: str, second: str) -> DataError:
    reading, one, known = table.readings[first]
    other = table.readings[second][1]
    row = int(np.flatnonzero(known & (one != other))[0])
    cell = next((c for c in table.scan.samples[reading.columns[0]] if c.strip()), "")
    shown = np.array([one[row], other[row]]).astype("datetime64[us]").astype("datetime64[D]")
    return DataError(
        f"the dates of {table.scan.source.label}, such as {cell!r}, can be read as {first} or as {second}: "
        f"row {row + 1} would be {shown[0]} or {shown[1]}",
        f"say which: --day-first for {shown[0]}, --month-first for {shown[1]}",
    )


# --- Offsets that change -----------------------------------------------------------------------------------------


def level_days(tables: Sequence[Loaded], name: str | None, options: ReadingOptions) -> list[Loaded]:
    """Return the files with one offset throughout where days are counted and the offsets of their rows change.

    As of daily rows that are stamped 00:00+01:00 in winter and 00:00+02:00 in summer: what counts is the date that
    they show. The offset of the last row is kept, for printing. A zone with a name knows its days better.
    """
    if name is None or is_named(options.tz):
        return list(tables)
    return [_level(table, name, options.freq) for table in tables]


def _level(table: Loaded, name: str, freq: str | None) -> Loaded:
    reading, instants, readable = table.readings[name]
    if table.offsets is None or not readable.any():
        return table
    offsets = table.offsets[readable].astype(np.int64) * _MINUTE
    if np.all(offsets == offsets[0]):
        return table
    local = instants[readable] + offsets
    known = np.unique(local)
    step = parse_freq(freq) if freq else infer_step(known, np.zeros_like(known))
    if step is None or not step.is_daily_or_coarser:
        return table
    last = offsets[instants[readable].argmax()]
    moved = instants.copy()
    moved[readable] = local - last
    return replace(table, readings={**table.readings, name: (reading, moved, readable)})
