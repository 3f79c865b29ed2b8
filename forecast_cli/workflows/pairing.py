"""`compare-baselines -m before -m after`: two models on the windows, targets and series that both know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError, UsageError
from forecast_cli.evaluation.backtest import Stage, forecast_all
from forecast_cli.models.baselines import SeasonalNaive
from forecast_cli.prepare.channels import take_channels
from forecast_cli.prepare.scaling import scale_panel
from forecast_cli.prepare.splits import find_cutoffs
from forecast_cli.prepare.windows import rows_in_series, series_of, steps_of
from forecast_cli.types import Scaler
from forecast_cli.workflows.contest import Contest, match_season_errors
from forecast_cli.workflows.delivery import bind_models, plan_delivery
from forecast_cli.workflows.history import match_scaler, show_step
from forecast_cli.workflows.known_ahead import note_hindsight
from forecast_cli.workflows.rivals import choose_names, load_rivals
from forecast_cli.workflows.scene import Scene, choose_windows, find_windows
from forecast_cli.workflows.sides import check_alike, set_sides, share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forecast_cli.artifact.load import Artifact
    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.requests import CompareRequest
    from forecast_cli.types import Array, Flags, Integers, Listener, Panel
    from forecast_cli.workflows.sides import Side


@dataclass(frozen=True, eq=False)
class Voice:
    """The models of one side, heard in the scaled units, targets and steps that both sides share."""

    models: Mapping[str, Predictor]
    scaled: Panel  # as the side reads it
    own: Scaler  # of the shared targets (N, T)
    shared: Scaler  # the same, of the second side
    targets: tuple[int, ...]  # (T,): where they stand among the side's own
    horizon: int  # steps

    def forecast(self, panel: Panel, rows: Integers) -> dict[str, Array]:
        """Return the forecasts (B, H, T) of every model from these cutoff rows of the shared panel."""
        said = forecast_all(self.models, self.scaled, find_rows(panel, rows, self.scaled))
        series = series_of(panel, rows)
        factor = (self.own.scale / self.shared.scale)[series][:, None]
        shift = ((self.own.loc - self.shared.loc) / self.shared.scale)[series][:, None]
        return {
            name: (each[:, : self.horizon, list(self.targets)] * factor + shift).astype(np.float32)
            for name, each in said.items()
        }


def pair_directories(request: CompareRequest, before: Artifact, after: Artifact, listener: Listener) -> Contest:
    """Return the contest of two saved models, with baselines of the second directory beside them.

    Lookbacks and horizons may differ: a window counts where both may forecast all their steps, and the steps that
    both forecast are scored, in the scaled units of the second model.
    """
    _check_request(request, before, after)
    check_alike(before, after)
    targets = share(before.empty_panel().targets, after.empty_panel().targets, "target")
    request = replace(request, baselines=request.baselines or (SeasonalNaive.name,))
    rivals = load_rivals(request, after, choose_names(request, after), listener)
    old, new = _name_directories(before, after)
    theirs = {old: before.load_model(before.card.config.model, refitted=bool(request.sources))}
    baselines = {name: rivals.models[name] for name in dict.fromkeys((*request.baselines, SeasonalNaive.name))}
    ours = {new: rivals.models[after.card.config.model], **baselines}
    sides = set_sides(request, ((before, theirs), (after, ours)), listener)
    scene = choose_windows(request, find_common(sides, targets))
    window = replace(after.card.config.window, horizon=min(side.window.horizon for side in sides))
    voices, scaled = _give_voices(sides, scene, targets, window.horizon, listener)
    note_hindsight(ours[new], sides[1].panel, listener)
    return Contest(
        scene=scene,
        scaled=scaled,
        window=window,
        stages=[Stage(scene.rows, partial(_ask_all, voices, scaled))],
        parameters={name: model.parameters for name, model in {**theirs, **ours}.items()},
        shown=(old, new, *request.baselines),
        model=new,
        opponent=old,
        season_errors=match_season_errors(after, scene.panel)[:, :, list(voices[1].targets)],
        fit_seconds={name: each for name, each in rivals.fit_seconds.items() if name in baselines},
        intervals=None,
        delivery=plan_delivery(after.card.reading.options, scene.panel.targets),
        is_pair=True,
    )


def find_common(sides: Sequence[Side], targets: Sequence[str]) -> Scene:
    """Return the rows of the second side with the shared targets alone, and the windows that both may forecast."""
    horizon, (theirs, ours) = max(side.window.horizon for side in sides), sides
    own = _find_cutoffs(ours, horizon)
    matched = find_rows(ours.panel, own, theirs.panel)
    both = np.isin(matched, _find_cutoffs(theirs, horizon))
    own, matched = own[both], matched[both]
    counts = np.zeros((len(ours.panel.values), len(targets)), dtype=bool)
    counts[own] = _find_windows(ours, targets)[own] & _find_windows(theirs, targets)[matched]
    rows = own[counts[own].any(axis=1)]
    if not len(rows):
        until = [show_step(side.panel, int(side.begin.min()) - 1) for side in sides]
        raise DataError(
            f"there is no window of later targets that both can forecast: {theirs.artifact.directory} learnt until "
            f"{until[0]}, {ours.artifact.directory} until {until[1]}",
            "give newer DATA",
        )
    return Scene(take_channels(ours.panel, targets, len(targets)), counts, rows)


def find_rows(panel: Panel, rows: Integers, other: Panel) -> Integers:
    """Return the rows (B,) of the same series and steps in a panel of the same series on the same grid; -1 for none."""
    series = series_of(panel, rows)
    place = steps_of(panel)[rows] - other.start[series]
    inside = (place >= 0) & (place < np.diff(other.indptr)[series])
    return np.where(inside, other.indptr[series] + place, -1)


def _find_cutoffs(side: Side, horizon: int) -> Integers:
    """Return the cutoffs whose targets, so many steps of them, the side may be scored on, with all its history."""
    panel, window = side.panel, replace(side.window, horizon=horizon)
    rows = find_cutoffs(panel, window, find_windows(side.artifact, panel), int(side.begin.min()), side.end)
    later = steps_of(panel)[rows] + window.delay >= side.begin[series_of(panel, rows)]
    return rows[later & (rows_in_series(panel)[rows] + 1 >= side.longest)]


def _find_windows(side: Side, targets: Sequence[str]) -> Flags:
    """Return (R, T'): from which rows the side may forecast each of these targets."""
    return find_windows(side.artifact, side.panel)[:, [side.panel.targets.index(name) for name in targets]]


def _give_voices(
    sides: Sequence[Side], scene: Scene, targets: Sequence[str], horizon: int, listener: Listener
) -> tuple[list[Voice], Panel]:
    """Return a voice for each side, within its bounds, and the shared panel in the scaled units of the second."""
    scalers = [match_scaler(side.artifact, side.panel, listener) for side in sides]
    places = [tuple(side.panel.targets.index(name) for name in targets) for side in sides]
    own = [_take_scale(scaler, taken) for scaler, taken in zip(scalers, places, strict=True)]
    voices = [
        Voice(_bind_side(side, scaler), scale_panel(side.panel, scaler), mine, own[1], taken, horizon)
        for side, scaler, mine, taken in zip(sides, scalers, own, places, strict=True)
    ]
    return voices, scale_panel(scene.panel, own[1])


def _take_scale(scaler: Scaler, places: Sequence[int]) -> Scaler:
    return Scaler(scaler.loc[:, list(places)], scaler.scale[:, list(places)])


def _bind_side(side: Side, scaler: Scaler) -> Mapping[str, Predictor]:
    delivery = plan_delivery(side.artifact.card.reading.options, side.panel.targets)
    return bind_models(side.models, delivery, scaler)


def _ask_all(voices: Sequence[Voice], panel: Panel, rows: Integers) -> Mapping[str, Array]:
    return {name: each for voice in voices for name, each in voice.forecast(panel, rows).items()}


def _name_directories(before: Artifact, after: Artifact) -> tuple[str, str]:
    """Return what the models of two directories are called: as these were given, and told from baselines."""
    kept = {*before.card.kept, *after.card.kept}
    old, new = (str(each.directory) for each in (before, after))
    return f"./{old}" if old in kept else old, f"./{new}" if new in kept else new


def _check_request(request: CompareRequest, before: Artifact, after: Artifact) -> None:
    """Raise UsageError where something is asked for that two directories cannot give."""
    if before.directory.resolve() == after.directory.resolve():
        raise UsageError("-m names one directory twice", "give it once, to compare it with its baselines")
    if request.refit_every is not None or request.forecasts is not None:
        flag = "--forecasts" if request.refit_every is None else "--refit-every"
        raise UsageError(f"{flag} takes one model directory", "leave out one -m")
