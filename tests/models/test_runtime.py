"""Networks at prediction time: many windows are many runs, side by side, put together in their order."""

import time

import numpy as np
import pytest

from forecast_cli.errors import ArtifactError
from forecast_cli.models.runtime import CHANNEL_WINDOWS_AT_ONCE, OnnxNetwork
from forecast_cli.types import Batch, Reads, Window

WINDOW, T = Window(5, 3), 2


class Session:
    """Answers with the last value of each window, the first windows last."""

    def __init__(self, horizon=WINDOW.horizon):
        self.horizon, self.sizes = horizon, []

    def run(self, names, inputs):
        last = inputs["history"][:, -1:, :T]
        self.sizes.append(len(last))
        time.sleep(0.02 if last[0, 0, 0] == 0 else 0)
        return [np.repeat(last, self.horizon, axis=1)]


def make_batch(n):
    history = np.broadcast_to(np.arange(n, dtype=np.float32)[:, None, None], (n, 5, 3))
    return Batch(history, np.ones(history.shape, dtype=bool), np.zeros(n, dtype=np.int64), np.arange(n))


@pytest.mark.parametrize("n", [1, CHANNEL_WINDOWS_AT_ONCE // T, 1000])
def test_windows_come_back_in_their_order_from_runs_of_a_bounded_size(n):
    session = Session()
    said = OnnxNetwork(session, WINDOW, T, Reads(), 0).predict(make_batch(n))
    np.testing.assert_array_equal(said, np.broadcast_to(np.arange(n)[:, None, None], (n, 3, T)))
    assert max(session.sizes) <= CHANNEL_WINDOWS_AT_ONCE // T
    assert sum(session.sizes) == n


def test_a_graph_that_breaks_its_promise_is_named_in_whichever_run():
    with pytest.raises(ArtifactError, match="the network gives"):
        OnnxNetwork(Session(horizon=4), WINDOW, T, Reads(), 0).predict(make_batch(1000))
