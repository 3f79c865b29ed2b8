"""An ONNX graph being written, node by node; values are known by their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

INPUT, OUTPUT = "history", "forecast"
OPSET, FORMAT = 20, 10  # of ONNX: new enough for Gelu, old enough for every ONNX Runtime that we accept


@dataclass(frozen=True)
class Nodes:
    """The nodes and constants written so far, in order."""

    written: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Return the name of the output of one more node."""
        return self.add_many(operator, inputs, (f"v{len(self.written)}",), **attributes)[0]

    def add_many(
        self, operator: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any
    ) -> Sequence[str]:
        """Return the names of the outputs of one more node; an empty name stands for one not wanted or not given."""
        from onnx import helper

        self.written.append(helper.make_node(operator, inputs, outputs, **attributes))
        return outputs

    def hold(self, array: ArrayLike) -> str:
        """Return the name of a constant; whole numbers are kept as int64, which is what ONNX wants of shapes."""
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def cut(self, x: str, axis: int, begin: int, end: int) -> str:
        """Return x[begin:end] along an axis."""
        return self.add("Slice", x, self.hold([begin]), self.hold([end]), self.hold([axis]))

    def reshape(self, x: str, *shape: int) -> str:
        """Return x in another shape; -1 once."""
        return self.add("Reshape", x, self.hold(shape))

    def swap(self, x: str, *order: int) -> str:
        """Return x with its axes in another order."""
        return self.add("Transpose", x, perm=order)

    def close(self, result: str, inputs: tuple[int, int], outputs: tuple[int, int]) -> Any:
        """Return the checked `onnx.ModelProto` from `history` to `forecast`, shapes without the batch axis."""
        from onnx import TensorProto, checker, helper

        self.add_many("Identity", [result], [OUTPUT])
        graph = helper.make_graph(
            self.written,
            "forecast",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["batch", *inputs])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", *outputs])],
            self.constants,
        )
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, producer_name="forecast-cli", opset_imports=opsets, ir_version=FORMAT)
        checker.check_model(model)
        return model
