"""Small panels made by hand, and a listener that remembers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from forecast_cli.types import Panel


def make_panel(*series, start=None, freq="1h", origin="2025-01-01T00:00", n_targets=None, season=1, ids=None):
    """Return a panel of series given as (rows, channels) or (rows,) arrays; NaN is what was not observed."""
    tables = [np.asarray(each, dtype=np.float64).reshape(len(each), -1) for each in series]
    observed = [np.isfinite(table) for table in tables]
    offset = np.stack([_first(table, seen) for table, seen in zip(tables, observed, strict=True)])
    values = [_carry(table - first).astype(np.float32) for table, first in zip(tables, offset, strict=True)]
    C = tables[0].shape[1]
    return Panel(
        series_ids=tuple(ids or (f"s{i}" for i in range(len(tables)))),
        indptr=np.cumsum([0, *(len(table) for table in tables)]),
        origin=None if origin is None else np.datetime64(origin, "us"),
        freq=freq,
        tz=None,
        start=np.asarray(start if start is not None else [0] * len(tables), dtype=np.int64),
        values=np.concatenate(values),
        offset=offset,
        observed=np.concatenate(observed),
        channels=tuple(f"c{c}" for c in range(C)),
        units=("",) * C,
        n_targets=n_targets or C,
        season_length=season,
    )


def _first(table, seen):
    return np.where(seen.any(axis=0), table[seen.argmax(axis=0), np.arange(table.shape[1])], 0.0)


def _carry(table):
    """Return the table with each gap holding the last value before it."""
    table = table.copy()
    for row in range(1, len(table)):
        table[row] = np.where(np.isnan(table[row]), table[row - 1], table[row])
    return table


@dataclass
class Recorder:
    """A listener that remembers what it heard."""

    notes: list[tuple[str, str, bool]] = field(default_factory=list)
    stages: list[tuple[str, int, int]] = field(default_factory=list)

    def note(self, text, flag="", *, warning=False):
        self.notes.append((text, flag, warning))

    def progress(self, stage, done, total, facts):
        self.stages.append((stage, done, total))

    @property
    def text(self):
        return "\n".join(f"{text} ({flag})" for text, flag, _ in self.notes)
