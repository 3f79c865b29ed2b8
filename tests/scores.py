"""Scores made by hand."""

from __future__ import annotations

import numpy as np

from forecast_cli.types import Scores


def make_scores(models, absolute, *, n=None, losses=None, cutoffs=None, intervals=None):
    """Return scores with these errors (M, N, T, H), all cutoffs of one weight; losses (M, W), else their mean."""
    absolute = np.asarray(absolute, dtype=np.float64)
    losses = np.repeat(absolute.mean(axis=(1, 2, 3))[:, None], 4, axis=1) if losses is None else np.asarray(losses)
    count = losses.shape[1]
    return Scores(
        models=tuple(models),
        absolute=absolute,
        squared=absolute**2,
        symmetric=absolute / (1 + absolute),
        magnitude=np.ones(absolute.shape[1:]),
        n=np.full(absolute.shape[1:], count) if n is None else n,
        cutoffs=np.arange(count) if cutoffs is None else cutoffs,
        losses=losses,
        weights=np.full(count, 1 / count),
        n_windows=count,
        intervals=intervals,
    )
