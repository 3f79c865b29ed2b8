"""One sentence that says who wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forecast_cli.results import RankingRow


def write_verdict(ranking: tuple[RankingRow, ...], model: str, best_baseline: str) -> str:
    """Return whether the model beats the baseline that was best on validation, in MAE over all test windows.

    Whether the difference is more than luck is not said yet.
    """
    by_name = {row.model: row for row in ranking}
    mine, other = by_name[model], by_name[best_baseline]
    gain = 1 - mine.mae_scaled / other.mae_scaled if other.mae_scaled > 0 else 0.0
    opponent = f"{best_baseline}, the baseline best on validation"
    size = f"by {100 * abs(gain):.1f} % in MAE on {mine.n_windows:,} test windows"
    if gain > 0:
        return f"{model} beats {opponent}, {size}"
    return f"{model} is worse than {opponent}, {size}" if gain < 0 else f"{model} equals {opponent}, {size}"
