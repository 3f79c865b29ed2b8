"""What a model directory is scored on: the test part of the panel it keeps, or windows of later DATA."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forecast_cli.errors import DataError
from forecast_cli.evaluation.cutoffs import choose_cutoffs
from forecast_cli.frequency import add_steps, count_steps, steps_between
from forecast_cli.models.notation import parse_network
from forecast_cli.prepare.splits import find_cutoffs, make_split
from forecast_cli.prepare.windows import count_cutoffs, series_of, steps_of
from forecast_cli.workflows.history import (
    DIFFERENT_CLOCKS,
    cut_unseen_end,
    extend_front,
    find_ways,
    show_step,
    tells_same_clock,
)
from forecast_cli.workflows.new_data import read_like_training

if TYPE_CHECKING:
    from forecast_cli.artifact.load import Artifact
    from forecast_cli.requests import CompareRequest
    from forecast_cli.types import Flags, Integers, Json, Listener, Panel, Split, Window


@dataclass(frozen=True, eq=False)
class Scene:
    """The windows to score on."""

    panel: Panel  # in the columns' units
    counts: Flags  # (R, T): may target t be forecast from cutoff row r?
    rows: Integers  # cutoffs, ascending


def set_scene(request: CompareRequest, artifact: Artifact, longest: int, listener: Listener) -> Scene:
    """Return the windows that a model directory is scored on; `longest` is how far back its models look.

    Those of the test part; with DATA those whose targets are later than the last row that was learnt from, by the
    models that `predict` runs. Of them the last ones, or some distance apart, where that was asked for.
    """
    scene = _set_on_data(request, artifact, longest, listener) if request.sources else _set_on_test(artifact)
    return choose_windows(request, scene)


def choose_windows(request: CompareRequest, scene: Scene) -> Scene:
    """Return the scene with the cutoffs that `--n-windows` and `--stride` leave."""
    stride = count_steps(request.stride, scene.panel.freq, "--stride")
    return replace(scene, rows=choose_cutoffs(scene.panel, scene.rows, request.n_windows, stride))


def describe_windows(scene: Scene, window: Window) -> Json:
    """Return how many windows there are, and between which cutoffs."""
    steps = steps_of(scene.panel)[scene.rows]
    return {
        "n_windows": len(scene.rows),
        "first_cutoff": show_step(scene.panel, int(steps.min())),
        "last_cutoff": show_step(scene.panel, int(steps.max())),
        "lookback": window.lookback,
        "horizon": window.horizon,
    }


def find_windows(artifact: Artifact, panel: Panel) -> Flags:
    """Return (R, T): from which rows of a panel the model may forecast each target."""
    config = artifact.card.config
    mixes = config.layers is not None and parse_network(config.layers).mixes_channels
    return count_cutoffs(panel, config.window, mixes)


def load_whole_panel(artifact: Artifact) -> Panel:
    """Return the panel that the model was trained on; DataError where the directory does not keep it."""
    if artifact.card.keeps_panel != "all":
        raise DataError(
            f"{artifact.directory} does not keep the data it was trained on",
            "give DATA, or train with a larger --keep-data",
        )
    return artifact.load_panel()


def split_panel(artifact: Artifact, panel: Panel, counts: Flags) -> Split:
    """Return the parts of the panel that the model was trained on, as they were then."""
    return make_split(panel, artifact.card.config.window, counts, artifact.card.config.split)


def read_data(request: CompareRequest, artifact: Artifact, longest: int, listener: Listener) -> tuple[Panel, Integers]:
    """Return DATA with stored rows that join them in front, and the first step (N,) of DATA in each series.

    Up to `longest` stored rows; all of them where models are fitted anew.
    """
    card = artifact.card
    panel = cut_unseen_end(read_like_training(artifact, request.sources, listener))
    own, stored = panel.start, artifact.empty_panel()
    joinable = stored.origin is not None and panel.origin == stored.origin and tells_same_clock(panel, card.tz)
    if card.keeps_panel != "none" and joinable:
        stored = artifact.load_panel()
        most = longest if request.refit_every is None else len(stored.values)
        extended = extend_front(panel, stored, most, find_ways(artifact))
        if len(extended.values) > len(panel.values):
            listener.note("stored rows that join DATA come before it as history")
        panel = extended
    if request.refit_every is not None:
        _check_past(artifact, panel, joinable)
    return panel, own


def find_learnt_step(artifact: Artifact, panel: Panel, until: int, listener: Listener) -> int:
    """Return the first step of this panel's grid that is not earlier than step `until` of the model's."""
    stored = artifact.empty_panel()
    if stored.origin is None or panel.origin is None:
        listener.note("DATA has no time: all of it is taken as new", warning=True)
        return int(panel.start.min())
    if not tells_same_clock(panel, stored.tz):
        listener.note(DIFFERENT_CLOCKS, warning=True)
    instant = add_steps(stored.origin, stored.freq, until)
    step = int(steps_between(panel.origin, panel.freq, instant))
    return step if add_steps(panel.origin, panel.freq, step) >= instant else step + 1


def _set_on_test(artifact: Artifact) -> Scene:
    panel = load_whole_panel(artifact)
    counts = find_windows(artifact, panel)
    return Scene(panel, counts, split_panel(artifact, panel, counts).test)


def _set_on_data(request: CompareRequest, artifact: Artifact, longest: int, listener: Listener) -> Scene:
    """Return the windows of DATA whose targets are later than the last learnt row; stored rows fill the front."""
    card, window = artifact.card, artifact.card.config.window
    panel, own = read_data(request, artifact, longest, listener)
    begin = find_learnt_step(artifact, panel, card.delivered_until, listener)
    counts, needed = find_windows(artifact, panel), max(window.lookback, longest)
    rows = find_cutoffs(panel, window, counts, begin)
    series = series_of(panel, rows)
    in_data = steps_of(panel)[rows] + window.delay >= own[series]  # stored rows are history, and not scored again
    rows = rows[in_data & (rows - panel.indptr[series] + 1 >= needed)]  # a weekly naive without its week is no rival
    if not len(rows):
        raise DataError(
            f"DATA has no window to score: the model learnt until "
            f"{show_step(artifact.empty_panel(), card.delivered_until - 1)}, "
            f"and a window takes {needed:,} rows of history and {window.horizon:,} later ones",
            "give more rows after that",
        )
    return Scene(panel, counts, rows)


def _check_past(artifact: Artifact, panel: Panel, joinable: bool) -> None:
    """Raise DataError where models would be fitted anew without the rows that they were trained on."""
    card = artifact.card
    if not joinable or int(panel.start.min()) > card.learnt_until - card.config.split[1]:
        raise DataError(
            "--refit-every fits on everything before a cutoff, and the training rows are not there: they are not kept, "
            "or DATA do not go on from them",
            "give DATA that hold the training rows, too, or leave out --refit-every",
        )
