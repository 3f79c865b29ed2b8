"""Where weights that learn on have learnt before: what they know is neither calibrated on nor scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast_cli.artifact.card import find_network
from forecast_cli.errors import DataError
from forecast_cli.frequency import format_instant
from forecast_cli.workflows.history import show_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.artifact.card import ModelCard
    from forecast_cli.artifact.load import Artifact
    from forecast_cli.types import Listener, Panel


@dataclass(frozen=True)
class Learnt:
    """What the weights know already, in steps from the origin: validation and test begin no earlier."""

    train_end: int  # the first step that no window was trained on
    until: int  # the first step that no epoch was chosen on


def tell_learnt(card: ModelCard) -> Learnt:
    """Return what the weights that `--from` goes on from know already: refitted ones know all that was there."""
    if card.is_refitted(find_network(card)):
        return Learnt(card.delivered_until, card.delivered_until)
    train, validation, _ = card.config.split
    return Learnt(card.learnt_until - validation + train, card.learnt_until)


def note_refitted(artifact: Artifact, names: Sequence[str], listener: Listener) -> None:
    """Say which of the models were fitted again by `--refit`, until when, and what the others know; else nothing."""
    again = [name for name in names if artifact.card.is_refitted(name)]
    if again:
        first, second = show_ends(artifact)
        listener.note(f"{', '.join(again)}: fitted again, until {second}; the others learnt until {first}")


def show_ends(artifact: Artifact) -> tuple[str, str]:
    """Return the last instants that the first set and the second have learnt from; the same where there is but one."""
    card, panel = artifact.card, artifact.empty_panel()
    return show_step(panel, card.learnt_until - 1), show_step(panel, card.delivered_until - 1)


def leave_learnt(
    borders: tuple[int, int, int], learnt: Learnt, reach: int, split: str | None, panel: Panel
) -> tuple[int, int, int]:
    """Return the borders, moved so that nothing is chosen, calibrated or scored on what the weights know already.

    Where that takes the whole validation part, as after `--refit`, a third of what is left takes its place.

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
    crowded = moved[0] > borders[0] and moved[1] - moved[0] < reach
    if crowded:
        moved = moved[0], moved[0] + (moved[2] - moved[0]) // 3, moved[2]
    if moved[2] - moved[1] < reach or (crowded and moved[1] - moved[0] < reach):
        last = format_instant(panel.origin, panel.freq, panel.tz, earliest + borders[2] - 1)
        raise DataError(
            f"DATA end at {last}, and the weights have learnt up to {known}: no window is left to score on",
            "give newer rows, as many as the horizon at least",
        )
    return moved
