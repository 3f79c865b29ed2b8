"""Every forecaster there is, by name: what must hold for all is tested on each, and on whatever joins the registry."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest

from forecast_cli.models.boosting import Boosting
from forecast_cli.models.networks import dataset
from forecast_cli.models.networks.forecaster import NetworkForecaster
from forecast_cli.models.notation import parse_network
from forecast_cli.models.presets import write_preset
from forecast_cli.models.registry import CLOSED_FORMS, make_closed_forms
from forecast_cli.types import Training, Window
from tests.panels import Recorder

WINDOW = Window(lookback=24, horizon=6)
SEASONS = (6, 12)
LAYERS = "SubtractLast | Observed | Future(2) | GRU(4)"  # mixes the channels, and reads all there is beside them
NETWORKS = ("dense", "layers") if find_spec("tensorflow") else ()
NAMES = (*CLOSED_FORMS, Boosting.name, *NETWORKS)


def make_forecaster(name, window=WINDOW, n_targets=2, seasons=SEASONS):
    """Return the forecaster, unfitted; a network trains for one short epoch."""
    if name in NETWORKS:
        line = write_preset(name, window) if name == "dense" else LAYERS
        return NetworkForecaster(name, parse_network(line), window, Training(epochs=1, batch_size=64))
    forms = make_closed_forms(window, n_targets, seasons)
    return forms[name] if name in forms else Boosting(window, n_targets)


@cache
def fit_forecaster(name, panel, split, window=WINDOW, seasons=SEASONS):
    """Return the forecaster fitted on a scaled panel; once for all tests that ask for the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataset, "FEWEST_STEPS", 20)
        return make_forecaster(name, window, panel.n_targets, seasons).fit(panel, split, Recorder())


def list_weights(model):
    """Return all arrays that a fitted forecaster has learnt; of trees none, they are told by what they forecast."""
    if isinstance(model, NetworkForecaster):
        return [np.asarray(each) for each in model.model.get_weights()]
    return list(model.to_arrays().values()) if hasattr(model, "to_arrays") else []
