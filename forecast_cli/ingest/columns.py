"""From the user's patterns to exact names of columns; below this, no pattern is left."""

from __future__ import annotations

import difflib
import fnmatch
import re
from typing import TYPE_CHECKING

from forecast_cli.errors import DataError, UsageError
from forecast_cli.ingest.journal import list_names
from forecast_cli.types import Columns

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNIT = re.compile(r"(?:\[([^\[\]]+)\]|\s\(([^()]+)\)|\(([^()]*[°%/µ²³][^()]*)\))\s*$")


def resolve_columns(asked: Columns, names: Sequence[str], label: str, spare_id: bool = False) -> Columns:
    """Return the same roles with exact names; what was not asked for stays empty.

    `spare_id`: an id column that is not there is no mistake. Raises DataError for a name that the file does not have.
    """
    if asked.future_covariates or asked.static_covariates:
        raise UsageError("covariates known ahead and static ones are not read", "use --past-covariate")
    stamps = _expand_all(asked.timestamp, names, label)
    if len(stamps) > 2:
        raise UsageError(f"{len(stamps)} columns were named as the time", "name one, or a date and a time of day")
    has_id = asked.series_id is not None and not (spare_id and asked.series_id not in names)
    ids = expand_pattern(asked.series_id or "", names, label) if has_id else ()
    ignored = set(_expand_all(asked.ignored, names, label))
    taken = {*stamps, *ids, *ignored}
    targets = tuple(name for name in _expand_all(asked.targets, names, label) if name not in taken)
    past = [name for name in _expand_all(asked.past_covariates, names, label) if name not in {*taken, *targets}]
    if asked.targets and not targets:
        raise UsageError("no target is left", "--target names only columns that other flags take away")
    return Columns(
        timestamp=stamps,
        targets=targets,
        series_id=ids[0] if ids else None,
        past_covariates=tuple(sorted(past)),
        ignored=tuple(name for name in names if name in ignored),
    )


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
    return f"did you mean {close[0]!r}? " if close else f"it has {list_names(tuple(names), 12)}"


def parse_unit(name: str) -> str:
    """Return the unit that a name ends with, as in `flow [m3/h]` or `temp (°C)`; "" if none."""
    match = _UNIT.search(name)
    return next((group.strip() for group in match.groups() if group), "") if match else ""
