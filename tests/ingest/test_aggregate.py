"""Several rows in one step become one value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.errors import DataError, UsageError
from forecast_cli.ingest.grid.aggregate import aggregate
from forecast_cli.types import Columns
from tests.ingest.test_grid import restore

NAN = np.nan
PLAIN = {
    "mean": np.mean,
    "sum": np.sum,
    "last": lambda values: values[-1],
    "min": np.min,
    "max": np.max,
    "std": lambda values: np.std(values) if len(values) > 1 else NAN,
}


@given(
    st.sampled_from(sorted(PLAIN)),
    st.lists(st.tuples(st.integers(0, 6), st.one_of(st.just(NAN), st.floats(-1e6, 1e6))), max_size=40),
)
def test_every_aggregate_agrees_with_a_plain_loop(how, rows) -> None:
    rows = sorted(rows, key=lambda row: row[0])
    cells, column = np.array([c for c, _ in rows], dtype=np.int64), np.array([v for _, v in rows], dtype=np.float64)
    expected = np.full(7, NAN)
    for cell in range(7):
        values = [value for place, value in rows if place == cell and not np.isnan(value)]
        if values:
            expected[cell] = PLAIN[how](values)
    np.testing.assert_allclose(aggregate(column, cells, 7, how), expected, rtol=1e-9, atol=1e-6)


def test_the_mean_of_a_large_meter_keeps_its_cents() -> None:
    column = np.array([123_456_789.12, 123_456_789.14])
    assert aggregate(column, np.array([0, 0]), 1, "mean")[0] == pytest.approx(123_456_789.13, abs=2e-8)


def write_minutes(values) -> str:
    """Return a table of two columns, a row every 20 minutes: three rows an hour."""
    lines = [f"2025-01-01 {k // 3:02d}:{k % 3 * 20:02d}:00,{value},{value}" for k, value in enumerate(values)]
    return "\n".join(["time,rain,temp", *lines]) + "\n"


VALUES = [1.5, 2, 4.5, 0, 0.5, 1, 9, 6, 3.25, 2, 1, 0.75]


@pytest.mark.parametrize(
    ("asked", "rain", "temp"),
    [
        ((), np.mean, np.mean),
        ((("*", "max"),), np.max, np.max),
        ((("rain", "sum"),), np.sum, np.mean),
        ((("rain", "sum"), ("*", "min")), np.sum, np.min),  # a name outranks *
        ((("r*", "std"),), np.std, np.mean),
    ],
)
def test_finer_rows_are_aggregated_column_by_column(reader, asked, rain, temp) -> None:
    panel = reader.load(write_minutes(VALUES), freq="1h", aggregate=asked)
    hours = np.array(VALUES).reshape(4, 3)
    real = panel.values + panel.offset[0]
    assert panel.channels == ("rain", "temp")
    np.testing.assert_allclose(real[:, 0], rain(hours, axis=1), rtol=1e-6)
    np.testing.assert_allclose(real[:, 1], temp(hours, axis=1), rtol=1e-6)


def test_what_became_of_the_rows_is_said_in_the_words_of_the_aggregate(reader) -> None:
    reader.load(write_minutes(VALUES), freq="1h", aggregate=(("*", "sum"),))
    assert reader.recorder.heard("aggregated from 20min to 1h: added up")
    reader.load(write_minutes(VALUES), freq="1h", aggregate=(("rain", "sum"),))
    assert reader.recorder.heard("as --aggregate says, else averaged")


def test_conflicting_rows_of_one_instant_follow_the_aggregate_and_repetitions_do_not_count_twice(reader) -> None:
    rows = ["00:00,1.5", "01:00,2", "01:00,2", "01:00,5", "02:00,3.5", "03:00,1", "04:00,0.5"]
    text = "time,x\n" + "".join(f"2025-01-01 {row}\n" for row in rows)
    panel = reader.load(text, aggregate=(("x", "sum"),))
    assert restore(panel) == [1.5, 7, 3.5, 1, 0.5]
    assert reader.recorder.heard("1 row repeats an instant with other values: as --aggregate says")


def test_the_options_of_the_reading_hold_exact_names_and_read_new_data_alike(reader) -> None:
    path = reader.write(write_minutes(VALUES))
    panel, reading = reader.read(path, freq="1h", aggregate=(("*", "mean"), ("r?in", "sum")))
    assert dict(reading.options.aggregate) == {"rain": "sum", "temp": "mean"}
    again, _ = reader.read(path, columns=reading.options.columns, freq="1h", aggregate=reading.options.aggregate)
    assert again.values.tobytes() == panel.values.tobytes()


def test_a_spread_of_single_rows_is_refused_since_nothing_is_known(reader, hourly) -> None:
    panel = reader.load(write_minutes(VALUES[:11]), freq="1h", aggregate=(("temp", "std"),))
    assert panel.observed[:, 1].tolist() == [True] * 4
    panel = reader.load(write_minutes(VALUES[:10]), freq="1h", aggregate=(("temp", "std"),))
    assert panel.observed[:, 1].tolist() == [True, True, True, False]


def test_a_name_that_is_no_column_is_refused_with_the_one_that_was_meant(reader) -> None:
    path = reader.write(write_minutes(VALUES))
    with pytest.raises(DataError, match="no column 'rian'") as caught:
        reader.read(path, aggregate=(("rian", "sum"),))
    assert "'rain'" in caught.value.hint


@pytest.mark.parametrize(
    "options",
    [
        {"counters": ("rain",), "aggregate": (("rain", "sum"),)},
        {"angles": ("rain",), "aggregate": (("rain", "max"),)},
        {"angles": ("rain",), "counters": ("r*",)},
        {"angles": ("rain",), "minimum": (("rain", 0.0),)},
        {"minimum": (("*", 5.0),), "maximum": (("temp", 5.0),)},
        {"minimum": (("temp", 5.0),), "maximum": (("temp", 4.0),)},
    ],
)
def test_what_makes_no_sense_for_a_column_is_a_usage_error(reader, options) -> None:
    path = reader.write(write_minutes(VALUES))
    with pytest.raises(UsageError):
        reader.read(path, freq="1h", **options)


def test_a_flag_for_a_column_that_is_not_read_is_said_to_have_no_effect(reader) -> None:
    reader.load(write_minutes(VALUES), freq="1h", angles=("rain",), columns=Columns(targets=("temp",)))
    assert reader.recorder.heard("--angle rain has no effect: not read")


def test_a_sum_that_no_float32_holds_is_missing_and_said(reader) -> None:
    stamps = np.datetime64("2025-01-01") + np.arange(90) * np.timedelta64(2, "m")
    text = "time,x\n" + "".join(f"{s},{1e38 if k < 30 else k}\n" for k, s in enumerate(stamps))
    panel = reader.load(text, freq="1h", aggregate=(("x", "sum"),))
    assert panel.observed[:, 0].tolist() == [False, True, True]
    assert np.isfinite(panel.values[1:]).all()
    assert any("1 step of x comes to beyond 1e38" in warning for warning in reader.recorder.warnings)
