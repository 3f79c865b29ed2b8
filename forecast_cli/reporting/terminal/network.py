"""The layers of a network as columns and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.results import Summary

COUNTS = ("parameters", "recurrent_steps", "multiply_adds")
LEGEND = "steps: recurrent ones, each waits for the one before; products: multiply-adds; both for one window"
NAMES = ("layer", "output", *COUNTS, "remark")


def layers_columns(summary: Summary) -> dict[str, list[Any]]:
    """Return a row a layer and a total as columns; shapes as `30x64`, without the axis of windows.

    Recurrent steps wait for each other; of a closed form, steps and multiply-adds are not known.
    """
    layers = [{**asdict(row), "output": "x".join(map(str, row.output))} for row in summary.layers]
    total = {"layer": "total", "output": "", "remark": "", **_count_totals(summary)}
    return {name: [row[name] for row in (*layers, total)] for name in NAMES}


def draw_layers(columns: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the columns for a terminal: shorter heads, so that formulas fit beside them, and blanks for no cost."""
    short = {"recurrent_steps": "steps", "multiply_adds": "products"}
    shown = {short[name]: [cell or None for cell in columns[name]] for name in short}
    head = {name: columns[name] for name in columns if name not in (*short, "remark")}
    return {**head, **shown, "remark": columns["remark"]}


def summary_to_json(summary: Summary) -> dict[str, Any]:
    """Return facts, layers, totals and notes as plain JSON can hold them."""
    layers = [{name: asdict(row)[name] for name in NAMES} for row in summary.layers]
    totals = _count_totals(summary)
    return {
        "schema_version": 1,
        "facts": dict(summary.facts),
        "layers": layers,
        **totals,
        "notes": list(summary.notes),
    }


def _count_totals(summary: Summary) -> dict[str, int | None]:
    """Return the totals; None where a closed form has no such figure."""
    steps = _add([row.recurrent_steps for row in summary.layers])
    products = _add([row.multiply_adds for row in summary.layers])
    return {"parameters": summary.parameters, "recurrent_steps": steps, "multiply_adds": products}


def _add(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
