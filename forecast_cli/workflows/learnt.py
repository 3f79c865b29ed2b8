"""Where weights that learn on have learnt before: what they know is neither calibrated on nor scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast_cli.errors import DataError
from forecast_cli.frequency import format_instant

if TYPE_CHECKING:
    from forecast_cli.types import Panel


@dataclass(frozen=True)
class Learnt:
    """What the weights know already, in steps from the origin: validation and test begin no earlier."""

    train_end: int  # the first step that no window was trained on
    until: int  # the first step that no epoch was chosen on


def leave_learnt(
    borders: tuple[int, int, int], learnt: Learnt, reach: int, split: str | None, panel: Panel
) -> tuple[int, int, int]:
    """Return the borders, moved so that nothing is chosen, calibrated or scored on what the weights know already.

    Raises DataError where then nothing is left to score on, or where `--split` says otherwise.
    """
    earliest = int(panel.start.min())
    least = learnt.train_end - earliest, learnt.until - earliest
    moved = max(borders[0], least[0]), max(borders[1], least[1]), borders[2]
    known = format_instant(panel.origin, panel.freq, panel.tz, learnt.until - 1)
    if split is not None and moved != borders:
        first = format_instant(panel.origin, panel.freq, panel.tz, earliest + borders[1])
        raise DataError(
            f"--split {split}: test would begin at {first}, and the weights have learnt up to {known}: scores of what "
            "was learnt prove nothing",
            "give a later --split, or leave it out",
        )
    if moved[2] - moved[1] < reach:
        last = format_instant(panel.origin, panel.freq, panel.tz, earliest + borders[2] - 1)
        raise DataError(
            f"DATA end at {last}, and the weights have learnt up to {known}: no window is left to score on",
            "give newer rows, as many as the horizon at least",
        )
    return moved
