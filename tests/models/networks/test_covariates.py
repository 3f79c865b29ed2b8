"""Networks that read more than history: learnt from it, exported with it, and opened without trust."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.errors import ArtifactError, UsageError
from forecast_cli.models.layers import InputShape
from forecast_cli.models.networks.export import check_onnx, export_onnx
from forecast_cli.models.notation import parse_network
from forecast_cli.models.reads import describe_reads, measure_inputs
from forecast_cli.models.runtime import open_network
from forecast_cli.prepare.inputs import gather_inputs
from forecast_cli.types import Split, Window
from tests.models.networks.conftest import train_small
from tests.panels import make_panel

LINE = (
    "PerChannel | SubtractLast | Cycle(24) | Observed | Future(8) | SeriesEmbedding(2) | StaticEmbedding(2) "
    "| Conv1D(4, 3) | GRU(4)"
)
WINDOW = Window(6, 3)
ROWS = 300


def make_shop(factor=3.0, seed=0):
    """Return two series that are a multiple of a tariff nobody can foresee, save that it is known ahead."""
    rng = np.random.default_rng(seed)
    tables = []
    for _ in range(2):
        tariff = rng.choice([-1.0, 1.0], size=ROWS)
        tables.append(np.stack([factor * tariff + rng.normal(scale=0.05, size=ROWS), tariff], axis=1))
    panel = make_panel(*tables, ids=("a", "b"), n_targets=1)
    whole = replace(panel, values=panel.values + panel.offset.astype(np.float32).repeat(ROWS, axis=0))
    return replace(whole, offset=0 * panel.offset, n_future=1, statics={"site": ("north", "south")})


def split_shop():
    cutoffs = [np.arange(10 + begin, 10 + end) for begin in (0, ROWS) for end in (200,)]
    later = [np.arange(begin + 220, begin + ROWS - 4) for begin in (0, ROWS)]
    return Split(
        np.concatenate([cutoffs[0], np.arange(ROWS + 10, ROWS + 210)]),
        np.concatenate(later),
        later[0],
        (215, 260, ROWS),
    )


@pytest.fixture(scope="module")
def fitted():
    network = parse_network(LINE)
    return train_small(make_shop(), split_shop(), network=network, window=WINDOW, epochs=12, learning_rate=0.02)


@pytest.fixture(scope="module")
def exported(fitted, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "network.onnx"
    export_onnx(fitted, path)
    return path


def test_a_target_that_follows_a_tariff_is_forecast_from_the_tariff_ahead(fitted):
    panel, rows = make_shop(seed=1), np.arange(20, 280)
    forecast = fitted.predict(gather_inputs(panel, rows, fitted))[:, :, 0]
    tariff = panel.values[rows[:, None] + [1, 2, 3], 1]
    assert np.abs(forecast - 3 * tariff).mean() < 0.6  # 3 without a look ahead
    told = panel.values.copy()
    told[:, 1] *= -1
    history = gather_inputs(panel, rows, fitted)
    turned = gather_inputs(replace(panel, values=told), rows, fitted)
    mirrored = fitted.predict(replace(history, beside={**history.beside, "future": turned.beside["future"]}))[:, :, 0]
    assert np.abs(mirrored + 3 * tariff).mean() < 0.6  # the same history, the other tariff


def test_a_forecaster_says_what_it_reads_once_it_is_fitted(fitted):
    assert fitted.reads.inputs == ("history", "observed", "future", "series", "statics", "phase")
    assert fitted.reads.series_ids == ("a", "b")
    assert fitted.reads.categories == {"site": ("north", "south")}
    assert (fitted.reads.horizon, fitted.reads.cycle) == (3, 24)


def test_onnx_forecasts_the_same_from_all_inputs_and_for_what_it_never_saw(fitted, exported):
    panel, rows = make_shop(), np.array([50, 70, ROWS + 90])
    strange = replace(panel, series_ids=("a", "x"), statics={"site": ("west", "south")})
    for each in (panel, strange):
        assert check_onnx(exported, fitted, gather_inputs(each, rows, fitted)) < 1e-5


def test_series_and_category_each_move_the_forecast(fitted):
    panel, rows = make_shop(), np.array([50])
    forecasts = [
        fitted.predict(gather_inputs(replace(panel, **changes), rows, fitted))
        for changes in (
            {},
            {"series_ids": ("b", "a")},
            {"series_ids": ("x", "b")},
            {"statics": {"site": ("south", "")}},
        )
    ]
    assert all(not np.allclose(forecasts[0], other, atol=1e-6) for other in forecasts[1:])


def test_the_opened_file_forecasts_as_the_trained_network(fitted, exported):
    panel, rows = make_shop(), np.arange(20, 60)
    reads = describe_reads(fitted.network, WINDOW, panel)
    opened = open_network(exported.read_bytes(), WINDOW, measure_inputs(panel), reads, fitted.parameters)
    batch = gather_inputs(panel, rows, opened)
    np.testing.assert_allclose(opened.predict(batch), fitted.predict(batch), atol=1e-4)


@pytest.mark.parametrize(
    "change",
    [
        {"shape": InputShape(2, 1, 6, 2, (2,))},
        {"shape": InputShape(3, 1, 7, 2, (2,))},
        {"shape": InputShape(2, 1, 7, 2, (2, 2))},
        {"reads": ("history", "observed", "future", "series", "statics")},
        {"reads": ("history",)},
        {"window": Window(7, 3)},
        {"window": Window(6, 4)},
    ],
    ids=["future", "channels", "statics", "one input too many", "five too many", "lookback", "horizon"],
)
def test_a_file_whose_inputs_are_not_the_models_is_refused(fitted, exported, change):
    panel, window = make_shop(), change.get("window", WINDOW)
    reads = describe_reads(fitted.network, WINDOW, panel)
    reads = replace(reads, inputs=change.get("reads", reads.inputs))
    with pytest.raises(ArtifactError, match="the model says"):
        open_network(exported.read_bytes(), window, change.get("shape", measure_inputs(panel)), reads, 1)


def test_a_file_that_asks_for_less_than_the_model_says_is_refused(trained, tmp_path):
    export_onnx(trained, tmp_path / "network.onnx")
    panel = make_panel(np.arange(60.0).reshape(30, 2))
    reads = replace(trained.reads, inputs=("history", "series"))
    with pytest.raises(ArtifactError, match="the model says"):
        open_network((tmp_path / "network.onnx").read_bytes(), trained.window, measure_inputs(panel), reads, 1)


@pytest.mark.parametrize(
    ("line", "word"), [("Future(4) | GRU(2)", "Future"), ("StaticEmbedding(2) | GRU(2)", "Static")]
)
def test_a_network_that_asks_for_what_the_data_do_not_have_is_refused(line, word):
    panel = make_panel(np.random.default_rng(0).normal(size=(80, 1)), origin=None, freq="1row")
    with pytest.raises(UsageError, match=word):
        train_small(panel, network=parse_network(line))
