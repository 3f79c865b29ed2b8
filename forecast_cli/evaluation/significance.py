"""Is a model better than another, or was it lucky? The interval of the difference in error decides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.bootstrap import find_interval, measure_p_value, plan_blocks
from forecast_cli.evaluation.metrics import average_steps, mean_known
from forecast_cli.results import Verdict, Wins

if TYPE_CHECKING:
    from forecast_cli.results import Judgement
    from forecast_cli.types import Floats, Scores

_Interval = tuple[float, float]


def judge(scores: Scores, model: str, opponent: str, horizon: int, delay: int = 1) -> Verdict:
    """Return whether a model beats an opponent in MAE, weighted as in the ranking; `horizon` in steps.

    It does where the 95 % block-bootstrap interval of the difference lies wholly on its side. Cutoffs are drawn in
    blocks of max(overlap, n^(1/3)), where overlap is how many of them see a common target: `horizon` of them, where
    cutoffs are a step apart. Under two blocks there are too few windows to tell. Steps are counted from the cutoff;
    `delay` is the first.
    """
    mine, theirs = scores.models.index(model), scores.models.index(opponent)
    known = scores.weights > 0
    weights, gains = scores.weights[known], (scores.losses[theirs] - scores.losses[mine])[known]
    whole = float(scores.losses[theirs, known] @ weights)
    block, _ = plan_blocks(scores.cutoffs[known], horizon)
    interval = find_interval(gains, weights, scores.cutoffs[known], horizon)
    verdict = Verdict(
        model=model,
        baseline=opponent,
        outcome=_decide(interval),
        sentence="",
        gain=100 * float(gains @ weights) / whole if whole > 0 else None,
        gain_interval=(100 * interval[0] / whole, 100 * interval[1] / whole) if interval and whole > 0 else None,
        n_windows=scores.n_windows,
        n_cutoffs=len(weights),
        block=block,
        dm_p_value=measure_p_value(gains, weights, block) if interval else None,
    )
    verdict = _count_wins(verdict, scores, delay)
    return replace(verdict, sentence=write_sentence(verdict))


def write_sentence(verdict: Verdict, opponent: str = "") -> str:
    """Return the verdict in words; `opponent` is what the baseline is called, if not by its name alone."""
    model, other = verdict.model, opponent or verdict.baseline
    needed = f"{verdict.n_cutoffs:,} cutoffs where {2 * verdict.block:,} are needed"
    heads: dict[Judgement, str] = {
        "better": f"{model} beats {other}{_say_gain(verdict)}",
        "worse": f"{model} is worse than {other}{_say_gain(verdict)}",
        "no difference": f"{model} is neither better nor worse than {other} beyond chance{_say_gain(verdict)}",
        "too few windows": f"too few windows to tell {model} from {other}: {needed}{_say_gain(verdict)}",
        "alone": f"{model} was scored alone, beside no baseline",
    }
    return "; ".join([heads[verdict.outcome], *_say_wins(verdict)])


def _decide(interval: _Interval | None) -> Judgement:
    if interval is None:
        return "too few windows"
    low, high = interval
    if low > 0:
        return "better"
    return "worse" if high < 0 else "no difference"


def _count_wins(verdict: Verdict, scores: Scores, delay: int) -> Verdict:
    """Return the verdict with the series, targets and steps on which the model has the lower error."""
    errors = scores.absolute[[scores.models.index(verdict.baseline), scores.models.index(verdict.model)]]
    by_column = -np.diff(average_steps(errors, scores.n), axis=0)[0]  # (N, T)
    by_step = -np.diff(mean_known(mean_known(errors.transpose(0, 3, 1, 2))), axis=0)[0]  # (H,)
    won = np.flatnonzero(by_step > 0)
    after = int(won[-1]) + 1 if len(won) else 0
    return replace(
        verdict,
        series=_count(mean_known(by_column)),
        targets=_count(mean_known(by_column.T)),
        steps=_count(by_step),
        no_better_from=delay + after if after < len(by_step) else None,
    )


def _count(gains: Floats) -> Wins:
    return Wins(won=int((gains > 0).sum()), of=int((~np.isnan(gains)).sum()))


def _say_gain(verdict: Verdict) -> str:
    """Return how far the errors lie apart, from a comma on; nothing where that is unknown."""
    if verdict.gain is None:
        return ""
    if verdict.gain_interval is None:
        return f", MAE {_show(abs(verdict.gain))} % {'lower' if verdict.gain >= 0 else 'higher'}"
    if verdict.outcome == "no difference":
        low, high = verdict.gain_interval
        return f", gain in MAE {_show(verdict.gain)} % [{_show(low)}, {_show(high)}]"
    low, high = sorted(map(abs, verdict.gain_interval))
    return f" by {_show(abs(verdict.gain))} % [{_show(low)}, {_show(high)}] in MAE"


def _say_wins(verdict: Verdict) -> list[str]:
    """Return on how many series or targets the model is better, where there are several, and up to which step."""
    said = []
    if verdict.series.of > 1:
        said.append(f"better on {verdict.series.won:,} of {verdict.series.of:,} series")
    elif verdict.targets.of > 1:
        said.append(f"better on {verdict.targets.won:,} of {verdict.targets.of:,} targets")
    if verdict.steps.won and verdict.no_better_from is not None:
        said.append(f"no better beyond step {verdict.no_better_from - 1:,}")
    return said


def _show(percent: float) -> str:
    """Return a percentage to two digits, or whole."""
    return f"{percent:.0f}" if abs(percent) >= 99.5 else f"{percent:.2g}"
