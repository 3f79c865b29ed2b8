"""A small report with everything in it, built by hand: two sensors, two targets, one day ahead, hostile names."""

import math

import numpy as np
import pytest

from forecast_cli.report import Outlook, Report
from forecast_cli.results import IntervalFigures, RankingRow, TargetError, Verdict
from forecast_cli.types import (
    Columns,
    Decision,
    Epoch,
    Forecast,
    IntervalScores,
    Reading,
    ReadingOptions,
    RunConfig,
    Scores,
    Training,
    Window,
)
from tests.scores import make_scores

SERIES = ("meter_1", "<script>alert(1)</script>")
TARGETS = ("flow | x [/m]", "temp</script><b>\n2")
UNITS = ("m3/h", "")
H, W, N, T = 24, 96, len(SERIES), len(TARGETS)
MODELS = ("blend", "segrnn", "seasonal-naive")


@pytest.fixture(scope="session")
def report() -> Report:
    return build_report(SERIES, TARGETS, UNITS)


@pytest.fixture(scope="session")
def wide_report() -> Report:
    series = tuple(f"a sensor with a rather long name, number {k}" for k in range(40))
    targets = tuple(f"temperature of outlet pipe {k}" for k in range(321))
    return build_report(series, targets, ("°C",) * len(targets))


def build_report(series: tuple[str, ...], targets: tuple[str, ...], units: tuple[str, ...]) -> Report:
    config = _build_config()
    truth, recent, forecast = _build_curves(series, targets)
    outlook = Outlook((_stamp(0, W),) * len(series), recent, forecast, truth)
    return Report(
        model="blend",
        verdict=Verdict("blend", "linear", "better", "blend beats linear by 12 % [9, 15] on flow | x [/m].", 12.0),
        config=config,
        reading=_build_reading(targets),
        ranking=_build_ranking(),
        errors=tuple(TargetError(t, u, 1.234, "linear", 1.5) for t, u in zip(targets, units, strict=True)),
        scores=_build_scores(len(series), len(targets)),
        series_ids=series,
        targets=targets,
        units=units,
        coverage={80: 78.94, 95: math.nan},
        epochs=tuple(Epoch(e, 0.5 + 0.4 / e, 0.6 + 0.02 * abs(e - 4), 1e-3, 2.5) for e in range(1, 9)),
        outlook=outlook,
        trials=(outlook,),
        learnt_until="2026-02-28T23:00:00",
        command="forecast train 'data | <b>.csv' --horizon 24",
        versions={"forecast-cli": "0.1.0", "python": "3.11.2"},
        data_hash="sha256:1f2e3d",
    )


def _build_config() -> RunConfig:
    return RunConfig(
        freq="1h",
        season_length=24,
        window=Window(lookback=96, horizon=H),
        split=(700, 800, 1000),
        model="segrnn",
        layers='PerChannel | SubtractLast | Flatten | Dense(256, "relu")',
        training=Training(),
        levels=(80, 95),
    )


def _build_reading(targets: tuple[str, ...]) -> Reading:
    columns = Columns(timestamp=("time",), targets=targets, future_covariates=("tariff",))
    return Reading(
        sources=("data.csv",),
        header=("time", *targets, "tariff"),
        options=ReadingOptions(columns, "1h", max_gap=6),
        decisions=(
            Decision("timestamp", "time", "20 of 20 sampled cells read as ISO 8601", "--timestamp"),
            Decision("targets", ", ".join(targets), "numeric, not constant", "--target"),
        ),
        counts={"rows_read": 17_520, "rows_rejected": 3, "gaps": 2},
    )


def _build_ranking() -> tuple[RankingRow, ...]:
    intervals = IntervalFigures({80: 78.94, 95: None}, {80: 1.25, 95: None}, {80: 1.75, 95: None}, 0.0625)
    return (
        RankingRow(1, "blend", 0.351, 0.392, 0.7, 0.12, None, None, 177, None, None, 0.8, 0.1, intervals),
        RankingRow(2, "segrnn", 0.36, 0.4, 0.72, 0.1, None, None, 177, 61.25, 123_456),
        RankingRow(3, "seasonal-naive", 0.4, 0.5, None, 0.0, None, None, 177, 0.01, 0),
    )


def _build_scores(n: int, t: int) -> Scores:
    steps = np.linspace(0.2, 0.5, H)
    absolute = np.stack([np.broadcast_to(steps * factor, (n, t, H)) for factor in (0.88, 0.9, 1.0)])
    absolute[:, 0, 0, 3] = np.nan  # nothing was scored there
    shares = np.stack([np.full((n, t, H), 0.75), np.full((n, t, H), np.nan)])
    counts = np.stack([np.full((n, t, H), 177), np.zeros((n, t, H), np.int64)])
    by_cutoff = np.zeros((2, 177))
    intervals = IntervalScores("blend", (80, 95), shares, shares, shares, counts, by_cutoff, by_cutoff.astype(np.int64))
    losses = np.full((3, 177), 0.35)
    return make_scores(MODELS, absolute, losses=losses, cutoffs=np.arange(800, 977), intervals=intervals)


def _build_curves(series: tuple[str, ...], targets: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray, Forecast]:
    n, t = len(series), len(targets)
    hours = np.arange(W + H)
    noise = np.random.default_rng(0).normal(0, 0.6, (n, W + H, t))
    scale = np.array([10.0 ** (k % 4) for k in range(t)])
    wave = 20 + 8 * np.sin(2 * np.pi * hours / 24)[None, :, None]
    values = ((wave + noise) * scale).astype(np.float32)
    values[0, 40:46, 0] = np.nan
    point = np.broadcast_to((wave * scale)[:, W:], (n, H, t)).astype(np.float32)
    radius = (np.array([1.0, 1.6])[:, None, None, None] * scale).astype(np.float32)
    upper = point + radius
    upper[1, :, :, -1] = np.nan  # too few windows for this level
    forecast = Forecast(
        series_ids=series,
        targets=targets,
        cutoff=(_stamp(0, W)[-1],) * n,
        timestamps=(_stamp(W, H),) * n,
        steps=tuple(range(1, H + 1)),
        point=point,
        lower=np.where(np.isnan(upper), np.nan, point - radius).astype(np.float32),
        upper=upper,
        levels=(80, 95),
    )
    return values[:, W:], values[:, :W], forecast


def _stamp(first: int, n: int) -> tuple[str, ...]:
    start = np.datetime64("2026-03-01T00:00:00")
    return tuple(str(start + np.timedelta64(first + k, "h")) for k in range(n))
