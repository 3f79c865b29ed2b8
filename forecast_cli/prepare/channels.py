"""Channels of a panel by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.types import Panel


def take_channels(panel: Panel, names: Sequence[str], n_targets: int, n_future: int = 0) -> Panel:
    """Return the panel with these of its channels alone, in this order: targets first, those known ahead last."""
    order = [panel.channels.index(name) for name in names]
    return replace(
        panel,
        values=panel.values[:, order],
        observed=panel.observed[:, order],
        offset=panel.offset[:, order],
        channels=tuple(names),
        units=tuple(panel.units[k] for k in order),
        n_targets=n_targets,
        n_future=n_future,
    )
