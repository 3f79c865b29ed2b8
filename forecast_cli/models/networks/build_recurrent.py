"""Recurrent layers of the notation in Keras, one way and both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecast_cli.models.layers import GRU, LSTM

if TYPE_CHECKING:
    from forecast_cli.models.layers import Bidirectional, Direction
    from forecast_cli.models.networks.build_layers import Maker


def recur(
    make: Maker, layer: Direction, x: Any, name: str, *, sequence: bool, mask: Any, backwards: bool = False
) -> Any:
    """Return the states (B, steps, units), or the last of them (B, units), on x (B, steps, features).

    At a step that the mask (B, steps) leaves out, the state stays as it is. Read backwards, the last state is that of
    the oldest step and comes last.
    """
    keras = make.keras
    kind = getattr(keras.layers, type(layer).__name__)
    recurrent = kind(
        layer.units,
        activation=make.activate(layer.activation),
        return_sequences=sequence,
        go_backwards=backwards,
        unroll=make.unroll,
        kernel_initializer=make.draw_kernel(),
        recurrent_initializer=keras.initializers.Orthogonal(seed=make.draw_seed()),
        name=name,
        **_list_dropouts(make, layer),
        **_list_gates(make, layer, mask),
    )
    return recurrent(x, initial_state=_start(make, layer, x, name), mask=mask)


def recur_both_ways(make: Maker, layer: Bidirectional, x: Any, name: str, *, sequence: bool, mask: Any) -> Any:
    """Return the outputs of both directions side by side; of a last state, each direction's own last.

    Keras's own `Bidirectional` fails on layers of two widths; where the widths agree this equals it.
    """
    forward = recur(make, layer.layer, x, f"{name}_forward", sequence=sequence, mask=mask)
    back = layer.backward_layer or layer.layer
    backward = recur(make, back, x, f"{name}_backward", sequence=sequence, mask=mask, backwards=True)
    if sequence:
        backward = make.keras.ops.flip(backward, axis=1)
    return make.keras.ops.concatenate([forward, backward], axis=-1)


def _list_dropouts(make: Maker, layer: Direction) -> dict[str, Any]:
    """Return Keras's dropout arguments; none where nothing is dropped, or where it is never trained.

    Keras draws the masks even when it forecasts, and ONNX has no operator for that.
    """
    if make.portable or not (layer.dropout or layer.recurrent_dropout):
        return {}
    return {"dropout": layer.dropout, "recurrent_dropout": layer.recurrent_dropout, "seed": make.draw_seed()}


def _list_gates(make: Maker, layer: Direction, mask: Any) -> dict[str, Any]:
    """Return the arguments that only layers with gates take; cuDNN skips no step in the middle of a window."""
    if not isinstance(layer, LSTM | GRU):
        return {}
    gates = {
        "recurrent_activation": make.activate(layer.recurrent_activation),
        "use_cudnn": False if make.portable or mask is not None else "auto",
    }
    return gates | ({"reset_after": layer.reset_after} if isinstance(layer, GRU) else {})


def _start(make: Maker, layer: Direction, x: Any, name: str) -> Any:
    """Return the learnt initial states (B, units), one or two, or None for Keras's zeros."""
    if layer.initial_state == "zeros":
        return None
    same = make.keras.ops.zeros_like(x[:, 0, 0], dtype="int32")  # (B,): the one row of each table
    parts = ("state", "cell") if isinstance(layer, LSTM) else ("state",)
    states = [make.table(1, layer.units, f"{name}_{part}", zeros=True)(same) for part in parts]
    return states if len(states) > 1 else states[0]
