import numpy as np
import pytest

from forecast_cli.errors import RefusedError
from forecast_cli.workflows import memory
from tests.panels import make_panel


def test_the_estimate_grows_with_the_data_and_not_with_the_lookback():
    small, large = make_panel(np.zeros((100, 2))), make_panel(np.zeros((1000, 2)))
    grown = memory.estimate_memory(large, True) - memory.estimate_memory(small, True)
    assert grown == 3 * 900 * 2 * 4
    assert memory.estimate_memory(small, False) < memory.estimate_memory(small, True)


def test_a_run_that_cannot_fit_is_refused_with_the_arithmetic(monkeypatch):
    monkeypatch.setattr(memory, "measure_free_memory", lambda: 100 * 2**20)
    with pytest.raises(RefusedError, match=r"3 x 1 MB of data \+ 1\.3 GB\), 100 MB are free"):
        memory.check_memory(make_panel(np.zeros(100)), True)


def test_where_free_memory_is_unknown_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "measure_free_memory", lambda: None)
    assert memory.check_memory(make_panel(np.zeros(100)), False).startswith("needs about 600 MB")


def test_free_memory_is_a_plausible_number():
    free = memory.measure_free_memory()
    assert free is None or free > 2**20
