from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from forecast_cli.reporting.sparkline import average_stretches, draw_sparkline


def test_the_least_value_stands_at_the_bottom_and_the_greatest_at_the_top():
    assert draw_sparkline([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]) == "▁▂▃▄▅▆▇█"
    assert draw_sparkline([1e308, -1e308]) == "█▁"


def test_a_stretch_without_a_value_is_blank_and_a_constant_lies_in_the_middle():
    assert draw_sparkline([1.0, None, 2.0, None]) == "▁ █"
    assert draw_sparkline([5.0, 5.0]) == "▅▅"
    assert draw_sparkline([None, None]) == ""
    assert draw_sparkline([]) == ""


def test_lines_of_one_span_can_be_compared_and_a_blank_can_be_seen():
    assert draw_sparkline([0.0, 3.5], (0.0, 7.0)) == "▁▅"
    assert draw_sparkline([-1.0, None, 9.0], (0.0, 7.0), "·") == "▁·█"


def test_stretches_are_means_of_equal_length_and_unknown_where_nothing_is_known():
    assert average_stretches([1.0, 3.0, None, 5.0, None, None], 3) == [2.0, 5.0, None]
    assert average_stretches([1.0, 2.0], 40) == [1.0, 2.0]
    assert average_stretches([], 40) == []
    assert average_stretches([1e308, 1e308], 1) == [1e308]


@given(st.lists(st.floats(-1e9, 1e9), min_size=1), st.integers(1, 50))
@example([5e-324, 5e-324], 1)
def test_stretches_lie_between_the_least_and_the_greatest_value(values, most):
    means = average_stretches(values, most)
    assert len(means) == min(most, len(values))
    slack = 1e-9 * max(map(abs, values))
    assert all(min(values) - slack <= mean <= max(values) + slack for mean in means)
