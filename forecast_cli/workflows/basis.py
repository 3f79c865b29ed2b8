"""What a forecast goes on from: the stored rows, DATA, or DATA with stored rows in front."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.prepare.inputs import measure_reach
from forecast_cli.workflows.eligible import drop_silent
from forecast_cli.workflows.history import (
    DIFFERENT_CLOCKS,
    cut_unseen_end,
    fill_front,
    find_ends,
    find_ways,
    show_step,
    tells_same_clock,
)
from forecast_cli.workflows.known_ahead import looks_ahead, merge_future, read_future
from forecast_cli.workflows.new_data import read_like_training
from forecast_cli.workflows.phrases import name_some

if TYPE_CHECKING:
    from forecast_cli.artifact.load import Artifact
    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.requests import PredictRequest
    from forecast_cli.types import Listener, Panel


@dataclass(frozen=True, eq=False)
class Basis:
    """The rows that a forecast goes on from."""

    history: Panel  # each series ends with its cutoff
    needed: int  # rows that the model takes of each series
    known: Panel | None  # with the rows after the cutoffs; None where the model reads nothing of them


def find_basis(request: PredictRequest, artifact: Artifact, model: Predictor, listener: Listener) -> Basis:
    """Return what DATA hold, or else the stored panel, without the series that fell silent."""
    reach = artifact.card.config.window.reach
    needed = max(reach, measure_reach(model))
    data = read_like_training(artifact, request.sources, listener) if request.sources else None
    history = _go_on_from(request, artifact, data, needed, listener)
    known = _find_known(request, artifact, data, listener) if looks_ahead(model, history) else None
    if known is None and request.future is not None:
        listener.note("--future: the model reads nothing of the steps ahead", warning=True)
    return Basis(drop_silent(history, reach, listener), needed, known)


def _find_known(request: PredictRequest, artifact: Artifact, data: Panel | None, listener: Listener) -> Panel:
    """Return DATA or the stored panel with all their rows, and FILE of --future laid over them."""
    known = artifact.load_panel() if data is None else data
    if request.future is None:
        return known
    future = read_future(request.future, artifact.empty_panel(), artifact.card.reading, listener)
    return merge_future(known, future, listener)


def _go_on_from(
    request: PredictRequest, artifact: Artifact, data: Panel | None, needed: int, listener: Listener
) -> Panel:
    """Return the rows up to each series' cutoff: stored, given, or given with stored ones in front."""
    if data is None:
        return cut_unseen_end(artifact.load_panel(needed))
    data = cut_unseen_end(data)
    _note_absent(data, artifact, listener)
    if artifact.card.keeps_panel == "none":
        return data
    stored = _load_end(artifact, data, needed)
    short = bool((np.diff(data.indptr) < needed).any())
    if data.origin is None or stored.origin is None:
        return data
    if not tells_same_clock(data, stored.tz):
        listener.note(DIFFERENT_CLOCKS, warning=True)
        return data
    if data.origin != stored.origin:
        if short:
            listener.note("the stamps of DATA lie between the model's steps: no stored rows can fill the front")
        return data
    if request.history and short:
        data = fill_front(data, stored, needed, find_ways(artifact), listener)
    _note_past(data, stored, listener)
    return data


def _load_end(artifact: Artifact, data: Panel, needed: int) -> Panel:
    """Return the end of the stored panel, with all rows that can stand before those of DATA.

    As much again as needed, so that a gap at its beginning holds the value that lay before it. The whole panel where
    DATA end before it does.
    """
    stored = artifact.load_panel(2 * needed + int(np.diff(data.indptr).max()))
    ends, new = find_ends(stored), find_ends(data)
    return artifact.load_panel() if any(new[name] < ends.get(name, new[name]) for name in new) else stored


def _note_absent(data: Panel, artifact: Artifact, listener: Listener) -> None:
    present = set(data.series_ids)
    absent = [name for name in artifact.card.series_ids if name not in present]
    if absent:
        listener.note(f"{len(absent):,} series of the training not in DATA: {name_some(absent)}", warning=True)


def _note_past(data: Panel, stored: Panel, listener: Listener) -> None:
    """Warn where DATA ends before the training data do: the forecast is of a time that is already known."""
    ends = find_ends(stored)
    for name, end in zip(data.series_ids, data.start + np.diff(data.indptr), strict=True):
        if name in ends and end < ends[name]:
            known, here = show_step(stored, ends[name] - 1), show_step(data, int(end) - 1)
            listener.note(f"series {name} ends at {here}, before the training data do ({known})", warning=True)
