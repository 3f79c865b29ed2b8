"""Numbers however they are written, or no number at all: never a wrong one, never a silent infinity."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.errors import UsageError
from forecast_cli.ingest.text.numbers import NumberForm, choose_form, is_blank, read_number, write_number
from forecast_cli.types import Columns
from tests.ingest.test_dialects import read_case, restore

FORMS = [
    NumberForm(),
    NumberForm(".", ","),
    NumberForm(".", "'"),
    NumberForm(","),
    NumberForm(",", "."),
    NumberForm(",", " "),
    NumberForm(".", unit="°C"),
    NumberForm(words=("false", "true")),
    NumberForm(missing=("x", "bad value")),
]
CELLS = st.text(alphabet="0123456789.,'- +eE°C\u00a0\u202f\u2212x", max_size=12).filter(
    lambda cell: "+-" not in cell  # which DuckDB reads as a minus
)


def read_by_duckdb(cells: list[str], form: NumberForm) -> list[float]:
    import duckdb

    query = f"SELECT {write_number('c', form)} FROM (SELECT unnest(?) AS c)"
    return [row[0] for row in duckdb.execute(query, [cells]).fetchall()]


@settings(max_examples=60, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=40), st.sampled_from(FORMS))
def test_the_database_reads_every_cell_as_the_rule_says(cells, form) -> None:
    for cell, got in zip(cells, read_by_duckdb(cells, form), strict=True):
        if is_blank(cell, form.missing):
            assert np.isnan(got), cell
        else:
            assert got == read_number(cell, form), cell


@pytest.mark.parametrize(
    ("cell", "form", "number"),
    [
        ("1,234.5", NumberForm(), 1234.5),
        ("1,234,567", NumberForm(), 1234567),
        ("1,234", NumberForm(), None),  # a decimal comma, or not: unknown
        ("1,234", NumberForm(".", ","), 1234),
        ("1,5", NumberForm(), None),
        ("1,23", NumberForm(".", ","), None),
        ("1.234,5", NumberForm(","), 1234.5),
        ("1.234", NumberForm(",", "."), 1234),
        ("1 234,5", NumberForm(",", " "), 1234.5),
        ("1\u202f234,5", NumberForm(","), 1234.5),
        ("1'234.5", NumberForm(), 1234.5),
        ("0,123", NumberForm(".", ","), None),
        ("\u22125", NumberForm(), -5),
        ("\u00a012.5\u00a0", NumberForm(), 12.5),
        ("12.3 °C", NumberForm(unit="°C"), 12.3),
        ("12.3°C", NumberForm(unit="°C"), 12.3),
        ("12.3 °F", NumberForm(unit="°C"), None),
        (">100", NumberForm(), None),
        ("1e5", NumberForm(), 100000),
        ("12 13", NumberForm(), None),
        ("on", NumberForm(words=("off", "on")), 1),
        ("on", NumberForm(), None),
        ("123456789012345678901234567890", NumberForm(), 123456789012345678901234567890.0),
    ],
)
def test_a_cell_is_its_number_or_none(cell, form, number) -> None:
    assert read_number(cell, form) == number
    assert read_by_duckdb([cell], form) == [number]


@pytest.mark.parametrize(
    ("cells", "unit"),
    [
        (["12.3 °C", "NA", "11 °C"], "°C"),
        (["45 %", "46%"], "%"),
        (["12.1V", "11.9V"], "V"),
        (["5 kWh", "6", "7 kWh"], "kWh"),
        (["5 kWh", "6 MWh"], ""),
        (["1A", "2A"], ""),  # rooms, as likely as amperes
        (["3 pieces", "4 pieces"], ""),
        (["1.5", "2.5"], ""),
    ],
)
def test_a_unit_behind_every_number_is_the_unit_of_the_column(cells, unit) -> None:
    assert choose_form(cells).unit == unit


def test_words_are_0_and_1_only_where_the_whole_column_is_so() -> None:
    assert choose_form(["TRUE", "False", "", "true"]).words == ("false", "true")
    assert choose_form(["on", "OFF", "--"]).words == ("off", "on")
    assert choose_form(["on", "off", "auto"]).words == ()
    assert choose_form(["on", "off", "1"]).words == ()
    assert choose_form(["true", "off"]).words == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("thousands_quoted.csv", [[1234.5, 12345678], [987.25, 12346912], [1050, 12347899]]),
        ("thousands_german.csv", [[1234.5, 12345678], [987.25, 12346912], [1050, 12347899]]),
        ("thousands_french.csv", [[1234.5], [987.25], [1050], [2001.75]]),
        ("thousands_swiss.csv", [[1234.5], [987.25], [1050], [2001.75]]),
    ],
)
def test_separators_of_thousands_are_recognised(reader, name, expected) -> None:
    targets = ("Flow", "Durchfluss", "débit", "flow", "Total", "Zähler")
    header = reader.read(str(Path(__file__).parent.parent / "cases" / name))[1].header
    panel = read_case(reader, name, columns=Columns(targets=tuple(n for n in targets if n in header)))
    np.testing.assert_allclose(restore(panel), expected, rtol=1e-7)


def test_units_behind_numbers_and_words_are_read_and_a_text_is_left_out(reader) -> None:
    columns = Columns(targets=("temp", "humidity", "pump", "open"))
    panel = read_case(reader, "units_in_cells.csv", columns=columns)
    assert panel.units == ("°C", "%", "", "")
    expected = [[12.3, 45, 1, 1], [-0.5, 46, 0, 0], [np.nan, 47, 1, 1], [11, 48.5, np.nan, 0], [10.75, 50, 1, 1]]
    np.testing.assert_allclose(np.where(panel.observed, restore(panel), np.nan), expected, atol=1e-6)


def test_every_usual_code_is_missing_and_a_named_one_too(reader) -> None:
    panel = read_case(reader, "several_missing_codes.csv", columns=Columns(targets=("x", "y")), missing_values=("Bad",))
    assert np.flatnonzero(panel.observed[:, 0]).tolist() == [0, 3, 6, 7]
    assert np.flatnonzero(~panel.observed[:, 1]).tolist() == [2, 5]
    assert not reader.recorder.heard("no number")


def test_a_number_that_was_named_as_missing_is_missing_however_it_is_written(reader) -> None:
    rows = ["1.5", "-9.0", "2.5", "-9", "3.5", "-9.00", "0.5", "-9.5"]
    text = "time,x\n" + "".join(f"2025-01-{k + 1:02d},{value}\n" for k, value in enumerate(rows))
    panel = reader.load(text, missing_values=("-9",))
    assert panel.observed[:, 0].tolist() == [True, False, True, False, True, False, True, True]


def test_what_no_double_holds_is_missing_and_announced(reader) -> None:
    panel = read_case(reader, "numbers_out_of_range.csv")
    assert panel.observed[:, 0].tolist() == [True, True, False, False, True, True]
    assert any("2 cells of x are infinite" in text for text in reader.recorder.warnings)


def test_a_number_that_could_be_a_thousandth_is_announced(reader) -> None:
    text = "time;x\n" + "".join(f"2025-01-{k + 1:02d};{k * 37 % 89 + 10},{k * 13 % 900 + 100}\n" for k in range(9))
    reader.load(text)
    assert any("is read as 10.100, not as 10100" in text for text in reader.recorder.warnings)


def test_whole_numbers_beside_groups_of_three_tell_thousands(reader) -> None:
    values = ["998", "1,002", "1,010", "987", "1,055", "1,001", "1,203", "1,099", "950"]
    text = "time;x\n" + "".join(f"2025-01-{k + 1:02d};{value}\n" for k, value in enumerate(values))
    np.testing.assert_allclose(restore(reader.load(text))[:, 0], [float(v.replace(",", "")) for v in values])


def test_a_decimal_sign_that_no_number_has_is_refused(reader) -> None:
    text = "time;x\n" + "".join(f"2025-01-{k + 1:02d};{k % 5}.5\n" for k in range(9))
    with pytest.raises(UsageError, match="no number has a comma"):
        reader.load(text, decimal=",")


def test_the_decimal_sign_that_was_asked_for_makes_the_other_part_thousands(reader) -> None:
    text = "time;x\n" + "".join(f"2025-01-{k + 1:02d};{k + 1}.{k + 100}\n" for k in range(9))
    np.testing.assert_allclose(restore(reader.load(text, decimal=","))[:2, 0], [1100, 2101])
    np.testing.assert_allclose(restore(reader.load(text))[:2, 0], [1.1, 2.101])


def test_one_name_above_decimal_commas_is_one_column(reader) -> None:
    panel = reader.load("Temp\n" + "".join(f"{k % 7},5\n" for k in range(20)))
    assert panel.channels == ("Temp",)
    np.testing.assert_allclose(restore(panel)[:, 0], [k % 7 + 0.5 for k in range(20)])
