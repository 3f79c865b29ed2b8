"""Every model by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.errors import UsageError
from forecast_cli.models.autoregressive import Autoregressive, make_markov
from forecast_cli.models.baselines import Naive, SeasonalNaive
from forecast_cli.models.linear import Linear
from forecast_cli.models.presets import DEFAULT_PRESET, preset_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.types import Window

DEFAULT = DEFAULT_PRESET
CLOSED_FORMS = (Naive.name, SeasonalNaive.name, Linear.name)  # fitted in every run
ON_REQUEST = ("autoregressive", "markov")  # closed forms that are fitted where `--model` names them
BASELINES = (*CLOSED_FORMS, "dense")
CUSTOM = "layers"  # what a network given by --layers is called

ClosedForm = Naive | SeasonalNaive | Linear | Autoregressive


def model_names() -> tuple[str, ...]:
    """Return every name that `--model` takes, the default first."""
    return (*preset_names(), *CLOSED_FORMS, *ON_REQUEST)


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
        "autoregressive": Autoregressive(window, n_targets, window.lookback),
        "markov": make_markov(window, n_targets),
    }
