"""What a network reads beside the history, as tensors: small tables by series and by step, looked up in each batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.models.networks.backend import load_backend
from forecast_cli.prepare.calendar import compute_calendar
from forecast_cli.prepare.inputs import code_statics, count_since_1970, find_series

if TYPE_CHECKING:
    from forecast_cli.types import Panel, Reads


@dataclass(frozen=True, eq=False, slots=True)
class Tables:
    """The inputs of windows beside their history; a table that no layer asks for is None."""

    reads: Reads
    indptr: Any  # (N+1,) int64
    start: Any  # (N,) int64: step of each series' first row, from the origin
    since_1970: int  # steps up to the origin
    n_future: int  # the last channels of the panel
    calendar: Any  # (S, F') float32: of every step from `first` on
    first: int
    series: Any  # (N,) int32
    statics: Any  # (N, S) int32

    def look_up(self, rows: Any, wanted: Any, later: Any) -> dict[str, Any]:
        """Return the inputs of cutoff rows (B,), by name and in the shapes of `Reads`; traceable.

        `wanted` (B, H) are the rows to be forecast, `later` (B, H, C) their values.
        """
        _, tf = load_backend()
        series = tf.searchsorted(self.indptr, rows, side="right") - 1
        to_step = tf.gather(self.start, series) - tf.gather(self.indptr, series)  # from a row to its step
        found: dict[str, Any] = {}
        if self.calendar is not None:
            known = later[:, :, later.shape[2] - self.n_future :]
            calendar = tf.gather(self.calendar, wanted + to_step[:, None] - self.first)
            found["future"] = tf.concat([known, calendar], axis=2)
        if self.series is not None:
            found["series"] = tf.gather(self.series, series)
        if self.statics is not None:
            found["statics"] = tf.gather(self.statics, series)
        if "phase" in self.reads.inputs:
            found["phase"] = tf.cast((rows + to_step + self.since_1970) % self.reads.cycle, tf.int32)
        return found


def place_tables(panel: Panel, reads: Reads) -> Tables | None:
    """Return the tables that these inputs take of a scaled panel; None where history and what was observed suffice."""
    if not {"future", "series", "statics", "phase"} & set(reads.inputs):
        return None
    _, tf = load_backend()
    first = int(panel.start.min())
    steps = np.arange(first, int((panel.start + np.diff(panel.indptr)).max()) + reads.delay + reads.horizon)
    return Tables(
        reads=reads,
        indptr=tf.constant(panel.indptr, tf.int64),
        start=tf.constant(panel.start, tf.int64),
        since_1970=count_since_1970(panel),
        n_future=panel.n_future,
        calendar=tf.constant(compute_calendar(panel, steps)) if "future" in reads.inputs else None,
        first=first,
        series=tf.constant(find_series(panel, reads)) if "series" in reads.inputs else None,
        statics=tf.constant(code_statics(panel, reads)) if "statics" in reads.inputs else None,
    )
