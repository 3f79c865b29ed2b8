import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast_cli.frequency import format_instants
from forecast_cli.reporting.page.packing import pack_numbers, pack_places, pack_stamps


def unpack_numbers(packed):
    """Return the numbers as base.js reads them."""
    lowest, step, text = packed
    codes = np.frombuffer(base64.b64decode(text), "<i2").astype(np.float64)
    return np.where(codes == -32768, np.nan, lowest + (codes + 32767) * step)


def unpack_stamps(packed):
    """Return the printed instants as base.js puts them together."""
    numbers = np.cumsum([packed["first"], *(item for n, item in packed["runs"] for _ in range(n))])
    if packed["rows"]:
        return [str(number) for number in numbers]
    zones = [zone for n, zone in packed["zones"] for _ in range(n)]
    clocks = np.datetime_as_string(numbers.astype("datetime64[us]"))
    return [str(clock)[: packed["length"]] + zone for clock, zone in zip(clocks, zones, strict=True)]


FLOATS = st.floats(width=32, allow_infinity=False)


@given(arrays(np.float32, st.integers(0, 60), elements=FLOATS))
def test_a_number_comes_back_to_half_a_step_and_what_is_unknown_stays_unknown(values):
    packed = pack_numbers(values)
    known = np.isfinite(values)
    assert np.array_equal(np.isfinite(unpack_numbers(packed)), known)
    exact = values.astype(np.float64)[known]
    assert np.all(np.abs(unpack_numbers(packed)[known] - exact) <= 0.51 * packed[1] + 1e-12 * np.abs(exact))


def test_small_changes_on_a_large_level_stay_visible():
    values = np.array([123_456_789.12, 123_456_789.34, np.nan])
    assert np.allclose(unpack_numbers(pack_numbers(values))[:2], values[:2], rtol=0, atol=1e-6)


def test_a_number_takes_under_three_characters():
    assert len(pack_numbers(np.random.default_rng(0).normal(size=9_000))[2]) < 27_000


@pytest.mark.parametrize(
    ("origin", "freq", "tz"),
    [
        (None, "1row", None),
        (np.datetime64("2026-10-24T00:00:00", "us"), "1h", "Europe/Berlin"),
        (np.datetime64("2026-10-24T00:00:00", "us"), "10min", None),
        (np.datetime64("2026-10-24T00:00:00", "us"), "15min", "+05:30"),
        (np.datetime64("2026-01-01T00:00:00", "us"), "1MS", None),
        (np.datetime64("1960-02-27T00:00:00", "us"), "1D", None),
        (np.datetime64("1969-12-31T23:59:59", "us"), "20ms", "Z"),
    ],
)
def test_every_printed_instant_comes_back_as_it_was(origin, freq, tz):
    stamps = format_instants(origin, freq, tz, list(range(60)))
    assert unpack_stamps(pack_stamps(stamps)) == stamps


def test_a_regular_grid_is_one_run_however_long():
    stamps = format_instants(np.datetime64("2026-01-01", "us"), "1h", "Z", list(range(5_000)))
    assert pack_stamps(stamps) == {
        "rows": False,
        "first": 1_767_225_600_000_000,
        "runs": [[4_999, 3_600_000_000]],
        "length": 19,
        "zones": [[5_000, "Z"]],
    }


@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=50))
def test_row_numbers_come_back_whatever_their_steps(rows):
    assert unpack_stamps(pack_stamps([str(row) for row in rows])) == [str(row) for row in rows]


def test_places_come_back():
    places = np.array([0, 3, 70_000])
    assert np.array_equal(np.frombuffer(base64.b64decode(pack_places(places)), "<i4"), places)
