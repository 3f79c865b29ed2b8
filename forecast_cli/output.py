"""Where we write, and results as data: a table or a document in each of its forms, to stdout or a file. No Rich."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TextIO, TypeAlias, cast

from forecast_cli.errors import RefusedError, UsageError

Columns: TypeAlias = Mapping[str, Sequence[Any]]  # a table, column by column
PIPE_WIDTH = 120  # of a table that is drawn into a pipe


@dataclass(frozen=True)
class Manner:
    """How the face is asked to look."""

    format: str | None = None
    output: str | None = None
    quiet: bool = False
    verbose: bool = False
    color: bool = True


@dataclass
class Streams:
    """Where results and everything else go; `__main__` hands in private copies of the descriptors."""

    results: TextIO
    messages: TextIO
    terminated: bool = field(default=False, init=False)  # SIGTERM came, whatever the failure looks like

    def divert(self, verbose: bool) -> None:
        """Send what libraries print out of the way; nothing where no descriptors are ours, as in tests."""

    def read_diverted(self) -> str:
        """Return what was sent out of the way."""
        return ""


def encode_data(form: str, columns: Columns, document: Callable[[], Any]) -> bytes:
    """Return the result as CSV, JSON lines, Parquet (from its columns) or JSON (from its document), in UTF-8."""
    from forecast_cli.reporting.tables import to_csv, to_jsonl

    if form == "parquet":
        return _encode_parquet(columns)
    if form == "json":
        import json

        text = json.dumps(document(), ensure_ascii=False, allow_nan=False, indent=2, default=_to_plain) + "\n"
    else:
        text = to_csv(columns) if form == "csv" else to_jsonl(columns)
    # the names of files may hold any byte; in JSON that is an escape
    return text.encode(errors="surrogateescape" if form == "csv" else "backslashreplace")


def list_rows(columns: Columns) -> list[dict[str, Any]]:
    """Return one dict a row, as JSON can hold it: what is unknown is None."""
    from forecast_cli.reporting.tables import to_json_rows

    return to_json_rows(columns)


def turn_rows(rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Return the columns of rows that all have the same names."""
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}


def check_file(name: str, flag: str = "--output") -> None:
    """Raise UsageError when FILE of a flag cannot be written, before any work is done for it."""
    path = Path(name)
    if path.is_dir():
        raise UsageError(f"{flag} {name} is a directory", f"name a file in it: {flag} {path / 'result.csv'}")
    if not path.parent.is_dir():
        raise UsageError(
            f"{flag} {name}: there is no directory {path.parent}", f"make it first: mkdir -p {path.parent}"
        )
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"{flag} {name} may not be written", "choose another place, or change its permissions")


def check_overwriting(name: str, sources: Sequence[str], directories: Sequence[Path], flag: str = "--output") -> None:
    """Raise UsageError when FILE of a flag is one of the DATA files or lies in a model directory."""
    path = Path(name)
    within = [directory for directory in directories if path.resolve().is_relative_to(directory.resolve())]
    if within:
        raise UsageError(f"{flag} {name} lies in the model directory {within[0]}", "choose another place for it")
    source = find_source(path, sources) if path.is_file() else None
    if source is not None:
        raise UsageError(f"{flag} {name} would replace the data in {source}", "choose another name for the result")


def check_forecast_file(path: Path, output: str | None) -> None:
    """Raise UsageError when FILE of `--forecasts` cannot be written beside the result."""
    check_file(str(path), "--forecasts")
    if path.name == "-" or (path.exists() and not path.is_file()):
        raise UsageError(f"--forecasts {path} is no file", "name one: --forecasts forecasts.csv")
    if output is not None and path.resolve() == Path(output).resolve():
        raise UsageError("--forecasts and --output name one file", "name two")


def choose_file_form(path: Path | None, asked: str | None) -> Literal["csv", "parquet"]:
    """Return how a file of tables is written: by its name, else as `--format` says where it names one of these."""
    ending = "" if path is None else path.suffix.lower()
    return "parquet" if ending == ".parquet" or (ending != ".csv" and asked == "parquet") else "csv"


def choose_report_form(output: str | None, asked: str | None) -> Literal["html", "md", "json"] | None:
    """Return how a report is written to FILE of `--output`, by its name; None where there is no such file.

    On stdout it is Markdown, or JSON where `--format` says so.
    """
    if output is None:
        return None
    if output == "-":
        return "json" if asked == "json" else "md"
    ending = Path(output).suffix.lower()
    if ending not in (".html", ".md", ".json"):
        raise UsageError(f"--output {output} is no name of a report", "end it in .html, .md or .json")
    return cast('Literal["html", "md", "json"]', ending[1:])


def find_source(path: Path, sources: Sequence[str]) -> str | None:
    """Return the source that is this existing file, by whatever name; None where it is none of them."""
    from forecast_cli.ingest.scan.sources import expand_name

    labels = [label for source in sources for label in expand_name(source)]
    return next((label for label in labels if _is_same(path, label)), None)


def _is_same(path: Path, label: str) -> bool:
    """Tell whether a source is this file; what does not exist or cannot be looked at is not."""
    try:
        source = os.fstat(sys.stdin.fileno()) if label == "-" else Path(label).stat()
    except (AttributeError, OSError, ValueError):
        return False
    return os.path.samestat(path.stat(), source)


def write_result(data: bytes | Iterable[bytes], output: str | None, results: TextIO) -> None:
    """Write a result, whole or in pieces, to FILE of `--output` or to stdout.

    Raises RefusedError where there is no room for it, and BrokenPipeError where its reader went away.
    """
    to_stdout = output is None or output == "-"
    try:
        if not to_stdout:
            write_file(data, Path(str(output)))
            return
        for piece in _list_pieces(data):
            write_stream(piece, results)
    except BrokenPipeError:
        raise
    except OSError as error:
        place = "stdout" if to_stdout else f"--output {output}"
        message = f"{place} cannot be written: {error.strerror or error}"
        raise RefusedError(message, "make room, or choose another --output") from error


def _list_pieces(data: bytes | Iterable[bytes]) -> Iterable[bytes]:
    return [data] if isinstance(data, bytes) else data


def write_stream(data: bytes, stream: TextIO) -> None:
    """Write bytes to a text stream, all of them before it returns."""
    stream.flush()
    stream.buffer.write(data)
    stream.buffer.flush()


def write_file(data: bytes | Iterable[bytes], path: Path) -> None:
    """Write a file aside and rename it, so that its reader sees the old one or the new one, whole."""
    if path.exists() and not path.is_file():  # a device or a named pipe: there is nothing to replace
        with path.open("wb") as device:
            device.writelines(_list_pieces(data))
        return
    from forecast_cli.artifact.atomic import replace_file

    replace_file(path.resolve(), data)  # the file behind a link is replaced, not the link


def measure_width(stream: TextIO) -> int:
    """Return how many columns a stream shows: those of its terminal, else COLUMNS, else PIPE_WIDTH."""
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except OSError:  # not a terminal, or a stream of a test
        return int(os.environ.get("COLUMNS") or PIPE_WIDTH)


def _encode_parquet(columns: Columns) -> bytes:
    import tempfile

    from forecast_cli.ingest.views.panel_file import write_parquet

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "result.parquet")
        write_parquet(columns, path)
        return path.read_bytes()


def _to_plain(value: Any) -> Any:
    """Return what JSON knows in place of a NumPy scalar, a date or a path."""
    return value.item() if hasattr(value, "item") else str(value)
