"""What stands at the top of the page: the figures that most people come for, and what there was no room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.frequency import format_span
from forecast_cli.reporting.figures import show_count, show_number, show_percent

if TYPE_CHECKING:
    from forecast_cli.report import Report
    from forecast_cli.reporting.page.room import Room

Tile = tuple[str, str, str]

NARROW = "\u202f"  # a space that no line ends at


def list_tiles(report: Report) -> list[Tile]:
    """Return a name, a figure and a remark each."""
    verdict, horizon = report.verdict, report.config.window.horizon
    tiles = _list_errors(report)
    if verdict.gain is not None:
        between = verdict.gain_interval and " to ".join(show_percent(bound) for bound in verdict.gain_interval)
        remark = f"taken off the MAE of {verdict.baseline}" + (f"; 95 % interval {between}" if between else "")
        tiles.append(("Gain", show_percent(verdict.gain), remark))
    if report.coverage:
        levels = ", ".join(f"{level} %" for level in report.coverage)
        inside = " · ".join(show_percent(share).removesuffix(" %") for share in report.coverage.values())
        tiles.append(("Coverage", f"{inside} %", f"of the truth inside the intervals of {levels}"))
    span = format_span(horizon, report.config.freq)
    tiles.append(("Horizon", span, f"{show_count(horizon)} steps of {format_span(1, report.config.freq)}"))
    windows = "on the test part; learnt until " + report.learnt_until
    tiles.append(("Windows scored", show_count(report.scores.n_windows), windows))
    return [(name, value.replace(" ", NARROW), remark.replace(" %", f"{NARROW}%")) for name, value, remark in tiles]


def _list_errors(report: Report) -> list[Tile]:
    """Return the error and the skill of the saved model."""
    saved = next((row for row in report.ranking if row.model == report.model), None)
    if saved is None:
        return []
    error = ("MAE, scaled", show_number(saved.mae_scaled), "in training standard deviations")
    if saved.skill is None:
        return [error]
    return [error, ("Skill", show_percent(100 * saved.skill), "less MAE than seasonal-naive")]


def tell_cuts(report: Report, room: Room) -> str:
    """Return what the page leaves out for want of room, in a sentence, or nothing."""
    counts = [
        ("series", room.n_series, len(report.series_ids)),
        ("targets", room.n_targets, len(report.targets)),
        ("trials", room.n_trials, len(report.trials)),
    ]
    cuts = [f"{shown} of {n} {what}" for what, shown, n in counts if shown < n]
    if not cuts:
        return ""
    return f"To keep this page small, its plots of curves hold {', '.join(cuts)}; report.json holds all of them."
