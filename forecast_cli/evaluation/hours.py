"""When a model errs: its errors by weekday and hour of the local clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.sums import divide
from forecast_cli.frequency import DAY, UNITS
from forecast_cli.prepare.calendar import list_cycles, read_local_clock

if TYPE_CHECKING:
    from forecast_cli.types import Array, Floats, Integers, Panel

HOURS = 7 * 24
_THURSDAY = 3  # 1970 began on one; weeks begin on Mondays


@dataclass(eq=False)
class HourTable:
    """Sums of errors by the hour of the week in which they fell."""

    n_targets: int
    sums: Floats = field(init=False)  # (3, T, 168): error, size of the error, count

    def __post_init__(self) -> None:
        self.sums = np.zeros((3, self.n_targets, HOURS))

    def add(self, errors: Array, panel: Panel, steps: Integers) -> None:
        """Add errors (B, H, T) that fell on these steps (B, H) of the panel's grid; NaN is none."""
        known = ~np.isnan(errors)
        places = find_hours(panel, steps)[..., None] + np.arange(self.n_targets) * HOURS
        cells, values = places[known], errors[known].astype(np.float64)
        for total, each in zip(self.sums, (values, np.abs(values), np.ones(len(values))), strict=True):
            total += np.bincount(cells, each, self.n_targets * HOURS).reshape(total.shape)

    def finish(self) -> tuple[Floats, Floats]:
        """Return mean error and mean absolute error, both (T, 7, 24); NaN where nothing fell."""
        error, size = (divide(each, self.sums[2]) for each in self.sums[:2])
        return error.reshape(-1, 7, 24), size.reshape(-1, 7, 24)


def tells_hours(panel: Panel) -> bool:
    """Tell whether the steps of a panel fall on different hours of the day."""
    return panel.origin is not None and "day" in list_cycles(panel.freq)


def find_hours(panel: Panel, steps: Integers) -> Integers:
    """Return 24 x weekday from Monday + hour, on the clock that is printed, in the shape of `steps`."""
    first = int(steps.min())
    clock = read_local_clock(panel, np.arange(first, int(steps.max()) + 1)).astype(np.int64)
    days, within = np.divmod(clock, DAY)
    hours: Integers = (days + _THURSDAY) % 7 * 24 + within // UNITS["h"]
    return hours[steps - first]
