"""What `forecast inspect` suggests, each by a rule and with the flag to try."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from forecast_cli.frequency import format_span
from forecast_cli.ingest.time.rates import suggest_coarser
from forecast_cli.results import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forecast_cli.ingest.read import Gathered
    from forecast_cli.results import ColumnProfile, Inspection
    from forecast_cli.types import ReadingOptions

MOST_FINDINGS = 5
REPEATS = 0.5  # share of values that equal the one before, from which a column looks held
SPARSE = 0.25  # share of steps without a row: windows need three quarters
WORTH = 0.005  # share of steps in gaps that are not filled, from which it is worth a word
SURE_RISES = 200  # values that only rise
_TURN = re.compile(r"(^|[^a-z])(dir|direction|bearing|heading|azimuth|wd|winddir\w*|wind_dir\w*)($|[^a-z])", re.I)


def list_findings(
    found: Inspection, table: Gathered, options: ReadingOptions, remarks: Sequence[tuple[str, str]]
) -> tuple[Finding, ...]:
    """Return at most five suggestions, the gravest first; what the reader itself says of zones and tags is one."""
    asked = {"--tz": options.tz, "--pivot": options.pivot}
    heard = [Finding(text, flag) for text, flag in remarks if flag in asked and asked[flag] is None]
    own = [
        *_find_counters(found.columns, options),
        *_find_angles(found.columns, options),
        *_find_sparseness(found, table, options),
        *_find_gaps(found, options),
        *_find_stuck(found.columns),
        *_find_held(found.columns, options),
        *_find_spikes(found.columns),
    ]
    return tuple([*heard, *own][:MOST_FINDINGS])


def list_sure_flags(columns: Sequence[ColumnProfile], options: ReadingOptions) -> list[str]:
    """Return the flags that are surely right: a meter that only rises, and a direction that goes all around."""
    flags: list[str] = []
    for each in _list_counters(columns, options):
        flags += ["--counter", each.column] if (each.n_values or 0) >= SURE_RISES else []
    for each in _list_angles(columns, options):
        flags += ["--angle", each.column] if (each.maximum or 0) > 270 else []
    return flags


def _list_counters(columns: Sequence[ColumnProfile], options: ReadingOptions) -> list[ColumnProfile]:
    return [each for each in _list_targets(columns) if each.only_rises and each.column not in options.counters]


def _list_angles(columns: Sequence[ColumnProfile], options: ReadingOptions) -> list[ColumnProfile]:
    return [each for each in _list_targets(columns) if is_angle(each) and each.column not in options.angles]


def _list_targets(columns: Sequence[ColumnProfile]) -> list[ColumnProfile]:
    return [each for each in columns if each.role == "target"]


def is_angle(column: ColumnProfile) -> bool:
    """Tell whether a column is named like a direction, or has the unit of one, and lies between 0 and 360."""
    low, high = column.minimum, column.maximum
    if low is None or high is None or low < 0 or high > 360 or high <= 180:
        return False
    return column.unit.lower() in ("°", "deg", "degree", "degrees") or _TURN.search(column.column) is not None


def _find_counters(columns: Sequence[ColumnProfile], options: ReadingOptions) -> Iterator[Finding]:
    for each in _list_counters(columns, options):
        flag = shlex.join(["--counter", each.column])
        yield Finding(f"{each.column} only rises: a meter, whose increase can be forecast", flag)


def _find_angles(columns: Sequence[ColumnProfile], options: ReadingOptions) -> Iterator[Finding]:
    for each in _list_angles(columns, options):
        flag = shlex.join(["--angle", each.column])
        yield Finding(f"{each.column} looks like a direction: 359 and 1 are neighbours", flag)


def _find_sparseness(found: Inspection, table: Gathered, options: ReadingOptions) -> Iterator[Finding]:
    if found.gaps["share"] <= SPARSE or options.fill == "hold":
        return
    said = f"{found.gaps['share']:.0%} of the steps have no row"
    stamps = table.rows.stamps
    coarser = None if stamps is None else suggest_coarser(stamps, table.rows.series, table.grid.freq)
    if coarser:
        yield Finding(f"{said}: most windows are lost; {coarser} would gather them", f"--freq {coarser}")
    else:
        yield Finding(f"{said}: if it writes on change only, a value holds until the next", "--fill hold")


def _find_gaps(found: Inspection, options: ReadingOptions) -> Iterator[Finding]:
    """Tell of gaps that stay open, where they are long enough to cost windows."""
    gaps = found.gaps
    share = gaps["share"] * gaps["open"] / max(gaps["missing"], 1)
    if share > WORTH and gaps["share"] <= SPARSE and options.fill != "hold":
        span = format_span(gaps["filled_up_to"], found.time["step"])
        text = f"gaps above {span} stay open, and most windows across them are lost"
        yield Finding(f"{text}; the longest is {gaps['longest_words']}", "--max-gap")


def _find_stuck(columns: Sequence[ColumnProfile]) -> Iterator[Finding]:
    stuck = [each for each in _list_targets(columns) if each.is_stuck]
    if stuck:
        worst = max(stuck, key=lambda each: each.longest_run or 0)
        more = f", and {len(stuck) - 1} more" if len(stuck) > 1 else ""
        yield Finding(f"{worst.column}{more} stood still for {worst.longest_run:,} rows: is the sensor stuck?")


def _find_held(columns: Sequence[ColumnProfile], options: ReadingOptions) -> Iterator[Finding]:
    targets = _list_targets(columns)
    held = [each for each in targets if (each.repeats or 0) > REPEATS]
    if held and options.fill != "hold":
        names = held[0].column if len(held) == 1 else f"{len(held)} of {len(targets)} targets"
        yield Finding(f"{names}: most values repeat the one before; gaps are better held than sloped", "--fill hold")


def _find_spikes(columns: Sequence[ColumnProfile]) -> Iterator[Finding]:
    spiky = [each for each in _list_targets(columns) if each.spikes]
    if spiky:
        worst = max(spiky, key=lambda each: each.spikes or 0)
        values = "1 value lies" if worst.spikes == 1 else f"{worst.spikes:,} values lie"
        text = f"{values} far outside the rest of {worst.column}"
        yield Finding(f"{text} ({worst.minimum:g} to {worst.maximum:g}): codes for no value?", "--missing-value")
