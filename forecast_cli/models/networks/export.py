"""Leaving Keras: the weights as plain arrays, the network as ONNX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.errors import ArtifactError, ForecastError
from forecast_cli.models.networks.build import build_network
from forecast_cli.prepare.inputs import feed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from forecast_cli.models.networks.forecaster import NetworkForecaster
    from forecast_cli.types import Array, Batch

TOLERANCE = 1e-4  # of the larger of 1 and the history; float32 sums in another order differ by about 1e-6


def export_onnx(forecaster: NetworkForecaster, path: Path) -> None:
    """Write a fitted network as ONNX: its inputs by name, one output (B, H, T) float32, any B.

    What is written is the rolled form with the same weights: a graph as long as the layers, not as the window.
    """
    network, window, sizes, seed = forecaster.network, forecaster.window, forecaster.sizes, forecaster.training.seed
    if sizes is None:
        raise RuntimeError("a network is exported before it was fitted")
    rolled = build_network(network, window, sizes, portable=True, seed=seed)
    rolled.set_weights(forecaster.model.get_weights())
    rolled({each.name: np.zeros((1, *each.shape[1:]), each.dtype) for each in rolled.inputs})  # only what was called
    rolled.export(path, format="onnx", verbose=False)


def check_onnx(path: Path, forecaster: NetworkForecaster, batch: Batch) -> float:
    """Return the largest difference between the ONNX file and Keras on real windows, over max(1, |history|).

    Raises:
        ForecastError: it is above 1e-4, or not a number; a bug of ours.
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 4
    session = ort.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    (exported,) = session.run(None, dict(feed(batch, forecaster.reads)))
    expected = forecaster.predict(batch)
    size = max(1.0, float(np.abs(batch.history).max(initial=0.0)))  # float32 tells no less apart
    worst = float(np.abs(exported - expected).max(initial=0.0)) / size
    if not worst <= TOLERANCE:
        raise ForecastError(
            f"the exported network forecasts otherwise than the trained one: by {worst:.2g}, {TOLERANCE} is allowed",
            "This is a bug of ours: please report it with the line of --layers.",
        )
    return worst


def collect_weights(forecaster: NetworkForecaster) -> dict[str, Array]:
    """Return every weight of a fitted network by its name, such as `layer1/kernel` or `head/bias`; Keras's shapes.

    Layers are counted from 1, as in the notation; those of a `Bidirectional` are `layerN_forward` and
    `layerN_backward`.
    """
    return {name: variable.numpy() for name, variable in _name_variables(forecaster.model).items()}


def assign_weights(model: Any, weights: Mapping[str, Array]) -> None:
    """Give a Keras model the weights that `collect_weights` made.

    Raises:
        ArtifactError: names, shapes or values are not those of this network's weights.
    """
    variables = _name_variables(model)
    if set(weights) != set(variables):
        odd = ", ".join(sorted(set(weights) ^ set(variables)))
        raise ArtifactError(f"the weights are of another network: missing, or too many: {odd}", "Train again.")
    for name, variable in variables.items():
        variable.assign(_check_weight(name, weights[name], tuple(variable.shape)))


def _name_variables(model: Any) -> dict[str, Any]:
    return {f"{layer.name}/{variable.name}": variable for layer in model.layers for variable in layer.weights}


def _check_weight(name: str, weight: Array, shape: tuple[int, ...]) -> Array:
    """Return the weight, or raise where it cannot be this network's."""
    if weight.shape != shape or weight.dtype != np.float32 or not np.isfinite(weight).all():
        raise ArtifactError(
            f"the weight {name} is {weight.dtype} of shape {weight.shape}; this network has finite float32 of {shape}",
            "Train again.",
        )
    return weight
