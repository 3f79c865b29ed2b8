"""Where a training step of the default network spends its time, and what makes it faster or slower.

    python -m tests.benchmarks.training_step

The first table goes from the network alone to the whole loop of `forecast train`: what the pipeline costs is the
difference. The second changes one thing at a time. Each row is measured in a process of its own; the best of several
passes counts, since other work on the machine only ever slows one down.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast_cli.models.layers import InputShape
from forecast_cli.models.notation import parse_network
from forecast_cli.models.presets import DEFAULT_PRESET, write_preset
from forecast_cli.types import Split, Training, Window
from tests.panels import Recorder, make_panel

WINDOW, TARGETS = Window(720, 96), 7
STEPS, PASSES = 60, 5


@dataclass(frozen=True)
class Setting:
    """One way to run the step; the first is ours."""

    name: str = "ours"
    batch: int = 252  # channel-windows
    unroll: bool = True
    jit: bool = False
    threads: int = 0  # 0: as many as TensorFlow takes
    half: bool = False  # mixed precision


STAGES = ("forward", "forward and backward", "with the optimizer", "with the gathering", "the whole loop")
SETTINGS = (
    Setting(),
    *(Setting(f"batch {batch}", batch=batch) for batch in (63, 126, 504, 1022)),
    Setting("a loop in place of unrolled steps", unroll=False),
    Setting("jit_compile", jit=True),
    Setting("one thread", threads=1),
    Setting("mixed precision (bfloat16)", half=True),
)


def main() -> None:
    """Print both tables."""
    print(f"{'252 channel-windows a step':36}{'ms':>8}{'of the whole':>14}")
    times = {stage: measure(time_stage, stage) for stage in STAGES}
    for stage, seconds in times.items():
        print(f"{stage:36}{1e3 * seconds:8.1f}{seconds / times[STAGES[-1]]:14.0%}")
    pipeline = times[STAGES[-1]] - times["with the optimizer"]
    print(f"pipeline: {pipeline / times[STAGES[-1]]:.1%} of the step\n")
    print(f"{'changed':36}{'ms':>8}{'channel-windows/s':>20}{'of ours':>10}")
    base = 0.0
    for setting in SETTINGS:
        seconds = measure(time_setting, setting)
        rate = setting.batch / seconds
        base = base or rate
        print(f"{setting.name:36}{1e3 * seconds:8.1f}{rate:20,.0f}{rate / base:10.2f}", flush=True)


def measure(side: Any, argument: Any) -> float:
    """Return what `side(argument)` returns, from a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return float(pool.apply(side, (argument,)))


def time_setting(setting: Setting) -> float:
    """Return the seconds of one step, gathering included."""
    tf = start(setting)
    source, model, optimizer, rows = prepare(setting)

    @tf.function(jit_compile=setting.jit)
    def step(rows: Any) -> Any:
        inputs, truth, _ = source.gather(rows)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.abs(tf.cast(model(inputs, training=True), tf.float32) - truth))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    return take_best(lambda k: step(rows[k % len(rows)]))


def time_stage(stage: str) -> float:
    """Return the seconds of one step of our own setting, up to this stage."""
    if stage == "the whole loop":
        return time_loop()
    tf = start(Setting())
    source, model, optimizer, rows = prepare(Setting())
    fixed = source.gather(rows[0])[:2]

    @tf.function
    def step(rows: Any) -> Any:
        inputs, truth = source.gather(rows)[:2] if stage == "with the gathering" else fixed
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.abs(model(inputs, training=True) - truth))
        if stage == "forward":
            return loss
        gradients = tape.gradient(loss, model.trainable_variables)
        if stage == "forward and backward":
            return loss, [tf.reduce_sum(each) for each in gradients]
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    return take_best(lambda k: step(rows[k % len(rows)]))


def time_loop() -> float:
    """Return the seconds of one step in the real training, drawing, progress and checks included."""
    from forecast_cli.models.networks.dataset import FEWEST_STEPS
    from forecast_cli.models.networks.forecaster import NetworkForecaster

    panel, split = draw_panel()
    training = Training(epochs=1 + PASSES, batch_size=252, patience=99)
    fitted = NetworkForecaster("default", describe(), WINDOW, training).fit(panel, split, Recorder())
    steps = -(-len(split.train) // (252 // TARGETS))
    return min(epoch.seconds for epoch in fitted.history[1:]) / max(FEWEST_STEPS, steps)


def start(setting: Setting) -> Any:
    """Return TensorFlow, with the threads of this setting."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from forecast_cli.models.networks.backend import load_backend

    keras, tf = load_backend()
    if setting.threads:
        tf.config.threading.set_intra_op_parallelism_threads(setting.threads)
        tf.config.threading.set_inter_op_parallelism_threads(setting.threads)
    if setting.half:
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    return tf


def prepare(setting: Setting) -> tuple[Any, Any, Any, Any]:
    """Return the panel as tensors, the network, its optimizer and some batches of cutoff rows."""
    from forecast_cli.models.networks.backend import load_backend
    from forecast_cli.models.networks.build import build_network
    from forecast_cli.models.networks.dataset import place_panel

    keras, tf = load_backend()
    panel, split = draw_panel()
    source = place_panel(panel, WINDOW, mixes_channels=False)
    model = build_network(describe(), WINDOW, InputShape(TARGETS, TARGETS), unroll=setting.unroll, seed=0)
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(model.trainable_variables)
    rows = np.random.default_rng(0).choice(split.train, size=(20, setting.batch // TARGETS))
    return source, model, optimizer, [tf.constant(each) for each in rows]


def describe() -> Any:
    """Return the default network at this window."""
    return parse_network(write_preset(DEFAULT_PRESET, WINDOW))


def draw_panel() -> tuple[Any, Split]:
    """Return random walks in seven columns, and their windows, all of them for training."""
    values = np.random.default_rng(0).normal(size=(4000, TARGETS)).cumsum(axis=0)
    panel = make_panel(values / values.std(axis=0))
    none = np.empty(0, dtype=np.int64)
    return panel, Split(np.arange(719, 3900), none, none, (4000, 4000, 4000))


def take_best(step: Any) -> float:
    """Return the seconds of one step, of the fastest of several passes."""
    best = float("inf")
    for _ in range(1 + PASSES):
        began = time.perf_counter()
        for k in range(STEPS):
            result = step(k)
        float(result[0] if isinstance(result, tuple) else result)
        best = min(best, (time.perf_counter() - began) / STEPS)
    return best


if __name__ == "__main__":
    main()
