"""The door to Keras."""

from __future__ import annotations

import subprocess
import sys

import pytest

from forecast_cli.errors import ExitCode, MissingDependencyError
from forecast_cli.models.networks.backend import load_backend
from forecast_cli.processors import count_processors


def test_without_tensorflow_the_hint_ends_with_the_pip_line_and_names_the_pythons(monkeypatch):
    load_backend.cache_clear()
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(MissingDependencyError) as caught:
        load_backend()
    assert caught.value.hint.endswith('pip install "forecast-cli" "tensorflow>=2.21"')
    assert "3.11 to 3.13" in caught.value.hint
    assert caught.value.code is ExitCode.DEPENDENCY


def test_keras_runs_on_tensorflow_in_float32_with_the_channels_last():
    keras, _ = load_backend()
    assert keras.backend.backend() == "tensorflow"
    assert (keras.config.floatx(), keras.config.image_data_format()) == ("float32", "channels_last")


def test_two_operators_run_side_by_side_each_with_half_of_the_processors():
    # In a process of its own: a TensorFlow that was at work before keeps its threads, and other tests start one.
    script = (
        "from forecast_cli.models.networks.backend import load_backend\n"
        "threading = load_backend().tf.config.threading\n"
        "print(threading.get_inter_op_parallelism_threads(), threading.get_intra_op_parallelism_threads())"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["2", str(max(1, count_processors() // 2))]
