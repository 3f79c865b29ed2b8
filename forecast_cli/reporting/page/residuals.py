"""The residuals of the page as plain JSON; residuals.js draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.reporting.page.outlooks import pack_kept
from forecast_cli.reporting.page.packing import pack_numbers, pack_stamps
from forecast_cli.reporting.page.thinning import thin
from forecast_cli.reporting.tables import to_plain_list

if TYPE_CHECKING:
    from forecast_cli.report import Report, Residuals
    from forecast_cli.reporting.page.room import Room
    from forecast_cli.types import Floats, Json


def build_residuals(report: Report, room: Room) -> Json | None:
    """Return the residuals of as many series and targets as there is room for, or None where there are none.

    {courses: [null where a series has none, or {stamps, curves: [{values, kept}]}], targets: [{edges, counts,
     autocorrelation, bound, mean_by_hour, mae_by_hour: (7, 24) packed, or null}]}
    """
    found = report.residuals
    if found is None:
        return None
    places = {name: i for i, name in enumerate(found.series_ids)}
    shown = [places.get(name) for name in report.series_ids[: room.n_series]]
    return {
        "courses": [None if i is None else _pack_course(found, i, room) for i in shown],
        "targets": [_pack_target(found, j) for j in range(room.n_targets)],
    }


def _pack_course(found: Residuals, i: int, room: Room) -> Json:
    """Return the residuals of the first step ahead of one series, one target after the other."""
    curves = []
    for j in range(room.n_targets):
        values = found.first_step[i, :, j]
        kept = thin(values[None], room.n_points)
        curves.append({"values": pack_numbers(values[kept]), "kept": pack_kept(kept, values)})
    return {"stamps": pack_stamps(found.timestamps[i]), "curves": curves}


def _pack_target(found: Residuals, j: int) -> Json:
    """Return the distribution of one target's residuals, and how they hang together."""
    return {
        "edges": to_plain_list(found.edges[j]),
        "counts": to_plain_list(found.counts[j]),
        "autocorrelation": to_plain_list(np.round(found.autocorrelation[j], 4)),
        "bound": to_plain_list(np.round(found.autocorrelation_bound[j : j + 1], 4))[0],
        "mean_by_hour": _pack_hours(found.mean_by_hour, j),
        "mae_by_hour": _pack_hours(found.mae_by_hour, j),
    }


def _pack_hours(by_hour: Floats | None, j: int) -> list[object] | None:
    return None if by_hour is None else pack_numbers(by_hour[j])
