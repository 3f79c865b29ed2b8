"""Where a model is good and where it is bad: its errors by target, by series or by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from forecast_cli.evaluation.metrics import average
from forecast_cli.results import PartRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forecast_cli.types import Floats, Panel, Scaler, Scores

By: TypeAlias = Literal["target", "series", "step"]
Place: TypeAlias = tuple[slice, slice, slice]  # of a part in the axes series, target, step


def choose_parts(n_series: int, n_targets: int) -> By:
    """Return what to look at when nobody says: the series where there are several, else the targets, else the steps."""
    if n_series > 1:
        return "series"
    return "target" if n_targets > 1 else "step"


def measure_parts(
    scores: Scores, panel: Panel, scaler: Scaler, by: By, delay: int, models: Sequence[str]
) -> tuple[PartRow, ...]:
    """Return a row per part and model, parts in the order of the panel, models in the order given.

    `mae_scaled` is averaged as in the ranking: over windows and steps, then targets, then series. `mae` is in the
    target's own unit, and None where a part holds several targets. Both are None where nothing was scored.
    """
    scale = scaler.scale[:, : panel.n_targets, None]  # (N, T, 1)
    rows = []
    for name, place in _list_parts(scores, panel, by, delay):
        n, absolute = scores.n[place], scores.absolute[(slice(None), *place)]
        scaled, own = average(absolute, n), average(absolute * scale[place[:2]], n)
        is_single = n.shape[1] == 1
        rows += [
            PartRow(name, model, _known(own, m) if is_single else None, _known(scaled, m), int(n.sum()))
            for model, m in ((model, scores.models.index(model)) for model in models)
        ]
    return tuple(rows)


def pick_worst(rows: Sequence[PartRow], model: str, count: int) -> tuple[PartRow, ...]:
    """Return the rows of the `count` parts on which one model has the largest scaled errors, the worst first."""
    errors = {row.part: row.mae_scaled for row in rows if row.model == model and row.mae_scaled is not None}
    worst = sorted(errors, key=lambda part: -errors[part])[:count]
    return tuple(row for part in worst for row in rows if row.part == part)


def _list_parts(scores: Scores, panel: Panel, by: By, delay: int) -> Iterator[tuple[str, Place]]:
    """Yield the name of each part and where it lies."""
    whole = slice(None)
    if by == "series":
        yield from ((name, (slice(i, i + 1), whole, whole)) for i, name in enumerate(panel.series_ids))
    elif by == "target":
        yield from ((name, (whole, slice(t, t + 1), whole)) for t, name in enumerate(panel.targets))
    else:
        yield from ((str(delay + h), (whole, whole, slice(h, h + 1))) for h in range(scores.n.shape[2]))


def _known(values: Floats, m: int) -> float | None:
    return None if np.isnan(values[m]) else float(values[m])
