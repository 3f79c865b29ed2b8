from __future__ import annotations

from typing import Any

from forecast_cli.wording import describe_windows

SHAPE: dict[str, Any] = {"lookback": 60, "horizon": 24}


def test_the_windows_of_a_comparison_are_a_sentence():
    many = {"n_windows": 1395, "first_cutoff": "2025-02-19T23:00:00", "last_cutoff": "2025-03-01T00:00:00", **SHAPE}
    sentence = "1,395 windows, cutoffs 2025-02-19T23:00:00 to 2025-03-01T00:00:00, lookback 60, horizon 24"
    assert describe_windows(many) == sentence
    one = {"n_windows": 1, "first_cutoff": "40", "last_cutoff": "40", **SHAPE}
    assert describe_windows(one) == "1 window, cutoff 40, lookback 60, horizon 24"
