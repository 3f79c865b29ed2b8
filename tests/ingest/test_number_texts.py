"""Numbers that DuckDB prints are those that Python prints."""

import numpy as np

from forecast_cli.ingest.views.number_texts import print_numbers


def print_plainly(*columns: np.ndarray) -> list[str]:
    cells = [["" if text == "nan" else text for text in map(repr, column.tolist())] for column in columns]
    return list(map(";".join, zip(*cells, strict=True)))


def test_doubles_of_any_bits_are_printed_as_python_does() -> None:
    bits = np.random.default_rng(0).integers(0, 2**64, (2, 20_000), dtype=np.uint64)
    first, second = bits.view(np.float64)
    assert print_numbers([first], ";") == print_plainly(first)
    assert print_numbers([first, second], ";") == print_plainly(first, second)


def test_measurements_zeros_and_what_is_not_finite_are_printed_as_python_does() -> None:
    odd = [0.0, -0.0, 1.0, 1e15, 1e16, 123456789012345680.0, 1e-4, 1e-5, 5e-324, np.nan, np.inf, -np.inf]
    numbers = np.append(odd, np.random.default_rng(1).normal(20, 5, 20_000).round(3))
    assert print_numbers([numbers, numbers[::-1].copy()], ";") == print_plainly(numbers, numbers[::-1])
