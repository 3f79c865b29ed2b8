"""Numbers that DuckDB prints are those that Python prints."""

import numpy as np

from forecast_cli.ingest.views.number_texts import print_numbers


def test_doubles_of_any_bits_are_printed_as_python_does() -> None:
    bits = np.random.default_rng(0).integers(0, 2**64, 20_000, dtype=np.uint64)
    numbers = bits.view(np.float64)
    assert print_numbers(numbers) == list(map(repr, numbers.tolist()))


def test_measurements_zeros_and_what_is_not_finite_are_printed_as_python_does() -> None:
    odd = [0.0, -0.0, 1.0, 1e15, 1e16, 123456789012345680.0, 1e-4, 1e-5, 5e-324, np.nan, np.inf, -np.inf]
    numbers = np.append(odd, np.random.default_rng(1).normal(20, 5, 20_000).round(3))
    assert print_numbers(numbers) == list(map(repr, numbers.tolist()))
