"""Does the column that tells series apart hold the tags of one plant?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.scan.load import Loaded
    from forecast_cli.types import Floats, Integers

_TAG = re.compile(
    r"(^|[^a-z])(tag|tags|tagname|param|parameter|variable|point|measurand|quantity|metric|signal|channel|property"
    r"|characteristic|kpi|register|entity|topic|field)([^a-z]|$)",
    re.IGNORECASE,
)
_VALUE = re.compile(r"val(ue)?s?|reading|measurement|result|wert|messwert|valeur|valor", re.IGNORECASE)
_WILD = 100.0  # times the least middle value: tags of one machine, and not sensors of one kind
_LOOKED_AT = 200  # tags


def suggest_pivot(tables: Sequence[Loaded], found: Sequence[tuple[Integers, tuple[str, ...]]], name: str) -> str:
    """Return a remark where the column that tells series apart looks like one of tags, else "".

    It is called so, or the middle values of its texts lie more than a hundredfold apart: pressures beside speeds.
    """
    columns = tables[0].columns
    called = [name for name, column in columns.items() if names_value(name) and not np.isnan(column).all()]
    if len(columns) != 1 and len(called) != 1:
        return ""
    values = columns[called[0] if called else next(iter(columns))]
    if _TAG.search(name) is None and not _differ_wildly(values, found[0][0]):
        return ""
    return f"{name} may hold the tags of one plant, not sensors of one kind: --pivot {name!r} makes a column of each"


def names_value(name: str) -> bool:
    """Return whether a column is called like one that holds the values of tags."""
    return _VALUE.fullmatch(name.strip(" _")) is not None


def _differ_wildly(values: Floats, codes: Integers) -> bool:
    known = ~np.isnan(values) & (codes >= 0)
    order = np.argsort(codes[known], kind="stable")
    groups = np.split(np.abs(values[known][order]), np.flatnonzero(np.diff(codes[known][order])) + 1)
    middles = [middle for group in groups[:_LOOKED_AT] if group.size and (middle := float(np.median(group))) > 0]
    return len(middles) > 1 and max(middles) > _WILD * min(middles)
