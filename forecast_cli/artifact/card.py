"""model.json: what the model is, in words and numbers; no wall-clock figures, so that equal runs are equal bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from forecast_cli.errors import ArtifactError, UsageError
from forecast_cli.frequency import parse_freq
from forecast_cli.models.notation import parse_network
from forecast_cli.results import Verdict
from forecast_cli.types import Reading, RunConfig, Window
from forecast_cli.zones import check_zone

LARGEST_STEPS = 10_000_000
LARGEST_COUNT = 1_000_000
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?")


@dataclass(frozen=True)
class KeptModel:
    """A model of the directory: a closed form in arrays.safetensors, a network in ONNX, or a mean of such."""

    kind: Literal["closed-form", "network", "blend"]
    layers: str | None  # in the layer notation
    parameters: int
    parts: Mapping[str, float] = field(default_factory=dict)  # of a blend: model -> weight


@dataclass(frozen=True)
class Ancestor:
    """A model whose weights this one went on from."""

    data_hash: str
    command: str


@dataclass(frozen=True)
class ModelCard:
    """Everything about the model that is not an array."""

    config: RunConfig
    reading: Reading
    series_ids: tuple[str, ...]
    channels: tuple[str, ...]
    units: tuple[str, ...]
    n_targets: int
    origin: str | None  # ISO 8601, to the microsecond
    tz: str | None
    kept: Mapping[str, KeptModel]
    calibration_windows: int
    learnt_until: int  # the first step, from the origin, that nothing was learnt from
    keeps_panel: Literal["all", "tail", "none"]
    best_baseline: str  # on validation
    verdict: Verdict
    coverage: Mapping[str, float]
    data_hash: str
    command: str
    versions: Mapping[str, str]
    n_future: int = 0  # the last channels, known ahead
    statics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # name -> one text per series
    ancestors: tuple[Ancestor, ...] = ()  # by `--from`, the oldest first
    refitted_until: int | None = None  # the first step that the second set learnt nothing from; None: there is none

    @property
    def delivered_until(self) -> int:
        """The first step, from the origin, that what `predict` runs has not learnt from."""
        return self.learnt_until if self.refitted_until is None else self.refitted_until

    @property
    def networks(self) -> Mapping[str, str]:
        """The networks in the saved model by name, as lines of layers; none in closed forms."""
        saved = self.config.model
        lines = {name: self.kept[name].layers for name in self.kept[saved].parts or (saved,)}
        return {name: line for name, line in lines.items() if line is not None}

    def is_refitted(self, name: str) -> bool:
        """Tell whether the second set holds this model: the saved one and its parts, after `--refit`."""
        return self.refitted_until is not None and name in (self.config.model, *self.kept[self.config.model].parts)


def find_network(card: ModelCard) -> str:
    """Return the name of the network whose weights are kept, as `pick_network` does."""
    return pick_network(card.config.model, card.kept)


def pick_network(saved: str, kept: Mapping[str, KeptModel]) -> str:
    """Return the name of the saved network, else of the one trained beside it; "" if there is none.

    The dense baseline is none of them, unless it is what was saved.
    """
    if kept[saved].kind == "network":
        return saved
    return next((name for name, each in kept.items() if each.kind == "network" and name != "dense"), "")


def check_card(card: ModelCard) -> ModelCard:
    """Return the card, or raise which of its values cannot be."""
    window, config = card.config.window, card.config
    checks = {
        "window": _is_sound(window),
        "split": 0 < config.split[0] <= config.split[1] <= config.split[2] <= LARGEST_STEPS,
        "learnt_until": abs(card.learnt_until) <= LARGEST_STEPS,
        "refitted_until": card.learnt_until <= card.delivered_until <= LARGEST_STEPS,
        "channels": 1 <= card.n_targets <= len(card.channels) == len(card.units) <= LARGEST_COUNT,
        "covariates": 0 <= card.n_future <= len(card.channels) - card.n_targets,
        "statics": all(len(texts) == len(card.series_ids) for texts in card.statics.values()),
        "series": 1 <= len(card.series_ids) <= LARGEST_COUNT,
        "season": 1 <= config.season_length <= LARGEST_STEPS,
        "levels": all(1 <= level <= 99 for level in config.levels),
        "blend": all(_is_mixed(kept, card.kept) for kept in card.kept.values() if kept.kind == "blend"),
        "saved model": config.model in card.kept and card.best_baseline in card.kept,
        "origin": card.origin is None or _INSTANT.fullmatch(card.origin) is not None,
    }
    wrong = [name for name, fits in checks.items() if not fits]
    if wrong:
        raise ArtifactError(f"model.json: {', '.join(wrong)} out of range", "train again with --force")
    try:
        parse_freq(config.freq)
        check_zone(card.tz or "Z")
        for line in (config.layers, *(kept.layers for kept in card.kept.values())):
            if line is not None:
                parse_network(line)
    except UsageError as error:
        raise ArtifactError(f"model.json: {error.message}", "train again with --force") from error
    return card


def _is_mixed(blend: KeptModel, kept: Mapping[str, KeptModel]) -> bool:
    """Return whether a blend has parts that can be mixed: kept models, not blends, with shares of one whole."""
    simple = all(name in kept and kept[name].kind != "blend" for name in blend.parts)
    return simple and all(0 < share <= 1 for share in blend.parts.values()) and 0.99 < sum(blend.parts.values()) < 1.01


def _is_sound(window: Window) -> bool:
    sizes = (window.lookback, window.horizon, window.stride, window.sample_every, window.delay)
    return all(1 <= size <= LARGEST_STEPS for size in sizes) and window.inputs >= 1
