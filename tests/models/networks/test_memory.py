"""What a training leaves in memory."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from forecast_cli.models.networks.backend import load_backend
from forecast_cli.models.networks.dataset import place_panel
from forecast_cli.models.networks.device import has_gpu
from forecast_cli.models.networks.forecaster import NetworkForecaster
from forecast_cli.models.notation import parse_network
from forecast_cli.prepare.scaling import fit_scaler, scale_panel
from forecast_cli.types import Training
from tests.models.networks.conftest import WINDOW, make_waves, split_rows
from tests.panels import Recorder


def count_tensors(rows):
    """Return how many tensors hold something of each row of a panel."""
    _, tf = load_backend()
    kind = type(tf.constant(0))
    gc.collect()
    return sum(isinstance(each, kind) and each.shape.rank == 2 and each.shape[0] == rows for each in gc.get_objects())


def test_the_panel_does_not_stay_in_tensorflow_once_a_network_is_trained():
    panel = make_waves(701)  # a number of rows that no other test has
    network = parse_network("PerChannel | SubtractLast | Flatten | Dense(4)")
    forecaster = NetworkForecaster("dense", network, WINDOW, Training(epochs=1, epoch_size=64))
    fitted = forecaster.fit(panel, split_rows(701), Recorder())
    assert fitted.history
    assert np.isfinite(fitted.history[0].loss)
    assert count_tensors(701) == 0


def test_tensorflow_reads_a_scaled_panel_where_it_stands():
    if has_gpu():
        pytest.skip("a GPU has a memory of its own")
    panel = make_waves(300)
    scaled = scale_panel(panel, fit_scaler(panel, 200, 20))
    source = place_panel(scaled, WINDOW, mixes_channels=False)
    placed = np.asarray(memoryview(source.values))  # `.numpy()` would be a copy
    assert np.shares_memory(placed, scaled.values)
    np.testing.assert_array_equal(placed, scaled.values)


def test_a_panel_that_lies_elsewhere_is_copied():
    panel = make_waves(300)
    panel.values.flags.writeable = False
    placed = np.asarray(memoryview(place_panel(panel, WINDOW, mixes_channels=False).values))
    assert not np.shares_memory(placed, panel.values)
    np.testing.assert_array_equal(placed, panel.values)
