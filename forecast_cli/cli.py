"""The door: flags become one frozen request, the request goes through one workflow, its result to the console."""

from __future__ import annotations

import shlex
from typing import Annotated, Any

import typer

from forecast_cli import __version__, flags
from forecast_cli.door import ARGUMENTS, MODEL_DIR, Door, check_network, find_unread_stdin, open_console
from forecast_cli.errors import ExitCode


def write_exit_codes() -> str:
    """Return the table of exit codes for the end of `--help`."""
    return "\n".join(["Exit codes:", *(f"{code.value:>3}  {code.meaning}" for code in sorted(ExitCode))])


app = typer.Typer(
    cls=Door,
    epilog=write_exit_codes(),
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_show_locals=False,
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"forecast {__version__}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
]


@app.callback()
def start(version: Version = False) -> None:
    """From a raw sensor file to a forecast you can trust, with the proof beside it.

    Start with: forecast train data.csv, then forecast predict, then forecast compare-baselines.
    """


@app.command()
def train(
    ctx: typer.Context,
    sources: flags.Sources,
    timestamp: flags.Timestamp = None,
    target: flags.Target = None,
    ignore: flags.Ignore = None,
    series_id: flags.SeriesId = None,
    past_covariate: flags.PastCovariate = None,
    freq: flags.Freq = None,
    season: flags.Season = None,
    max_gap: flags.MaxGap = None,
    fill: flags.Fill = "linear",
    delimiter: flags.Delimiter = None,
    decimal: flags.Decimal = None,
    horizon: flags.Horizon = None,
    lookback: flags.Lookback = None,
    stride: flags.Stride = 1,
    sample_every: flags.SampleEvery = 1,
    delay: flags.Delay = 1,
    split: flags.Split = None,
    model: flags.Model = None,
    layers: flags.Layers = None,
    level: flags.Levels = "80,95",
    epochs: flags.Epochs = None,
    batch_size: flags.BatchSize = None,
    learning_rate: flags.LearningRate = None,
    patience: flags.Patience = None,
    loss: flags.Loss = None,
    optimizer: flags.Optimizer = None,
    seed: flags.Seed = None,
    model_dir: flags.ModelDir = MODEL_DIR,
    output: flags.OutputFile = None,
    format: flags.OutputFormat = None,
    keep_data: flags.KeepData = 64 * 2**20,
    force: flags.Force = False,
    strict: flags.Strict = False,
    quiet: flags.Quiet = False,
    verbose: flags.Verbose = False,
    no_color: flags.NoColor = False,
) -> None:
    """Learn from DATA and score the model beside the baselines; writes a model directory and a report."""
    from forecast_cli.requests import TrainRequest
    from forecast_cli.types import Columns, ReadingOptions, Training

    check_network(model, layers)
    asked: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "patience": patience,
    }
    asked |= {"loss": loss, "optimizer": optimizer, "seed": seed}
    columns = Columns(
        timestamp=tuple(timestamp or ()),
        targets=tuple(target or ()),
        series_id=series_id,
        past_covariates=tuple(past_covariate or ()),
        ignored=tuple(ignore or ()),
    )
    request = TrainRequest(
        sources=tuple(sources),
        model_dir=model_dir,
        reading=ReadingOptions(columns, freq, season, max_gap, fill, delimiter, decimal),
        horizon=horizon,
        lookback=lookback,
        stride=stride,
        sample_every=sample_every,
        delay=delay,
        split=split,
        model=model,
        layers=layers,
        levels=flags.split_levels(level),
        training=Training(**{name: value for name, value in asked.items() if value is not None}),
        keep_data=keep_data,
        force=force,
        strict=strict,
        command=shlex.join(["forecast", *ctx.meta[ARGUMENTS]]),
    )
    with open_console(ctx) as console:
        console.note(f"reading {', '.join(sources)}")
        from forecast_cli.workflows.train import train

        console.show_training(train(request, console))


@app.command()
def predict(
    ctx: typer.Context,
    sources: flags.FurtherSources = None,
    level: flags.AskedLevels = None,
    horizon: flags.AskedHorizon = None,
    no_history: flags.NoHistory = False,
    model_dir: flags.ModelDir = MODEL_DIR,
    output: flags.OutputFile = None,
    format: flags.OutputFormat = None,
    strict: flags.Strict = False,
    quiet: flags.Quiet = False,
    verbose: flags.Verbose = False,
    no_color: flags.NoColor = False,
) -> None:
    """Forecast the steps after the end of DATA, or of the training data where there is no DATA.

    An interval holds for one step of one target; intervals do not hold for a whole path, and cannot be added up.
    """
    from forecast_cli.requests import PredictRequest

    given = tuple(sources or ())
    levels = None if level is None else flags.split_levels(level)
    request = PredictRequest(given, model_dir, levels, horizon, strict, not no_history)
    with open_console(ctx) as console:
        console.note(f"reading {', '.join(given) or model_dir}")
        from forecast_cli.workflows.predict import predict

        forecast = predict(request, console)
        if not given and find_unread_stdin():
            console.note("stdin is read only as `-`: to forecast from it write `forecast predict -`", warning=True)
        console.show_forecast(forecast)


@app.command()
def compare_baselines(
    ctx: typer.Context,
    sources: flags.FurtherSources = None,
    baseline: flags.Baseline = None,
    model_dir: flags.ModelDir = MODEL_DIR,
    output: flags.OutputFile = None,
    format: flags.OutputFormat = None,
    strict: flags.Strict = False,
    quiet: flags.Quiet = False,
    verbose: flags.Verbose = False,
    no_color: flags.NoColor = False,
) -> None:
    """Rank the model and the baselines on the same windows: the test part, or what comes later in DATA."""
    from forecast_cli.requests import CompareRequest

    given = tuple(sources or ())
    request = CompareRequest(given, model_dir, tuple(baseline or ()), strict)
    with open_console(ctx) as console:
        console.note(f"reading {', '.join(given) or model_dir}")
        from forecast_cli.workflows.compare import compare

        console.show_comparison(compare(request, console))


@app.command()
def summary(
    ctx: typer.Context,
    model: flags.Model = None,
    layers: flags.Layers = None,
    lookback: flags.Lookback = None,
    horizon: flags.Horizon = None,
    channels: flags.Channels = None,
    targets: flags.Targets = None,
    model_dir: flags.ModelDir = MODEL_DIR,
    output: flags.OutputFile = None,
    format: flags.OutputFormat = None,
    quiet: flags.Quiet = False,
    verbose: flags.Verbose = False,
    no_color: flags.NoColor = False,
) -> None:
    """Show what a model directory holds; or with --model or --layers a network, its shapes and its parameters."""
    from forecast_cli.requests import SummaryRequest

    check_network(model, layers)
    request = SummaryRequest(model_dir, model, layers, lookback, horizon, channels, targets)
    with open_console(ctx) as console:
        from forecast_cli.workflows.summary import summarize

        console.show_summary(summarize(request, console))
