"""scores.parquet: aggregates by model, series, target and step; and the times that only it keeps."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import ArtifactError
from forecast_cli.ingest.views.panel_file import read_parquet, write_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.results import RankingRow
    from forecast_cli.types import Floats, Panel, Scaler, Scores

FILE = "scores.parquet"


def write_scores(scores: Scores, panel: Panel, scaler: Scaler, ranking: tuple[RankingRow, ...]) -> bytes:
    """Return the Parquet bytes: a row per model, series, target and step, errors scaled and in the target's unit.

    Coverage is in percent, widths and Winkler scores are scaled; NaN of the models without intervals.
    """
    shape = scores.absolute.shape
    m, n, t, h = (axis.ravel() for axis in np.indices(shape))
    seconds = {row.model: row.fit_seconds for row in ranking}
    scale = scaler.scale[n, t]
    columns = {
        "model": np.array(scores.models, dtype=object)[m],
        "series_id": np.array(panel.series_ids, dtype=object)[n],
        "target": np.array(panel.targets, dtype=object)[t],
        "step": h + 1,
        "mae_scaled": scores.absolute.ravel(),
        "mse_scaled": scores.squared.ravel(),
        "mae": scores.absolute.ravel() * scale,
        "mse": scores.squared.ravel() * scale**2,
        "n": scores.n[n, t, h],
        "fit_seconds": np.array([seconds[model] for model in scores.models], dtype=np.float64)[m],
        "smape": scores.symmetric.ravel(),
        **_spread_intervals(scores),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        write_parquet(columns, path)
        return path.read_bytes()


def _spread_intervals(scores: Scores) -> dict[str, Floats]:
    """Return the columns of the intervals, a value per model, series, target and step."""
    found = scores.intervals
    if found is None:
        return {}
    columns = {}
    figures = {"coverage_{}": 100 * found.inside, "width_{}_scaled": found.width, "winkler_{}_scaled": found.winkler}
    for name, values in figures.items():
        for k, level in enumerate(found.levels):
            column = np.full(scores.absolute.shape, np.nan)
            column[scores.models.index(found.model)] = values[k]
            columns[name.format(level)] = column.ravel()
    return columns


def read_fit_seconds(directory: Path) -> Mapping[str, float]:
    """Return the seconds that each model took to fit; empty where scores.parquet was deleted or rewritten."""
    try:
        table = read_parquet(directory / FILE)
        return {str(model): float(each) for model, each in zip(table["model"], table["fit_seconds"], strict=True)}
    except (ArtifactError, KeyError, ValueError):  # not ours to judge: the file is free to be anything
        return {}
