"""How long training takes, told on a clock that stands in a test's hand."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.models.networks.dataset import Schedule
from forecast_cli.models.networks.limit import start_limit
from forecast_cli.models.networks.pace import Pace, announce_length, estimate_seconds, say_length
from forecast_cli.types import Training
from tests.panels import Recorder

NO_ROWS = np.empty(0, dtype=np.int64)


class Clock:
    """Shows the time that it was set to."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def wait(self, seconds):
        self.now += seconds
        return seconds


def run_steps(pace, clock, n, seconds):
    for _ in range(n):
        clock.wait(seconds)
        pace.report_step(1, 0.5)
        pace.announce(lambda: clock.wait(2.0))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def heard():
    return Recorder()


def make_pace(heard, clock, steps=600, **training):
    return Pace(heard, Training(**training), Schedule(NO_ROWS, 16, steps, NO_ROWS), clock)


def test_the_estimate_is_every_step_and_every_validation():
    assert estimate_seconds(20, 600, 0.01, 2.0) == pytest.approx(20 * (600 * 0.01 + 2))


def test_the_length_is_said_once_after_the_first_steps_and_tracing_does_not_count(heard, clock):
    pace = make_pace(heard, clock, epochs=20)
    run_steps(pace, clock, 1, 30.0)  # tracing
    run_steps(pace, clock, 99, 0.01)
    assert heard.notes == []  # too few to know
    run_steps(pace, clock, 400, 0.01)
    assert heard.text == "about 3 min for 20 epochs at most ()"  # 160 s: 20 x (600 x 10 ms + 2 s)
    assert pace.validation_seconds == 2.0


def test_measuring_the_validation_does_not_slow_the_pace_that_is_shown(clock):
    facts = {}

    class Collector(Recorder):
        def progress(self, stage, done, total, given):
            facts.update(given)

    pace = make_pace(Collector(), clock)
    run_steps(pace, clock, 1, 30.0)
    run_steps(pace, clock, 500, 0.01)
    assert facts["windows_per_second"] == pytest.approx(16 / 0.01, rel=0.01)


def test_what_is_told_names_epoch_and_batch_the_best_so_far_and_the_validation_under_way(clock):
    told = []

    class Collector(Recorder):
        def progress(self, stage, done, total, given):
            told.append((done, total, given))

    pace = make_pace(Collector(), clock, steps=10, epochs=2)
    pace.begin()
    assert told == [(0, 20, {"epoch": 1, "epochs": 2, "batch": 0, "batches": 10})]
    for step in range(1, 11):
        clock.wait(1.0)
        pace.report_step(1, 0.5)
        assert told[-1][2]["batch"] == step
    clock.wait(1.0)
    pace.report_validation(3, 4)
    assert (told[-1][2]["validated"], told[-1][2]["validations"]) == (3, 4)
    pace.report_epoch(0.3, 4.0)
    clock.wait(1.0)
    pace.report_step(2, 0.4)
    assert told[-1][2]["batch"] == 1
    assert told[-1][2]["best"] == 0.3
    assert "validated" not in told[-1][2]
    assert told[-1][2]["seconds_left"] > 4.0  # the validation that is still to come, too
    pace.report_epoch(0.6, 4.0)
    pace.finish()
    assert (told[-1][2]["val_loss"], told[-1][2]["best"]) == (0.6, 0.3)


def test_a_few_seconds_are_not_announced(heard, clock):
    run_steps(make_pace(heard, clock, steps=200, epochs=1), clock, 200, 0.01)
    assert heard.notes == []


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (40.4, "40 s"), (100, "2 min"), (5000, "83 min"), (9000, "2.5 h")]
)
def test_lengths_are_said_as_people_say_them(seconds, text):
    assert say_length(seconds) == text


def test_a_time_limit_shorter_than_the_training_is_said_with_it():
    assert announce_length(1200, Training(epochs=1)) == "about 20 min for 1 epoch at most"
    limited = Training(time_limit=600.0)
    assert announce_length(1200, limited) == "about 20 min for 20 epochs at most; --time-limit ends it after 10 min"
    assert announce_length(500, limited) == "about 8 min for 20 epochs at most"


def test_a_limit_is_reached_when_less_is_left_than_is_needed(clock):
    limit, never = start_limit(10.0, clock), start_limit(None, clock)
    clock.wait(7.0)
    assert not limit.is_reached(2.5)
    assert limit.is_reached(3.0)
    clock.wait(3.0)
    assert limit.is_reached()
    assert not never.is_reached(1e9)
