import numpy as np

from forecast_cli.types import Forecast, Window


def test_the_forecast_table_has_a_row_per_series_target_and_step_in_that_order():
    point = np.arange(12, dtype=np.float32).reshape(2, 3, 2)  # (N, H, T)
    forecast = Forecast(
        series_ids=("a", "b"),
        targets=("x", "y"),
        cutoff=("c1", "c2"),
        timestamps=(("t1", "t2", "t3"), ("u1", "u2", "u3")),
        steps=(1, 2, 3),
        point=point,
        lower=point[None] - 1,
        upper=point[None] + 1,
        levels=(80,),
    )
    frame = forecast.to_frame()
    names = ["series_id", "target", "cutoff", "timestamp", "step", "forecast", "lower_80", "upper_80"]
    assert list(frame.columns) == names
    assert frame["series_id"].tolist() == ["a"] * 6 + ["b"] * 6
    assert frame["target"].tolist() == (["x"] * 3 + ["y"] * 3) * 2
    assert frame["timestamp"].tolist() == ["t1", "t2", "t3"] * 2 + ["u1", "u2", "u3"] * 2
    assert frame["step"].tolist() == [1, 2, 3] * 4
    assert frame["forecast"].tolist() == [0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11]
    assert (frame["upper_80"] - frame["lower_80"] == 2).all()


def test_a_window_reads_every_nth_row_back_to_its_reach():
    assert (Window(1440, 24, sample_every=6).inputs, Window(1440, 24, sample_every=6).reach) == (240, 1435)
    assert (Window(10, 1).inputs, Window(10, 1).reach) == (10, 10)
