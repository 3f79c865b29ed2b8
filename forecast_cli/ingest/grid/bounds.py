"""The history beyond the physical bounds that the forecasts keep to: counted, said and kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.ingest.journal import say_count

if TYPE_CHECKING:
    from forecast_cli.ingest.journal import Journal
    from forecast_cli.types import Floats, ReadingOptions


@dataclass(frozen=True)
class Beyond:
    """Values of a column beyond one of its bounds."""

    count: int
    name: str
    where: str  # "below its --min"


def count_beyond(column: Floats, name: str, options: ReadingOptions) -> list[Beyond]:
    """Return how many values of a column on the grid lie below its lower bound and above its upper one, if any do."""
    lower, upper = dict(options.minimum).get(name, -np.inf), dict(options.maximum).get(name, np.inf)
    if (lower, upper) == (-np.inf, np.inf):
        return []
    below, above = (int(np.count_nonzero(flags)) for flags in (column < lower, column > upper))  # NaN is neither
    found = [Beyond(below, name, "below its --min"), Beyond(above, name, "above its --max")]
    return [each for each in found if each.count]


def report_beyond(found: list[Beyond], journal: Journal) -> None:
    """Say how much of the history lies beyond the bounds; a meter that reads -0.1 at rest has not lost its value."""
    journal.counts["beyond_bounds"] += sum(each.count for each in found)
    if not found:
        return
    first, *others = [f"{say_count(each.count, 'value')} of {each.name}" for each in found]
    told = [f"{first} lie {found[0].where}" if found[0].count > 1 else f"{first} lies {found[0].where}"]
    told += [f"{text} {each.where}" for text, each in zip(others, found[1:], strict=True)]
    flag = found[0].where.split()[-1]
    journal.note(f"{', '.join(told)}: kept, forecasts stay inside", flag)
