"""`--lookback auto`: the look-back comes from validation."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.requests import TrainRequest
from forecast_cli.workflows.lookback import settle_lookback
from tests.panels import Recorder, make_panel


@pytest.fixture
def ask(tmp_path):
    def settle(values, **asked):
        listener = Recorder()
        request = TrainRequest((), tmp_path, **{"model": "linear", "horizon": 6, "lookback": "auto", **asked})
        return settle_lookback(request, make_panel(values), listener), listener

    return settle


def test_a_far_echo_asks_for_a_long_lookback(ask):
    rng = np.random.default_rng(0)
    values = rng.normal(size=3000)
    for t in range(500, 3000):  # what comes is what was 500 steps ago
        values[t] = values[t - 500] + 0.1 * rng.normal()
    request, listener = ask(values)
    assert request.lookback >= 500
    (text, flag) = next((text, flag) for text, flag, _ in listener.notes)
    assert flag == "--lookback"
    assert f"lookback: {request.lookback} steps" in text


def test_a_short_memory_is_content_with_a_short_one(ask):
    rng = np.random.default_rng(1)
    values = np.zeros(1500)
    for t in range(1, 1500):
        values[t] = 0.7 * values[t - 1] + rng.normal()
    request, listener = ask(values)
    tried = next(text for text, _, _ in listener.notes).split("of ")[-1].rstrip(")").split(", ")
    losses = {int(part.split(": ")[0]): float(part.split(": ")[1]) for part in tried}
    assert len(losses) >= 3
    assert losses[request.lookback] == min(losses.values())


def test_the_test_part_has_no_say(ask):
    values = np.random.default_rng(2).normal(size=1500).cumsum()
    other = values.copy()
    other[1200:] = 1e6  # the last fifth
    first, second = ask(values), ask(other)
    assert first[0].lookback == second[0].lookback
    assert first[1].notes == second[1].notes


def test_a_lookback_that_was_given_stays(ask):
    request, listener = ask(np.arange(600.0), lookback=48)
    assert (request.lookback, listener.notes) == (48, [])


def test_small_data_get_the_lookback_of_the_rule(ask):
    request, _ = ask(np.random.default_rng(3).normal(size=150), model=None)
    assert isinstance(request.lookback, int)
