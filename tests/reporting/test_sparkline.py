from __future__ import annotations

from forecast_cli.reporting.sparkline import draw_sparkline


def test_the_least_value_stands_at_the_bottom_and_the_greatest_at_the_top():
    assert draw_sparkline([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]) == "▁▂▃▄▅▆▇█"
    assert draw_sparkline([1e308, -1e308]) == "█▁"


def test_a_stretch_without_a_value_is_blank_and_a_constant_lies_in_the_middle():
    assert draw_sparkline([1.0, None, 2.0, None]) == "▁ █"
    assert draw_sparkline([5.0, 5.0]) == "▅▅"
    assert draw_sparkline([None, None]) == ""
    assert draw_sparkline([]) == ""
