"""Where a model is good and where it is bad: its errors by target, by series or by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from forecast_cli.evaluation.figures import measure_figures
from forecast_cli.evaluation.metrics import know
from forecast_cli.results import PartRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forecast_cli.evaluation.figures import Figures
    from forecast_cli.evaluation.metrics import Part
    from forecast_cli.types import Floats, Panel, Scaler, Scores, Window

By: TypeAlias = Literal["target", "series", "step"]


def choose_parts(n_series: int, n_targets: int) -> By:
    """Return what to look at when nobody says: the series where there are several, else the targets, else the steps."""
    if n_series > 1:
        return "series"
    return "target" if n_targets > 1 else "step"


def list_parts(panel: Panel, window: Window, by: By) -> Mapping[str, Part]:
    """Return where each part lies in the axes series, target and step, in their order; steps count from the cutoff."""
    whole = slice(None)
    if by == "series":
        return {name: (slice(i, i + 1), whole, whole) for i, name in enumerate(panel.series_ids)}
    if by == "target":
        return {name: (whole, slice(t, t + 1), whole) for t, name in enumerate(panel.targets)}
    return {str(window.delay + h): (whole, whole, slice(h, h + 1)) for h in range(window.horizon)}


def measure_parts(
    scores: Scores, season_errors: Floats, scaler: Scaler, parts: Mapping[str, Part], models: Sequence[str]
) -> tuple[PartRow, ...]:
    """Return a row per part and model, in the order given, with the figures of `measure_figures`.

    `mae` and `rmse` are in the target's own unit, and None where a part holds several targets. All figures are None
    where nothing was scored.
    """
    rows = []
    for name, part in parts.items():
        figures = dict(zip(scores.models, measure_figures(scores, season_errors, scaler, part), strict=True))
        n = int(scores.n[part].sum())
        rows += [_make_row(name, model, n, figures[model]) for model in models]
    return tuple(rows)


def _make_row(part: str, model: str, n: int, figures: Figures) -> PartRow:
    return PartRow(
        part=part,
        model=model,
        mae=figures.mae,
        mae_scaled=know(figures.mae_scaled),
        n=n,
        mse_scaled=know(figures.mse_scaled),
        mase=figures.mase,
        rmse=figures.rmse,
        rmsse=figures.rmsse,
        smape=figures.smape,
        intervals=figures.intervals,
    )


def pick_worst(rows: Sequence[PartRow], model: str, count: int) -> tuple[PartRow, ...]:
    """Return the rows of the `count` parts on which one model has the largest scaled errors, the worst first."""
    errors = {row.part: row.mae_scaled for row in rows if row.model == model and row.mae_scaled is not None}
    worst = sorted(errors, key=lambda part: -errors[part])[:count]
    return tuple(row for part in worst for row in rows if row.part == part)
