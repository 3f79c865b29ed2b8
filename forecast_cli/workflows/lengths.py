"""The lengths that were asked for, as counts of steps: the step of the grid is known only once the data are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast_cli.frequency import count_steps

if TYPE_CHECKING:
    from forecast_cli.requests import TrainRequest
    from forecast_cli.types import Steps


@dataclass(frozen=True)
class Lengths:
    """What `forecast train` was asked for, in steps of the grid; None means: by rule."""

    horizon: int | None
    lookback: int | None
    season: int | None
    stride: int
    sample_every: int
    delay: int


def count_lengths(request: TrainRequest, freq: str) -> Lengths:
    """Return all lengths of a request in steps; UsageError where one is a time that is no whole number of them."""

    def count(length: Steps | None, flag: str) -> int | None:
        return None if length in (None, "auto") else count_steps(length, freq, flag)

    return Lengths(
        horizon=count(request.horizon, "--horizon"),
        lookback=count(request.lookback, "--lookback"),
        season=count(request.reading.season, "--season"),
        stride=count_steps(request.stride, freq, "--stride"),
        sample_every=count_steps(request.sample_every, freq, "--sample-every"),
        delay=count_steps(request.delay, freq, "--delay"),
    )
