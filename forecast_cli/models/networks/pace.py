"""How far training has come, told to the listener a few times a second, and once how long it will take."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecast_cli.models.networks.dataset import Schedule
    from forecast_cli.types import Listener, Training

EVERY = 0.2  # seconds
WARM_STEPS, WARM_SECONDS = 10, 2.0  # after tracing, until the pace is known
SHORT = 5.0  # seconds: a training shorter than this is not announced


class Pace:
    """Counts steps and tells of them.

    Its facts: epoch, epochs, batch, batches, loss, windows_per_second, seconds_left, and once an epoch is finished
    val_loss and best, the least val_loss so far.
    """

    def __init__(
        self, listener: Listener, training: Training, schedule: Schedule, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._listener, self._training, self._schedule, self._clock = listener, training, schedule, clock
        self._total = training.epochs * schedule.steps
        self._done = 0
        self._began = self._told = 0.0
        self._facts: dict[str, float] = {}
        self._is_announced = False
        self.validation_seconds = 0.0  # of one pass; 0 until it is known

    def begin(self) -> None:
        """Tell that training begins: before its first step the network is compiled, which takes its time."""
        self._facts = {"epoch": 1, "epochs": self._training.epochs, "batch": 0, "batches": self._schedule.steps}
        self._listener.progress("train", 0, self._total, dict(self._facts))

    def report_validation(self, done: int, batches: int) -> None:
        """Tell how far the validation after an epoch is, unless something was told just now."""
        if self._clock() - self._told >= EVERY:
            facts = {**self._facts, "validated": done, "validations": batches}
            self._tell(facts)

    def _tell(self, facts: dict[str, float]) -> None:
        self._told = self._clock()
        if self._done < self._total:  # the end is told by `finish`
            self._listener.progress("train", self._done, self._total, facts)

    def report_step(self, epoch: int, loss: float) -> None:
        """Tell of one more step, unless the last was told just now."""
        now = self._clock()
        self._done += 1
        if self._done == 1:  # tracing took most of it: it says nothing about the pace
            self._began = now
        steps_per_second = (self._done - 1) / max(now - self._began, 1e-9)
        batches = self._schedule.steps
        self._facts |= {"epoch": epoch, "epochs": self._training.epochs, "loss": loss}
        self._facts |= {"batch": self._done - (epoch - 1) * batches, "batches": batches}
        if steps_per_second:
            self._facts["windows_per_second"] = steps_per_second * self._schedule.windows
            validations = (self._training.epochs - epoch + 1) * self.validation_seconds
            self._facts["seconds_left"] = (self._total - self._done) / steps_per_second + validations
        if now - self._told >= EVERY:
            self._tell(dict(self._facts))

    def announce(self, measure_validation: Callable[[], float]) -> None:
        """Say once, when enough steps are done to know the pace, how long the whole training takes at most.

        `measure_validation` returns the seconds of one pass over the validation windows.
        """
        now = self._clock()
        if self._is_announced or self._done <= WARM_STEPS or now - self._began < WARM_SECONDS:
            return
        self._is_announced = True
        a_step = (now - self._began) / (self._done - 1)
        self.validation_seconds = measure_validation()
        self._began += self._clock() - now  # the measuring was no training
        seconds = estimate_seconds(self._training.epochs, self._schedule.steps, a_step, self.validation_seconds)
        if seconds >= SHORT:
            self._listener.note(announce_length(seconds, self._training))

    def report_epoch(self, val_loss: float, seconds: float) -> None:
        """Keep the validation loss to be told with the next steps, and how long the validation took."""
        self._facts |= {"val_loss": val_loss, "best": min(val_loss, self._facts.get("best", math.inf))}
        self.validation_seconds = seconds

    def finish(self) -> None:
        """Tell that training has ended, early or not; nothing where it never began."""
        if not self._done:
            return
        self._facts["seconds_left"] = 0.0
        self._listener.progress("train", self._done, self._done, dict(self._facts))


def estimate_seconds(epochs: int, steps: int, a_step: float, a_validation: float) -> float:
    """Return the seconds of all epochs, each of so many steps and one validation."""
    return epochs * (steps * a_step + a_validation)


def announce_length(seconds: float, training: Training) -> str:
    """Return how long a training takes if no epoch is saved by early stopping: `about 3 min for 20 epochs at most`."""
    text = f"about {say_length(seconds)} for {training.epochs} epoch{'s'[: training.epochs != 1]} at most"
    limit = training.time_limit
    return text if limit is None or limit >= seconds else f"{text}; --time-limit ends it after {say_length(limit)}"


def say_length(seconds: float) -> str:
    """Return a length of time as people say it: `40 s`, `3 min`, `2.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds >= 1 else "1 s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"
