import numpy as np
import pytest

from forecast_cli.errors import ArtifactError
from forecast_cli.models.baselines import Naive, SeasonalNaive
from forecast_cli.models.linear import Linear
from forecast_cli.models.registry import make_closed_forms
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs, gather_batch
from forecast_cli.types import Window
from tests.panels import Recorder, make_panel


def split_of(panel, window, borders):
    return make_split(panel, window, count_cutoffs(panel, window, False), borders)


def forecast_at(model, panel, row):
    return model.predict(gather_batch(panel, np.array([row]), model.lookback, model.sample_every))[0]


def test_naive_repeats_the_last_value():
    panel = make_panel(np.arange(10.0))
    assert forecast_at(Naive(Window(5, 3), 1), panel, 6)[:, 0].tolist() == [6, 6, 6]


@pytest.mark.parametrize(("delay", "expected"), [(1, [5, 6, 7, 8, 5, 6]), (3, [7, 8, 5, 6, 7, 8])])
def test_seasonal_naive_repeats_the_last_season_known_at_the_cutoff(delay, expected):
    model = SeasonalNaive(Window(8, 6, delay=delay), 1, (4,))
    panel = make_panel(np.arange(1.0, 30))
    forecast = forecast_at(model, panel, 7) + panel.offset[0]  # the cutoff is the value 8
    assert forecast[:, 0].tolist() == expected


def test_seasonal_naive_takes_the_season_that_is_best_on_validation():
    t = np.arange(600)
    panel, window = make_panel(np.sin(2 * np.pi * t / 7) + np.random.default_rng(0).normal(0, 0.1, 600)), Window(20, 5)
    split = split_of(panel, window, (300, 450, 600))
    fitted = SeasonalNaive(window, 1, (5, 7, 11)).fit(panel, split, Recorder())
    assert fitted.seasons == (7,)
    assert fitted.lookback == 7


def test_a_closed_form_comes_back_from_its_arrays_bit_for_bit():
    rng = np.random.default_rng(0)
    panel, window = make_panel(rng.normal(size=(300, 2))), Window(12, 4)
    split = split_of(panel, window, (200, 250, 300))
    for name, model in make_closed_forms(window, 2, (3, 6)).items():
        fitted = model.fit(panel, split, Recorder())
        again = make_closed_forms(window, 2, ())[name].from_arrays(fitted.to_arrays())
        batch = gather_batch(panel, np.array([250, 260]), fitted.lookback, 1)
        assert np.array_equal(fitted.predict(batch), again.predict(batch))


@pytest.mark.parametrize("arrays", [{}, {"weights": np.zeros((2, 2)), "bias": np.zeros(3)}])
def test_arrays_of_another_shape_are_refused(arrays):
    with pytest.raises(ArtifactError, match="shape"):
        Linear(Window(5, 3), 1).from_arrays(arrays)
    with pytest.raises(ArtifactError, match="shape"):
        SeasonalNaive(Window(5, 3), 1).from_arrays(arrays)


def test_one_row_alone_gets_the_forecast_it_gets_among_others():
    rng = np.random.default_rng(0)
    panel, window = make_panel(rng.normal(size=(300, 2))), Window(12, 4)
    split = split_of(panel, window, (200, 250, 300))
    rows = np.array([250, 270, 255, 281])
    for model in make_closed_forms(window, 2, (6,)).values():
        fitted = model.fit(panel, split, Recorder())
        together = fitted.predict(gather_batch(panel, rows, fitted.lookback, 1))
        for i, row in enumerate(rows):
            np.testing.assert_allclose(together[i], forecast_at(fitted, panel, row), atol=1e-5)
