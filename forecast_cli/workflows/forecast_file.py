"""`compare-baselines --forecasts FILE`: what every model said of every window, written while the windows pass by."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from forecast_cli.artifact.atomic import open_aside
from forecast_cli.evaluation.backtest import Piece
from forecast_cli.ingest.scan.query import execute, quote
from forecast_cli.ingest.views.panel_file import open_duckdb, write_parquet
from forecast_cli.prepare.scaling import unscale
from forecast_cli.prepare.windows import gather_truth, iterate_batches, series_of
from forecast_cli.reporting.tables import to_csv
from forecast_cli.types import Scaler
from forecast_cli.workflows.delivery import deliver, fold_angles
from forecast_cli.workflows.forecasting import express_forecast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from forecast_cli.evaluation.interval_sums import IntervalSums
    from forecast_cli.types import Array, Conformal, Floats, Panel, Window
    from forecast_cli.workflows.contest import Contest

Table: TypeAlias = "Mapping[str, Any]"  # column by column
MOST_ROWS = 100_000  # of a table that is held at once
_READ = 2**20  # bytes


def watch_forecasts(
    pieces: Iterable[Piece], contest: Contest, intervals: IntervalSums, write: Callable[[Table], None]
) -> Iterator[Piece]:
    """Yield the pieces as they are, each once what the models that are shown said of it was written, as tables."""
    for piece in pieces:
        for part in _cut_piece(piece):
            for name in contest.shown:
                write(tabulate(part, name, contest, intervals))
        yield piece


def tabulate(piece: Piece, name: str, contest: Contest, intervals: IntervalSums) -> Table:
    """Return the forecast table of one model, in the columns' units, its name before and the observed values behind.

    Those are empty where the ranking does not score them; intervals are those of the saved model.
    """
    radius, conformal = _find_intervals(piece, name, intervals, contest.scaled)
    point, levels = piece.forecasts[name], intervals.levels
    said = express_forecast(point, radius, levels, contest.window, contest.scaled, piece.rows)
    observed = fold_angles(_read_observed(piece, contest.scene.panel, contest.window), contest.delivery)
    return {
        "model": [name] * observed.size,
        **deliver(said, contest.delivery, conformal).to_columns(),
        "observed": observed.transpose(0, 2, 1).ravel(),
    }


@contextmanager
def open_tables(path: Path, form: str) -> Iterator[Callable[[Table], None]]:
    """Yield what takes tables of the same columns, one after the other; FILE is replaced when all are there."""
    with (_open_csv if form == "csv" else _open_parquet)(path) as write:
        yield write


@contextmanager
def _open_csv(path: Path) -> Iterator[Callable[[Table], None]]:
    with open_aside(path) as file:

        def write(columns: Table) -> None:
            text = to_csv(columns)
            file.write((text if file.tell() == 0 else text[text.index("\n") + 1 :]).encode(errors="surrogateescape"))

        yield write


@contextmanager
def _open_parquet(path: Path) -> Iterator[Callable[[Table], None]]:
    """Write a file for each table, since none can be added to, and one of all at the end, in their order."""
    with tempfile.TemporaryDirectory(prefix=".forecasts-", dir=path.parent) as folder:
        parts: list[Path] = []

        def write(columns: Table) -> None:
            parts.append(Path(folder, f"{len(parts)}.parquet"))
            write_parquet(columns, parts[-1])

        yield write
        whole = Path(folder, "whole.parquet")
        _join_parquet(parts, whole)
        with open_aside(path) as file, whole.open("rb") as source:
            while data := source.read(_READ):
                file.write(data)


def _join_parquet(parts: list[Path], whole: Path) -> None:
    names = ", ".join(quote(str(part)) for part in parts)
    with open_duckdb() as connection:
        execute(connection, "SET threads = 1")  # several hand over rows out of order now and then
        query = f"SELECT * FROM read_parquet([{names}])"
        execute(connection, f"COPY ({query}) TO {quote(str(whole))} (FORMAT parquet)")


def _cut_piece(piece: Piece) -> Iterator[Piece]:
    """Yield the piece in parts whose tables are small."""
    _, H, T = piece.truth.shape
    for places in iterate_batches(np.arange(len(piece.rows)), H * T, MOST_ROWS):
        taken = slice(places[0], places[-1] + 1)
        forecasts = {name: each[taken] for name, each in piece.forecasts.items()}
        yield Piece(piece.rows[taken], piece.truth[taken], piece.scored[taken], forecasts)


def _find_intervals(piece: Piece, name: str, intervals: IntervalSums, scaled: Panel) -> tuple[Array, Conformal]:
    """Return half the width of the intervals (K, B, H, T), and the scores they come from; nothing known of others."""
    if name != intervals.name:
        unknown = np.full((len(intervals.levels), *piece.truth.shape), np.nan, dtype=np.float32)
        return unknown, replace(intervals.conformal, angles=None)
    return intervals.measure_radius(scaled, piece.rows), intervals.conformal


def _read_observed(piece: Piece, panel: Panel, window: Window) -> Floats:
    """Return the truth (B, H, T) in the columns' units, NaN where it is not scored."""
    own = Scaler(panel.offset, np.ones_like(panel.offset))
    truth = unscale(gather_truth(panel, piece.rows, window)[0], own, series_of(panel, piece.rows))
    return np.where(piece.scored, truth, np.nan)
