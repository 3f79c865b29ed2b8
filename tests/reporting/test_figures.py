import math

import pytest

from forecast_cli.reporting.figures import show_count, show_number, show_percent, show_text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.08761234, "0.08761"),
        (12.3456, "12.35"),
        (123_456.7, "123,457"),
        (-3.4, "-3.400"),
        (0, "0"),
        (1e-9, "1.000e-09"),
        (2.5e12, "2.500e+12"),
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_a_number_is_shown_with_four_digits_or_a_dash(value, shown):
    assert show_number(value) == shown


def test_counts_and_shares_are_shown_with_a_dash_where_unknown():
    assert (show_count(123_456), show_count(None)) == ("123,456", "–")
    assert (show_percent(78.94), show_percent(math.nan)) == ("78.9 %", "–")


def test_what_would_be_invisible_or_turn_the_reading_direction_is_spelt_out():
    assert show_text("a\x1b[31m\u202eb\nc\u200d\ud800") == r"a\x1b[31m\u202eb\nc\u200d\ud800"


def test_names_in_any_script_stay_as_they_are():
    assert show_text("Zulauf µS/cm 温度 температура") == "Zulauf µS/cm 温度 температура"
