"""Every model by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.errors import UsageError
from forecast_cli.models.autoregressive import MOST_LAGS, Autoregressive, make_markov
from forecast_cli.models.baselines import Drift, Mean, Naive, Rule, SeasonalNaive
from forecast_cli.models.linear import Linear
from forecast_cli.models.presets import DEFAULT_PRESET, preset_names
from forecast_cli.types import Window

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT = DEFAULT_PRESET
CUSTOM = "layers"  # what a network given by --layers is called

RECURSIVE = frozenset({"autoregressive", "markov"})  # each step is forecast from the one before

ClosedForm = Rule | SeasonalNaive | Linear | Autoregressive


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
        Drift.name: Drift(window, n_targets),
        Mean.name: Mean(window, n_targets),
        Linear.name: Linear(window, n_targets),
        "autoregressive": Autoregressive(window, n_targets, min(window.lookback, MOST_LAGS)),
        "markov": make_markov(window, n_targets),
    }


CLOSED_FORMS = tuple(make_closed_forms(Window(1, 1), 1, ()))  # by name; fitted in every run
BASELINES = (*CLOSED_FORMS, "dense")
