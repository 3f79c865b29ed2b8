"""From the user's patterns to exact names of columns; below this, no pattern is left."""

from __future__ import annotations

import difflib
import fnmatch
import re
from typing import TYPE_CHECKING

from forecast_cli.errors import DataError, UsageError
from forecast_cli.ingest.journal import list_names
from forecast_cli.ingest.text.units import is_unit
from forecast_cli.types import Columns

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_UNIT = re.compile(r"(?:\[([^\[\]]+)\]|\s\(([^()]+)\)|\(([^()]*[°%/µ²³][^()]*)\))\s*$")
_UNIT_BEFORE = re.compile(r",\s*([^,()]{1,16}?)\s*\([^()]*\)\s*$")
_LONGEST_UNIT = 24  # characters; what is longer tells something else


FROM_FILE = "file:"  # begins a --series-id that takes the id from the name of the file
MOST_TIMES = 6  # columns that hold the time together: from the year to the second


def resolve_columns(asked: Columns, names: Sequence[str], label: str, spare: Collection[str] = ()) -> Columns:
    """Return the same roles with exact names; what was not asked for stays empty.

    A name has one role: time, id or ignored, else target, known ahead, static, past; and the role that spells it out
    before one that takes it by a wildcard. `spare`: names that may be missing, as some may at predict time. Raises
    DataError for any other name that the file does not have.
    """
    stamps = _expand_all(asked.timestamp, names, label)
    if len(stamps) > MOST_TIMES:
        raise UsageError(f"{len(stamps)} columns were named as the time", "name one, or a date and a time of day")
    ids = _expand_id(asked.series_id, names, label, spare)
    gone = set(spare) - set(names)
    ignored = set(_expand_all([name for name in asked.ignored if name not in gone], names, label))
    static = tuple(name for name in asked.static_covariates if name not in gone)
    roles = (asked.targets, asked.future_covariates, static, asked.past_covariates)
    targets, *covariates = _share_out(roles, {*stamps, *ids, *ignored}, names, label)
    if asked.targets and not targets:
        raise UsageError("no target is left", "--target names only columns that other flags take away")
    future, known, past = (tuple(sorted(found)) for found in covariates)
    return Columns(
        timestamp=stamps,
        targets=targets,
        series_id=next(iter(ids), None),
        past_covariates=past,
        future_covariates=future,
        static_covariates=known,
        ignored=tuple(name for name in names if name in ignored),
    )


def _share_out(
    roles: Sequence[tuple[str, ...]], taken: set[str], names: Sequence[str], label: str
) -> list[tuple[str, ...]]:
    """Return the names of each role, each once: with the first that spells it out, else the first that takes it."""
    spelled = [spell_out(patterns, names) for patterns in roles]
    left = set(names) - taken
    shared = []
    for k, patterns in enumerate(roles):
        others = set().union(*spelled[:k], *spelled[k + 1 :]) - spelled[k]
        found = tuple(name for name in _expand_all(patterns, names, label) if name in left - others)
        left -= set(found)
        shared.append(found)
    return shared


def spell_out(patterns: Sequence[str], names: Sequence[str]) -> set[str]:
    """Return the names that patterns spell out, and do not merely match by a wildcard."""
    parts = [part.strip() for pattern in patterns for part in ([pattern] if pattern in names else pattern.split(","))]
    return {name for name in names if name in parts}


def _expand_id(asked: str | None, names: Sequence[str], label: str, spare: Collection[str]) -> tuple[str, ...]:
    """Return the id column, () where there is none; `file:PATTERN` stays as it is, unless a column is called so."""
    if asked is None or (asked in spare and asked not in names):
        return ()
    if asked.startswith(FROM_FILE) and asked not in names:
        return (asked,)
    found = expand_pattern(asked, names, label)
    if len(found) > 1:
        raise UsageError(f"--series-id {asked} names {len(found)} columns", "name the one that tells the series apart")
    return found


def expand_pattern(pattern: str, names: Sequence[str], label: str) -> tuple[str, ...]:
    """Return the names that one raw flag stands for: a whole name first, else a comma list with `*` and `?`.

    In the order of the file for a wildcard. Raises DataError for a part that matches nothing.
    """
    if pattern in names:
        return (pattern,)
    found: list[str] = []
    for part in (text.strip() for text in pattern.split(",")):
        matches = [part] if part in names else _match(part, names)
        if part and not matches:
            raise DataError(f"{label} has no column {part!r}", _suggest(part, names))
        found += [name for name in matches if name not in found]
    return tuple(found)


def _expand_all(patterns: Sequence[str], names: Sequence[str], label: str) -> tuple[str, ...]:
    found = [name for pattern in patterns for name in expand_pattern(pattern, names, label)]
    return tuple(dict.fromkeys(found))


def fits(name: str, patterns: Sequence[str]) -> bool:
    """Return whether any of these raw flags stands for a name."""
    parts = [part.strip() for pattern in patterns for part in (pattern, *pattern.split(","))]
    return any(part == name or bool(_match(part, (name,))) for part in parts)


def _match(part: str, names: Sequence[str]) -> list[str]:
    """Return the names that a wildcard matches; brackets mean themselves, as in `flow [m3/h]`.

    Where none does, a line break or several spaces in a name count as one space.
    """
    pattern = part.replace("[", "[[]")
    found = [name for name in names if fnmatch.fnmatchcase(name, pattern)]
    return found or [name for name in names if fnmatch.fnmatchcase(_fold(name), _fold(pattern))]


def _fold(text: str) -> str:
    return " ".join(text.split())


def _suggest(part: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(part, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"it has {list_names(tuple(names), 12)}"


def parse_unit(name: str) -> str:
    """Return the unit that a name ends with, as in `flow [m3/h]` or `temp (°C)`; "" if none."""
    match = _UNIT.search(name)
    found = next((group.strip() for group in match.groups() if group), "") if match else ""
    before = _UNIT_BEFORE.search(name)
    if before and is_unit(before[1]) and not is_unit(found):  # Temp, °C (LGR S/N: 4711)
        return before[1]
    return found if len(found) <= _LONGEST_UNIT else ""
