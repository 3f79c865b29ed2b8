"""Windows that gaps cost: all of one where no target counts, else only those targets whose history was not observed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.prepare.windows import rows_in_series, rows_left, series_of, steps_of
from forecast_cli.workflows.phrases import count_things, name_some

if TYPE_CHECKING:
    from forecast_cli.types import Flags, Listener, Panel, Split, Window

_SHOWN = 3  # targets that are named
_LEAST = 0.005  # share of windows below which a target is not


def note_losses(panel: Panel, window: Window, counts: Flags, split: Split, listener: Listener) -> None:
    """Say how many windows gaps cost, and which targets lose most; nothing where none is lost."""
    possible = mark_possible(panel, window, split.borders[2])
    total = int(np.count_nonzero(possible))
    if total == 0 or counts[possible].all():
        return
    lost = total - int(np.count_nonzero(counts[possible].any(axis=1)))
    shares = 1 - counts[possible].mean(axis=0)  # (T,)
    worst = [t for t in np.argsort(-shares, kind="stable") if shares[t] >= _LEAST]
    named = ", ".join(f"{panel.targets[t]} {shares[t]:.0%}" for t in worst[:_SHOWN])
    more = f" and {len(worst) - _SHOWN:,} more" if len(worst) > _SHOWN else ""
    listener.note(f"{lost:,} of {total:,} windows lost to gaps" + (f" ({named}{more})" if named else ""), "--freq")


def note_untaught(panel: Panel, split: Split, listener: Listener) -> None:
    """Name the series that teach nothing, because no training window lies in them; they are forecast all the same."""
    taught = np.zeros(panel.n_series, dtype=bool)
    taught[series_of(panel, split.train)] = True
    names = [panel.series_ids[i] for i in np.flatnonzero(~taught)]
    if names:
        listener.note(
            f"{len(names):,} of {panel.n_series:,} series without a training window: {name_some(names)}", "--lookback"
        )


def mark_possible(panel: Panel, window: Window, end: int) -> Flags:
    """Return (R,): the cutoffs whose window lies in its series and before step `end`, observed or not."""
    inside = (rows_in_series(panel) >= window.reach - 1) & (rows_left(panel) >= window.delay + window.horizon - 1)
    return inside & (steps_of(panel) + window.delay + window.horizon <= end)


def note_blind(panel: Panel, counts: Flags, split: Split, listener: Listener) -> None:
    """Warn of targets that no window of some part counts for."""
    parts = (split.train, split.validation, split.test)
    blind = [name for t, name in enumerate(panel.targets) if not all(counts[rows, t].any() for rows in parts)]
    if blind:
        listener.note(
            f"{count_things(len(blind), 'target')} of {panel.n_targets:,} ({name_some(blind)}) observed too seldom to "
            "be learnt, calibrated or scored in some part",
            "--ignore",
            warning=True,
        )
