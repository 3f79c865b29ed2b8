"""`forecast compare-baselines`: kept models on the same windows, with no fit unless asked for, and no TensorFlow."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from forecast_cli.artifact.load import open_artifact
from forecast_cli.evaluation.backtest import iterate_stages
from forecast_cli.evaluation.figures import rank_models
from forecast_cli.evaluation.parts import choose_parts, list_parts, measure_parts, pick_worst
from forecast_cli.evaluation.significance import judge
from forecast_cli.evaluation.sums import sum_errors
from forecast_cli.results import CompareResult
from forecast_cli.workflows.contest import enter_models
from forecast_cli.workflows.forecast_file import open_tables, watch_forecasts
from forecast_cli.workflows.pairing import pair_directories
from forecast_cli.workflows.scene import describe_windows
from forecast_cli.workflows.strictness import heed
from forecast_cli.workflows.verdict import give_verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.evaluation.parts import By
    from forecast_cli.requests import CompareRequest
    from forecast_cli.results import PartRow, RankingRow, Verdict
    from forecast_cli.types import Listener, Scores
    from forecast_cli.workflows.contest import Contest


def compare(request: CompareRequest, listener: Listener) -> CompareResult:
    """Return the ranking of the saved model and the baselines on the test part, or on later DATA.

    Of two directories: of their saved models, on the windows that neither has learnt from.
    """
    listener = heed(listener, request.strict)
    artifact = open_artifact(request.model_dir)
    if request.before is None:
        contest = enter_models(request, artifact, listener)
    else:
        contest = pair_directories(request, open_artifact(request.before), artifact, listener)
    scores = score_contest(request, contest, listener)
    ranking = rank_models(scores, contest.season_errors, contest.scaler, contest.fit_seconds, contest.parameters)
    ranking = _keep_shown(ranking, contest.shown)
    by, parts = _measure_parts(request, contest, scores, [row.model for row in ranking])
    return CompareResult(
        verdict=_judge(contest, scores, ranking),
        ranking=ranking,
        windows=describe_windows(contest.scene, contest.window),
        by=by,
        parts=parts,
    )


def score_contest(request: CompareRequest, contest: Contest, listener: Listener) -> Scores:
    """Return how all models, and the saved one's intervals, did; what they said goes to FILE where there is one."""
    scene, scaled, window, intervals = contest.scene, contest.scaled, contest.window, contest.intervals
    pieces = iterate_stages(contest.stages, scaled, window, scene.counts, len(scene.rows), listener)
    if intervals is not None:
        pieces = intervals.watch(pieces, scaled, scene.rows)
    with nullcontext() if request.forecasts is None else open_tables(request.forecasts, request.form) as write:
        if write is not None and intervals is not None:
            pieces = watch_forecasts(pieces, contest, intervals, write)
        scores = sum_errors(pieces, tuple(contest.parameters), scaled, window, scene.rows, scene.counts)
    return scores if intervals is None else replace(scores, intervals=intervals.finish())


def _judge(contest: Contest, scores: Scores, ranking: tuple[RankingRow, ...]) -> Verdict:
    """Return the verdict: against the other directory, or the baseline that was best on validation."""
    if contest.is_pair:
        return judge(scores, contest.model, contest.opponent, contest.window.horizon, contest.window.delay)
    return give_verdict(scores, ranking, contest.model, contest.opponent, contest.window)


def _keep_shown(ranking: tuple[RankingRow, ...], shown: tuple[str, ...]) -> tuple[RankingRow, ...]:
    rows = (row for row in ranking if row.model in shown)
    return tuple(replace(row, rank=rank) for rank, row in enumerate(rows, start=1))


def _measure_parts(
    request: CompareRequest, contest: Contest, scores: Scores, models: Sequence[str]
) -> tuple[By | None, tuple[PartRow, ...]]:
    """Return by what the errors are shown, and those of all parts or of the worst; nothing where nobody asked."""
    if request.by is None and request.worst is None:
        return None, ()
    panel = contest.scaled
    by = request.by or choose_parts(panel.n_series, panel.n_targets)
    rows = measure_parts(scores, contest.season_errors, contest.scaler, list_parts(panel, contest.window, by), models)
    return by, rows if request.worst is None else pick_worst(rows, contest.model, request.worst)
