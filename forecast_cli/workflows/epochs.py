"""training.csv: how the training of the network went."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from forecast_cli.reporting.tables import to_csv
from forecast_cli.types import Epoch

if TYPE_CHECKING:
    from pathlib import Path

FILE = "training.csv"
_NAMES = ("epoch", "loss", "val_loss", "learning_rate", "seconds")


def write_epochs(epochs: tuple[Epoch, ...]) -> bytes:
    """Return the CSV: a row per epoch, no row for a closed form."""
    return to_csv({name: [getattr(epoch, name) for epoch in epochs] for name in _NAMES}).encode()


def read_epochs(directory: Path) -> tuple[Epoch, ...]:
    """Return the epochs of a model directory; none where training.csv was deleted or rewritten."""
    try:
        with (directory / FILE).open(encoding="utf-8", newline="") as file:
            return tuple(_read_epoch(row) for row in csv.DictReader(file))
    except (OSError, KeyError, ValueError, TypeError, csv.Error):  # not ours to judge: the file is free to be anything
        return ()


def _read_epoch(row: dict[str, str]) -> Epoch:
    return Epoch(int(row["epoch"]), *(_read(row[name]) for name in _NAMES[1:]))


def _read(cell: str) -> float:
    """Return a number; an empty cell is NaN."""
    return float(cell) if cell else float("nan")
