"""The shortest decimal of a float32 is the one that NumPy prints, whatever the size of the number."""

import numpy as np

from forecast_cli.prepare.shortest import shorten


def print_digits(values: np.ndarray) -> np.ndarray:
    """Return the doubles of the digits that NumPy prints."""
    return values.astype(str).astype(np.float64)


def test_random_float32_of_any_size_become_the_double_of_their_shortest_digits() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 2**32, 100_000, dtype=np.uint32).view(np.float32)
    values = values[~np.isnan(values)]
    np.testing.assert_array_equal(shorten(values), print_digits(values))


def test_measurements_become_the_double_of_their_shortest_digits() -> None:
    rng = np.random.default_rng(1)
    values = (rng.normal(20, 5, 100_000) * rng.choice([1e-3, 1, 1e3, 1e6], 100_000)).astype(np.float32)
    np.testing.assert_array_equal(shorten(values), print_digits(values))


def test_zeros_powers_of_ten_and_what_is_not_finite_stay_what_they_are() -> None:
    values = np.array([[0.0, -0.0, np.nan], [np.inf, -np.inf, 1.0]], np.float32)
    np.testing.assert_array_equal(shorten(values), values.astype(np.float64))
    assert np.signbit(shorten(values)[0, 1])
    powers = 10.0 ** np.arange(-40, 39)
    np.testing.assert_array_equal(shorten(powers.astype(np.float32)), print_digits(powers.astype(np.float32)))


def test_few_digits_come_out_as_they_were_written() -> None:
    written = [0.1, 0.12, -3.3, 20.5, 1e-4, 99999.9, 123456.0, 16777216.0]
    assert shorten(np.array(written, np.float32)).tolist() == written
