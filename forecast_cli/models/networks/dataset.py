"""What training reads: a panel and its windows as constants, and the cutoff rows of each epoch.

Only row numbers travel; histories and targets are gathered inside the compiled step. Whatever the lookback, the data
stands in memory once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.models.networks.backend import load_backend
from forecast_cli.prepare.windows import count_cutoffs, take_evenly

if TYPE_CHECKING:
    from forecast_cli.types import Array, Integers, Panel, Split, Training, Window

FEWEST_STEPS = 50  # an epoch; a small set is gone through several times
MOST_VALIDATION = 50_000  # channel-windows
VALIDATION_BATCH = 4  # training batches at once: without gradients there is room
NO_ROW = -1  # fills the last batch of a validation up; weighs nothing


@dataclass(frozen=True, eq=False, slots=True)
class Source:
    """A scaled panel as tensors, and how to cut windows from it."""

    values: Any  # (R, C) float32, 0 before the first value of a series
    observed: Any  # (R, T) bool
    counted: Any  # (R, T) bool: may target t be forecast from cutoff row r?
    window: Window

    def gather(self, rows: Any) -> tuple[Any, Any, Any]:
        """Return the histories (B, L, C), targets (B, H, T) and weights (B, H, T) of cutoff rows (B,); traceable.

        A weight is 1 where the truth was observed and the window counts for that target, else 0.
        """
        _, tf = load_backend()
        w, T = self.window, self.observed.shape[1]
        known = tf.maximum(rows, (w.inputs - 1) * w.sample_every)  # NO_ROW must not reach before the first row
        past = known[:, None] - np.arange(w.inputs - 1, -1, -1) * w.sample_every  # (B, L)
        future = tf.maximum(rows, 0)[:, None] + w.delay + np.arange(w.horizon)  # (B, H)
        counted = tf.gather(self.counted, tf.maximum(rows, 0)) & (rows >= 0)[:, None]  # (B, T)
        weights = tf.gather(self.observed, future) & counted[:, None, :]
        truth = tf.gather(self.values, future)[:, :, :T]
        return tf.gather(self.values, past), truth, tf.cast(weights, tf.float32)


@dataclass(frozen=True, eq=False, slots=True)
class Schedule:
    """Which cutoff rows are trained on, how many at a time, and which are validated on."""

    train: Integers  # (n,)
    windows: int  # a step
    steps: int  # an epoch
    validation: Integers  # (n,), evenly spaced


def place_panel(panel: Panel, window: Window, mixes_channels: bool) -> Source:
    """Return the panel as tensors."""
    _, tf = load_backend()
    counted = count_cutoffs(panel, window, mixes_channels)
    return Source(
        values=tf.constant(fill_unknown(panel.values)),
        observed=tf.constant(panel.observed[:, : panel.n_targets]),
        counted=tf.constant(counted),
        window=window,
    )


def fill_unknown(values: Array) -> Array:
    """Return the values with 0, the mean of scaled data, where nothing was known yet."""
    unknown = np.isnan(values)
    return np.where(unknown, np.float32(0), values) if unknown.any() else values


def plan_epochs(split: Split, source: Source, training: Training) -> Schedule:
    """Return which rows are trained and validated on.

    A step takes `batch_size` channel-windows, that is `batch_size` / T windows; an epoch goes once through all
    windows that count for any target, but through no more than `epoch_size` channel-windows and, of a small set,
    as often as it takes for `FEWEST_STEPS`.

    Raises:
        DataError: no window counts.
    """
    T = source.observed.shape[1]
    counts = source.counted.numpy().any(axis=1)
    train, validation = split.train[counts[split.train]], split.validation[counts[split.validation]]
    if not len(train):
        raise DataError(
            f"no window to train on: of {len(split.train):,} in the training part, none has enough observed values.",
            "Give more data, a shorter --lookback, or a larger --max-gap.",
        )
    windows = min(len(train), max(1, round(training.batch_size / T)))
    wanted = min(len(train), max(1, training.epoch_size // T))
    steps = max(FEWEST_STEPS, -(-wanted // windows))
    return Schedule(train, windows, steps, take_evenly(validation, max(1, MOST_VALIDATION // T)))


def draw_epoch(schedule: Schedule, seed: int, epoch: int) -> Any:
    """Return a `tf.data.Dataset` of one epoch's batches of cutoff rows, each (B,).

    The order is a function of seed and epoch alone, so that a resumed run sees what an unbroken one sees. The rows
    are drawn without replacement; only when all have been seen do they come again, in the same order.
    """
    _, tf = load_backend()
    needed = schedule.steps * schedule.windows
    rng = np.random.default_rng([seed, epoch])
    drawn = rng.choice(schedule.train, size=min(needed, len(schedule.train)), replace=False)
    return tf.data.Dataset.from_tensor_slices(np.resize(drawn, (schedule.steps, schedule.windows)))


def list_validation(schedule: Schedule) -> Any:
    """Return a `tf.data.Dataset` of all validation rows, the last batch filled up with `NO_ROW`."""
    _, tf = load_backend()
    size = VALIDATION_BATCH * schedule.windows
    rows = np.full((-(-len(schedule.validation) // size), size), NO_ROW, dtype=np.int64)
    rows.flat[: len(schedule.validation)] = schedule.validation
    return tf.data.Dataset.from_tensor_slices(rows)
