"""The door to Keras on TensorFlow: imported once, quietly, and only where a network is trained."""

from __future__ import annotations

import os
from functools import cache
from typing import Any, NamedTuple

from forecast_cli.errors import MissingDependencyError
from forecast_cli.processors import count_processors

SIDE_BY_SIDE = 2  # operators at once: the two directions of a recurrent layer
PIP_LINE = 'pip install "forecast-cli" "tensorflow>=2.21"'


class Backend(NamedTuple):
    """The two modules that every room here works with."""

    keras: Any
    tf: Any


@cache
def load_backend() -> Backend:
    """Return Keras and TensorFlow, imported with TensorFlow as the backend.

    Whatever the user's own Keras settings are, networks are float32 with the channels last.

    Raises:
        MissingDependencyError: one of them is not installed, or does not load.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"  # read at import, and stronger than the user's settings file
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import keras
        import tensorflow as tf
    except ImportError as error:
        raise MissingDependencyError(
            f"networks are trained with TensorFlow, which does not load: {error}", _hint()
        ) from error
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    _share_processors(tf)
    return Backend(keras, tf)


def _share_processors(tf: Any) -> None:
    """Give each of the operators that run side by side an equal share of the processors.

    The operators of a recurrent step are too small to be cut up well: on two processors a training step takes a tenth
    less than where each operator has both. A TensorFlow that was at work already keeps its threads.
    """
    try:
        tf.config.threading.set_inter_op_parallelism_threads(SIDE_BY_SIDE)
        tf.config.threading.set_intra_op_parallelism_threads(max(1, count_processors() // SIDE_BY_SIDE))
    except RuntimeError as error:  # whoever imported it before us, in Python, has settled that
        if "initial" not in str(error):
            raise


def _hint() -> str:
    """Return what to do without TensorFlow, ending with the pip line."""
    return (
        "TensorFlow has wheels for Python 3.11 to 3.13; baselines, and prediction with a trained model, need none. "
        f"In such a Python: {PIP_LINE}"
    )
