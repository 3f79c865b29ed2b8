"""Networks at prediction time: ONNX Runtime on bytes that were checked, no TensorFlow in the process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.errors import ArtifactError

if TYPE_CHECKING:
    from forecast_cli.types import Array, Batch, Window

CHANNEL_WINDOWS_AT_ONCE = 2_048  # what a network makes of them stays in the tens of megabytes


@dataclass(frozen=True, eq=False)
class OnnxNetwork:
    """A trained network as an ONNX session; input (B, L, C), output (B, H, T), in scaled units."""

    session: Any
    window: Window
    n_targets: int
    parameters: int

    @property
    def lookback(self) -> int:
        """The window's own lookback."""
        return self.window.lookback

    @property
    def sample_every(self) -> int:
        """The window's own distance of inputs."""
        return self.window.sample_every

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T); ArtifactError where the graph cannot do what its shapes promise."""
        size = max(1, CHANNEL_WINDOWS_AT_ONCE // self.n_targets)
        starts = range(0, len(batch.history), size)
        return np.concatenate([self._run(batch.history[begin : begin + size]) for begin in starts])

    def _run(self, history: Array) -> Array:
        (entry,) = self.session.get_inputs()
        try:
            (result,) = self.session.run(None, {entry.name: np.ascontiguousarray(history)})
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes for a bad graph
            raise ArtifactError(f"the network does not run: {error}", "train again") from error
        expected = (len(history), self.window.horizon, self.n_targets)
        if result.shape != expected:
            raise ArtifactError(f"the network gives {result.shape} where {expected} is due", "train again")
        return np.asarray(result)


def open_network(data: bytes, window: Window, n_channels: int, n_targets: int, parameters: int) -> OnnxNetwork:
    """Return the network of an ONNX file; ArtifactError if it is none, or of other shapes than the model's.

    A graph that keeps its weights in other files could name any path, so it is refused: only such graphs hold the key
    `location`.
    """
    import onnxruntime as ort

    if b"location" in data:
        raise ArtifactError("the network keeps weights outside its file, which is never opened")
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False  # a forecast is one small run: give the memory back
    try:
        session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises a dozen unrelated classes for a bad graph
        raise ArtifactError(f"the network is no ONNX graph that can be run: {error}", "train again") from error
    _check_shape(session.get_inputs(), (window.inputs, n_channels))
    _check_shape(session.get_outputs(), (window.horizon, n_targets))
    return OnnxNetwork(session, window, n_targets, parameters)


def _check_shape(values: Any, expected: tuple[int, int]) -> None:
    shapes = [tuple(value.shape[1:]) for value in values]
    known = [
        tuple(size if isinstance(size, int) else want for size, want in zip(shape, expected, strict=False))
        for shape in shapes
    ]
    floats = all(value.type == "tensor(float)" for value in values)
    if len(shapes) != 1 or len(shapes[0]) != 2 or known != [expected] or not floats:
        raise ArtifactError(f"the network has shapes {shapes}, the model says {expected}", "train again")
