"""Networks at prediction time: ONNX Runtime on bytes that were checked, no TensorFlow in the process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.errors import ArtifactError
from forecast_cli.models.forecaster import ReadsWindow
from forecast_cli.prepare.inputs import feed
from forecast_cli.processors import count_processors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from forecast_cli.models.layers import InputShape
    from forecast_cli.types import Array, Batch, Reads, Window

CHANNEL_WINDOWS_AT_ONCE = 256  # what a network makes of them stays near the processor
FLOATS, WHOLE = "tensor(float)", "tensor(int32)"


@dataclass(frozen=True, eq=False)
class OnnxNetwork(ReadsWindow):
    """A trained network as an ONNX session; its inputs are those of `Reads`, its output (B, H, T), in scaled units."""

    session: Any
    window: Window
    n_targets: int
    reads: Reads
    parameters: int

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T); ArtifactError where the graph cannot do what its shapes promise."""
        size, inputs = max(1, CHANNEL_WINDOWS_AT_ONCE // self.n_targets), feed(batch, self.reads)
        starts = range(0, len(batch.history), size)
        pieces = [{name: each[begin : begin + size] for name, each in inputs.items()} for begin in starts]
        if len(pieces) == 1:
            return self._run(pieces[0])
        with ThreadPoolExecutor(count_processors()) as threads:
            return np.concatenate(list(threads.map(self._run, pieces)))

    def _run(self, inputs: Mapping[str, NDArray[Any]]) -> Array:
        try:
            (result,) = self.session.run(None, {name: np.ascontiguousarray(each) for name, each in inputs.items()})
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes for a bad graph
            raise ArtifactError(f"the network does not run: {error}", "train again") from error
        expected = (len(inputs["history"]), self.window.horizon, self.n_targets)
        if result.shape != expected:
            raise ArtifactError(f"the network gives {result.shape} where {expected} is due", "train again")
        return np.asarray(result)


def open_network(data: bytes, window: Window, shape: InputShape, reads: Reads, parameters: int) -> OnnxNetwork:
    """Return the network of an ONNX file; ArtifactError if it is none, or of other inputs than the model's.

    A graph that keeps its weights in other files could name any path, so it is refused: only such graphs hold the key
    `location`.
    """
    import onnxruntime as ort

    if b"location" in data:
        raise ArtifactError("the network keeps weights outside its file, which is never opened")
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False  # a forecast is one small run: give the memory back
    options.intra_op_num_threads = 1  # many windows are many runs side by side; inside one, threads wait
    try:
        session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises a dozen unrelated classes for a bad graph
        raise ArtifactError(f"the network is no ONNX graph that can be run: {error}", "train again") from error
    expected = list_shapes(window, shape)
    _check_values(session.get_inputs(), {name: expected[name] for name in reads.inputs})
    results = session.get_outputs()
    _check_values(results, {results[0].name: ((window.horizon, shape.n_targets), FLOATS)})
    return OnnxNetwork(session, window, shape.n_targets, reads, parameters)


def list_shapes(window: Window, shape: InputShape) -> Mapping[str, tuple[tuple[int, ...], str]]:
    """Return the shape of every input, without the axis of windows, and its type in ONNX's words."""
    past = (window.inputs, shape.n_channels)
    return {
        "history": (past, FLOATS),
        "observed": (past, FLOATS),
        "future": ((window.horizon, shape.n_future), FLOATS),
        "series": ((), WHOLE),
        "statics": ((len(shape.statics),), WHOLE),
        "phase": ((), WHOLE),
    }


def _check_values(values: Any, expected: Mapping[str, tuple[tuple[int, ...], str]]) -> None:
    """Raise ArtifactError where inputs or outputs have other names, shapes or types; a graph may leave sizes open."""
    found = {value.name: (tuple(value.shape), value.type) for value in values}
    fits = set(found) == set(expected) and all(
        kind == expected[name][1] and _matches(sizes, expected[name][0]) for name, (sizes, kind) in found.items()
    )
    if not fits:
        shown = {name: (sizes[1:], kind) for name, (sizes, kind) in found.items()}
        raise ArtifactError(f"the network has {shown}, the model says {dict(expected)}", "train again")


def _matches(found: tuple[Any, ...], expected: tuple[int, ...]) -> bool:
    """Tell whether the sizes behind the axis of windows are these; a word stands for any size."""
    sizes = found[1:]
    return len(found) == 1 + len(expected) and all(
        not isinstance(size, int) or size == want for size, want in zip(sizes, expected, strict=True)
    )
