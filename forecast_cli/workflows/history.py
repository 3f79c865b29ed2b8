"""New data beside what the model knows: where each series ends, the front filled from the stored rows, its scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.frequency import format_instant
from forecast_cli.ingest.grid.build import find_first_values
from forecast_cli.ingest.grid.gaps import choose_filling, choose_way, fill_gaps, mark_known
from forecast_cli.prepare.scaling import fit_scaler
from forecast_cli.types import Scaler
from forecast_cli.workflows.phrases import count_things, name_some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.artifact.load import Artifact
    from forecast_cli.ingest.grid.gaps import Filling
    from forecast_cli.types import Flags, Floats, Integers, Listener, Panel


DIFFERENT_CLOCKS = "either DATA or the training data name their offset from UTC, not both: their instants may differ"


@dataclass(frozen=True, eq=False)
class Piece:
    """Consecutive rows of one series, in the columns' units without an offset."""

    start: int
    values: Floats  # (n, C)
    observed: Flags  # (n, C)

    @property
    def end(self) -> int:
        """The step after the last row."""
        return self.start + len(self.values)

    def tail_before(self, step: int, longest: int) -> Piece:
        """Return the rows from `longest` steps before this step on."""
        skip = max(0, step - longest - self.start)
        return Piece(self.start + skip, self.values[skip:], self.observed[skip:])


def pick_series(panel: Panel, kept: Sequence[int]) -> Panel:
    """Return the panel with some of its series only."""
    chosen = np.array(kept, dtype=np.int64)
    return _cut(panel, chosen, panel.indptr[chosen + 1])


def cut_unseen_end(panel: Panel) -> Panel:
    """Return the panel with each series cut after its last row with an observed target: its cutoff.

    Series without any observed target are left out.
    """
    last = _find_last(panel)
    kept = np.flatnonzero(last >= 0)
    if not kept.size:
        raise DataError("no target has a single value", f"the targets are {', '.join(panel.targets)}")
    return _cut(panel, kept, last[kept] + 1)


def find_ends(panel: Panel) -> dict[str, int]:
    """Return the step after the last row with an observed target, by series; none for series without any."""
    last = _find_last(panel)
    ends = (panel.start + last + 1 - panel.indptr[:-1]).tolist()
    return {name: end for name, end, row in zip(panel.series_ids, ends, last.tolist(), strict=True) if row >= 0}


def _find_last(panel: Panel) -> Integers:
    """Return (N,): the last row of each series with an observed target; -1 where there is none."""
    found = np.full(panel.n_series, -1, dtype=np.int64)
    has_rows = np.diff(panel.indptr) > 0
    seen = panel.observed[:, : panel.n_targets].any(axis=1)
    rows = np.where(seen, np.arange(panel.indptr[-1]), -1)
    if has_rows.any():
        found[has_rows] = np.maximum.reduceat(rows, panel.indptr[:-1][has_rows])
    return found


def _cut(panel: Panel, kept: Integers, stops: Integers) -> Panel:
    """Return these series of the panel (M,), each up to a row of its own; its first value becomes its offset again."""
    lengths = stops - panel.indptr[kept]
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    rows = np.arange(indptr[-1]) + np.repeat(panel.indptr[kept] - indptr[:-1], lengths)
    values, observed = np.empty((len(rows), panel.values.shape[1]), dtype=np.float32), panel.observed[rows]
    offset = np.empty((len(kept), values.shape[1]))
    for c in range(values.shape[1]):
        column = panel.values[rows, c] + np.repeat(panel.offset[kept, c], lengths)
        offset[:, c] = find_first_values(column, observed[:, c], indptr)
        values[:, c] = column - np.repeat(offset[:, c], lengths)
    return replace(
        panel,
        series_ids=tuple(panel.series_ids[i] for i in kept),
        indptr=indptr,
        start=panel.start[kept],
        values=values,
        offset=offset,
        observed=observed,
        statics={name: tuple(texts[i] for i in kept) for name, texts in panel.statics.items()},
    )


def fill_front(data: Panel, stored: Panel, needed: int, ways: Sequence[Filling], listener: Listener) -> Panel:
    """Return `data` where series with fewer than `needed` rows begin with the stored ones that join them.

    DATA wins where both have a value. `ways` (C,): how gaps are filled. DataError names both ends where there is a gap
    between them.
    """
    pieces, filled, place = [], [], _find_places(stored)
    for i, name in enumerate(data.series_ids):
        piece = take_piece(data, i)
        if len(piece.values) < needed and name in place:
            old = take_piece(stored, place[name])
            _check_joins(old, piece, name, needed, data)
            if old.start < piece.start:
                piece = _join(old, piece, ways)
                filled.append(name)
        pieces.append(piece)
    if filled:
        who = f"series {filled[0]}" if len(filled) == 1 else f"{len(filled):,} series"
        listener.note(
            f"{who}: DATA has fewer rows than the {needed} needed, stored rows fill the front", "--no-history"
        )
    return join_pieces(data, list(data.series_ids), pieces)


def extend_front(data: Panel, stored: Panel, longest: int, ways: Sequence[Filling]) -> Panel:
    """Return `data` with up to `longest` stored rows before each series' first, where they join it."""
    pieces, place = [], _find_places(stored)
    for i, name in enumerate(data.series_ids):
        piece = take_piece(data, i)
        if name in place:
            old = take_piece(stored, place[name])
            if old.start < piece.start <= old.end:
                piece = _join(old.tail_before(piece.start, longest), piece, ways)
        pieces.append(piece)
    return join_pieces(data, list(data.series_ids), pieces)


def take_piece(panel: Panel, series: int, end: int | None = None) -> Piece:
    """Return the rows of one series in float64, with the offset put back; up to row `end` of the panel."""
    rows = slice(panel.indptr[series], panel.indptr[series + 1] if end is None else end)
    values = panel.values[rows].astype(np.float64) + panel.offset[series]
    return Piece(int(panel.start[series]), values, panel.observed[rows])


def join_pieces(panel: Panel, series_ids: list[str], pieces: list[Piece]) -> Panel:
    """Return a panel of these pieces; each series' first value becomes its offset again."""
    place = _find_places(panel)
    offset = np.stack([_first_values(piece) for piece in pieces])
    values = [(piece.values - first).astype(np.float32) for piece, first in zip(pieces, offset, strict=True)]
    return replace(
        panel,
        series_ids=tuple(series_ids),
        indptr=np.concatenate([[0], np.cumsum([len(piece.values) for piece in pieces])]),
        start=np.array([piece.start for piece in pieces], dtype=np.int64),
        values=np.concatenate(values),
        offset=offset,
        observed=np.concatenate([piece.observed for piece in pieces]),
        statics={name: tuple(texts[place[each]] for each in series_ids) for name, texts in panel.statics.items()},
    )


def match_scaler(artifact: Artifact, panel: Panel, listener: Listener) -> Scaler:
    """Return the scaler of each series of the panel: its own from training, else one fitted on its first rows.

    A series that was not there in training is described by its first lookback, which lies before every cutoff.
    """
    card, trained = artifact.card, artifact.scaler
    place = {name: i for i, name in enumerate(card.series_ids)}
    own = fit_scaler(panel, int(panel.start.min()), card.config.window.reach)
    unseen = [name for name in panel.series_ids if name not in place]
    if unseen:
        listener.note(
            f"{len(unseen):,} series not in training ({name_some(unseen)}): scaled by their own history", warning=True
        )
    rows = [place.get(name, -1) for name in panel.series_ids]
    known = np.array([row >= 0 for row in rows])[:, None]
    return Scaler(
        loc=np.where(known, trained.loc[rows], own.loc), scale=np.where(known, trained.scale[rows], own.scale)
    )


def show_step(panel: Panel, step: int) -> str:
    """Return the printed instant of a step of the panel's grid."""
    return format_instant(panel.origin, panel.freq, panel.tz, step)


def last_rows(panel: Panel) -> Integers:
    """Return (N,): the last row of each series."""
    return panel.indptr[1:] - 1


def tells_same_clock(panel: Panel, tz: str | None) -> bool:
    """Tell whether both stamps name their offset from UTC, or neither does; else no instant is known in both."""
    return (panel.tz is None) == (tz is None)


def find_ways(artifact: Artifact) -> tuple[Filling, ...]:
    """Return (C,): how gaps of each channel were filled in training."""
    card, options = artifact.card, artifact.card.reading.options
    how = choose_filling(options, card.config.freq)
    return tuple(choose_way(how, name, options) for name in card.channels)


def _find_places(panel: Panel) -> dict[str, int]:
    return {name: i for i, name in enumerate(panel.series_ids)}


def _check_joins(old: Piece, new: Piece, name: str, needed: int, panel: Panel) -> None:
    if new.start > old.end:
        raise DataError(
            f"series {name}: DATA has {count_things(len(new.values), 'row')} and the model needs {needed:,}; the "
            f"stored rows end at {show_step(panel, old.end - 1)}, DATA begins at {show_step(panel, new.start)}",
            f"give rows from {show_step(panel, new.end - needed)} on, or those between",
        )


def _join(old: Piece, new: Piece, ways: Sequence[Filling]) -> Piece:
    """Return both on one grid up to the end of the new one, which wins where both have a value; gaps filled anew."""
    start = min(old.start, new.start)
    values = np.full((new.end - start, new.values.shape[1]), np.nan)
    for piece in (old, new):
        length = min(piece.end, new.end) - piece.start
        if length > 0:
            rows = slice(piece.start - start, piece.start - start + length)
            values[rows] = np.where(piece.observed[:length], piece.values[:length], values[rows])
    observed, whole = np.isfinite(values), np.array([0, len(values)])
    filled = [fill_gaps(values[:, c], observed[:, c], whole, how)[0] for c, how in enumerate(ways)]
    known = [mark_known(observed[:, c], whole, how) for c, how in enumerate(ways)]
    return Piece(start, np.stack(filled, axis=1), np.stack(known, axis=1))


def _first_values(piece: Piece) -> Floats:
    first = np.argmax(piece.observed, axis=0)
    values = piece.values[first, np.arange(piece.values.shape[1])]
    return np.where(piece.observed.any(axis=0), values, 0.0)
