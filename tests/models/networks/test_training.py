"""The loop: what it learns, when it stops, and how it is stopped."""

from __future__ import annotations

import math
import os
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.errors import ArtifactError, DataError, Interrupted
from forecast_cli.models.networks import training
from forecast_cli.models.networks.export import collect_weights
from forecast_cli.models.networks.forecaster import NetworkForecaster
from forecast_cli.models.networks.limit import Limit
from forecast_cli.models.networks.training import DECAY
from forecast_cli.models.notation import parse_network
from forecast_cli.models.presets import write_preset
from forecast_cli.prepare.windows import gather_batch, gather_truth
from forecast_cli.types import Window
from tests.models.networks.conftest import SMALL, WINDOW, make_waves, split_rows, train_small
from tests.panels import Recorder, make_panel


def weights_of(forecaster):
    return forecaster.model.get_weights()


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(weights_of(a), weights_of(b), strict=True))


class Presser(Recorder):
    """Presses Ctrl-C when it hears of the first step."""

    def __init__(self, times=1):
        super().__init__()
        self.times = times

    def progress(self, stage, done, total, facts):
        super().progress(stage, done, total, facts)
        for _ in range(self.times if done else 0):
            os.kill(os.getpid(), signal.SIGINT)


def test_a_straight_line_goes_on_beyond_anything_trained_on():
    window, counting = Window(5, 1), np.arange(1.0, 101.0)
    loc, scale = counting[:70].mean(), counting[:70].std()
    panel = make_panel(counting)
    panel = replace(panel, values=((counting[:, None] - loc) / scale).astype(np.float32))
    network = parse_network(write_preset("conv-birnn", window))
    fitted = train_small(panel, split_rows(100, window), network=network, window=window, epochs=20)
    (after,) = fitted.predict(gather_batch(panel, np.array([99]), 5, 1)).ravel() * scale + loc
    assert after == pytest.approx(101, abs=0.5)


def test_the_same_seed_and_data_train_identical_weights_and_another_seed_others(trained):
    assert same(trained, train_small())
    assert not same(trained, train_small(seed=1))


def test_what_comes_after_the_training_and_validation_part_changes_no_weight(trained):
    panel = make_waves()
    values = panel.values.copy()
    values[split_rows(len(values)).borders[1] :] = 1e9
    assert same(trained, train_small(replace(panel, values=values)))


def test_unobserved_truth_teaches_nothing():
    panel = make_waves()
    observed = panel.observed.copy()
    observed[50:60] = False
    one, other = panel.values.copy(), panel.values.copy()
    split = split_rows(len(one))
    far = (split.train < 50 - WINDOW.horizon) | (split.train > 59 + WINDOW.reach)  # no history reads those rows
    near = np.arange(50 - WINDOW.horizon, 50)  # their truth does
    split = replace(split, train=np.sort(np.concatenate([split.train[far], near])))
    other[50:60] = 7
    first, second = (train_small(replace(panel, values=v, observed=observed), split) for v in (one, other))
    assert same(first, second)


@pytest.mark.parametrize("loss", ["mae", "mse", "huber"])
@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_every_loss_and_optimizer_lowers_the_loss(loss, optimizer):
    history = train_small(loss=loss, optimizer=optimizer, learning_rate=3e-3).history
    assert history[-1].loss < history[0].loss


def test_the_learning_rate_falls_after_each_epoch(trained):
    rates = [epoch.learning_rate for epoch in trained.history]
    assert rates == pytest.approx([1e-3, 1e-3 * DECAY])
    assert [epoch.epoch for epoch in trained.history] == [1, 2]


def test_no_epochs_leave_the_initial_weights():
    untrained, again = train_small(epochs=0), train_small(epochs=0)
    assert untrained.history == ()
    assert same(untrained, again)
    assert not same(untrained, train_small(epochs=1))


def test_the_weights_kept_are_those_with_the_lowest_validation_error():
    panel, split = make_waves(), split_rows(200)
    fitted = train_small(panel, split, epochs=12, learning_rate=0.3, patience=12)
    truth, _ = gather_truth(panel, split.validation, WINDOW)
    error = np.abs(fitted.predict(gather_batch(panel, split.validation, 6, 1)) - truth).mean()
    losses = [epoch.val_loss for epoch in fitted.history]
    assert error == pytest.approx(min(losses), rel=1e-4)
    assert losses[-1] > min(losses)  # so that the last weights are not the best ones
    assert fitted.best_epoch == 1 + int(np.argmin(losses))


def test_training_stops_after_patience_epochs_without_a_lower_validation_error():
    history = train_small(epochs=40, learning_rate=0.3, patience=2).history
    losses = [epoch.val_loss for epoch in history]
    assert len(history) < 40
    assert int(np.argmin(losses)) == len(losses) - 3


def test_without_validation_windows_every_epoch_is_trained_and_the_last_weights_stay():
    split = replace(split_rows(200), validation=np.empty(0, dtype=np.int64))
    fitted = train_small(split=split, epochs=3, patience=1)
    assert len(fitted.history) == fitted.best_epoch == 3
    assert all(math.isnan(epoch.val_loss) for epoch in fitted.history)


def test_a_diverging_training_ends_with_advice():
    with pytest.raises(DataError, match="diverged") as caught:
        train_small(loss="mse", learning_rate=1e30)
    assert "--learning-rate" in caught.value.hint


def test_progress_ends_where_training_ended():
    listener = Recorder()
    fitted = train_small(epochs=3, listener=listener)
    stage, done, total = listener.stages[-1]
    assert (stage, done) == ("train", total)
    assert done == 50 * len(fitted.history)


def test_progress_carries_the_figures_to_show_beside_it():
    heard = []

    class Collector(Recorder):
        def progress(self, stage, done, total, facts):
            heard.append(dict(facts))

    train_small(epochs=2, listener=Collector())
    assert {
        "epoch",
        "epochs",
        "batch",
        "batches",
        "loss",
        "val_loss",
        "best",
        "windows_per_second",
        "seconds_left",
    } == set(heard[-1])
    assert heard[-1]["epoch"] == heard[-1]["epochs"] == 2
    assert heard[-1]["windows_per_second"] > 0


def test_ctrl_c_ends_the_training_after_the_step_and_gives_the_handler_back():
    former = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted, match="interrupted in epoch 1 of 500; nothing was written"):
        train_small(epochs=500, patience=500, listener=Presser())
    assert signal.getsignal(signal.SIGINT) is former


def test_a_second_ctrl_c_does_not_wait():
    former = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        train_small(epochs=500, patience=500, listener=Presser(times=2))
    assert signal.getsignal(signal.SIGINT) is former


def test_training_works_outside_the_main_thread():
    done = []
    thread = threading.Thread(target=lambda: done.append(train_small(epochs=1)))
    thread.start()
    thread.join()
    assert len(done[0].history) == 1


def test_training_changes_neither_the_panel_nor_the_unfitted_forecaster():
    panel = make_waves()
    before = panel.values.copy()
    fitted = train_small(panel, network=SMALL)
    np.testing.assert_array_equal(panel.values, before)
    assert replace(fitted, model=None).parameters == 0


class Hours:
    """A clock that goes on a minute at each look, so that a limit falls on the same step everywhere."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 60.0
        return self.now


@pytest.fixture
def minutes(monkeypatch):
    """Let `limit` count a minute for each look at the clock: one for each step, and one before each epoch."""

    def start(seconds):
        clock = Hours()
        return Limit(clock() + seconds if seconds is not None else math.inf, clock)

    monkeypatch.setattr(training, "start_limit", start)


def test_the_time_limit_ends_training_within_an_epoch_and_keeps_the_best_by_then(minutes, trained):
    listener = Recorder()
    fitted = train_small(epochs=20, time_limit=60.0 * 103, listener=listener)  # two epochs of 50 steps, and two steps
    assert same(fitted, trained)  # two epochs
    assert len(fitted.history) == 2
    assert listener.notes[-1] == (
        "stopped by the time limit in epoch 3 of 20; the best is epoch 2",
        "--time-limit",
        False,
    )


def test_an_epoch_cut_short_counts_when_a_tenth_of_it_was_done(minutes, trained):
    fitted = train_small(epochs=20, time_limit=60.0 * 140)
    losses = [epoch.val_loss for epoch in fitted.history]
    assert len(losses) == 3
    assert not same(fitted, trained)
    assert losses[2] < losses[1]  # so that the third is what is kept


def test_a_limit_within_the_first_steps_keeps_what_was_learnt_by_then(minutes):
    fitted = train_small(epochs=20, time_limit=60.0)
    assert [epoch.epoch for epoch in fitted.history] == [1]
    assert math.isfinite(fitted.history[0].val_loss)
    assert not same(fitted, train_small(epochs=0))


def test_a_limit_that_is_not_reached_changes_nothing(trained):
    listener = Recorder()
    assert same(trained, train_small(time_limit=3600.0, listener=listener))
    assert "time limit" not in listener.text


def test_training_goes_on_where_another_ended(trained):
    panel, split = make_waves(), split_rows(200)
    start = collect_weights(trained)
    unfitted = NetworkForecaster("small", SMALL, WINDOW, replace(trained.training, epochs=1), start=start)
    further = unfitted.fit(panel, split, Recorder())
    anew = train_small(epochs=1)
    assert further.history[0].loss < anew.history[0].loss
    assert further.history[0].val_loss < anew.history[0].val_loss
    assert further.history[0].val_loss == pytest.approx(trained.history[-1].val_loss, rel=0.1)
    assert not same(further, trained)


def test_going_on_keeps_the_weights_it_began_with_unless_an_epoch_is_better(trained):
    start = collect_weights(trained)
    worse = replace(trained.training, epochs=3, learning_rate=3.0)
    listener = Recorder()
    unfitted = NetworkForecaster("small", SMALL, WINDOW, worse, start=start)
    fitted = unfitted.fit(make_waves(), split_rows(200), listener)
    assert min(epoch.val_loss for epoch in fitted.history) > trained.history[-1].val_loss
    assert same(fitted, trained)
    assert fitted.best_epoch == 0
    untouched = replace(unfitted, training=replace(worse, epochs=0)).fit(make_waves(), split_rows(200), listener)
    assert same(untouched, trained)


def test_weights_of_another_network_are_no_beginning(trained):
    start = {**collect_weights(trained), "head/bias": np.zeros(3, dtype=np.float32)}
    with pytest.raises(ArtifactError, match="head/bias"):
        NetworkForecaster("small", SMALL, WINDOW, trained.training, start=start).fit(
            make_waves(), split_rows(200), Recorder()
        )


def test_a_limit_reached_before_the_first_step_keeps_what_training_goes_on_from(minutes, trained):
    listener, asked = Recorder(), replace(trained.training, time_limit=60.0)
    unfitted = NetworkForecaster("small", SMALL, WINDOW, asked, start=collect_weights(trained))
    fitted = unfitted.fit(make_waves(), split_rows(200), listener)
    assert same(fitted, trained)
    assert fitted.history == ()
    assert listener.notes[-1][0] == "stopped by the time limit in epoch 1 of 2; the best is what it began with"
