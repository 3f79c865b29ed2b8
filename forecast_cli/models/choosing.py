"""Closed forms: how much they learn from, and choosing among candidates by their error on the same windows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.prepare.windows import gather_batch, gather_truth, iterate_batches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.types import Flags, Floats, Integers, Panel, Window

MOST_CHANNEL_WINDOWS = 150_000  # to learn from: as many as a network sees in an epoch
MOST_CUTOFFS = 4_000  # to choose among a few candidates


def measure_losses(
    candidates: Sequence[Predictor], panel: Panel, window: Window, rows: Integers, counts: Flags
) -> Floats:
    """Return (M,) the mean absolute error of each candidate on observed targets, from the cutoffs that count for them.

    The candidates read history only, all at the same distance of inputs.
    """
    lookback, every = max(each.lookback for each in candidates), candidates[0].sample_every
    totals, n = np.zeros(len(candidates)), 0
    for piece in iterate_batches(rows, (lookback + window.horizon) * len(panel.channels)):
        truth, observed = gather_truth(panel, piece, window)
        scored = observed & counts[piece][:, None, :]
        batch = gather_batch(panel, piece, lookback, every)
        for m, each in enumerate(candidates):
            seen = slice(-(each.lookback // every), None)
            own = replace(batch, history=batch.history[:, seen], observed=batch.observed[:, seen])
            totals[m] += np.abs(each.predict(own) - truth)[scored].sum(dtype=np.float64)
        n += int(scored.sum())
    return totals / max(n, 1)
