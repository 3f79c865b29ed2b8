"""Directions in degrees: on the circle when averaged, sine and cosine in the panel."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.errors import DataError
from forecast_cli.ingest.grid.angles import average_angles, find_pairs, name_parts, split_angle
from forecast_cli.prepare.angles import measure_turn, to_degrees
from forecast_cli.types import Columns
from forecast_cli.workflows.delivery import fold_angles, plan_delivery

NAN = np.nan
CASES = Path(__file__).parents[1] / "cases"


def average(degrees) -> float:
    column = np.array(degrees, dtype=np.float64)
    return float(average_angles(column, np.zeros(column.size, dtype=np.int64), 1)[0])


@given(st.floats(0, 359.99), st.lists(st.floats(-60, 60), min_size=2, max_size=20))
def test_the_mean_direction_turns_with_its_values(turn, spread) -> None:
    straight, turned = average(spread), average([(turn + value) % 360 for value in spread])
    assert measure_turn(np.array(turned), np.array(straight + turn)) == pytest.approx(0, abs=1e-6)


def test_the_mean_of_359_and_3_degrees_is_1_degree() -> None:
    assert average([359, 3]) == pytest.approx(1)
    assert average([10, NAN, 350, 30]) == pytest.approx(10, abs=0.4)


def test_opposite_directions_have_no_mean_and_a_single_one_stays_as_it_was_written() -> None:
    assert np.isnan(average([0, 180]))
    assert average([NAN, 723.5]) == 723.5
    assert np.isnan(average([NAN]))


@given(st.floats(-1e4, 1e4))
def test_sine_and_cosine_lead_back_to_the_angle(degrees) -> None:
    column = np.array([degrees])
    back = to_degrees(*split_angle(column))
    assert measure_turn(back, column)[0] == pytest.approx(0, abs=1e-6)
    assert 0 <= back[0] < 360


def test_the_way_between_two_directions_is_the_shorter_one() -> None:
    np.testing.assert_allclose(
        measure_turn(np.array([350.0, 10, 90, 0]), np.array([10.0, 350, 270, 0])), [20, 20, 180, 0]
    )


def write_wind(degrees, minutes=60) -> str:
    stamps = np.datetime64("2025-01-01T00:00") + np.arange(len(degrees)) * np.timedelta64(minutes, "m")
    lines = [
        f"{s},{k * 3 % 5 + 0.5},{d},{k * 3 % 7 + 0.25}" for k, (s, d) in enumerate(zip(stamps, degrees, strict=True))
    ]
    return "\n".join(["time,speed,wdir (°),temp", *lines]) + "\n"


def test_an_angle_becomes_two_channels_in_its_place_without_a_unit(reader) -> None:
    degrees = [0, 90, "", 270, 45, 300]
    panel = reader.load(write_wind(degrees), angles=("wdir*",))
    sine, cosine = name_parts("wdir (°)")
    assert panel.targets == ("speed", "temp", sine, cosine)
    assert panel.units[2:] == ("", "")
    real = panel.values + panel.offset[0]
    np.testing.assert_allclose(real[[0, 1, 3], 2], [0, 1, -1], atol=1e-6)
    np.testing.assert_allclose(real[[0, 1, 3], 3], [1, 0, 0], atol=1e-6)
    assert panel.observed[:, 2].tolist() == panel.observed[:, 3].tolist() == [True, True, False, True, True, True]


def test_finer_directions_are_averaged_on_the_circle(reader) -> None:
    degrees = [350, 10, 30, 80, 90, 100, 355, 5, 30, 200, 210, 220]
    panel = reader.load(write_wind(degrees, 20), freq="1h", angles=("wdir (°)",))
    real = (panel.values + panel.offset[0]).astype(np.float64)
    np.testing.assert_allclose(np.hypot(real[:, 2], real[:, 3]), 1, atol=1e-6)
    np.testing.assert_allclose(to_degrees(real[:, 2], real[:, 3]), [10, 90, 9.83, 210], atol=0.2)


def test_a_column_that_is_called_like_a_part_is_refused(reader) -> None:
    text = write_wind([1, 2, 3, 4, 5, 6]).replace("speed", "wdir (°) (sin)")
    with pytest.raises(DataError, match="as a part of an angle would be"):
        reader.load(text, angles=("wdir (°)",))


def test_an_angle_may_be_a_covariate(reader) -> None:
    columns = Columns(targets=("temp",), past_covariates=("wdir*", "speed"))
    panel = reader.load(write_wind([10, 20, 30, 40, 50, 60]), columns=columns, angles=("wdir*",))
    assert panel.channels == ("temp", "speed", *name_parts("wdir (°)"))
    assert panel.n_targets == 1


def test_angles_are_handed_out_in_their_place_among_the_targets(reader) -> None:
    panel, reading = reader.read(reader.write(write_wind([10, 20, 30, 40, 50, 340])), angles=("wdir*",))
    delivery = plan_delivery(reading.options, panel.targets)
    assert find_pairs(panel.targets, reading.options.angles) == ((2, 3),)
    assert delivery.names == ("speed", "temp", "wdir (°)")
    assert delivery.name_units(panel.units) == ("", "", "°")
    folded = fold_angles((panel.values + panel.offset[0]).astype(np.float64), delivery)
    np.testing.assert_allclose(folded[:, 2], [10, 20, 30, 40, 50, 340], atol=0.002)


def test_a_station_of_three_rows_an_hour_with_a_wind_a_meter_and_a_stuck_level(reader) -> None:
    options = {"freq": "1h", "angles": ("wdir*",), "counters": ("meter*",), "aggregate": (("level*", "max"),)}
    panel, reading = reader.read(str(CASES / "wind_and_meter.csv"), **options)
    assert panel.channels == ("level [m]", "meter [m3]", *name_parts("wdir (deg)"))
    assert panel.units == ("m", "m3", "", "")
    real = np.where(panel.observed, panel.values + panel.offset[0], NAN)
    np.testing.assert_allclose(real[:, 0], [1.75, 1.75, 1.5, 1.75], atol=1e-6)  # 65535 was no level
    np.testing.assert_allclose(real[:, 1], [NAN, 7, 4, 5], atol=1e-6)  # a wrap of two bytes, then a reset
    degrees = to_degrees(real[:, 2], real[:, 3])
    np.testing.assert_allclose(degrees, [10, 90, NAN, 181], atol=1e-3)  # 270 and 90 cancel out
    assert (reading.counts["wraps"], reading.counts["resets"], reading.counts["sentinels"]) == (1, 1, 3)
