"""Plain decimals are read bit for bit as Python reads them, and whatever is none is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.ingest.scan.plain_numbers import read_numbers
from forecast_cli.ingest.scan.plain_words import Bench, NotPlainError, find_cells, strip_returns

NUMBERS = [
    *("0", "7", "-0", "-0.0", "0.0", "00012", "5.", ".5", "-5.", "-.5", "0.1", "-0.3", "12345678", "123456789"),
    *("1234567.8", "12345678.9", "0.12345678", "0.123456789", "1234567890123456", "-1234567890123456"),
    *("9007199254740991", "9007199254740.99", ".900719925474099", "123456.789012345", "-123456.78901234"),
    *("000000000000.001", "99999999.9999999", "-99999999.999999", "1.", "10000000", "1000000.", "0000000.1"),
]
OTHERS = [
    *("-", ".", "-.", "..", "1..2", "1.2.3", "--1", "1-2", "-1-", "1e5", "1E5", "+1", "inf", "nan", "NA", " 1", "1 "),
    *(
        "900719925474099.1",
        "1_000",
        "1,5",
        "0x10",
        "12:30",
        "1/2",
        "9007199254740993",
        "12345678901234567",
        "123456789.12345678",
    ),
    *("12345678.12345.78", "1234567.1234567.", "20-5", "2\u00b2", "\x00", "1\r", "12345678-9", ".-5", "-+5"),
]


def read(cells: list[str], point: str = ".", end: str = "\n") -> list[float]:
    """Return the numbers of one column, between two others."""
    text = "".join(f"ab;{cell};9{end}" for cell in cells).encode()
    bench, out = Bench(len(text)), np.empty((1, len(cells)))
    places = find_cells(bench, bench.lay(np.frombuffer(text, dtype=np.uint8)), ord(";"), 3)
    if end == "\r\n":
        strip_returns(bench, places)
    read_numbers(bench, places[1:2], places[2:3], point, out)
    return out[0].tolist()


def write_bits(numbers: list[float]) -> list[str]:
    return [number.hex() for number in numbers]


@pytest.mark.parametrize("cell", NUMBERS)
def test_a_number_is_what_python_makes_of_it(cell) -> None:
    assert write_bits(read([cell])) == write_bits([float(cell)])
    assert write_bits(read(["1.5", cell, "-22.25", ""]))[:3] == write_bits([1.5, float(cell), -22.25])


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_all_of_them_stand_side_by_side(end) -> None:
    assert write_bits(read(NUMBERS, end=end)) == write_bits([float(cell) for cell in NUMBERS])
    pointed = [cell.replace(".", ",") for cell in NUMBERS]
    assert write_bits(read(pointed, ",", end)) == write_bits([float(cell) for cell in NUMBERS])


@pytest.mark.parametrize("others", [[], ["12"], ["12345678.25"], ["-3"]])
@pytest.mark.parametrize("cell", OTHERS)
def test_what_is_no_plain_number_is_refused(cell, others) -> None:
    with pytest.raises(NotPlainError):
        read([*others, cell])


def test_the_other_decimal_sign_is_refused() -> None:
    with pytest.raises(NotPlainError):
        read(["1.5"], ",")


def test_empty_cells_are_missing_wherever_they_stand() -> None:
    found = read(["", "1.5", "", "123456789.5", ""])
    assert [math.isnan(value) for value in found] == [True, False, True, False, True]
    assert found[1::2] == [1.5, 123456789.5]


decimals = st.tuples(st.booleans(), st.integers(0, 2**53 - 1), st.integers(0, 15)).map(
    lambda parts: f"{'-' if parts[0] else ''}{write_digits(parts[1], parts[2])}"
)


def write_digits(digits: int, places: int) -> str:
    text = str(digits)[: 15 if places else 16].rjust(places, "0")
    return f"{text[: len(text) - places]}.{text[len(text) - places :]}" if places else text


@given(st.lists(st.one_of(decimals, st.floats(-1e6, 1e6).map(lambda x: f"{x:.4f}"), st.just("")), min_size=1))
def test_any_plain_numbers_are_read_bit_for_bit(cells) -> None:
    assert write_bits(read(cells)) == write_bits([float(cell or "nan") for cell in cells])


@given(st.lists(st.text("0123456789.-+eE ,na:", max_size=18), min_size=1, max_size=5))
def test_no_text_is_taken_for_another_number(cells) -> None:
    try:
        found = read(cells)
    except NotPlainError:
        return
    assert write_bits(found) == write_bits([float(cell or "nan") for cell in cells])
