"""A model directory, opened: nothing in it is executed, every file is checked when it is read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from forecast_cli.artifact.card import ModelCard, check_card, find_network
from forecast_cli.artifact.codec import decode
from forecast_cli.artifact.manifest import Manifest, find_file, read_file, read_manifest
from forecast_cli.errors import ArtifactError
from forecast_cli.ingest.grid.angles import find_pairs
from forecast_cli.ingest.views.panel_file import read_panel_rows
from forecast_cli.models.blend import Blend
from forecast_cli.models.notation import parse_network
from forecast_cli.models.reads import describe_reads, measure_inputs
from forecast_cli.models.registry import make_closed_forms
from forecast_cli.models.runtime import open_network
from forecast_cli.types import Conformal, Panel, Scaler

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.models.registry import ClosedForm
    from forecast_cli.types import Array, Floats, Window

REFITTED = "refit."  # begins the names of the second set's arrays


@dataclass(frozen=True, eq=False)
class Artifact:
    """An open model directory; models and panel are read when asked for."""

    directory: Path
    manifest: Manifest
    card: ModelCard
    arrays: Mapping[str, NDArray[np.generic]]

    @property
    def scaler(self) -> Scaler:
        """The scaler of every training series."""
        shape = (len(self.card.series_ids), len(self.card.channels))
        loc, scale = self.take("scaler.loc", shape), self.take("scaler.scale", shape)
        if not (np.isfinite(loc).all() and np.isfinite(scale).all() and (scale > 0).all()):
            raise ArtifactError(f"{self.directory}: the scaler is not finite and positive", "train again with --force")
        return Scaler(loc=loc, scale=scale)

    @property
    def conformal(self) -> Conformal:
        """The percentiles of the saved model's calibration scores."""
        shape = (99, self.card.config.window.horizon, self.card.n_targets)
        percentiles = self.take("conformal.percentiles", shape)
        pairs = find_pairs(self.card.channels[: self.card.n_targets], self.card.reading.options.angles)
        angles = self.take("conformal.angles", (99, shape[1], len(pairs))) if pairs else None
        for each in (percentiles,) if angles is None else (percentiles, angles):
            if np.isinf(each).any() or (each < 0).any():
                raise ArtifactError(
                    f"{self.directory}: a percentile is negative or infinite", "train again with --force"
                )
        return Conformal(percentiles, self.card.calibration_windows, angles)

    @property
    def season_errors(self) -> Floats:
        """(2, N, T): the denominators of MASE and RMSSE, in scaled units; NaN where there is none."""
        return self.take("season_errors", (2, len(self.card.series_ids), self.card.n_targets))

    def take(self, name: str, shape: tuple[int, ...]) -> Floats:
        """Return a stored array after comparing its shape with the one that the card implies."""
        array = self.arrays.get(name)
        if array is None or array.shape != shape or array.dtype.kind != "f":
            raise ArtifactError(f"{self.directory}: the array {name!r} is missing or not of shape {shape}")
        return array.astype(np.float64)

    def load_model(self, name: str, *, refitted: bool = False) -> Predictor:
        """Return a kept model, ready to predict; `refitted`: of the second set, where that holds it."""
        refitted = refitted and self.card.is_refitted(name)
        kept, window = self.card.kept[name], self.card.config.window
        if kept.kind == "blend":
            total = sum(kept.parts.values())
            shares = {part: share / total for part, share in kept.parts.items()}
            return Blend({part: self.load_model(part, refitted=refitted) for part in kept.parts}, shares)
        if kept.kind == "network":
            data = read_file(self.directory, self.manifest, network_file(name, refitted))
            if kept.layers is None:
                raise ArtifactError(f"{self.directory}: model.json does not say what the network {name!r} is made of")
            panel = self.empty_panel()
            reads = describe_reads(parse_network(kept.layers), window, panel)
            return open_network(data, window, measure_inputs(panel), reads, kept.parameters)
        arrays = take_prefixed(self.arrays, REFITTED) if refitted else self.arrays
        return restore_closed_form(name, arrays, window, self.card.n_targets)

    def load_weights(self) -> Mapping[str, Array]:
        """Return the weights of the saved network by name, to go on from; the network checks their shapes and types.

        Refitted ones where there are such: they have learnt most.
        """
        kind = weights_file(refitted=self.card.is_refitted(find_network(self.card)))
        data = read_file(self.directory, self.manifest, kind)
        return cast("Mapping[str, Array]", load_arrays(data, f"{self.directory}: {kind}"))

    def load_panel(self, last: int | None = None) -> Panel:
        """Return the kept panel, in the columns' units: all rows, or the tail that a forecast needs.

        `last`: only so many rows of each series, up to its last one with an observed target.
        """
        if self.card.keeps_panel == "none":
            raise ArtifactError(f"{self.directory} was trained with --keep-data 0 and keeps no rows", "give DATA")
        path = find_file(self.directory, self.manifest, "panel.parquet")
        return read_panel_rows(path, self.empty_panel(), last)

    def empty_panel(self) -> Panel:
        """Return the panel's description without a row."""
        card, N = self.card, len(self.card.series_ids)
        C = len(card.channels)
        return Panel(
            series_ids=card.series_ids,
            indptr=np.zeros(N + 1, dtype=np.int64),
            origin=None if card.origin is None else _read_instant(card.origin),
            freq=card.config.freq,
            tz=card.tz,
            start=np.zeros(N, dtype=np.int64),
            values=np.empty((0, C), dtype=np.float32),
            offset=self.take("panel.offset", (N, C)),
            observed=np.empty((0, C), dtype=bool),
            channels=card.channels,
            units=card.units,
            n_targets=card.n_targets,
            season_length=card.config.season_length,
            n_future=card.n_future,
            statics=card.statics,
        )


def open_artifact(directory: Path) -> Artifact:
    """Return the model directory, opened; ArtifactError says what is missing, damaged or of another kind."""
    manifest = read_manifest(directory)
    try:
        raw = json.loads(read_file(directory, manifest, "model.json"))
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{directory}: model.json is damaged: {error}", "train again with --force") from error
    card = check_card(decode(ModelCard, raw))
    data = read_file(directory, manifest, "arrays.safetensors")
    return Artifact(directory, manifest, card, load_arrays(data, f"{directory}: arrays.safetensors"))


def load_arrays(data: bytes, where: str) -> Mapping[str, NDArray[np.generic]]:
    """Return the arrays of a safetensors file by name; ArtifactError says where they are damaged."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays: Mapping[str, NDArray[np.generic]] = load(data)
    except (SafetensorError, KeyError, TypeError) as error:  # the latter two: a type that NumPy has not
        raise ArtifactError(f"{where} is damaged: {error}", "train again") from error
    return arrays


def restore_closed_form(
    name: str, arrays: Mapping[str, NDArray[np.generic]], window: Window, n_targets: int
) -> ClosedForm:
    """Return a fitted closed form from the arrays that are named after it; ArtifactError where there is no such one."""
    closed_forms = make_closed_forms(window, n_targets, ())
    if name not in closed_forms:
        raise ArtifactError(f"there is no closed form {name!r}", "train again with --force")
    own = take_prefixed(arrays, f"{name}.")
    return closed_forms[name].from_arrays({key: array.astype(np.float32) for key, array in own.items()})


def take_prefixed(arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> Mapping[str, NDArray[np.generic]]:
    """Return the arrays whose names begin so, without that beginning."""
    return {key.removeprefix(prefix): array for key, array in arrays.items() if key.startswith(prefix)}


def network_file(name: str, refitted: bool = False) -> str:
    """Return which file holds a network: the dense baseline, or the one that stands beside it."""
    return f"{'dense' if name == 'dense' else 'network'}{'-refit' if refitted else ''}.onnx"


def weights_file(refitted: bool = False) -> str:
    """Return which file holds the weights that training goes on from."""
    return "weights-refit.safetensors" if refitted else "weights.safetensors"


def _read_instant(text: str) -> np.datetime64:
    try:
        return np.datetime64(text, "us")
    except ValueError as error:
        raise ArtifactError(f"model.json: {text!r} is no instant") from error
