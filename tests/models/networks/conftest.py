"""Small series and small networks; every test here needs TensorFlow."""

from __future__ import annotations

import os

import numpy as np
import pytest

from forecast_cli.models.layers import GRU, Network, PerChannel, SubtractLast
from forecast_cli.models.networks import dataset
from forecast_cli.models.networks.forecaster import NetworkForecaster
from forecast_cli.types import Split, Training, Window
from tests.panels import Recorder, make_panel

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytest.importorskip("tensorflow")


@pytest.fixture(scope="session", autouse=True)
def short_epochs():
    """Epochs of 50 steps at least, a quarter of the real ones: enough to see what these tests ask."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataset, "FEWEST_STEPS", 50)
        yield


SMALL = Network((PerChannel(), SubtractLast()), (GRU(4),))
WINDOW = Window(lookback=6, horizon=2)


def split_rows(n_rows: int, window: Window = WINDOW) -> Split:
    """Return the cutoffs of one series: 60 % of its rows for training, 20 % each for validation and test."""
    borders = n_rows * 6 // 10, n_rows * 8 // 10, n_rows
    begin = window.reach - 1
    train, validation, test = (
        np.arange(max(begin, low - window.delay), high - window.delay - window.horizon + 1)
        for low, high in zip((0, *borders), borders, strict=False)
    )
    return Split(train, validation, test, borders)


def make_waves(n_rows: int = 200, n_channels: int = 2):
    """Return a panel (already near unit scale) of sines with noise."""
    rng = np.random.default_rng(0)
    steps = np.arange(n_rows)[:, None] / (3 + np.arange(n_channels))
    return make_panel(np.sin(steps) + rng.normal(scale=0.1, size=(n_rows, n_channels)))


def train_small(
    panel=None, split=None, *, network=SMALL, window=WINDOW, listener=None, **training
) -> NetworkForecaster:
    """Return a network trained on a panel, two epochs unless said."""
    panel = panel or make_waves()
    split = split or split_rows(len(panel.values), window)
    unfitted = NetworkForecaster("small", network, window, Training(**{"epochs": 2, **training}))
    return unfitted.fit(panel, split, listener or Recorder())


@pytest.fixture(scope="session")
def trained() -> NetworkForecaster:
    """A network that was trained once for all tests that only read it."""
    return train_small()
