"""`forecast report --explain`: the inputs that a saved model reads, and what it makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.evaluation.importance import (
    Input,
    Sample,
    exchange_beside,
    exchange_both,
    exchange_history,
    explain,
)
from forecast_cli.ingest.grid.angles import find_pairs, name_parts
from forecast_cli.models.notation import parse_network
from forecast_cli.prepare.calendar import list_cycles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forecast_cli.artifact.card import ModelCard
    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.models.layers import Network
    from forecast_cli.report import Explanation
    from forecast_cli.types import Listener, Panel, Reads
    from forecast_cli.workflows.plan import Plan

MOST_INPUTS = 40
CYCLES = {"day": "time of day", "week": "time of week", "year": "time of year"}


def explain_model(plan: Plan, card: ModelCard, model: Predictor, listener: Listener) -> Explanation:
    """Return what the saved model makes use of, measured on test windows; of many inputs, of the first 40."""
    networks = [parse_network(line) for line in card.networks.values()]
    inputs = list_inputs(plan.panel, model.reads, networks, card.reading.options.angles)
    if len(inputs) > MOST_INPUTS:
        listener.note(f"explained: the first {MOST_INPUTS} of {len(inputs):,} inputs")
    sample = Sample(model, plan.scaled, plan.config.window, plan.counts, plan.split.test)
    return explain(sample, inputs[:MOST_INPUTS], listener)


def list_inputs(panel: Panel, reads: Reads, networks: Sequence[Network], angles: Sequence[str]) -> list[Input]:
    """Return all that a model reads beside the past of the target that it forecasts; `networks` are those in it.

    Closed forms read nothing else; a network reads all covariates, and other targets where it mixes the channels.
    """
    if not networks:
        return []
    listed = list(_list_targets(panel, angles)) if any(each.mixes_channels for each in networks) else []
    return [*listed, *_list_covariates(panel, angles, reads), *_list_calendar(panel, reads), *_list_statics(reads)]


def _list_targets(panel: Panel, angles: Sequence[str]) -> Iterator[Input]:
    """Yield the targets, where there are several: each is an input of the others."""
    groups = _group_channels(panel, range(panel.n_targets), angles)
    if len(groups) > 1:
        yield from (Input(name, "target", exchange_history(each), each) for name, each in groups.items())


def _list_covariates(panel: Panel, angles: Sequence[str], reads: Reads) -> Iterator[Input]:
    """Yield what is known of the past, then what is known ahead, which is exchanged before and after the cutoff."""
    C, F = len(panel.channels), panel.n_future
    for name, each in _group_channels(panel, range(panel.n_targets, C - F), angles).items():
        yield Input(name, "past covariate", exchange_history(each))
    for name, each in _group_channels(panel, range(C - F, C), angles).items():
        past, ahead = exchange_history(each), exchange_beside("future", [c - (C - F) for c in each])
        yield Input(name, "known ahead", exchange_both(past, ahead) if "future" in reads.inputs else past)


def _list_calendar(panel: Panel, reads: Reads) -> Iterator[Input]:
    """Yield each cycle of the calendar, a sine and a cosine, and the phase of a cycle that a layer counts."""
    if "future" in reads.inputs and panel.origin is not None:
        for k, cycle in enumerate(list_cycles(panel.freq)):
            first = panel.n_future + 2 * k
            yield Input(CYCLES[cycle], "calendar", exchange_beside("future", [first, first + 1]))
    if "phase" in reads.inputs:
        yield Input(f"cycle of {reads.cycle} steps", "calendar", exchange_beside("phase"))


def _list_statics(reads: Reads) -> Iterator[Input]:
    """Yield which series it is, where there are several, and each static covariate."""
    if "series" in reads.inputs and len(reads.series_ids) > 1:
        yield Input("series", "static", exchange_beside("series"))
    if "statics" in reads.inputs:
        yield from (Input(name, "static", exchange_beside("statics", [s])) for s, name in enumerate(reads.categories))


def _group_channels(panel: Panel, channels: range, angles: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return the channels by the names that people know; sine and cosine of an angle are one."""
    pairs = {sine: (sine, cosine) for sine, cosine in find_pairs(panel.channels, angles)}
    whole = {name_parts(name)[0]: name for name in angles}
    cosines = {cosine for _, cosine in pairs.values()}
    alone = [c for c in channels if c not in cosines]
    return {whole.get(panel.channels[c], panel.channels[c]): pairs.get(c, (c,)) for c in alone}
