"""The door: flags become one frozen request, the request goes through one workflow, its result to the console."""

from __future__ import annotations

import shlex
from typing import Annotated, Any

import typer

from forecast_cli import __version__, flags
from forecast_cli.door import (
    ARGUMENTS,
    MODEL_DIR,
    Door,
    check_network,
    choose_directories,
    find_flags,
    find_unread_stdin,
    list_given,
    open_console,
)
from forecast_cli.errors import ExitCode
from forecast_cli.groups import choose_manner, choose_training, read_options, takes
from forecast_cli.output import choose_file_form, choose_report_form
from forecast_cli.values import split_levels
from forecast_cli.workflows.gate import require_better


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
@takes(reading=read_options, manner=choose_manner)
def inspect(
    ctx: typer.Context,
    *,
    sources: flags.Sources,
    reading: Any,
    manner: Any,
    strict: flags.Strict = False,
) -> None:
    """Tell what DATA holds: format, time axis, columns, gaps, seasons; and the train line that it suggests."""
    from forecast_cli.requests import InspectRequest

    request = InspectRequest(tuple(sources), reading, strict, find_flags(ctx))
    with open_console(ctx, manner) as console:
        console.note(f"reading {', '.join(sources)}")
        from forecast_cli.workflows.inspect import inspect

        console.show_inspection(inspect(request, console))


@app.command()
@takes(reading=read_options, training=choose_training, manner=choose_manner)
def train(
    ctx: typer.Context,
    *,
    sources: flags.Sources,
    reading: Any,
    future: flags.Future = None,
    horizon: flags.Horizon = None,
    lookback: flags.Lookback = None,
    stride: flags.Stride = 1,
    sample_every: flags.SampleEvery = 1,
    delay: flags.Delay = 1,
    split: flags.Split = None,
    model: flags.Model = None,
    layers: flags.Layers = None,
    no_blend: flags.NoBlend = False,
    level: flags.Levels = "80,95",
    training: Any,
    start: flags.From = None,
    refit: flags.Refit = False,
    fail_unless_better: flags.SaveIfBetter = False,
    model_dir: flags.ModelDir = MODEL_DIR,
    manner: Any,
    keep_data: flags.KeepData = 64 * 2**20,
    force: flags.Force = False,
    strict: flags.Strict = False,
) -> None:
    """Learn from DATA and score the model beside the baselines; writes a model directory and a report."""
    from forecast_cli.requests import TrainRequest

    check_network(model, layers)
    request = TrainRequest(
        sources=tuple(sources),
        model_dir=model_dir,
        reading=reading,
        horizon=horizon,
        lookback=lookback,
        stride=stride,
        sample_every=sample_every,
        delay=delay,
        split=split,
        model=model,
        layers=layers,
        blend=not no_blend,
        levels=split_levels(level),
        training=training,
        keep_data=keep_data,
        force=force,
        strict=strict,
        command=shlex.join(["forecast", *ctx.meta[ARGUMENTS]]),
        future=future,
        start=start,
        flags=list_given(ctx),
        refit=refit,
        fail_unless_better=fail_unless_better,
    )
    with open_console(ctx, manner) as console:
        console.note(f"reading {', '.join(sources)}")
        from forecast_cli.workflows.train import train

        result = train(request, console)
        console.show_training(result)
        if fail_unless_better:
            require_better(result.verdict, f"nothing was written to {model_dir}; without the flag it would have been")


@app.command()
@takes(manner=choose_manner)
def predict(
    ctx: typer.Context,
    *,
    sources: flags.FurtherSources = None,
    level: flags.AskedLevels = None,
    horizon: flags.AskedHorizon = None,
    max_age: flags.MaxAge = None,
    no_history: flags.NoHistory = False,
    future: flags.AskedFuture = None,
    future_template: flags.FutureTemplate = False,
    plot: flags.PlotFlag = False,
    model_dir: flags.ModelDir = MODEL_DIR,
    manner: Any,
    strict: flags.Strict = False,
) -> None:
    """Forecast the steps after the end of DATA, or of the training data where there is no DATA.

    An interval holds for one step of one target; intervals do not hold for a whole path, and cannot be added up.
    """
    from forecast_cli.requests import PredictRequest

    given = tuple(sources or ())
    levels = None if level is None else split_levels(level)
    request = PredictRequest(
        given, model_dir, levels, horizon, strict, not no_history, max_age, future, future_template
    )
    with open_console(ctx, manner) as console:
        console.note(f"reading {', '.join(given) or model_dir}")
        if request.template:
            from forecast_cli.workflows.future import make_template

            console.show_template(make_template(request, console))
            return
        from forecast_cli.workflows.predict import predict

        prediction = predict(request, console)
        if not given and find_unread_stdin():
            console.note("stdin is read only as `-`: to forecast from it write `forecast predict -`", warning=True)
        console.show_forecast(prediction, plot=plot)


@app.command()
@takes(manner=choose_manner)
def compare_baselines(
    ctx: typer.Context,
    *,
    sources: flags.FurtherSources = None,
    baseline: flags.Baseline = None,
    by: flags.By = None,
    worst: flags.Worst = None,
    n_windows: flags.NWindows = None,
    stride: flags.CutoffStride = 1,
    refit_every: flags.RefitEvery = None,
    forecasts: flags.Forecasts = None,
    fail_unless_better: flags.FailUnlessBetter = False,
    model_dir: flags.ModelDirs = None,
    manner: Any,
    strict: flags.Strict = False,
) -> None:
    """Rank the model and the baselines on the same windows: the test part, or what comes later in DATA.

    With -m given twice, the models of two directories on the windows that neither has learnt from.
    """
    from forecast_cli.requests import CompareRequest

    given = tuple(sources or ())
    *before, after = choose_directories(model_dir)
    request = CompareRequest(
        sources=given,
        model_dir=after,
        baselines=tuple(baseline or ()),
        strict=strict,
        by=by,
        worst=worst,
        n_windows=n_windows,
        stride=stride,
        refit_every=refit_every,
        forecasts=forecasts,
        form=choose_file_form(forecasts, manner.format),
        before=before[0] if before else None,
    )
    with open_console(ctx, manner) as console:
        console.note(f"reading {', '.join(given) or ' and '.join(map(str, (*before, after)))}")
        from forecast_cli.workflows.compare import compare

        result = compare(request, console)
        console.show_comparison(result)
        if fail_unless_better:
            require_better(result.verdict)


@app.command()
@takes(manner=choose_manner)
def report(
    ctx: typer.Context,
    *,
    explain: flags.Explain = False,
    model_dir: flags.ModelDir = MODEL_DIR,
    manner: Any,
) -> None:
    """Write the reports of a model directory anew, and tell where they lie: report.html, report.md and report.json.

    With -o one report goes to FILE, whose name ends in .html, .md or .json, and the directory stays as it is; - is
    stdout, for Markdown, or with --format json for JSON. It is made from the data that the directory keeps.
    """
    from forecast_cli.requests import ReportRequest

    request = ReportRequest(model_dir, choose_report_form(manner.output, manner.format), explain)
    with open_console(ctx, manner) as console:
        console.note(f"reading {model_dir}")
        from forecast_cli.workflows.report import report

        console.show_reports(report(request, console))


@app.command()
@takes(manner=choose_manner)
def summary(
    ctx: typer.Context,
    *,
    model: flags.Model = None,
    layers: flags.Layers = None,
    lookback: flags.WindowRows = None,
    horizon: flags.WindowSteps = None,
    channels: flags.Channels = None,
    targets: flags.Targets = None,
    model_dir: flags.ModelDir = MODEL_DIR,
    manner: Any,
) -> None:
    """Show what a model directory holds; or with --model or --layers a network, its shapes and its parameters."""
    from forecast_cli.requests import SummaryRequest

    check_network(model, layers)
    request = SummaryRequest(model_dir, model, layers, lookback, horizon, channels, targets)
    with open_console(ctx, manner) as console:
        from forecast_cli.workflows.summary import summarize

        console.show_summary(summarize(request, console))


@app.command()
@takes(reading=read_options, manner=choose_manner)
def ingest(
    ctx: typer.Context,
    *,
    sources: flags.Sources,
    reading: Any,
    manner: Any,
    strict: flags.Strict = False,
) -> None:
    """Write a clean copy of DATA: typed, sorted, without duplicates, regular. Not needed before train."""
    from forecast_cli.requests import IngestRequest

    request = IngestRequest(tuple(sources), reading, strict, find_flags(ctx))
    with open_console(ctx, manner) as console:
        console.note(f"reading {', '.join(sources)}")
        from forecast_cli.workflows.ingest import ingest

        console.show_clean_table(ingest(request, console))
