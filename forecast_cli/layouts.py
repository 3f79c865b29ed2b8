"""What is drawn of each result: its tables, plots and lines, in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from forecast_cli.drawing import Command, Drawing, Facts, Figure, Part, Plot
from forecast_cli.output import Columns
from forecast_cli.wording import FEW_ROWS, choose_ends, choose_rows, format_number, name_constants, pick_rows

if TYPE_CHECKING:
    from forecast_cli.report import Outlook
    from forecast_cli.results import CompareResult, Inspection, PartRow, Summary
    from forecast_cli.types import Forecast

MOST_PLOTS, MOST_ASKED = 4, 40  # of a forecast: unasked, and with `--plot`
LEAST = "▸"  # before the least error of a row


# --- The forecast ----------------------------------------------------------------------------------------------


def lay_out_forecast(forecast: Forecast, columns: Columns, *, beside_plots: bool) -> tuple[list[Part], bool]:
    """Return the forecast as a table, and whether it is but the first and last steps; fewer of them beside plots."""
    title, varying = name_constants(columns)
    rows = choose_rows(len(columns["step"]), len(forecast.steps), *([FEW_ROWS] if beside_plots else []))
    wider = [(f"lower_{level}", f"upper_{level}") for level in reversed(forecast.levels)]
    spare = (("step",), *wider[:-1], ("cutoff",), *wider[-1:])
    return [title, Drawing(pick_rows(varying, rows), spare)], None in rows


def lay_out_plots(outlook: Outlook, most: int) -> list[Part]:
    """Return plots of the first targets, at most so many, and what their marks mean; nothing where nothing is seen."""
    from forecast_cli.reporting.terminal.outlook import draw_outlook, explain_marks, list_places

    def draw(series: int, target: int, width: int, unicode: bool) -> str:
        return draw_outlook(outlook, series, target, width, unicode=unicode)

    places = list_places(outlook)[:most]
    plots: list[Part] = [Plot(place.title, partial(draw, place.series, place.target)) for place in places]
    return [" ", *plots, explain_marks(outlook.forecast.levels)] if plots else []


# --- Rankings --------------------------------------------------------------------------------------------------


def lay_out_ranking(columns: Columns, model: str) -> list[Part]:
    """Return the ranking with bars, the row of one model in bold; the windows are said elsewhere."""
    from forecast_cli.reporting.tables import choose_spare
    from forecast_cli.reporting.terminal.bars import draw_bars

    drawn: dict[str, Sequence[Any]] = {}
    for name, cells in columns.items():
        if name != "n_windows":
            drawn[name] = cells
        if name == "mae_scaled":
            drawn[" "] = draw_bars(cells)
    strong = [k for k, name in enumerate(columns["model"]) if name == model]
    return [Drawing(drawn, (*choose_spare(columns), ("mase",), (" ",)), strong=tuple(strong))]


def lay_out_parts(result: CompareResult) -> tuple[list[Part], bool]:
    """Return the errors of all models side by side, a row per part, and whether rows are left out; steps as a plot."""
    models = list(dict.fromkeys(row.model for row in result.parts))
    errors, in_units = list_errors(result.parts, models)
    rows = choose_ends(len(errors["part"]))
    table = pick_rows(mark_least(errors, models), rows)
    spare = tuple(
        (model,) for model in reversed(models) if model not in (result.verdict.model, result.verdict.baseline)
    )
    head = f"{'mae, in the unit of each target' if in_units else 'mae_scaled'}; {LEAST} the least"
    plot = _lay_out_steps(errors, pick_models(models, result.verdict.model)) if result.by == "step" else []
    return [*plot, head, Drawing({str(result.by): table.pop("part"), **table}, spare)], None in rows


def list_errors(parts: Sequence[PartRow], models: Sequence[str]) -> tuple[dict[str, list[Any]], bool]:
    """Return the parts, and the error of each model on them, in the targets' units where all parts have one."""
    in_units = all(row.mae is not None for row in parts)
    errors = {(row.part, row.model): row.mae if in_units else row.mae_scaled for row in parts}
    names = list(dict.fromkeys(row.part for row in parts))
    return {"part": names, **{model: [errors.get((part, model)) for part in names] for model in models}}, in_units


def mark_least(errors: Mapping[str, list[Any]], models: Sequence[str]) -> dict[str, list[Any]]:
    """Return the errors as text, with a mark before the least of each row."""
    known = [[errors[model][k] for model in models if errors[model][k] is not None] for k in range(len(errors["part"]))]
    least = [min(row, default=None) for row in known]
    marked = {model: [_mark(*pair) for pair in zip(errors[model], least, strict=True)] for model in models}
    return {"part": errors["part"], **marked}


def _mark(error: float | None, least: float | None) -> Figure:
    if error is None or error != error:
        return Figure("")
    return Figure(f"{LEAST if error == least else ''}{format_number(error)}")


def pick_models(models: Sequence[str], own: str) -> list[str]:
    """Return as many of the best models as a plot holds, with one of them in any case."""
    from forecast_cli.reporting.terminal.steps import MOST_MODELS

    first = list(models[:MOST_MODELS])
    return first if own in first or own not in models else [*first[:-1], own]


def _lay_out_steps(errors: Mapping[str, list[Any]], models: Sequence[str]) -> list[Part]:
    from forecast_cli.reporting.terminal.steps import draw_steps, explain_lines

    shown, steps = {model: errors[model] for model in models}, [int(step) for step in errors["part"]]
    return [Plot("error by step", lambda width, unicode: draw_steps(shown, steps, width)), explain_lines(models), " "]


# --- Files and models ------------------------------------------------------------------------------------------


def lay_out_inspection(found: Inspection, findings: Mapping[str, str]) -> list[Part]:
    """Return all that was found on one screen; it ends in the suggested command."""
    from forecast_cli.reporting.terminal.screen import SPARE, draw_columns, explain_columns, list_facts

    facts = Facts({"files": ", ".join(found.sources), **list_facts(found)})
    parts: list[Part] = [facts, " ", Drawing(draw_columns(found), SPARE), explain_columns(found), " "]
    parts += [Facts(findings), " "] if findings else []
    return [*parts, Command(found.command)]


def lay_out_summary(summary: Summary, columns: Mapping[str, list[Any]]) -> list[Part]:
    """Return the facts of the model directory, and below them its layers."""
    from forecast_cli.reporting.terminal.network import LEGEND, draw_layers

    facts: list[Part] = [Facts(summary.facts), " "] if summary.facts else []
    layers: list[Part] = [Drawing(draw_layers(columns)), LEGEND] if summary.layers else []
    return [*facts, *layers]
