"""From what was asked and what was read to resolved values, each said in one line with the flag that changes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError, UsageError
from forecast_cli.frequency import format_instant, format_span, natural_seasons
from forecast_cli.models.notation import drop_head, find_narrow_end, format_network, list_notes, parse_network
from forecast_cli.models.presets import preset_names, write_preset
from forecast_cli.models.reads import check_time, measure_inputs
from forecast_cli.models.registry import CUSTOM, DEFAULT, check_model
from forecast_cli.models.shapes import measure_head, summarize_network
from forecast_cli.prepare.asked_split import settle_split
from forecast_cli.prepare.defaults import ENOUGH_WINDOWS, choose_horizon, choose_lookback
from forecast_cli.prepare.scaling import fit_scaler, scale_panel
from forecast_cli.prepare.season import find_seasons, with_season
from forecast_cli.prepare.splits import choose_borders, make_split
from forecast_cli.prepare.windows import count_cutoffs
from forecast_cli.stages import tell_stage
from forecast_cli.types import RunConfig, Window
from forecast_cli.workflows.covariates import add_covariates, note_history_only, note_unread
from forecast_cli.workflows.history import find_ends
from forecast_cli.workflows.learnt import leave_learnt
from forecast_cli.workflows.lengths import count_lengths
from forecast_cli.workflows.losses import note_blind, note_losses, note_untaught
from forecast_cli.workflows.phrases import count_things

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.artifact.card import Ancestor
    from forecast_cli.models.layers import Network
    from forecast_cli.requests import TrainRequest
    from forecast_cli.types import Array, Flags, Listener, Panel, Scaler, Split
    from forecast_cli.workflows.learnt import Learnt
    from forecast_cli.workflows.lengths import Lengths


@dataclass(frozen=True, eq=False)
class Start:
    """What a network goes on from."""

    weights: Mapping[str, Array]  # by name
    ancestors: tuple[Ancestor, ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """What a training run works on."""

    config: RunConfig
    panel: Panel  # in the columns' units
    scaled: Panel
    scaler: Scaler
    counts: Flags  # (R, T): may target t be forecast from cutoff row r?
    split: Split
    seasons: tuple[int, ...]  # candidates of the seasonal naive
    network: Network | None  # None where a closed form is to be saved
    trains_networks: bool  # False for small data: closed forms only
    start: Start | None = None  # of the network that is saved
    blends: bool = False  # True: what is saved is mixed from all models, as validation says


def make_plan(request: TrainRequest, panel: Panel, listener: Listener, learnt: Learnt | None = None) -> Plan:
    """Return everything resolved; DataError where the data is too short for what was asked, or learnt already."""
    lengths = count_lengths(request, panel.freq)
    n_steps = _count_known_steps(panel)
    asked = settle_split(request.split, panel, n_steps)
    if asked is not None and isinstance(asked[0], int):  # taken as given, up to the last row
        n_steps = int((panel.start + np.diff(panel.indptr)).max() - panel.start.min())
    surely_training = choose_borders(n_steps, n_steps, asked)[0]  # whatever horizon the season leads to
    seasons = _choose_seasons(lengths, panel, surely_training, listener)
    panel = with_season(panel, seasons[0] if seasons else 1)
    horizon = _choose_horizon(lengths, panel, seasons, listener)
    borders = choose_borders(n_steps, horizon, asked)
    if learnt is not None:
        borders = leave_learnt(borders, learnt, lengths.delay + horizon - 1, request.split, panel)
    mixes = _mixes_channels(request)
    lookback = _choose_lookback(lengths, panel, horizon, borders, mixes, listener)
    window = _shape_window(lengths, lookback, horizon)
    counts = count_cutoffs(panel, window, mixes)
    split = make_split(panel, window, counts, borders)
    _check_parts(split, window, panel)
    note_losses(panel, window, counts, split, listener)
    note_blind(panel, counts, split, listener)
    note_untaught(panel, split, listener)
    _say_split(split, panel, listener)
    small = len(split.train) < ENOUGH_WINDOWS and request.model is None and request.layers is None
    lessons = 0 if small else int(counts[split.train].sum())
    model, network = _choose_network(request, window, panel, lessons, listener)
    scaler = fit_scaler(panel, split.borders[0], window.reach)
    return Plan(
        config=_make_config(request, panel, window, borders, model, network),
        panel=panel,
        scaled=scale_panel(panel, scaler),
        scaler=scaler,
        counts=counts,
        split=split,
        seasons=seasons,
        network=network,
        trains_networks=not small,
        blends=request.blend and request.model is None and request.layers is None,
    )


def _count_known_steps(panel: Panel) -> int:
    """Return the steps from the earliest instant to the last one with an observed target.

    Later rows hold only what is known ahead, or nothing: there is nothing to score there.
    """
    ends = find_ends(panel)
    if not ends:
        raise DataError("no target has a single value", f"the targets are {', '.join(panel.targets)}")
    return max(ends.values()) - int(panel.start.min())


def _choose_seasons(lengths: Lengths, panel: Panel, surely_training: int, listener: Listener) -> tuple[int, ...]:
    if lengths.season is not None:
        if lengths.season >= surely_training:
            raise DataError(
                f"a season of {lengths.season:,} steps does not fit into the {surely_training:,} of training",
                "give a smaller --season, or leave it out",
            )
        return (lengths.season,)
    with tell_stage(listener, "find seasons"):
        seasons = find_seasons(panel, int(panel.start.min()) + surely_training, natural_seasons(panel.freq))
    if seasons:
        spans = ", ".join(f"{season} steps ({format_span(season, panel.freq)})" for season in seasons)
        listener.note(f"season: {spans}", "--season")
    else:
        listener.note("no season found: seasonal-naive repeats the last value", "--season")
    return seasons


def _choose_horizon(lengths: Lengths, panel: Panel, seasons: tuple[int, ...], listener: Listener) -> int:
    horizon = lengths.horizon or choose_horizon(panel, seasons)
    longest = int(np.diff(panel.indptr).max())
    if horizon + lengths.delay > longest:
        raise DataError(
            f"a horizon of {count_things(horizon, 'step')} does not fit: the longest series has "
            f"{count_things(longest, 'row')}",
            "give a smaller --horizon, or more data" if longest > 2 else "give more data",
        )
    if lengths.horizon is None:
        listener.note(f"horizon: {count_things(horizon, 'step')} ({format_span(horizon, panel.freq)})", "--horizon")
    return horizon


def _choose_lookback(
    lengths: Lengths, panel: Panel, horizon: int, borders: tuple[int, int, int], mixes: bool, listener: Listener
) -> int:
    if lengths.lookback is not None:
        if lengths.lookback < lengths.sample_every:
            raise UsageError(
                f"--lookback {lengths.lookback} is shorter than --sample-every {lengths.sample_every}",
                f"give --lookback {8 * lengths.sample_every} for 8 inputs",
            )
        return lengths.lookback
    lookback = choose_lookback(panel, lambda steps: _shape_window(lengths, steps, horizon), borders, mixes)
    listener.note(f"lookback: {count_things(lookback, 'step')} ({format_span(lookback, panel.freq)})", "--lookback")
    wanted = max(2 * horizon, panel.season_length)
    if lookback < wanted:
        listener.note(f"that does not cover two horizons and a season ({wanted:,} steps)", "--lookback")
    return lookback


def _shape_window(lengths: Lengths, lookback: int, horizon: int) -> Window:
    return Window(lookback, horizon, lengths.stride, lengths.sample_every, lengths.delay)


def _mixes_channels(request: TrainRequest) -> bool:
    """Tell whether the asked model reads several columns at once, which decides how windows with gaps are judged."""
    if request.model is not None and request.layers is not None:
        raise UsageError("--model and --layers both name a network", "give one of them")
    name = check_model(request.model or DEFAULT)
    if request.layers is not None:
        return parse_network(request.layers).mixes_channels
    return name in preset_names() and parse_network(write_preset(name, Window(24, 1))).mixes_channels


def _choose_network(
    request: TrainRequest, window: Window, panel: Panel, lessons: int, listener: Listener
) -> tuple[str, Network | None]:
    """Return the model's name and its network; None for a closed form, or where there is nothing to learn from."""
    if not lessons:
        return "", None  # the best closed form takes its place
    name = CUSTOM if request.layers is not None else request.model or DEFAULT
    if request.layers is None and name not in preset_names():
        note_history_only(name, panel, listener)
        return name, None
    line = request.layers if request.layers is not None else write_preset(name, window, lessons)
    for text in list_notes(line) if request.layers is not None and request.start is None else ():
        listener.note(text, "--layers")
    parsed = parse_network(line)
    head = measure_head(parsed, window, panel.n_targets)
    network = drop_head(parsed, head)
    narrow = find_narrow_end(network, head)
    if narrow:
        listener.note(narrow, "--layers")
    if request.layers is None:
        network = add_covariates(network, panel, listener)
    else:
        note_unread(network, panel, listener)
    check_time(network, panel)
    summarize_network(network, window, measure_inputs(panel))  # raises where shapes do not fit
    return name, network


def _check_parts(split: Split, window: Window, panel: Panel) -> None:
    parts = {"training": split.train, "validation": split.validation, "test": split.test}
    for name, rows in parts.items():
        if len(rows):
            continue
        seen = float(panel.observed[:, : panel.n_targets].mean())
        stride = f", with a stride of {window.stride:,}" if window.stride > 1 else ""
        raise DataError(
            f"the {name} part has no window: a lookback of {count_things(window.lookback, 'step')} of which 75 % was "
            f"observed, and a horizon of {count_things(window.horizon, 'step')}{stride}; {seen:.0%} of all values were "
            "observed",
            "give a coarser --freq, or --fill hold where a value stands until the next one"
            if seen < 0.75
            else "give a smaller --lookback, --horizon or --stride, or more data",
        )


def _say_split(split: Split, panel: Panel, listener: Listener) -> None:
    first = format_instant(panel.origin, panel.freq, panel.tz, split.borders[0])
    second = format_instant(panel.origin, panel.freq, panel.tz, split.borders[1])
    listener.note(
        f"{len(split.train):,} training windows, {len(split.validation):,} validation windows from {first}, "
        f"{len(split.test):,} test windows from {second}",
        "--split",
    )


def _make_config(
    request: TrainRequest,
    panel: Panel,
    window: Window,
    borders: tuple[int, int, int],
    model: str,
    network: Network | None,
) -> RunConfig:
    return RunConfig(
        freq=panel.freq,
        season_length=panel.season_length,
        window=window,
        split=borders,
        model=model,
        layers=None if network is None else format_network(network),
        training=request.training,
        levels=request.levels,
    )
