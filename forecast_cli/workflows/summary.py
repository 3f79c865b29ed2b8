"""`forecast summary`: the layers of a network with shapes and counts, or what a model directory holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forecast_cli.artifact.load import open_artifact
from forecast_cli.errors import UsageError
from forecast_cli.frequency import format_span
from forecast_cli.models.blend import tell_shares
from forecast_cli.models.layers import InputShape
from forecast_cli.models.notation import drop_head, list_notes, parse_network
from forecast_cli.models.presets import preset_names, write_preset
from forecast_cli.models.reads import measure_inputs
from forecast_cli.models.registry import check_model, make_closed_forms
from forecast_cli.models.shapes import measure_head, summarize_network
from forecast_cli.results import LayerRow, Summary
from forecast_cli.types import Window
from forecast_cli.workflows.history import show_step

if TYPE_CHECKING:
    from forecast_cli.artifact.load import Artifact
    from forecast_cli.requests import SummaryRequest
    from forecast_cli.types import Listener

LOOKBACK, HORIZON = 720, 24  # of a network that is only looked at


def summarize(request: SummaryRequest, listener: Listener) -> Summary:
    """Return layers, shapes and counts of a named network, or of the model directory; no TensorFlow, no training."""
    if request.model is not None and request.layers is not None:
        raise UsageError("--model and --layers both name a network", "give one of them")
    if request.model is None and request.layers is None:
        return _summarize_directory(request)
    window = Window(request.lookback or LOOKBACK, request.horizon or HORIZON)
    targets = request.targets or min(1, request.channels or 1)
    channels = request.channels or targets
    name = "layers" if request.layers is not None else check_model(request.model or "")
    facts = {
        "model": name,
        "lookback": f"{window.lookback} steps",
        "horizon": f"{window.horizon} steps",
        "channels": str(channels),
        "targets": str(targets),
    }
    if request.layers is None and name not in preset_names():
        return _summarize_closed_form(name, window, targets, facts)
    line = request.layers if request.layers is not None else write_preset(name, window)
    sizes, supposed = _suppose_sizes(line, channels, targets)
    rows = summarize_line(line, window, sizes)
    notes = list_notes(line) if request.layers is not None else ()
    return Summary({**facts, "layers": line}, rows, sum(row.parameters for row in rows), (*notes, *supposed))


def summarize_line(line: str, window: Window, sizes: InputShape) -> tuple[LayerRow, ...]:
    """Return the layers of a network in the notation, with or without its head."""
    parsed = parse_network(line)
    network = drop_head(parsed, measure_head(parsed, window, sizes.n_targets))
    return summarize_network(network, window, sizes)


def _suppose_sizes(line: str, channels: int, targets: int) -> tuple[InputShape, tuple[str, ...]]:
    """Return the sizes of what is read where no data are at hand, and what was supposed for want of them."""
    supposed = {
        "future": "one value known of each step ahead",
        "series": "one series",
        "statics": "one static covariate of two categories",
    }
    inputs = parse_network(line).inputs
    notes = tuple(f"counted for {text}; the data decide" for name, text in supposed.items() if name in inputs)
    return InputShape(channels, targets, n_future=1, n_series=1, statics=(2,)), notes


def _summarize_closed_form(name: str, window: Window, targets: int, facts: dict[str, str]) -> Summary:
    model = make_closed_forms(window, targets, ())[name]
    rows = (_tell_closed_form(name, window, targets, model.parameters),)
    return Summary(facts, rows, model.parameters)


def _tell_closed_form(name: str, window: Window, targets: int, parameters: int) -> LayerRow:
    return LayerRow(name, (window.horizon, targets), parameters, "a closed form: no layers")


def _summarize_directory(request: SummaryRequest) -> Summary:
    sizes = {"--lookback": request.lookback, "--horizon": request.horizon, "--channels": request.channels}
    given = [flag for flag, size in {**sizes, "--targets": request.targets}.items() if size is not None]
    if given:
        raise UsageError(f"{given[0]} goes with --model or --layers", "the sizes of a model directory are its own")
    artifact = open_artifact(request.model_dir)
    card = artifact.card
    saved = card.kept[card.config.model]
    if not saved.parts:
        return Summary(_list_facts(artifact), _summarize_kept(card.config.model, artifact), saved.parameters)
    rows = tuple(
        replace(row, layer=row.layer if row.layer == name else f"{name}: {row.layer}")
        for name in sorted(saved.parts, key=lambda part: -saved.parts[part])
        for row in _summarize_kept(name, artifact)
    )
    return Summary(_list_facts(artifact), rows, saved.parameters)


def _summarize_kept(name: str, artifact: Artifact) -> tuple[LayerRow, ...]:
    """Return the layers of a network of the directory, or the one row of a closed form."""
    card, kept = artifact.card, artifact.card.kept[name]
    window = card.config.window
    if kept.layers is not None:
        return summarize_line(kept.layers, window, measure_inputs(artifact.empty_panel()))
    return (_tell_closed_form(name, window, card.n_targets, kept.parameters),)


def _list_facts(artifact: Artifact) -> dict[str, str]:
    card, panel = artifact.card, artifact.empty_panel()
    config, window, parts = card.config, card.config.window, card.kept[card.config.model].parts
    named = zip(card.channels, card.units, strict=True)
    columns = [f"{name} ({unit})" if unit and unit not in name else name for name, unit in named]
    return {
        "model": f"blend: {tell_shares(parts)}" if parts else config.model,
        "targets": ", ".join(columns[: card.n_targets]),
        "past covariates": ", ".join(columns[card.n_targets : len(columns) - card.n_future]) or "none",
        "known ahead": ", ".join(columns[len(columns) - card.n_future :]) or "none",
        "static covariates": ", ".join(card.statics) or "none",
        "series": str(len(card.series_ids)),
        "every": format_span(1, config.freq),
        "lookback": f"{window.lookback} steps ({format_span(window.lookback, config.freq)})",
        "horizon": f"{window.horizon} steps ({format_span(window.horizon, config.freq)})",
        "learnt until": show_step(panel, card.learnt_until - 1),
        "refitted until": "never" if card.refitted_until is None else show_step(panel, card.refitted_until - 1),
        "keeps data": {"all": "all rows", "tail": "the last rows", "none": "no rows"}[card.keeps_panel],
        "other models": ", ".join(name for name in card.kept if name != config.model),
        "verdict": card.verdict.sentence,
    }
