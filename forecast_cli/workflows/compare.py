"""`forecast compare-baselines`: the kept models on the same windows, with no fit and no TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.artifact.load import open_artifact
from forecast_cli.errors import DataError, UsageError
from forecast_cli.evaluation.backtest import score_models
from forecast_cli.evaluation.metrics import rank_models
from forecast_cli.evaluation.parts import choose_parts, measure_parts, pick_worst
from forecast_cli.frequency import add_steps, steps_between
from forecast_cli.models.baselines import SeasonalNaive
from forecast_cli.models.bounded import bind
from forecast_cli.models.notation import parse_network
from forecast_cli.prepare.scaling import scale_panel
from forecast_cli.prepare.splits import find_cutoffs, make_split
from forecast_cli.prepare.windows import count_cutoffs, series_of, steps_of
from forecast_cli.results import CompareResult
from forecast_cli.workflows.delivery import plan_delivery
from forecast_cli.workflows.history import (
    DIFFERENT_CLOCKS,
    cut_unseen_end,
    extend_front,
    find_ways,
    match_scaler,
    show_step,
    tells_same_clock,
)
from forecast_cli.workflows.known_ahead import note_hindsight
from forecast_cli.workflows.new_data import read_like_training
from forecast_cli.workflows.phrases import count_things
from forecast_cli.workflows.scores import read_fit_seconds
from forecast_cli.workflows.strictness import heed
from forecast_cli.workflows.verdict import write_verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.artifact.load import Artifact
    from forecast_cli.evaluation.parts import By
    from forecast_cli.requests import CompareRequest
    from forecast_cli.results import PartRow
    from forecast_cli.types import Flags, Floats, Integers, Json, Listener, Panel, Scaler, Scores


@dataclass(frozen=True, eq=False)
class Scene:
    """The windows to score on."""

    panel: Panel  # in the columns' units
    counts: Flags  # (R, T)
    rows: Integers  # cutoffs


def compare(request: CompareRequest, listener: Listener) -> CompareResult:
    """Return the ranking of the saved model and the kept baselines on the test part, or on later DATA."""
    listener = heed(listener, request.strict)
    artifact = open_artifact(request.model_dir)
    asked = _choose_models(request, artifact)
    names = tuple(dict.fromkeys((*asked, SeasonalNaive.name)))  # skill is measured against it, shown or not
    models = {name: artifact.load_model(name) for name in names}
    longest = max(model.lookback for model in models.values())
    scene = _set_on_data(request, artifact, longest, listener) if request.sources else _set_on_test(artifact)
    scaler = match_scaler(artifact, scene.panel, listener)
    window = artifact.card.config.window
    delivery = plan_delivery(artifact.card.reading.options, scene.panel.targets)
    models = {name: bind(model, delivery.lower, delivery.upper, scaler) for name, model in models.items()}
    scores = score_models(models, scale_panel(scene.panel, scaler), window, scene.counts, scene.rows, listener)
    ranking = rank_models(
        scores,
        _match_season_errors(artifact, scene.panel),
        scaler,
        read_fit_seconds(artifact.directory),
        {name: artifact.card.kept[name].parameters for name in names},
    )
    ranking = tuple(replace(row, rank=k) for k, row in enumerate((r for r in ranking if r.model in asked), start=1))
    by, parts = _measure_parts(request, artifact, scores, scene.panel, scaler, [row.model for row in ranking])
    note_hindsight(models[artifact.card.config.model], scene.panel, listener)
    listener.note(f"seasonal-naive has a season of {count_things(models[SeasonalNaive.name].lookback, 'step')}")
    return CompareResult(
        verdict=write_verdict(ranking, artifact.card.config.model, artifact.card.best_baseline),
        ranking=ranking,
        windows=_describe_windows(artifact, scene),
        by=by,
        parts=parts,
    )


def _measure_parts(
    request: CompareRequest, artifact: Artifact, scores: Scores, panel: Panel, scaler: Scaler, models: Sequence[str]
) -> tuple[By | None, tuple[PartRow, ...]]:
    """Return by what the errors are shown, and those of all parts or of the worst; nothing where nobody asked."""
    if request.by is None and request.worst is None:
        return None, ()
    by, config = request.by or choose_parts(panel.n_series, panel.n_targets), artifact.card.config
    rows = measure_parts(scores, panel, scaler, by, config.window.delay, models)
    return by, rows if request.worst is None else pick_worst(rows, config.model, request.worst)


def _choose_models(request: CompareRequest, artifact: Artifact) -> tuple[str, ...]:
    """Return the saved model and the baselines asked for, or all that are kept."""
    saved, kept = artifact.card.config.model, artifact.card.kept
    others = [name for name in kept if name != saved]
    unknown = [name for name in request.baselines if name not in kept]
    if unknown:
        raise UsageError(f"there is no baseline {unknown[0]!r} in the model", f"it keeps {', '.join(others)}")
    chosen = {saved, *(request.baselines or others)}
    return tuple(name for name in kept if name in chosen)  # in the order of training: equal errors rank alike


def _set_on_test(artifact: Artifact) -> Scene:
    card = artifact.card
    if card.keeps_panel != "all":
        raise DataError(
            f"{artifact.directory} does not keep the data it was trained on",
            "give DATA, or train with a larger --keep-data",
        )
    panel = artifact.load_panel()
    counts = count_cutoffs(panel, card.config.window, _mixes_channels(artifact))
    return Scene(panel, counts, make_split(panel, card.config.window, counts, card.config.split).test)


def _set_on_data(request: CompareRequest, artifact: Artifact, longest: int, listener: Listener) -> Scene:
    """Return the windows of DATA whose targets are later than the last learnt row; stored rows fill the front."""
    card, window = artifact.card, artifact.card.config.window
    panel = cut_unseen_end(read_like_training(artifact, request.sources, listener))
    own, needed = panel.start, max(window.lookback, longest)
    origin = artifact.empty_panel().origin
    if (
        card.keeps_panel != "none"
        and origin is not None
        and panel.origin == origin
        and tells_same_clock(panel, card.tz)
    ):
        extended = extend_front(panel, artifact.load_panel(), longest, find_ways(artifact))
        if len(extended.values) > len(panel.values):
            listener.note("stored rows that join DATA come before it as history")
        panel = extended
    begin = _find_learnt_step(artifact, panel, listener)
    counts = count_cutoffs(panel, window, _mixes_channels(artifact))
    rows = find_cutoffs(panel, window, counts, begin)
    series = series_of(panel, rows)
    in_data = steps_of(panel)[rows] + window.delay >= own[series]  # stored rows are history, and not scored again
    rows = rows[in_data & (rows - panel.indptr[series] + 1 >= needed)]  # a weekly naive without its week is no rival
    if not len(rows):
        raise DataError(
            f"DATA has no window to score: the model learnt until "
            f"{show_step(artifact.empty_panel(), card.learnt_until - 1)}, "
            f"and a window takes {needed:,} rows of history and {window.horizon:,} later ones",
            "give more rows after that",
        )
    return Scene(panel, counts, rows)


def _find_learnt_step(artifact: Artifact, panel: Panel, listener: Listener) -> int:
    """Return the first step of this panel's grid that nothing was learnt from."""
    stored = artifact.empty_panel()
    if stored.origin is None or panel.origin is None:
        listener.note("DATA has no time: all of it is taken as new", warning=True)
        return int(panel.start.min())
    if not tells_same_clock(panel, stored.tz):
        listener.note(DIFFERENT_CLOCKS, warning=True)
    until = add_steps(stored.origin, stored.freq, artifact.card.learnt_until)
    step = int(steps_between(panel.origin, panel.freq, until))
    return step if add_steps(panel.origin, panel.freq, step) >= until else step + 1


def _mixes_channels(artifact: Artifact) -> bool:
    layers = artifact.card.config.layers
    return layers is not None and parse_network(layers).mixes_channels


def _match_season_errors(artifact: Artifact, panel: Panel) -> Floats:
    """Return (N, T) denominators of MASE for the panel's series; NaN for those not seen in training."""
    place = {name: i for i, name in enumerate(artifact.card.series_ids)}
    known = artifact.season_errors
    unknown = np.full(known.shape[1], np.nan)
    return np.stack([known[place[name]] if name in place else unknown for name in panel.series_ids])


def _describe_windows(artifact: Artifact, scene: Scene) -> Json:
    steps, window = steps_of(scene.panel)[scene.rows], artifact.card.config.window
    return {
        "n_windows": len(scene.rows),
        "first_cutoff": show_step(scene.panel, int(steps.min())),
        "last_cutoff": show_step(scene.panel, int(steps.max())),
        "lookback": window.lookback,
        "horizon": window.horizon,
    }
