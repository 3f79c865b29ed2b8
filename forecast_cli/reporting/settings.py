"""With which settings a report's run was made, and from what it can be made again."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from forecast_cli.frequency import count_steps
from forecast_cli.models.blend import tell_shares
from forecast_cli.reporting.figures import show_count

if TYPE_CHECKING:
    from forecast_cli.report import Report
    from forecast_cli.reporting.facts import Table
    from forecast_cli.types import Columns, ReadingOptions, Training


def list_settings(report: Report) -> Table:
    """Return the resolved settings of the run; those of training only where epochs were run."""
    config, options = report.config, report.reading.options
    max_gap = count_steps(options.max_gap or 0, config.freq, "--max-gap")
    settings = {
        "Model": f"{config.model}: {tell_shares(report.blend)}" if report.blend else config.model,
        "Layers": config.layers or ("those of its parts" if report.blend else "none (a closed form)"),
        "Targets": ", ".join(report.targets),
        "Covariates": _join_covariates(options.columns),
        "Series": show_count(len(report.series_ids)),
        "Frequency": config.freq,
        "Season": _count_steps(config.season_length),
        "Lookback": _count_steps(config.window.lookback),
        "Horizon": _count_steps(config.window.horizon),
        "Stride, sample every, delay": f"{config.window.stride}, {config.window.sample_every}, {config.window.delay}",
        "Training, validation, test end": f"{', '.join(map(str, config.split))} steps after the first row",
        "Intervals": ", ".join(f"{level} %" for level in config.levels) or "none",
        "Gaps filled": f"up to {_count_steps(max_gap)}, {options.fill}",
        "Learnt until": report.learnt_until,
    }
    settings |= {"Fitted again, for predict, until": report.refitted_until} if report.refitted_until else {}
    settings |= _list_treatment(options)
    if report.epochs:
        settings |= _list_training(config.training)
    return ["Setting", "Value"], [list(item) for item in settings.items()]


def list_origins(report: Report) -> Table:
    """Return what the run can be made again from, besides its command: seed, hash of the data, versions."""
    origins = {"Seed": str(report.config.training.seed), "Data hash": report.data_hash, **report.versions}
    return ["What", "Value"], [list(item) for item in origins.items()]


def _list_training(training: Training) -> dict[str, str]:
    """Return how the network was trained."""
    named = {f"Training: {name.replace('_', ' ')}": value for name, value in asdict(training).items()}
    return {name: "none" if value is None else str(value) for name, value in named.items()}


def _list_treatment(options: ReadingOptions) -> dict[str, str]:
    """Return what was asked of single columns; nothing where nothing was."""
    bounds = [f"{name} at least {bound:g}" for name, bound in options.minimum]
    bounds += [f"{name} at most {bound:g}" for name, bound in options.maximum]
    told = {
        "Tags": "" if options.pivot is None else f"{options.pivot}, a column each",
        "Several rows in a step": ", ".join(f"{name}: {how}" for name, how in options.aggregate),
        "Angles, read as sine and cosine": ", ".join(options.angles),
        "Counters, read as their increase": ", ".join(options.counters),
        "Bounds of the forecast": ", ".join(bounds),
    }
    return {what: text for what, text in told.items() if text}


def _join_covariates(columns: Columns) -> str:
    """Return the names of all covariates, or none."""
    return ", ".join(columns.past_covariates + columns.future_covariates + columns.static_covariates) or "none"


def _count_steps(n: int) -> str:
    """Return a number of steps in words."""
    return f"{n:,} step" if n == 1 else f"{n:,} steps"
