"""Where a network trains: on a GPU the fused kernels of cuDNN, on a CPU recurrent steps written out one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.models.forms import format_layer
from forecast_cli.models.layers import GRU, LSTM, Bidirectional, SimpleRNN
from forecast_cli.models.networks.backend import load_backend

if TYPE_CHECKING:
    from forecast_cli.models.layers import Network
    from forecast_cli.types import Listener

MOST_UNROLLED = 32  # steps of a recurrent layer; beyond, tracing takes longer than it saves


def has_gpu() -> bool:
    """Return whether TensorFlow found a GPU that it can use."""
    return bool(load_backend().tf.config.list_physical_devices("GPU"))


def should_unroll(recurrent_steps: int) -> bool:
    """Return whether recurrent layers are written out step by step, which only pays on a CPU and for few steps.

    On a GPU a loop is one kernel of cuDNN; written out it would be hundreds of small ones.
    """
    return 0 < recurrent_steps <= MOST_UNROLLED and not has_gpu()


def note_device(network: Network, listener: Listener) -> None:
    """Say that a GPU is used, and which recurrent layers cannot use its fused kernels."""
    if not has_gpu():
        return
    listener.note("trains on the GPU")
    slow = [format_layer(layer) for layer in network.layers if not _fits_cudnn(layer)]
    if slow:
        listener.note(
            f"{' and '.join(slow)}: cuDNN has no kernel for it, so it runs step by step and is several times slower; "
            "it has one for LSTM and GRU with tanh, sigmoid, reset_after and without recurrent_dropout",
            "--layers",
        )


def _fits_cudnn(layer: object) -> bool:
    """Return whether cuDNN computes a recurrent layer; True for every other layer."""
    match layer:
        case Bidirectional():
            return _fits_cudnn(layer.layer) and _fits_cudnn(layer.backward_layer)
        case LSTM() | GRU():
            usual = (layer.activation, layer.recurrent_activation) == ("tanh", "sigmoid")
            return usual and not layer.recurrent_dropout and (isinstance(layer, LSTM) or layer.reset_after)
    return not isinstance(layer, SimpleRNN)
