"""What a training run will need, said before it starts; a run that cannot fit is refused with the arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.errors import RefusedError
from forecast_cli.ingest.scan.memory import measure_free_memory

if TYPE_CHECKING:
    from forecast_cli.types import Panel

TENSORFLOW = 700 * 2**20  # what importing it takes
WORK = 600 * 2**20  # batches, weights, gradients, compiled steps
COPIES = 3  # of the data as float32: as read, scaled, and four flags a value (observed, counted; twice each)


def estimate_memory(panel: Panel, trains_networks: bool) -> int:
    """Return the bytes that training needs at its peak; windows are never materialised, so lookback does not count."""
    return COPIES * panel.values.nbytes + WORK + (TENSORFLOW if trains_networks else 0)


def check_memory(panel: Panel, trains_networks: bool) -> str:
    """Return one line about memory, or raise RefusedError when there is not enough."""
    needed, free = estimate_memory(panel, trains_networks), measure_free_memory()
    sum_text = f"{COPIES} x {_show(panel.values.nbytes)} of data + {_show(needed - COPIES * panel.values.nbytes)}"
    if free is not None and needed > free:
        raise RefusedError(
            f"training needs about {_show(needed)} of memory ({sum_text}), {_show(free)} are free",
            "train on fewer columns (--target, --ignore) or rows, or on a larger machine",
        )
    return f"needs about {_show(needed)} of memory ({sum_text})"


def _show(n_bytes: int) -> str:
    return f"{n_bytes / 2**30:.1f} GB" if n_bytes >= 2**30 else f"{max(1, round(n_bytes / 2**20))} MB"
