"""What training reads: a panel and its windows as constants, and the cutoff rows of each epoch.

Only row numbers travel; histories and targets are gathered inside the compiled step. Whatever the lookback, the data
stands in memory once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.models.networks.backend import load_backend
from forecast_cli.models.networks.device import has_gpu
from forecast_cli.models.networks.tables import place_tables
from forecast_cli.prepare.inputs import HISTORY, fill_unknown
from forecast_cli.prepare.scaling import ALIGNMENT
from forecast_cli.prepare.windows import count_cutoffs, take_evenly

if TYPE_CHECKING:
    from forecast_cli.models.networks.tables import Tables
    from forecast_cli.types import Array, Integers, Panel, Reads, Split, Training, Window

FEWEST_STEPS = 200  # an epoch; a small set is gone through several times: with 50 it was never learnt
MOST_VALIDATION = 50_000  # channel-windows
VALIDATION_BATCH = 4  # training batches at once: without gradients there is room
NO_ROW = -1  # fills the last batch of a validation up; weighs nothing


@dataclass(frozen=True, eq=False, slots=True)
class Source:
    """A scaled panel as tensors, and how to cut windows from it."""

    values: Any  # (R, C) float32, 0 before the first value of a series
    observed: Any  # (R, T) bool, or (R, C) where the network reads what was observed
    counted: Any  # (R, T) bool: may target t be forecast from cutoff row r?
    window: Window
    reads: Reads = HISTORY
    tables: Tables | None = None

    def gather(self, rows: Any) -> tuple[dict[str, Any], Any, Any]:
        """Return the inputs by name, targets (B, H, T) and weights (B, H, T) of cutoff rows (B,); traceable.

        A weight is 1 where the truth was observed and the window counts for that target, else 0.
        """
        _, tf = load_backend()
        w, T = self.window, self.counted.shape[1]
        known = tf.maximum(rows, (w.inputs - 1) * w.sample_every)  # NO_ROW must not reach before the first row
        past = known[:, None] - np.arange(w.inputs - 1, -1, -1) * w.sample_every  # (B, L)
        future = tf.maximum(rows, 0)[:, None] + w.delay + np.arange(w.horizon)  # (B, H)
        counted = tf.gather(self.counted, tf.maximum(rows, 0)) & (rows >= 0)[:, None]  # (B, T)
        weights = tf.gather(self.observed, future)[:, :, :T] & counted[:, None, :]
        later = tf.gather(self.values, future)  # (B, H, C)
        inputs = {"history": tf.gather(self.values, past)}
        if "observed" in self.reads.inputs:
            inputs["observed"] = tf.cast(tf.gather(self.observed, past), tf.float32)
        if self.tables is not None:
            inputs |= self.tables.look_up(tf.maximum(rows, 0), future, later)
        return inputs, later[:, :, :T], tf.cast(weights, tf.float32)

    def take_out(self) -> tuple[Source, tuple[Any, ...]]:
        """Return the source without its tensors, and these: a compiled step may stay in memory with all it holds."""
        return replace(self, values=None, observed=None, counted=None), (self.values, self.observed, self.counted)

    def put_in(self, tensors: tuple[Any, ...]) -> Source:
        """Return the source with tensors that were taken out."""
        values, observed, counted = tensors
        return replace(self, values=values, observed=observed, counted=counted)


@dataclass(frozen=True, eq=False, slots=True)
class Schedule:
    """Which cutoff rows are trained on, how many at a time, and which are validated on."""

    train: Integers  # (n,)
    windows: int  # a step
    steps: int  # an epoch
    validation: Integers  # (n,), evenly spaced


def place_panel(panel: Panel, window: Window, mixes_channels: bool, reads: Reads = HISTORY) -> Source:
    """Return the panel as tensors, and whatever else the network reads of it."""
    _, tf = load_backend()
    counted = count_cutoffs(panel, window, mixes_channels)
    width = len(panel.channels) if "observed" in reads.inputs else panel.n_targets
    return Source(
        values=_place(fill_unknown(panel.values)),
        observed=tf.constant(panel.observed[:, :width]),
        counted=tf.constant(counted),
        window=window,
        reads=reads,
        tables=place_tables(panel, reads),
    )


def _place(values: Array) -> Any:
    """Return the values as a tensor; on a CPU it is the array itself, if that begins where TensorFlow wants it."""
    _, tf = load_backend()
    fits = values.flags.c_contiguous and values.flags.writeable and values.ctypes.data % ALIGNMENT == 0
    if not values.size or not fits or has_gpu():
        return tf.constant(values)
    return tf.experimental.dlpack.from_dlpack(values.__dlpack__())


def plan_epochs(split: Split, source: Source, training: Training) -> Schedule:
    """Return which rows are trained and validated on.

    A step takes `batch_size` channel-windows, that is `batch_size` / T windows; an epoch goes once through all
    windows that count for any target, but through no more than `epoch_size` channel-windows and, of a small set,
    as often as it takes for `FEWEST_STEPS`.

    Raises:
        DataError: no window counts.
    """
    T = source.counted.shape[1]
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
