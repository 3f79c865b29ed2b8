"""Attention layers of the notation in Keras, spelt out in dense layers, so that every weight has a name of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forecast_cli.models.layers import Attention, MultiHeadAttention
    from forecast_cli.models.networks.build_layers import Maker

FAR_BELOW = -1e9  # a score whose weight is 0 beside any other


def attend(make: Maker, layer: Attention, x: Any, name: str, mask: Any) -> Any:
    """Return the mean of the steps of x (B, steps, features), weighted by softmax of v·tanh(W h + U last + b)."""
    ops = make.keras.ops
    keys = make.dense(layer.units, "linear", f"{name}_keys", use_bias=False)(x)  # (B, steps, units)
    last = make.dense(layer.units, "linear", f"{name}_last")(x[:, -1:, :])  # (B, 1, units)
    scores = make.dense(1, "linear", f"{name}_score", use_bias=False)(ops.tanh(keys + last))[:, :, 0]  # (B, steps)
    if mask is not None:
        scores = ops.where(mask, scores, FAR_BELOW)
    weights = ops.softmax(scores, axis=-1)
    return ops.sum(weights[:, :, None] * x, axis=1)


def attend_heads(make: Maker, layer: MultiHeadAttention, x: Any, name: str, mask: Any) -> Any:
    """Return a mixture of the steps of x (B, steps, features) for each step, same shape; Keras's layer spelt out."""
    ops, steps, width = make.keras.ops, x.shape[1], x.shape[2]
    heads, size = layer.num_heads, layer.key_dim

    def project(part: str) -> Any:
        projected = make.dense(heads * size, "linear", f"{name}_{part}")(x)
        return ops.transpose(ops.reshape(projected, (-1, steps, heads, size)), (0, 2, 1, 3))  # (B, heads, steps, size)

    query, key, value = (project(part) for part in ("query", "key", "value"))
    scores = ops.matmul(query * size**-0.5, ops.transpose(key, (0, 1, 3, 2)))  # (B, heads, steps, steps)
    if mask is not None:
        scores = ops.where(mask[:, None, None, :], scores, FAR_BELOW)
    weights = ops.softmax(scores, axis=-1)
    if layer.dropout:
        weights = make.drop(layer.dropout, f"{name}_dropout")(weights)
    mixed = ops.transpose(ops.matmul(weights, value), (0, 2, 1, 3))  # (B, steps, heads, size)
    return make.dense(width, "linear", f"{name}_output")(ops.reshape(mixed, (-1, steps, heads * size)))
