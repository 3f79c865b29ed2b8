"""What one cell is."""

import pytest

from forecast_cli.ingest.text.cells import classify_cell, is_missing
from forecast_cli.ingest.text.units import is_bracketed, is_unit


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "",
            " ",
            "NA",
            "N/A",
            "n/a",
            "--",
            "-",
            "null",
            "NaN",
            "#N/A",
            "#DIV/0!",
            "#VALUE!",
            "?",
            "no data",
            "Missing",
        ),
        *("NaT", "1.#QNAN", "<NA>", "None", "****"),
    ],
)
def test_the_usual_codes_mean_no_value(cell) -> None:
    assert is_missing(cell)
    assert classify_cell(cell) == "missing"


@pytest.mark.parametrize("cell", ["0", "-0", "-1", "error", "N", "A", "nano", "missing 3", "no", "off", "x"])
def test_other_cells_are_values(cell) -> None:
    assert not is_missing(cell)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        *(("1.5", "number"), ("-2e3", "number"), ("1,5", "text"), ("2025-01-31 06:00", "stamp"), ("06:00", "stamp")),
        *(("31.01.2025", "stamp"), ("A7", "text"), ("12 °C", "text")),
    ],
)
def test_a_cell_is_a_number_a_stamp_or_text(cell, kind) -> None:
    assert classify_cell(cell) == kind


@pytest.mark.parametrize(
    "text",
    [
        *("°C", "%", "m/s", "m3/h", "µg/m³", "W/m^2", "kWh", "mS cm-1", "Deg C", "Volts", "meters/second", "[bar]"),
        *("l/s", "mg/l", "hPa", "kW·h", "1/min", "rpm", "counts", "degC"),
    ],
)
def test_units_are_recognised(text) -> None:
    assert is_unit(text)


@pytest.mark.parametrize("text", ["", "1", "x", "temp", "flow", "Logger 4711", "North", "2025-01-01", "time", "3.5"])
def test_names_are_no_units(text) -> None:
    assert not is_unit(text)


def test_brackets_around_all_of_a_cell_are_told_from_brackets_within() -> None:
    assert is_bracketed("[rpm]")
    assert not is_bracketed("flow [rpm]")
