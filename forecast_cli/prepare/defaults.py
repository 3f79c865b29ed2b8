"""The sizes that are not given: horizon and lookback from the data, by the rules that `forecast train` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs
from forecast_cli.types import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecast_cli.types import Panel

LOOKBACK = 720
LONGEST_HORIZON = 288
USUAL_HORIZON = 24
SHORTEST_LOOKBACK = 8
ENOUGH_WINDOWS = 200


def choose_horizon(panel: Panel, seasons: tuple[int, ...]) -> int:
    """Return the shortest season, else 24, but at most 288 steps and a fifth of a typical series."""
    typical = int(np.median(np.diff(panel.indptr)))
    return max(1, min(seasons[0] if seasons else USUAL_HORIZON, LONGEST_HORIZON, typical // 5))


def choose_lookback(
    panel: Panel, shape: Callable[[int], Window], borders: tuple[int, int, int], mixes_channels: bool
) -> int:
    """Return 720, at most a quarter of the longest training part, then halved until there are 200 training windows.

    Never below max(horizon, 8 inputs). `shape` makes the window of a lookback; `borders` as `make_split` takes them.
    """
    window = shape(LOOKBACK)
    least = max(window.horizon, SHORTEST_LOOKBACK * window.sample_every)
    lookback = max(least, min(LOOKBACK, longest_training_part(panel, borders[0]) // 4))
    while lookback > least and count_training_windows(panel, shape(lookback), borders, mixes_channels) < ENOUGH_WINDOWS:
        lookback = max(least, lookback // 2)
    return lookback


def longest_training_part(panel: Panel, train_steps: int) -> int:
    """Return the most training rows of any series; `train_steps` counts from the earliest instant."""
    train_end = int(panel.start.min()) + train_steps
    return int(np.clip(train_end - panel.start, 0, np.diff(panel.indptr)).max())


def count_training_windows(panel: Panel, window: Window, borders: tuple[int, int, int], mixes_channels: bool) -> int:
    """Return how many training windows there are."""
    return len(make_split(panel, window, count_cutoffs(panel, window, mixes_channels), borders).train)
