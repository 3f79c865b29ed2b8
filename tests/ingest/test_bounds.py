"""Physical bounds: exact names, the history beyond them counted, forecasts inside them as scored and as delivered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.errors import DataError, UsageError
from forecast_cli.models.baselines import Naive
from forecast_cli.models.bounded import Bounded, bind
from forecast_cli.prepare.scaling import fit_scaler, scale_panel, unscale
from forecast_cli.prepare.windows import gather_batch
from forecast_cli.types import Conformal, Forecast, ReadingOptions, Window
from forecast_cli.workflows.delivery import deliver, plan_delivery
from tests.panels import make_panel

WINDOW = Window(4, 2)
TEXT = "time,flow,temp\n" + "".join(f"2025-01-01 {k:02d}:00,{k * 3 % 7 - 1},{k * 5 % 11 + 0.5}\n" for k in range(24))


def test_a_bound_without_a_name_is_for_all_targets_and_a_named_one_outranks_it(reader) -> None:
    _, reading = reader.read(reader.write(TEXT), minimum=(("fl*", -5.0), ("*", 0.0)), maximum=(("temp", 9.0),))
    assert dict(reading.options.minimum) == {"flow": -5.0, "temp": 0.0}
    assert reading.options.maximum == (("temp", 9.0),)


def test_history_beyond_a_bound_is_kept_and_counted(reader) -> None:
    panel = reader.load(TEXT, minimum=(("flow", 0.0),), maximum=(("temp", 10.0),))
    assert panel.observed.all()
    assert (panel.values + panel.offset[0]).min(axis=0).tolist() == [-1, 0.5]
    assert reader.recorder.heard("4 values of flow lie below its --min, 2 values of temp above its --max: kept")


def test_a_bound_of_something_that_is_no_column_is_refused(reader) -> None:
    with pytest.raises(DataError, match="no column 'flwo'"):
        reader.load(TEXT, minimum=(("flwo", 0.0),))


def test_bounds_that_leave_no_room_are_refused_before_any_file_is_read(reader) -> None:
    with pytest.raises(UsageError, match="--min 5 is not below --max 5"):
        reader.read("no such file", minimum=(("*", 5.0),), maximum=(("*", 5.0),))


@given(st.lists(st.floats(-50, 50), min_size=8, max_size=8), st.floats(-20, 0), st.floats(1, 20))
def test_bounded_forecasts_lie_inside_and_those_inside_are_left_as_they_are(values, low, high) -> None:
    panel = make_panel(np.array(values), np.array(values[::-1]) * 3 + 7)
    scaler = fit_scaler(panel, 8, 4)
    model = Naive(WINDOW, 1)
    bounded = bind(model, np.array([low]), np.array([high]), scaler)
    batch = gather_batch(scale_panel(panel, scaler), np.array([5, 13]), 1, 1)
    free, kept = (unscale(each.predict(batch), scaler) for each in (model, bounded))
    reach = 1e-5 * (np.abs(scaler.loc) + scaler.scale).max()
    assert kept.min() >= low - reach
    assert kept.max() <= high + reach
    np.testing.assert_allclose(kept, np.clip(free, low, high), atol=reach)


def test_a_model_without_bounds_is_left_as_it_is_and_a_bounded_one_has_its_sizes() -> None:
    panel = make_panel(np.arange(10.0))
    scaler, model = fit_scaler(panel, 10, 4), Naive(WINDOW, 1)
    assert bind(model, np.array([-np.inf]), np.array([np.inf]), scaler) is model
    bounded = bind(model, np.array([0.0]), np.array([np.inf]), scaler)
    assert isinstance(bounded, Bounded)
    assert (bounded.lookback, bounded.sample_every, bounded.parameters) == (1, 1, 0)


def make_forecast(targets, point, radius) -> Forecast:
    """Return one series' forecast of one step, with intervals of two levels."""
    point, radius = np.array(point, dtype=float).reshape(1, 1, -1), np.array(radius).reshape(2, 1, 1, 1)
    return Forecast(
        series_ids=("a",),
        targets=targets,
        cutoff=("2025-01-01T00:00:00",),
        timestamps=(("2025-01-01T01:00:00",),),
        steps=(1,),
        point=point,
        lower=point[None] - radius,
        upper=point[None] + radius,
        levels=(80, 95),
    )


def test_forecast_and_intervals_are_clipped_on_the_way_out() -> None:
    how = plan_delivery(ReadingOptions(minimum=(("a", 0.0),), maximum=(("b", 10.0),)), ("a", "b"))
    shown = deliver(make_forecast(("a", "b"), [-1, 9], [2, 5]), how, Conformal(np.full((99, 1, 2), np.nan), 0))
    assert shown.point[0, 0].tolist() == [0, 9]
    assert shown.lower[:, 0, 0].tolist() == [[0, 7], [0, 4]]
    assert shown.upper[:, 0, 0].tolist() == [[1, 10], [4, 10]]


def test_an_angle_is_delivered_in_degrees_with_the_radius_of_its_own_errors() -> None:
    options = ReadingOptions(angles=("dir",))
    how = plan_delivery(options, ("dir (sin)", "dir (cos)", "speed"))
    percentiles = np.full((99, 1, 1), np.nan)
    percentiles[79], percentiles[94] = 20.0, 180.0
    conformal = Conformal(np.full((99, 1, 3), np.nan), 40, percentiles)
    turned = np.radians(350)
    shown = deliver(
        make_forecast(("dir (sin)", "dir (cos)", "speed"), [2 * np.sin(turned), 2 * np.cos(turned), 3], [1, 2]),
        how,
        conformal,
    )
    assert shown.targets == ("dir", "speed")
    np.testing.assert_allclose(shown.point[0, 0], [350, 3])
    np.testing.assert_allclose(shown.lower[:, 0, 0, 0], [330, np.nan])  # 180 degrees say nothing
    np.testing.assert_allclose(shown.upper[:, 0, 0, 0], [10, np.nan])  # through north
    np.testing.assert_allclose(shown.lower[:, 0, 0, 1], [2, 1])


def test_an_unknown_part_leaves_the_angle_empty() -> None:
    how = plan_delivery(ReadingOptions(angles=("dir",)), ("dir (sin)", "dir (cos)"))
    shown = deliver(
        make_forecast(("dir (sin)", "dir (cos)"), [np.nan, 1], [1, 2]),
        how,
        Conformal(np.zeros((99, 1, 2)), 40, np.zeros((99, 1, 1))),
    )
    assert np.isnan(shown.point).all()
    assert np.isnan(shown.upper).all()
