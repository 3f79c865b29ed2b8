"""What `forecast train` suggests at its end: at most five findings, each by a rule and with the flag to try."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.artifact.card import pick_network
from forecast_cli.evaluation.backtest import score_models
from forecast_cli.evaluation.metrics import average, average_steps, mean_known
from forecast_cli.evaluation.shortfalls import find_shortfalls
from forecast_cli.frequency import format_span
from forecast_cli.models.baselines import SeasonalNaive
from forecast_cli.prepare.defaults import longest_training_part
from forecast_cli.prepare.windows import steps_of, take_evenly
from forecast_cli.results import Finding
from forecast_cli.workflows.fitting import MOST_CUTOFFS
from forecast_cli.workflows.history import find_ends, show_step
from forecast_cli.workflows.losses import mark_possible
from forecast_cli.workflows.phrases import count_things, name_some

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from forecast_cli.types import Floats, Listener, Scores
    from forecast_cli.workflows.fitting import Fitted
    from forecast_cli.workflows.plan import Plan
    from forecast_cli.workflows.scoring import Outcome

MOST_FINDINGS = 5
TAIL = 0.1  # share of the steps that must be lost at the end
SHRINKAGE = 10.0  # points of the lead over the baseline
LOST = 0.2  # share of the windows


@dataclass(frozen=True, eq=False)
class Run:
    """What the findings are drawn from."""

    plan: Plan  # with the saved model
    scores: Scores  # on the test part
    baseline: str  # the best on validation
    shortfalls: Mapping[int, float]  # level -> coverage, both in percent, where that is too low for chance
    network: Fitted | None = None  # whose weights are kept
    lead: float | None = None  # how much lower the model's MAE was than the baseline's on validation, in percent
    is_refitted: bool = False

    @property
    def model(self) -> str:
        """The saved model."""
        return self.plan.config.model

    def take_errors(self, model: str) -> Floats:
        """Return (N, T, H) the mean absolute errors of a model, NaN where nothing was scored."""
        errors: Floats = self.scores.absolute[self.scores.models.index(model)]
        return errors


def study_run(plan: Plan, fitted: Mapping[str, Fitted], outcome: Outcome, is_refitted: bool, listener: Listener) -> Run:
    """Return what the findings of a run are drawn from; validation is looked at again for the lead."""
    baseline = outcome.best_baseline
    return Run(
        plan=plan,
        scores=outcome.scores,
        baseline=baseline,
        shortfalls=outcome.shortfalls,
        network=fitted.get(pick_network(plan.config.model, {name: each.kept for name, each in fitted.items()})),
        lead=_measure_lead(plan, fitted, baseline, listener),
        is_refitted=is_refitted,
    )


def _measure_lead(plan: Plan, fitted: Mapping[str, Fitted], baseline: str, listener: Listener) -> float | None:
    """Return the lead of the saved model on validation."""
    models = {name: fitted[name].model for name in (plan.config.model, baseline)}
    rows = take_evenly(plan.split.validation, MOST_CUTOFFS)
    return tell_lead(score_models(models, plan.scaled, plan.config.window, plan.counts, rows, listener), *models)


def tell_lead(scores: Scores, model: str, baseline: str) -> float | None:
    """Return how much lower the MAE of a model is than a baseline's, in percent; None where that is 0 or unknown."""
    errors = average(scores.absolute, scores.n)
    mine, theirs = (float(errors[scores.models.index(name)]) for name in (model, baseline))
    return 100 * (1 - mine / theirs) if theirs > 0 and not math.isnan(mine) else None


def list_shortfalls(plan: Plan, scores: Scores) -> Mapping[int, float]:
    """Return level -> coverage, both in percent, of the saved model's intervals that hold less than chance explains."""
    n_calibration = len(np.unique(steps_of(plan.panel)[plan.split.validation]))
    return find_shortfalls(scores, plan.config.window.horizon, n_calibration)


def list_findings(run: Run) -> tuple[Finding, ...]:
    """Return at most five findings, the gravest first; of two with the same flag only the first."""
    found = [finding for rule in RULES if (finding := rule(run)) is not None]
    by_flag = {each.flag or each.text: each for each in reversed(found)}
    return tuple(each for each in found if by_flag[each.flag or each.text] is each)[:MOST_FINDINGS]


def find_lost_steps(run: Run) -> Finding | None:
    """Return from which step on the model is no better than the best baseline, on the target that loses it first."""
    gains = _by_step(run.take_errors(run.baseline)) - _by_step(run.take_errors(run.model))  # (T, H)
    kept = np.array([_count_kept(each) for each in gains])  # (T,): steps up to the last one won
    H = gains.shape[1]
    lost = np.flatnonzero(~np.isnan(gains).all(axis=1) & (H - kept >= max(1, TAIL * H)))
    if not len(lost):
        return None
    t = int(lost[np.argmin(kept[lost])])
    last = run.plan.config.window.delay + int(kept[t]) - 1
    where = f"beyond step {last}" if kept[t] else "at any step"
    more = f"; {count_things(len(lost) - 1, 'more target')} like it" if len(lost) > 1 else ""
    return Finding(
        f"{run.plan.panel.targets[t]}: {run.model} is no better than {run.baseline} {where}{more}",
        _suggest_length(run.plan, last if kept[t] else 0),
    )


def find_lost_parts(run: Run) -> Finding | None:
    """Return the series, or the targets of a single one, on which the model is worse than the seasonal naive."""
    naive, mine = (average_steps(run.take_errors(name), run.scores.n) for name in (SeasonalNaive.name, run.model))
    panel = run.plan.panel
    many = panel.n_series > 1
    names = panel.series_ids if many else panel.targets
    losses = mean_known(mine) - mean_known(naive) if many else (mine - naive)[0]
    worst = [i for i in np.argsort(-np.nan_to_num(losses), kind="stable") if losses[i] > 0]
    if not worst or run.model == SeasonalNaive.name:
        return None
    if len(worst) == len(names):
        what, better = "series" if many else "target", SeasonalNaive.name
        return Finding(f"{run.model} is worse than {better} on every {what}", f"--model {better}")
    said = f"worse than {SeasonalNaive.name} on {len(worst):,} of {len(names):,} {'series' if many else 'targets'}"
    flag = "compare-baselines --by series --worst 10" if many else f"--target {shlex.quote(names[worst[0]])}"
    return Finding(f"{said}: {name_some([names[i] for i in worst])}", flag)


def find_narrow_intervals(run: Run) -> Finding | None:
    """Return the level whose intervals lack most of what they promise, beyond what chance explains."""
    short = {level: level - share for level, share in run.shortfalls.items()}
    if not short:
        return None
    level = max(short, key=lambda each: short[each])
    said = f"the {level} % intervals held {run.shortfalls[level]:.0f} % of the test values"
    return Finding(said, f"--level {min(99, level + math.ceil(short[level]))}")


def find_time_limit(run: Run) -> Finding | None:
    """Return how far training came before its time limit ended it."""
    if run.network is None or not _was_stopped(run.network, run.plan):
        return None
    done, asked = len(run.network.epochs), run.plan.config.training.epochs
    return Finding(f"the time limit ended training after {done} of {count_things(asked, 'epoch')}", "--time-limit")


def find_last_epoch(run: Run) -> Finding | None:
    """Return that training was still gaining when its epochs ended."""
    epochs = run.plan.config.training.epochs
    if run.network is None or epochs == 0 or run.network.best_epoch != epochs:
        return None
    return Finding(
        f"the last of {count_things(epochs, 'epoch')} was the best: more may be better", f"--epochs {2 * epochs}"
    )


def find_long_season(run: Run) -> Finding | None:
    """Return the longest season found, where the lookback does not cover it."""
    season, lookback = max(run.plan.seasons, default=0), run.plan.config.window.lookback
    if season <= lookback:
        return None
    said = f"{season:,} steps ({format_span(season, run.plan.panel.freq)})"
    return Finding(f"the lookback of {lookback:,} steps does not cover a season of {said}", f"--lookback {season}")


def find_shrunken_lead(run: Run) -> Finding | None:
    """Return that the model's lead over the baseline was larger on validation: what it has learnt ages."""
    after = tell_lead(run.scores, run.model, run.baseline)
    if run.lead is None or after is None or run.lead <= 0 or run.lead - after < SHRINKAGE:
        return None
    then, now = f"{run.lead:.0f} % lower than that of {run.baseline} on validation", f"{after:.0f} % on test"
    return Finding(f"the error was {then}, {now}: the data change", "" if run.is_refitted else "--refit")


def find_lost_windows(run: Run) -> Finding | None:
    """Return how many windows are lost to gaps, where that is many of them."""
    plan = run.plan
    possible = mark_possible(plan.panel, plan.config.window, plan.split.borders[2])
    total = int(np.count_nonzero(possible))
    lost = total - int(np.count_nonzero(plan.counts[possible].any(axis=1)))
    return Finding(f"{lost:,} of {total:,} windows are lost to gaps", "--freq") if lost > LOST * total else None


def find_unlearnt_rows(run: Run) -> Finding | None:
    """Return which rows were only scored on."""
    panel, until = run.plan.panel, run.plan.split.borders[1]
    end = max(find_ends(panel).values())
    if run.is_refitted or end <= until:
        return None
    later = count_things(end - until, "later step")
    return Finding(f"learnt up to {show_step(panel, until - 1)}, and nothing from {later}", "--refit")


RULES: tuple[Callable[[Run], Finding | None], ...] = (  # the gravest first
    find_lost_steps,
    find_lost_parts,
    find_narrow_intervals,
    find_time_limit,
    find_last_epoch,
    find_long_season,
    find_shrunken_lead,
    find_lost_windows,
    find_unlearnt_rows,
)


def _by_step(errors: Floats) -> Floats:
    """Return (T, H) from errors (N, T, H): over the series."""
    return mean_known(np.moveaxis(errors, 0, -1))


def _count_kept(gains: Floats) -> int:
    """Return how many of the gains (H,) there are up to the last positive one."""
    won = np.flatnonzero(gains > 0)
    return int(won[-1]) + 1 if len(won) else 0


def _suggest_length(plan: Plan, last: int) -> str:
    """Return a lookback of the longest season, or else a doubled one, that training has room for; else a horizon."""
    lookback, season = plan.config.window.lookback, max(plan.seasons, default=0)
    wanted = season if season > lookback else 2 * lookback
    if 4 * wanted <= longest_training_part(plan.panel, plan.config.split[0]):
        return f"--lookback {wanted}"
    return f"--horizon {last}" if last else ""


def _was_stopped(network: Fitted, plan: Plan) -> bool:
    """Tell whether neither the epochs nor the patience had run out when training ended."""
    training, done = plan.config.training, len(network.epochs)
    return training.time_limit is not None and done < training.epochs and done - network.best_epoch < training.patience
