"""How far training has come, told to the listener a few times a second."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forecast_cli.models.networks.dataset import Schedule
    from forecast_cli.types import Listener

EVERY = 0.2  # seconds


class Pace:
    """Counts steps and tells of them.

    Its facts: epoch, epochs, loss, windows_per_second, seconds_left, and val_loss once an epoch is finished.
    """

    def __init__(self, listener: Listener, epochs: int, schedule: Schedule) -> None:
        self._listener, self._epochs, self._schedule = listener, epochs, schedule
        self._total = epochs * schedule.steps
        self._done = 0
        self._began = self._told = 0.0
        self._facts: dict[str, float] = {}

    def report_step(self, epoch: int, loss: float) -> None:
        """Tell of one more step, unless the last was told just now."""
        now = time.perf_counter()
        self._done += 1
        if self._done == 1:  # tracing took most of it: it says nothing about the pace
            self._began = now
        steps_per_second = (self._done - 1) / max(now - self._began, 1e-9)
        self._facts |= {"epoch": epoch, "epochs": self._epochs, "loss": loss}
        if steps_per_second:
            self._facts["windows_per_second"] = steps_per_second * self._schedule.windows
            self._facts["seconds_left"] = (self._total - self._done) / steps_per_second
        if self._done < self._total and now - self._told >= EVERY:
            self._told = now
            self._listener.progress("train", self._done, self._total, dict(self._facts))

    def report_epoch(self, val_loss: float) -> None:
        """Keep the validation loss to be told with the next steps."""
        self._facts["val_loss"] = val_loss

    def finish(self) -> None:
        """Tell that training has ended, early or not."""
        self._facts["seconds_left"] = 0.0
        self._listener.progress("train", self._done, self._done, dict(self._facts))
