"""What stands around every command: where it writes, what is checked before it starts, how its failures leave."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from forecast_cli import __version__
from forecast_cli.errors import ExitCode, ForecastError, Interrupted, RefusedError, UsageError
from forecast_cli.flags import DATA
from forecast_cli.output import Manner, Streams, check_file, check_forecast_file, check_overwriting

if TYPE_CHECKING:
    from forecast_cli.console import Console

MODEL_DIR = Path("forecast-model")
TyperUsageError: Any = typer.BadParameter.__base__  # Typer exports no name for it
ARGUMENTS = "forecast.arguments"  # where a context keeps the words after `forecast`


class Door(TyperGroup):
    """The commands; whatever goes wrong in one leaves as a message and an exit code, here and nowhere else."""

    def invoke(self, ctx: Any) -> Any:
        """Return what the command returns, or raise `typer.Exit` with the code of its failure."""
        words = [*ctx._protected_args, *ctx.args]
        ctx.meta[ARGUMENTS] = words
        streams = find_streams(ctx)
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):
            raise
        except BrokenPipeError:
            raise typer.Exit(ExitCode.CLOSED_PIPE) from None
        except KeyboardInterrupt:
            raise typer.Exit(leave(Interrupted("interrupted"), words, streams)) from None
        except Exception as error:
            raise typer.Exit(leave(error, words, streams)) from error


def find_streams(ctx: typer.Context) -> Streams:
    """Return where to write: what `__main__` handed in, else the streams of the process."""
    return ctx.obj if isinstance(ctx.obj, Streams) else Streams(sys.stdout, sys.stderr)


def leave(error: BaseException, words: Sequence[str], streams: Streams) -> ExitCode:
    """Return the exit code of a failure; after SIGTERM the failure is only what a library made of it."""
    return ExitCode.TERMINATED if streams.terminated else show_failure(error, words, streams)


def show_failure(error: BaseException, words: Sequence[str], streams: Streams) -> ExitCode:
    """Return the exit code of a failure, after a message, or for a bug of ours a traceback, on stderr."""
    from forecast_cli.console import Console

    asks_json = "--format=json" in words or ("--format", "json") in pairwise(words)
    console = Console(streams, Manner(format="json" if asks_json else None, color="--no-color" not in words))
    known = explain(error, words)
    if known is not None:
        console.fail(known)
        return known.code
    import traceback

    console.report_bug("".join(traceback.format_exception(error)), __version__)
    return ExitCode.BUG


def explain(error: BaseException, words: Sequence[str]) -> ForecastError | None:
    """Return the failure as one of ours, with what to do next; None where it is a bug."""
    if isinstance(error, ForecastError):
        return error
    if isinstance(error, TyperUsageError):
        path = error.ctx.command_path if error.ctx else "forecast"
        message = error.format_message().replace(": Value error, ", ": ", 1)  # words of pydantic, which Typer asks
        return UsageError(message, hint_at_dash(words) or f"{path} --help lists what there is")
    if isinstance(error, MemoryError):
        return RefusedError("there is not enough memory", "take fewer rows or columns, or a shorter --lookback")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return RefusedError(f"no space is left on the disk: {error}", "make room, or choose another --model-dir")
    return None


def hint_at_dash(words: Sequence[str]) -> str:
    """Return how to write a file that was taken for a flag, because its name begins with a dash; else nothing."""
    names = [word for word in words if word.startswith("-") and word != "-"]
    return next((f"a file whose name begins with a dash is written ./{name}" for name in names if is_file(name)), "")


def is_file(name: str) -> bool:
    """Tell whether there is such a file; any word may be asked about."""
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # too long, or with a NUL inside
        return False


# --- What every command does first -----------------------------------------------------------------------------


def open_console(ctx: typer.Context, manner: Manner) -> Console:
    """Return the console of a command, once all that can be checked without opening a file is in order."""
    from forecast_cli.console import Console

    given, streams = ctx.params, find_streams(ctx)
    sources, directories = list_sources(given), choose_directories(given.get("model_dir"))
    check_output(manner, streams)
    check_sources(sources)
    for directory in directories:
        check_directory(directory)
    check_split(given.get("split"))
    check_time(given.get("tz"), given.get("time_format"))
    check_series_id(given.get("series_id"))
    check_start(ctx)
    if given.get("forecasts") is not None:
        check_forecast_file(given["forecasts"], manner.output)
    for flag, file in (("--output", manner.output), ("--forecasts", given.get("forecasts"))):
        if file not in (None, "-"):
            check_overwriting(str(file), sources, directories, flag)
    streams.divert(manner.verbose)
    return Console(streams, manner)


def choose_directories(given: Path | Sequence[Path] | None) -> tuple[Path, ...]:
    """Return the model directories that a command is about: one, or before and after."""
    directories = (given,) if isinstance(given, Path) else tuple(given or (MODEL_DIR,))
    if len(directories) > 2:
        raise UsageError(f"-m names {len(directories)} directories", "give one, or two: before and after")
    return directories


def check_output(manner: Manner, streams: Streams) -> None:
    """Raise UsageError where the result could not be written."""
    if manner.output not in (None, "-"):
        check_file(str(manner.output))
    elif manner.format == "parquet" and streams.results.isatty():
        raise UsageError("Parquet is not for a terminal", "write it to a file: -o forecast.parquet")


def list_sources(given: Mapping[str, Any]) -> list[str]:
    """Return all that a command reads: DATA, then the file of `--future`."""
    future = given.get("future")
    return [*(given.get("sources") or ()), *([] if future is None else [future])]


def check_sources(sources: Sequence[str]) -> None:
    """Raise UsageError where somebody would have to type the data, or stdin would be read twice."""
    if sources.count("-") > 1:
        raise UsageError("stdin can be read only once", "name a file in place of one -")
    if "-" in sources and sys.stdin is not None and sys.stdin.isatty():
        raise UsageError("DATA is - and stdin is a terminal", "pipe the data in, or name a file")


def check_directory(model_dir: Path) -> None:
    """Raise UsageError where `-m` names a model and not a directory."""
    if model_dir == MODEL_DIR or model_dir.exists() or len(model_dir.parts) != 1:
        return
    from forecast_cli.models.registry import model_names

    if str(model_dir) in model_names():
        raise UsageError(
            f"-m takes a directory, and {model_dir} is the name of a model",
            f"write --model {model_dir}, and after -m a directory of your choice",
        )


def check_split(split: str | None) -> None:
    """Raise UsageError where `--split` is neither shares, counts nor dates, before DATA is opened."""
    if split is not None:
        from forecast_cli.prepare.asked_split import parse_split

        parse_split(split)


def check_series_id(series_id: str | None) -> None:
    """Raise UsageError where the pattern of `--series-id file:PATTERN` is none, before DATA is opened."""
    if series_id is not None:
        from forecast_cli.ingest.roles.files import parse_file_pattern

        parse_file_pattern(series_id)


def check_time(tz: str | None, time_format: str | None) -> None:
    """Raise UsageError where the zone or the format of the time is not one, before DATA is opened."""
    if tz is not None:
        from forecast_cli.zones import check_zone

        check_zone(tz)
    if time_format is not None:
        from forecast_cli.ingest.time.strptime import check_time_format

        check_time_format(time_format)


def check_start(ctx: typer.Context) -> None:
    """Raise UsageError where `--from` and a flag would both say how DATA are read."""
    start = ctx.params.get("start")
    if start is None:
        return
    twice = [flag for flag in list_given(ctx, DATA) if flag != "--future"]
    if twice:
        raise UsageError(
            f"{' and '.join(twice)}: with --from DATA are read as the model in {start} was trained",
            "leave out one or the other",
        )


def check_network(model: str | None, layers: str | None) -> None:
    """Raise UsageError where the network asked for is not one, before DATA is opened."""
    if model is not None and layers is not None:
        raise UsageError("--model and --layers name two networks", "give one of them")
    if model is not None:
        from forecast_cli.models.registry import check_model

        check_model(model)
    if layers is not None:
        from forecast_cli.models.notation import parse_network

        parse_network(layers)


def find_flags(ctx: typer.Context) -> tuple[str, ...]:
    """Return the words of the command line that concern the reader, flags with their values, as they were given."""
    words: list[str] = []
    for parameter in ctx.command.params:
        value = ctx.params.get(str(parameter.name))
        if getattr(parameter, "rich_help_panel", None) != DATA or value in (None, [], parameter.default):
            continue
        words += write_flag(parameter, value)
    return tuple(words)


def list_given(ctx: typer.Context, panel: str | None = None) -> tuple[str, ...]:
    """Return the names of the flags of a panel, or of all, that stand on the command line, in the order of `--help`."""
    return tuple(
        parameter.opts[-1]
        for parameter in ctx.command.params
        if parameter.param_type_name == "option"
        and panel in (None, getattr(parameter, "rich_help_panel", None))
        and getattr(ctx.get_parameter_source(str(parameter.name)), "name", "") == "COMMANDLINE"
    )


def write_flag(parameter: Any, value: Any) -> list[str]:
    """Return a flag with its value as words of a command line; a list repeats the flag."""
    name = parameter.opts[0]
    if isinstance(value, bool):
        return [name if value else parameter.secondary_opts[0]]
    each = value if isinstance(value, (list, tuple)) else [value]
    return [word for one in each for word in (name, _write_value(one))]


def _write_value(value: Any) -> str:
    if not isinstance(value, tuple):
        return str(value)
    column, one = value
    text = repr(one).removesuffix(".0") if isinstance(one, float) else str(one)
    return text if column == "*" else f"{column}={text}"


def find_unread_stdin() -> bool:
    """Tell whether data wait in stdin: a pipe that is not empty, or a file."""
    try:
        descriptor = sys.stdin.fileno()
        kind = os.fstat(descriptor).st_mode
    except (AttributeError, OSError, ValueError):  # closed, or the stdin of a test
        return False
    if stat.S_ISREG(kind):
        return os.fstat(descriptor).st_size > 0
    return stat.S_ISFIFO(kind) and _count_waiting(descriptor) > 0


def _count_waiting(descriptor: int) -> int:
    """Return how many bytes lie in a pipe, without reading them."""
    if sys.platform == "win32":
        return 0
    import array
    import fcntl
    import termios

    count = array.array("i", [0])
    fcntl.ioctl(descriptor, termios.FIONREAD, count)
    return count[0]
