"""Who wins, and is it more than luck: the model against the baseline that was best on validation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forecast_cli.evaluation.significance import judge, write_sentence
from forecast_cli.models.registry import BASELINES
from forecast_cli.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.results import RankingRow
    from forecast_cli.types import Scores, Window


def give_verdict(
    scores: Scores, ranking: Sequence[RankingRow], model: str, best_baseline: str, window: Window
) -> Verdict:
    """Return whether the model beats the baseline that was best on validation, on all scored windows.

    Where that baseline is not in the ranking, the one that stands highest there takes its place and is called so.
    """
    others = [row.model for row in ranking if row.model != model]
    if not others:
        alone = Verdict(model, "", "alone", "", n_windows=scores.n_windows, n_cutoffs=len(scores.cutoffs))
        return replace(alone, sentence=write_sentence(alone))
    known = best_baseline in others
    name = best_baseline if known else others[0]
    best = "the best other baseline" if model in BASELINES else "the best baseline"
    verdict = judge(scores, model, name, window.horizon, window.delay)
    called = f"{name} ({best} {'on validation' if known else 'asked for'})"
    return replace(verdict, sentence=write_sentence(verdict, called))
