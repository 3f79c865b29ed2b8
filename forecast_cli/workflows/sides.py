"""Two model directories before the same rows: DATA, or the panel of the one that was trained on the newer data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError, UsageError
from forecast_cli.frequency import add_steps, align, parse_freq
from forecast_cli.workflows.history import pick_series
from forecast_cli.workflows.new_data import arrange_channels
from forecast_cli.workflows.scene import find_learnt_step, load_whole_panel, read_data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forecast_cli.artifact.load import Artifact
    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.requests import CompareRequest
    from forecast_cli.types import Integers, Listener, Panel, Window


@dataclass(frozen=True, eq=False)
class Side:
    """One directory and the rows that both are scored on, as its models read them."""

    artifact: Artifact
    models: Mapping[str, Predictor]
    panel: Panel  # its own channels, in the columns' units
    begin: Integers  # (N,): the first step of each series whose value may be forecast
    end: int | None = None  # the step after the last such one; None: the end of the panel

    @property
    def window(self) -> Window:
        """The shape of its models' windows."""
        return self.artifact.card.config.window

    @property
    def longest(self) -> int:
        """Steps that the model which looks furthest back needs."""
        return max(model.lookback for model in self.models.values())

    def pick(self, names: Sequence[str]) -> Side:
        """Return the side with these series only."""
        places = [self.panel.series_ids.index(name) for name in names]
        return replace(self, panel=pick_series(self.panel, places), begin=self.begin[places])


def check_alike(before: Artifact, after: Artifact) -> None:
    """Raise UsageError where the forecasts of two models cannot be held against each other."""
    one, other = before.card.config, after.card.config
    if parse_freq(one.freq) != parse_freq(other.freq):
        raise UsageError(f"{before.directory} forecasts steps of {one.freq}, {after.directory} of {other.freq}")
    if one.window.delay != other.window.delay:
        delays = one.window.delay, other.window.delay
        raise UsageError(f"{before.directory} has a delay of {delays[0]}, {after.directory} of {delays[1]}")


def set_sides(
    request: CompareRequest, entered: Sequence[tuple[Artifact, Mapping[str, Predictor]]], listener: Listener
) -> list[Side]:
    """Return both sides on one grid, with the series that both have."""
    read = _read_both if request.sources else _share_panel
    sides = read(request, entered, listener)
    shared = share(sides[0].panel.series_ids, sides[1].panel.series_ids, "series")
    return [side.pick(shared) for side in sides]


def share(one: Sequence[str], other: Sequence[str], what: str) -> list[str]:
    """Return the names that are in both, in the order of the second; DataError where there is none."""
    names = [name for name in other if name in set(one)]
    if not names:
        raise DataError(f"the two directories have no {what} in common", "compare each with its baselines")
    return names


def _read_both(
    request: CompareRequest, entered: Sequence[tuple[Artifact, Mapping[str, Predictor]]], listener: Listener
) -> list[Side]:
    """Return DATA as either model reads it, on the grid of the second."""
    sides: list[Side] = []
    for artifact, models in reversed(entered):
        panel, first = read_data(request, artifact, max(model.lookback for model in models.values()), listener)
        learnt = find_learnt_step(artifact, panel, artifact.card.delivered_until, listener)
        side = Side(artifact, models, panel, np.maximum(first, learnt))
        sides.insert(0, _meet(side, sides[0].panel) if sides else side)
    return sides


def _meet(side: Side, other: Panel) -> Side:
    """Return the side on the grid of another panel."""
    aligned = align(side.panel, other.origin, other.freq)
    if aligned is None:
        raise DataError("the steps of the two models fall between each other", "compare each with its baselines")
    return replace(side, panel=aligned, begin=side.begin + (aligned.start - side.panel.start))


def _share_panel(
    request: CompareRequest, entered: Sequence[tuple[Artifact, Mapping[str, Predictor]]], listener: Listener
) -> list[Side]:
    """Return a kept panel as either model reads it, up to the end of its test part: the one that goes on longest.

    If it has the columns of both. Only series that both were trained on are left.
    """
    artifacts = [artifact for artifact, _ in entered]
    known = share(artifacts[0].card.series_ids, artifacts[1].card.series_ids, "series")
    base, panel = _choose_panel(artifacts)
    earliest = int(panel.start.min())
    panel = pick_series(panel, [panel.series_ids.index(name) for name in known])
    sides = []
    for artifact, models in entered:
        begin = _find_begin(artifact, base, panel, listener)
        own = _take_channels(panel, artifact, base)
        sides.append(Side(artifact, models, own, np.full(panel.n_series, begin), earliest + base.card.config.split[2]))
    return sides


def _choose_panel(artifacts: Sequence[Artifact]) -> tuple[Artifact, Panel]:
    """Return the directory whose kept panel serves both, and that panel; the newer one, else the second's."""
    keeping = [artifact for artifact in artifacts if artifact.card.keeps_panel == "all"] or [artifacts[1]]
    needed = {name for artifact in artifacts for name in artifact.card.channels}
    whole = [artifact for artifact in keeping if needed <= set(artifact.card.channels)] or keeping
    panels = [(artifact, load_whole_panel(artifact)) for artifact in whole]
    return max(reversed(panels), key=lambda each: _find_end(each[1]))


def _find_begin(artifact: Artifact, base: Artifact, panel: Panel, listener: Listener) -> int:
    """Return the first step of the panel that the model has not learnt from."""
    if panel.origin is not None and artifact.card.origin is not None:
        return find_learnt_step(artifact, panel, artifact.card.learnt_until, listener)
    if artifact.card.data_hash != base.card.data_hash:
        raise DataError(
            "the models learnt from different data without a time: nobody knows which is later", "give DATA"
        )
    return artifact.card.learnt_until


def _find_end(panel: Panel) -> int:
    """Return when a panel ends: in microseconds since 1970, or in rows."""
    last = (panel.start + np.diff(panel.indptr)).max()
    return int(last if panel.origin is None else add_steps(panel.origin, panel.freq, last).astype(np.int64))


def _take_channels(panel: Panel, artifact: Artifact, base: Artifact) -> Panel:
    """Return the panel with the channels that a model reads, in their order."""
    card = artifact.card
    missing = [name for name in card.channels if name not in panel.channels]
    if missing:
        raise DataError(
            f"{artifact.directory} reads {missing[0]}, which the data kept in {base.directory} do not have",
            "give DATA that have the columns of both",
        )
    return arrange_channels(panel, card)
