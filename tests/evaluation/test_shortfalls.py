import numpy as np
import pytest

from forecast_cli.evaluation.shortfalls import find_shortfalls
from forecast_cli.types import IntervalScores
from tests.scores import make_scores

LEVELS = (80, 95)


def simulate(rng, horizon, n, m, widening):
    """Return scores of intervals calibrated on m cutoffs and tested on n, whose errors are wider by a factor."""
    windows = np.abs(np.lib.stride_tricks.sliding_window_view(rng.standard_normal(n + m + 2 * horizon), horizon))
    calibration, test = np.sort(windows[:m], axis=0), widening * windows[m + horizon : m + horizon + n]
    radii = [calibration[int(np.ceil((m + 1) * level / 100)) - 1] for level in LEVELS]
    inside = np.array([(test <= radius).mean(axis=1) for radius in radii])
    cells = np.ones((len(LEVELS), 1, 1, horizon))
    counts = np.full(inside.shape, horizon)
    intervals = IntervalScores("mine", LEVELS, cells, cells, cells, cells.astype(np.int64), inside, counts)
    return make_scores(("mine",), np.ones((1, 1, 1, horizon)), losses=np.ones((1, n)), intervals=intervals)


def share_of_warnings(horizon, n, m, widening, rounds=150):
    rng = np.random.default_rng(2)
    found = [find_shortfalls(simulate(rng, horizon, n, m, widening), horizon, m) for _ in range(rounds)]
    return np.array([np.mean([level in each for each in found]) for level in LEVELS])


@pytest.mark.parametrize(("horizon", "n", "m"), [(12, 300, 150), (1, 200, 100), (24, 100, 50)])
def test_of_intervals_that_are_as_good_as_they_say_chance_is_seldom_blamed(horizon, n, m):
    assert (share_of_warnings(horizon, n, m, 1.0) <= 0.07).all()  # 2.5 % is meant


def test_intervals_that_became_too_narrow_are_found():
    assert (share_of_warnings(12, 480, 240, 1.4, rounds=50) >= 0.9).all()


def test_the_coverage_that_was_measured_is_told():
    scores = simulate(np.random.default_rng(0), 4, 400, 200, 3.0)
    found = find_shortfalls(scores, 4, 200)
    assert found == pytest.approx(dict(zip(LEVELS, 100 * scores.intervals.inside_by_cutoff.mean(axis=1), strict=True)))


def test_of_too_few_cutoffs_or_no_intervals_nothing_is_said():
    assert find_shortfalls(simulate(np.random.default_rng(0), 12, 23, 100, 9.0), 12, 100) == {}
    assert find_shortfalls(make_scores(("mine",), np.ones((1, 1, 1, 2))), 2, 100) == {}
