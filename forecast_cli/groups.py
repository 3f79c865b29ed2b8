"""Flags that several commands share, taken together: a command asks for the group and gets one frozen object."""

import functools  # annotations are objects here, not texts: those of a group become those of a command
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from forecast_cli import flags
from forecast_cli.output import Manner

if TYPE_CHECKING:
    from forecast_cli.types import ReadingOptions, Training


def takes(**groups: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the flags of each group in place of its parameter of that name.

    The command gets there what the group makes of its flags: Typer knows no such thing, so that every command would
    repeat every flag.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        own = inspect.signature(command, eval_str=True)
        parts = {name: inspect.signature(group).parameters for name, group in groups.items()}

        @functools.wraps(command)
        def run(**given: Any) -> Any:
            made = {name: group(**{flag: given.pop(flag) for flag in parts[name]}) for name, group in groups.items()}
            return command(**given, **made)

        parameters = _expand(own.parameters, parts)
        run.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate


def _expand(
    own: Mapping[str, inspect.Parameter], parts: Mapping[str, Mapping[str, inspect.Parameter]]
) -> list[inspect.Parameter]:
    """Return the command's parameters, each group's in the place of its name, all by keyword."""
    listed = [each for name, parameter in own.items() for each in parts.get(name, {name: parameter}).values()]
    return [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in listed]


def read_options(
    timestamp: flags.Timestamp = None,
    target: flags.Target = None,
    ignore: flags.Ignore = None,
    series_id: flags.SeriesId = None,
    past_covariate: flags.PastCovariate = None,
    future_covariate: flags.FutureCovariate = None,
    static_covariate: flags.StaticCovariate = None,
    freq: flags.Freq = None,
    season: flags.Season = None,
    tz: flags.Tz = None,
    max_gap: flags.MaxGap = None,
    fill: flags.Fill = "linear",
    aggregate: flags.AggregateFlag = None,
    angle: flags.Angle = None,
    counter: flags.Counter = None,
    min: flags.Min = None,
    max: flags.Max = None,
    missing_value: flags.MissingValue = None,
    keep_sentinels: flags.KeepSentinels = False,
    max_rejects: flags.MaxRejects = None,
    pivot: flags.Pivot = None,
    delimiter: flags.Delimiter = None,
    decimal: flags.Decimal = None,
    encoding: flags.Encoding = None,
    day_first: flags.DayFirst = None,
    time_format: flags.TimeFormat = None,
    one_series: flags.OneSeries = None,
) -> "ReadingOptions":
    """Return what the flags of the panel "Your data" ask of the reader."""
    from forecast_cli.types import Columns, ReadingOptions

    columns = Columns(
        timestamp=tuple(timestamp or ()),
        targets=tuple(target or ()),
        series_id=series_id,
        past_covariates=tuple(past_covariate or ()),
        future_covariates=tuple(future_covariate or ()),
        static_covariates=tuple(static_covariate or ()),
        ignored=tuple(ignore or ()),
    )
    return ReadingOptions(
        columns=columns,
        freq=freq,
        season=season,
        max_gap=max_gap,
        fill=fill,
        delimiter=delimiter,
        decimal=decimal,
        encoding=encoding,
        tz=tz,
        day_first=day_first,
        time_format=time_format,
        aggregate=tuple(aggregate or ()),
        angles=tuple(angle or ()),
        counters=tuple(counter or ()),
        minimum=tuple(min or ()),
        maximum=tuple(max or ()),
        missing_values=tuple(missing_value or ()),
        keep_sentinels=keep_sentinels,
        max_rejects=max_rejects,
        pivot=pivot,
        one_series=one_series,
    )


def choose_training(
    epochs: flags.Epochs = None,
    batch_size: flags.BatchSize = None,
    learning_rate: flags.LearningRate = None,
    patience: flags.Patience = None,
    loss: flags.Loss = None,
    optimizer: flags.Optimizer = None,
    seed: flags.Seed = None,
    time_limit: flags.TimeLimit = None,
) -> "Training":
    """Return how a network is trained; what no flag says is the default of the type."""
    from forecast_cli.types import Training

    asked: dict[str, Any] = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate}
    asked |= {"patience": patience, "loss": loss, "optimizer": optimizer, "seed": seed}
    asked |= {"time_limit": time_limit}
    return Training(**{name: value for name, value in asked.items() if value is not None})


def choose_manner(
    output: flags.OutputFile = None,
    format: flags.OutputFormat = None,
    quiet: flags.Quiet = False,
    verbose: flags.Verbose = False,
    no_color: flags.NoColor = False,
) -> Manner:
    """Return how the face is asked to look."""
    return Manner(format, output, quiet, verbose, not no_color)
