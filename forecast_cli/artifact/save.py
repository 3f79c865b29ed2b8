"""Writing a model directory: whole or not at all."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.artifact.codec import encode
from forecast_cli.artifact.manifest import commit
from forecast_cli.ingest.views.panel_file import write_panel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from forecast_cli.artifact.card import ModelCard
    from forecast_cli.types import Integers, Panel

    Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class Contents:
    """What goes into a model directory."""

    card: ModelCard
    arrays: Arrays
    panel: Panel | None  # None: no row is kept
    first_rows: Integers | None  # (N,): the first row kept of each series; None keeps all
    networks: Mapping[str, bytes]  # "network.onnx", "dense.onnx", "network-refit.onnx"
    weights: Mapping[str, Arrays] = field(default_factory=dict)  # "weights.safetensors", to train on from
    extras: Mapping[str, bytes] = field(default_factory=dict)  # reports, training.csv: free to be deleted


def save_artifact(directory: Path, contents: Contents) -> None:
    """Write the model directory; a reader sees the old model or the new one, never a mixture."""
    from safetensors.numpy import save

    def as_bytes(data: bytes) -> Callable[[Path], None]:
        return lambda path: _write(path, data)

    card = json.dumps(encode(contents.card), indent=1, ensure_ascii=False)
    writers: dict[str, Callable[[Path], None]] = {
        "model.json": as_bytes(card.encode(errors="backslashreplace")),  # the names of files may hold any byte
        "arrays.safetensors": as_bytes(save(_contiguous(contents.arrays))),
        **{kind: as_bytes(data) for kind, data in contents.networks.items()},
        **{kind: as_bytes(save(_contiguous(weights))) for kind, weights in contents.weights.items()},
    }
    panel = contents.panel
    if panel is not None:
        writers["panel.parquet"] = lambda path: write_panel(panel, path, contents.first_rows)
    commit(directory, writers, contents.extras)


def find_first_rows(panel: Panel, longest_lookback: int) -> Integers:
    """Return (N,): the first row of each series that a forecast from its last observed target may need."""
    seen = np.any(panel.observed[:, : panel.n_targets], axis=1)
    last = np.maximum.accumulate(np.where(seen, np.arange(len(seen)), 0))[panel.indptr[1:] - 1]
    return np.maximum(panel.indptr[:-1], last + 1 - longest_lookback)


def _contiguous(arrays: Arrays) -> dict[str, NDArray[np.generic]]:
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
