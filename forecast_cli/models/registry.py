"""Every model by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.errors import UsageError
from forecast_cli.models.baselines import Linear, Naive, SeasonalNaive
from forecast_cli.models.presets import DEFAULT_PRESET, preset_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.types import Window

DEFAULT = DEFAULT_PRESET
CLOSED_FORMS = (Naive.name, SeasonalNaive.name, Linear.name)
BASELINES = (*CLOSED_FORMS, "dense")
CUSTOM = "layers"  # what a network given by --layers is called

ClosedForm = Naive | SeasonalNaive | Linear


def model_names() -> tuple[str, ...]:
    """Return every name that `--model` takes, the default first."""
    return (*preset_names(), *CLOSED_FORMS)


def check_model(name: str) -> str:
    """Return the name, or raise which ones there are."""
    if name not in model_names():
        raise UsageError(f"there is no model {name!r}", f"take one of {', '.join(model_names())}, or give --layers")
    return name


def make_closed_forms(window: Window, n_targets: int, seasons: tuple[int, ...]) -> Mapping[str, ClosedForm]:
    """Return the unfitted closed forms by name; `seasons` are the candidates of the seasonal naive."""
    return {
        Naive.name: Naive(window, n_targets),
        SeasonalNaive.name: SeasonalNaive(window, n_targets, seasons or (1,)),
        Linear.name: Linear(window, n_targets),
    }
