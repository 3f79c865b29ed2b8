"""The training loop: epochs over compiled steps, early stopping on validation, the best weights kept."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from forecast_cli.errors import DataError, Interrupted
from forecast_cli.models.networks.backend import load_backend
from forecast_cli.models.networks.dataset import draw_epoch, list_validation
from forecast_cli.models.networks.interruption import catch_interrupt
from forecast_cli.models.networks.limit import start_limit
from forecast_cli.models.networks.pace import Pace
from forecast_cli.types import Epoch

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from forecast_cli.models.networks.dataset import Schedule, Source
    from forecast_cli.models.networks.limit import Limit
    from forecast_cli.types import Array, Listener, Training

DECAY = 0.8  # of the learning rate, after each epoch
WORTH_VALIDATING = 0.1  # of an epoch that the time limit cuts short
DIVERGED = (
    "Give a lower --learning-rate (a tenth of it), or look for extreme values in the data with `forecast inspect`."
)


@dataclass(frozen=True, eq=False)
class State:
    """Where training stands after an epoch; with the variables of model and optimizer, all that it goes on from."""

    history: tuple[Epoch, ...] = ()
    best_weights: tuple[Array, ...] = ()
    best_loss: float = math.inf  # on validation
    best_epoch: int = 0  # 0: what training began with
    waited: int = 0  # epochs since the best
    stopped_in: int = 0  # the epoch that the time limit ended or kept from beginning; 0: none


@dataclass(frozen=True, eq=False)
class Course:
    """What stays the same throughout a training."""

    model: Any
    optimizer: Any
    train: Callable[[Any], Any]  # rows (B,) -> the loss, after one step of the optimizer
    score: Callable[[Any], tuple[Any, Any]]  # rows (B,) -> sums of weighted absolute errors and of weights
    schedule: Schedule
    training: Training
    limit: Limit


def train_network(
    model: Any, source: Source, schedule: Schedule, training: Training, listener: Listener, *, goes_on: bool = False
) -> tuple[tuple[Epoch, ...], int]:
    """Return one `Epoch` per epoch trained, and which was best on validation: the model ends with its weights.

    The learning rate falls by a fifth after each epoch; training stops after `patience` epochs without a lower
    validation error. Without validation windows the last weights stay. Where training `goes_on` from learnt weights,
    these stay unless an epoch is better. At the time limit, the epoch under way is validated if a tenth of it was done
    or nothing was validated before.

    Raises:
        DataError: the loss is no longer finite.
        Interrupted: SIGINT (the first; a second one raises KeyboardInterrupt).
    """
    course, pace = _compile_course(model, source, schedule, training), Pace(listener, training, schedule)
    with catch_interrupt() as asked:
        if training.epochs:
            pace.begin()
        state = _keep_best(State(), model, _validate(course, 0, pace)) if goes_on and training.epochs else State()
        while not _is_finished(state, training):
            state = _run_epoch(course, state, pace, asked)
    if state.best_weights:
        model.set_weights(state.best_weights)
        pace.finish()
    if state.stopped_in:
        listener.note(_say_stopped(state, training), "--time-limit")
    return state.history, state.best_epoch


def _is_finished(state: State, training: Training) -> bool:
    return bool(state.stopped_in) or len(state.history) >= training.epochs or state.waited >= training.patience


def _say_stopped(state: State, training: Training) -> str:
    best = f"epoch {state.best_epoch}" if state.best_epoch else "what it began with"
    return f"stopped by the time limit in epoch {state.stopped_in} of {training.epochs}; the best is {best}"


def _run_epoch(course: Course, state: State, pace: Pace, asked: Event) -> State:
    """Return the state after one more epoch."""
    epoch, began = len(state.history) + 1, time.perf_counter()
    if state.best_weights and course.limit.is_reached(pace.validation_seconds):
        return replace(state, stopped_in=epoch)
    rate = course.training.learning_rate * DECAY ** (epoch - 1)
    course.optimizer.learning_rate.assign(rate)
    total, step = 0.0, 0
    for step, rows in enumerate(draw_epoch(course.schedule, course.training.seed, epoch), start=1):
        total += _check_finite(float(course.train(rows)), epoch)
        pace.report_step(epoch, total / step)
        _heed_interrupt(asked, epoch, course.training)
        pace.announce(lambda: _time_validation(course))
        if course.limit.is_reached(pace.validation_seconds):
            break
    if step < course.schedule.steps:
        state = replace(state, stopped_in=epoch)
        if state.best_weights and step < WORTH_VALIDATING * course.schedule.steps:
            return state
    trained = time.perf_counter()
    val_loss = _validate(course, epoch, pace)
    _heed_interrupt(asked, epoch, course.training)
    ended = time.perf_counter()
    pace.report_epoch(val_loss, ended - trained)
    line = Epoch(epoch, total / step, val_loss, rate, ended - began)
    return _keep_best(replace(state, history=(*state.history, line)), course.model, val_loss)


def _heed_interrupt(asked: Event, epoch: int, training: Training) -> None:
    if asked.is_set():
        raise Interrupted(f"interrupted in epoch {epoch} of {training.epochs}; nothing was written")


def _keep_best(state: State, model: Any, val_loss: float) -> State:
    """Return the state with the model's weights where they are the best so far; NaN (no validation) always is."""
    if val_loss >= state.best_loss:
        return replace(state, waited=state.waited + 1)
    weights, epoch = tuple(model.get_weights()), len(state.history)
    return replace(state, best_weights=weights, best_loss=val_loss, best_epoch=epoch, waited=0)


def _validate(course: Course, epoch: int, pace: Pace) -> float:
    """Return the mean absolute error over the validation windows; NaN where nothing can be scored."""
    error = weight = 0.0
    batches = list_validation(course.schedule)
    for done, rows in enumerate(batches, start=1):
        errors, weights = course.score(rows)
        error, weight = error + _check_finite(float(errors), epoch), weight + float(weights)
        pace.report_validation(done, len(batches))
    return error / weight if weight else math.nan


def _time_validation(course: Course) -> float:
    """Return about how many seconds a validation takes, from one batch of it."""
    batches = list_validation(course.schedule)
    for rows in batches.take(1):
        course.score(rows)  # traces
        began = time.perf_counter()
        float(course.score(rows)[0])
        return len(batches) * (time.perf_counter() - began)
    return 0.0


def _check_finite(loss: float, epoch: int) -> float:
    if not math.isfinite(loss):
        raise DataError(f"training diverged: the loss in epoch {epoch} is no longer a finite number.", DIVERGED)
    return loss


def _compile_course(model: Any, source: Source, schedule: Schedule, training: Training) -> Course:
    """Return the model with its optimizer and its two steps, each traced once, at its first call."""
    keras, tf = load_backend()
    makers = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}
    optimizer = makers[training.optimizer](training.learning_rate)
    optimizer.build(model.trainable_variables)

    empty, tensors = source.take_out()

    @tf.function
    def train(rows: Any, *tensors: Any) -> Any:
        history, truth, weights = empty.put_in(tensors).gather(rows)
        with tf.GradientTape() as tape:
            losses = _measure_loss(model(history, training=True) - truth, training.loss)
            loss = tf.math.divide_no_nan(tf.reduce_sum(weights * losses), tf.reduce_sum(weights))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    @tf.function
    def score(rows: Any, *tensors: Any) -> tuple[Any, Any]:
        history, truth, weights = empty.put_in(tensors).gather(rows)
        errors = tf.abs(model(history, training=False) - truth)
        return tf.reduce_sum(weights * errors), tf.reduce_sum(weights)

    steps = (lambda rows: train(rows, *tensors)), (lambda rows: score(rows, *tensors))
    return Course(model, optimizer, *steps, schedule, training, start_limit(training.time_limit))


def _measure_loss(error: Any, loss: str) -> Any:
    """Return the loss of each error, same shape; huber: e²/2 up to 1, |e| - 1/2 beyond."""
    _, tf = load_backend()
    size = tf.abs(error)
    if loss == "mae":
        return size
    if loss == "mse":
        return tf.square(error)
    return tf.where(size <= 1, tf.square(error) / 2, size - 0.5)
