"""Covariates known ahead: read from a file of their own, laid over the rows of a panel, and taken beyond its end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError, UsageError
from forecast_cli.frequency import align
from forecast_cli.prepare.ahead import name_known
from forecast_cli.prepare.channels import take_channels
from forecast_cli.workflows.history import Piece, find_ends, join_pieces, show_step, take_piece, tells_same_clock
from forecast_cli.workflows.new_data import read_without_flags
from forecast_cli.workflows.phrases import name_some

if TYPE_CHECKING:
    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.types import Floats, Integers, Listener, Panel, Reading, ReadingOptions, Window

SERIES = "series_id"  # the column of ids in FILE where the training data have none
FILL_IN = "`forecast predict --future-template` writes the form to fill in"


def looks_ahead(model: Predictor, panel: Panel) -> bool:
    """Tell whether the model reads covariates of the steps that it forecasts."""
    return "future" in model.reads.inputs and panel.n_future > 0


def note_hindsight(model: Predictor, panel: Panel, listener: Listener) -> None:
    """Say of a model that looks ahead that it was scored with what nobody knew so exactly at the time."""
    if looks_ahead(model, panel):
        names = ", ".join(name_known(panel))
        listener.note(
            f"scored with the true values of {names} at the steps ahead, taken as known exactly: where they are "
            "forecasts themselves, expect larger errors",
            "--future-covariate",
        )


def add_future(panel: Panel, source: str | None, reading: Reading, listener: Listener) -> Panel:
    """Return the panel with what FILE of --future knows ahead; the panel itself where there is no FILE."""
    if source is None:
        return panel
    return merge_future(panel, read_future(source, panel, reading, listener), listener)


def read_future(source: str, like: Panel, reading: Reading, listener: Listener) -> Panel:
    """Return the F channels known ahead that FILE holds, on the grid of the panel that it goes with.

    FILE is read as the training data were: the same names of columns, the same time, the same treatment.
    """
    if not like.n_future:
        raise UsageError("--future: no covariate is known ahead", "name those that are, to train: --future-covariate")
    options = _aim_at_future(reading, like)
    try:
        panel, _ = read_without_flags((source,), options, listener)
    except DataError as error:  # its hint is about the targets, in whose place they are read
        raise DataError(f"--future: {error.message}", FILL_IN) from error
    if panel.origin is not None and not tells_same_clock(panel, like.tz):
        raise DataError(f"either {source} or the data name their offset from UTC, not both", "write both alike")
    aligned = align(panel, like.origin, like.freq)
    if aligned is None:
        raise DataError(f"the stamps of {source} lie between the steps of the data", FILL_IN)
    return take_channels(aligned, name_known(like), aligned.n_targets, aligned.n_future)


def _aim_at_future(reading: Reading, like: Panel) -> ReadingOptions:
    """Return the options of the training, with the covariates known ahead in the place of the targets."""
    options, columns = reading.options, reading.options.columns
    names = columns.future_covariates
    others = (*columns.targets, *columns.past_covariates, *columns.static_covariates, *columns.ignored)
    roles = replace(
        columns,
        timestamp=columns.timestamp if len(columns.timestamp) == 1 else (),
        targets=names,
        series_id=name_id_column(options, like) or columns.series_id,
        past_covariates=(),
        future_covariates=(),
        static_covariates=(),
        ignored=others,
    )
    return replace(
        options,
        columns=roles,
        header=reading.header,
        only_series=like.series_ids[0] if like.n_series == 1 else None,
        one_series=True,
        file_ids=None,
        freq=like.freq,
        minimum=(),
        maximum=(),
        angles=tuple(name for name in options.angles if name in names),
        counters=tuple(name for name in options.counters if name in names),
        aggregate=tuple(pair for pair in options.aggregate if pair[0] in names),
        sentinels=tuple(pair for pair in options.sentinels if pair[0] in names),
    )


def name_id_column(options: ReadingOptions, like: Panel) -> str | None:
    """Return which column of FILE holds the ids of the series; None where there is one series and none is needed."""
    named = options.columns.series_id
    if named is not None and options.file_ids is None and options.one_series is not False:
        return named
    return SERIES if like.n_series > 1 else None


def merge_future(panel: Panel, future: Panel, listener: Listener) -> Panel:
    """Return the panel with what FILE says of its covariates known ahead, up to the last row of either.

    FILE wins where both have a value. Rows of FILE before a series' first are left out. Where rows are the time, FILE
    goes on from the last row with an observed target.
    """
    place, ends = {name: i for i, name in enumerate(future.series_ids)}, find_ends(panel)
    strange = sorted(set(place) - set(panel.series_ids))
    if strange:
        listener.note(
            f"--future: {len(strange):,} series that the data do not have: {name_some(strange)}", warning=True
        )
    pieces = []
    for i, name in enumerate(panel.series_ids):
        own = take_piece(panel, i)
        if name in place:
            new = take_piece(future, place[name])
            own = _lay_over(own, new if panel.origin is not None else replace(new, start=ends.get(name, own.end)))
        pieces.append(own)
    return join_pieces(panel, list(panel.series_ids), pieces)


def _lay_over(own: Piece, new: Piece) -> Piece:
    """Return the rows with `new` (n, F) over the last F channels; beyond their end the other channels stand still."""
    longer = lengthen(own, max(0, new.end - own.end))
    if new.end <= own.start:
        return own
    F, skip = new.values.shape[1], max(0, own.start - new.start)
    values, observed = longer.values.copy(), longer.observed.copy()
    rows = slice(new.start + skip - own.start, new.end - own.start)
    given, known = new.values[skip:], new.observed[skip:]
    takes = known | (~observed[rows, -F:] & np.isfinite(given))
    values[rows, -F:] = np.where(takes, given, values[rows, -F:])
    observed[rows, -F:] |= known
    return Piece(own.start, values, observed)


def lengthen(piece: Piece, n: int) -> Piece:
    """Return the piece with n more rows: the values of its last one, not observed."""
    more = np.repeat(piece.values[-1:], n, axis=0)
    nothing = np.zeros(more.shape, dtype=bool)
    return Piece(piece.start, np.concatenate([piece.values, more]), np.concatenate([piece.observed, nothing]))


def extend_ahead(history: Panel, known: Panel, window: Window, horizon: int) -> tuple[Panel, Integers]:
    """Return the panel with the rows to be forecast, which hold what is known ahead, and the cutoff rows (N,).

    `history` ends with each series' cutoff; `known` has the same channels and later rows. The first `horizon` steps
    forecast must be known: DataError names the first that is not. Steps beyond them, which nobody asked for, hold the
    last known value.
    """
    place = {name: i for i, name in enumerate(known.series_ids)}
    n, F, first = window.delay + window.horizon - 1, history.n_future, window.delay - 1
    pieces, missing = [], []
    for i, series in enumerate(history.series_ids):
        own = take_piece(history, i)
        ahead = _look_ahead(take_piece(known, place[series]) if series in place else own, own.end, n, F)
        gaps = np.argwhere(np.isnan(ahead[first : first + horizon]))
        missing += [(own.end + first + int(step), i, int(f)) for step, f in gaps[:1]]
        longer = lengthen(own, n)
        longer.values[-n:, -F:] = _carry(np.concatenate([own.values[-1:, -F:], ahead]))[1:]
        pieces.append(longer)
    if missing:
        _refuse(history, *min(missing))
    extended = join_pieces(history, list(history.series_ids), pieces)
    return extended, extended.indptr[1:] - 1 - n


def _look_ahead(piece: Piece, begin: int, n: int, F: int) -> Floats:
    """Return (n, F) the observed values of the last F channels in the n steps from `begin` on, else NaN."""
    found = np.full((n, F), np.nan)
    rows = slice(max(begin - piece.start, 0), max(begin + n - piece.start, 0))
    values, observed = piece.values[rows, -F:], piece.observed[rows, -F:]
    skip = max(piece.start - begin, 0)
    found[skip : skip + len(values)] = np.where(observed, values, np.nan)
    return found


def _carry(values: Floats) -> Floats:
    """Return (n, F) with each NaN replaced by the last value before it, where there is one."""
    rows = np.maximum.accumulate(np.where(np.isfinite(values), np.arange(len(values))[:, None], 0), axis=0)
    return np.take_along_axis(values, rows, axis=0)


def _refuse(panel: Panel, step: int, series: int, channel: int) -> None:
    name, when = name_known(panel)[channel], show_step(panel, step)
    raise DataError(
        f"{name} of series {panel.series_ids[series]} is not known at {when}, and the forecast needs it",
        f"give it in rows of DATA without targets, or with --future FILE; {FILL_IN}",
    )
