"""One sentence that says who wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.models.registry import BASELINES
from forecast_cli.workflows.phrases import count_things

if TYPE_CHECKING:
    from forecast_cli.results import RankingRow


def write_verdict(ranking: tuple[RankingRow, ...], model: str, best_baseline: str) -> str:
    """Return whether the model beats the baseline that was best on validation, in MAE over all scored windows.

    Where that baseline was not asked for, the one that stands highest in the ranking takes its place and is called so.
    Whether the difference is more than luck is not said yet.
    """
    by_name = {row.model: row for row in ranking}
    others = [row.model for row in ranking if row.model != model]
    if not others:
        return f"{model} was scored alone, beside no baseline"
    known = best_baseline in others
    name = best_baseline if known else others[0]
    best = "the best other baseline" if model in BASELINES else "the best baseline"
    opponent = f"{name}, {best} on validation" if known else f"{name}, {best} asked for"
    mine, theirs = by_name[model].mae_scaled, by_name[name].mae_scaled
    size = f"in MAE on {count_things(by_name[model].n_windows, 'window')}"
    if theirs > 0:
        size = f"by {100 * abs(1 - mine / theirs):.1f} % {size}"
    if mine == theirs:
        return f"{model} equals {opponent}, {size}"
    return f"{model} beats {opponent}, {size}" if mine < theirs else f"{model} is worse than {opponent}, {size}"
