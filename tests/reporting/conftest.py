"""A small report with everything in it, built by hand: two sensors, two targets, one day ahead, hostile names."""

import math

import numpy as np
import pytest

from forecast_cli.report import (
    Explanation,
    InputImportance,
    LookbackPart,
    Outlook,
    Presence,
    Report,
    Residuals,
)
from forecast_cli.results import Finding, IntervalFigures, LayerRow, RankingRow, TargetError, Verdict, Wins
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
N_SCORED, N_BINS, N_LAGS = 96, 20, 24
LAST_TEST_HOUR = -H  # the forecast of the outlook begins where the last trial ends


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
        outlook=_build_outlook(series, targets),
        trials=_build_trials(series, targets),
        learnt_until="2026-02-28T23:00:00",
        command="forecast train 'data | <b>.csv' --horizon 24",
        versions={"forecast-cli": "0.1.0", "python": "3.11.2"},
        data_hash="sha256:1f2e3d",
        blend={"segrnn": 0.7, "seasonal-naive": 0.3},
        findings=(Finding("flow | x [/m]: no better than seasonal-naive beyond step 18", "--lookback 7d"),),
        rivals=_build_rivals(),
        residuals=_build_residuals(series, len(targets)),
        presence=_build_presence(series),
        layers=_build_layers(len(targets)),
        explanation=_build_explanation(targets),
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


def _build_outlook(series: tuple[str, ...], targets: tuple[str, ...], hour: int = 0) -> Outlook:
    """Return a forecast from this hour after the end of the data; nothing is known of what lies behind it."""
    truth, recent, forecast = _build_curves(series, targets, hour)
    if hour == 0:
        truth = np.full_like(truth, np.nan)
    return Outlook((_stamp(hour, W),) * len(series), recent, forecast, truth)


def _build_trials(series: tuple[str, ...], targets: tuple[str, ...]) -> tuple[Outlook, ...]:
    """Return the outlooks of four cutoffs; the second has no window of the last series."""
    hours = [LAST_TEST_HOUR - back for back in (48, 31, 17, 0)]
    shown = [series, series[:-1], series, series]
    return tuple(_build_outlook(names, targets, hour) for names, hour in zip(shown, hours, strict=True))


def _build_rivals() -> tuple[Verdict, ...]:
    wins = {"series": Wins(2, 2), "targets": Wins(1, 2), "steps": Wins(18, 24), "n_windows": 177, "n_cutoffs": 177}
    even = "blend is no better than segrnn: 2 % [-1, 5] in MAE"
    better = "blend beats seasonal-naive by 12 % [9, 15] in MAE"
    return (
        Verdict("blend", "segrnn", "no difference", even, 2.5, (-1.0, 5.0), block=24, dm_p_value=0.2, **wins),
        Verdict("blend", "seasonal-naive", "better", better, 12.25, (9.0, 15.5), block=24, dm_p_value=1e-5, **wins),
    )


def _build_residuals(series: tuple[str, ...], t: int) -> Residuals:
    rng = np.random.default_rng(1)
    first_step = rng.normal(0, 1, (len(series), N_SCORED, t)).astype(np.float32)
    first_step[0, 30:36] = np.nan
    edges = np.tile(np.linspace(-4, 4, N_BINS + 1), (t, 1))
    middles = (edges[:, 1:] + edges[:, :-1]) / 2
    lags = np.arange(N_LAGS + 1)
    mean_by_hour = np.broadcast_to(np.sin(np.arange(24) / 4), (t, 7, 24)).copy()
    mean_by_hour[:, 6, 3] = np.nan  # nothing was scored then
    return Residuals(
        series_ids=series,
        timestamps=(_stamp(0, N_SCORED),) * len(series),
        first_step=first_step,
        edges=edges,
        counts=np.round(1000 * np.exp(-(middles**2) / 2)).astype(np.int64),
        autocorrelation=np.tile(np.where(lags == 7, np.nan, 0.6**lags), (t, 1)),
        autocorrelation_bound=np.full(t, 0.2),
        mean_by_hour=mean_by_hour,
        mae_by_hour=np.abs(mean_by_hour) + 0.5,
    )


def _build_presence(series: tuple[str, ...]) -> Presence:
    share = np.full((len(series), 30), 100.0)
    share[0, :4], share[0, 10:13], share[-1, 20] = np.nan, 0.0, 62.5
    return Presence(series, True, _stamp(0, 30), share)


def _build_layers(t: int) -> tuple[LayerRow, ...]:
    return (
        LayerRow("segrnn: PerChannel", (96, 1), 0, f"each of {t} channels alone"),
        LayerRow("segrnn: SubtractLast", (96, 1), 0),
        LayerRow("segrnn: Flatten", (96,), 0),
        LayerRow('segrnn: Dense(256, "relu")', (256,), 24_832, recurrent_steps=0, multiply_adds=24_576),
        LayerRow("segrnn: output", (H, t), 6_168, "the last value is added again"),
        LayerRow("seasonal-naive", (H, t), 0, "a closed form: no layers"),
    )


def _build_explanation(targets: tuple[str, ...]) -> Explanation:
    inputs = (InputImportance(targets[0], "target", 80.5), InputImportance("tariff", "known ahead", -0.25))
    parts = (LookbackPart(95, 48, 0.5), LookbackPart(47, 24, 4.0), LookbackPart(23, 0, 60.0))
    return Explanation(inputs, parts, 177, 0.351)


def _build_curves(
    series: tuple[str, ...], targets: tuple[str, ...], hour: int
) -> tuple[np.ndarray, np.ndarray, Forecast]:
    n, t = len(series), len(targets)
    hours = np.arange(W + H) + hour
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
        cutoff=(_stamp(hour, W)[-1],) * n,
        timestamps=(_stamp(hour + W, H),) * n,
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
