"""The error of each model step by step, as lines of its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.reporting.terminal.canvas import Curve, Frame, draw_canvas

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEIGHT = 16  # lines of a plot
MOST_MODELS = 6  # in a plot: more lines cannot be told apart
COLORS = (6, 3, 5, 2, 1, 4)


def draw_steps(errors: Mapping[str, Sequence[float | None]], steps: Sequence[int], width: int) -> str:
    """Return the plot of errors by model and step; the first model lies on top."""
    places = np.array(steps, dtype=np.float64)
    curves = [
        Curve(places, np.array(course, dtype=np.float64), str(k), color)
        for k, (course, color) in enumerate(zip(errors.values(), COLORS, strict=False), start=1)
    ]
    shown = sorted({steps[0], steps[len(steps) // 2], steps[-1]})
    labels = {float(step): f"step {step}" for step in shown}
    return draw_canvas(curves[::-1], Frame(width, HEIGHT, labels))


def explain_lines(models: Sequence[str]) -> str:
    """Return which model each line stands for."""
    return "   ".join(f"{k} {model}" for k, model in enumerate(models, start=1))
