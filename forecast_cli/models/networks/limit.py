"""When `--time-limit` ends a training."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Limit:
    """A moment on a clock; without a limit it never comes."""

    deadline: float = math.inf  # on the clock
    clock: Callable[[], float] = field(default=time.perf_counter)

    def is_reached(self, needed: float = 0.0) -> bool:
        """Tell whether fewer than the needed seconds are left."""
        return self.clock() + needed >= self.deadline


def start_limit(seconds: float | None, clock: Callable[[], float] = time.perf_counter) -> Limit:
    """Return the limit that ends so many seconds from now; None is no limit."""
    return Limit(math.inf if seconds is None else clock() + seconds, clock)
