"""What of a panel was observed when, for people to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.evaluation.sums import divide
from forecast_cli.frequency import format_instants
from forecast_cli.prepare.windows import steps_of
from forecast_cli.report import Presence

if TYPE_CHECKING:
    from forecast_cli.types import Floats, Integers, Panel
    from forecast_cli.workflows.delivery import Delivery

MOST_BINS = 400
MOST_BARS = 40


def show_presence(panel: Panel, delivery: Delivery) -> Presence:
    """Return a bar for each of the first 40 series, over all targets; of a single series one for each target.

    Bins are equally many steps, as few as make at most 400 of the panel's span. Both parts of an angle are observed
    together, so that its sine speaks for it.
    """
    are_series = panel.n_series > 1
    first, after = int(panel.start.min()), int((panel.start + np.diff(panel.indptr)).max())
    size = -(-(after - first) // MOST_BINS)
    begins = np.arange(first, after, size)
    places = (steps_of(panel) - first) // size  # (R,)
    seen = panel.observed[:, list(delivery.places)].astype(np.float64)  # (R, D)
    if are_series:
        shares = _share_by_series(seen.mean(axis=1), places, panel, len(begins))
    else:
        shares = np.stack([_share(column, places, len(begins)) for column in seen.T[:MOST_BARS]])
    return Presence(
        names=(panel.series_ids if are_series else delivery.names)[:MOST_BARS],
        are_series=are_series,
        timestamps=tuple(format_instants(panel.origin, panel.freq, panel.tz, begins)),
        share=100 * shares,
    )


def _share_by_series(seen: Floats, places: Integers, panel: Panel, n_bins: int) -> Floats:
    """Return (P, B) the mean of what was seen (R,) by series and bin."""
    cuts = panel.indptr[1 : MOST_BARS + 1]
    pieces = zip(np.split(seen, cuts), np.split(places, cuts), strict=True)
    return np.stack([_share(*piece, n_bins) for _, piece in zip(cuts, pieces, strict=False)])


def _share(seen: Floats, places: Integers, n_bins: int) -> Floats:
    """Return (B,) the mean of what was seen by bin; NaN where there is no row."""
    return divide(
        np.bincount(places, seen, n_bins).astype(np.float64), np.bincount(places, minlength=n_bins).astype(np.int64)
    )
