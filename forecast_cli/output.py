"""Where we write, and results as data: a table or a document in each of its forms, to stdout or a file. No Rich."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from forecast_cli.errors import UsageError

Columns: TypeAlias = Mapping[str, Sequence[Any]]  # a table, column by column


@dataclass
class Streams:
    """Where results and everything else go; `__main__` hands in private copies of the descriptors."""

    results: TextIO
    messages: TextIO

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
    return text.encode(errors="surrogateescape")  # the names of files may hold any byte


def list_rows(columns: Columns) -> list[dict[str, Any]]:
    """Return one dict a row, as JSON can hold it: what is unknown is None."""
    from forecast_cli.reporting.tables import to_json_rows

    return to_json_rows(columns)


def turn_rows(rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Return the columns of rows that all have the same names."""
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}


def check_file(name: str) -> None:
    """Raise UsageError when FILE of `--output` cannot be written, before any work is done for it."""
    path = Path(name)
    if path.is_dir():
        raise UsageError(f"--output {name} is a directory", f"name a file in it: --output {path / 'result.csv'}")
    if not path.parent.is_dir():
        raise UsageError(
            f"--output {name}: there is no directory {path.parent}", f"make it first: mkdir -p {path.parent}"
        )
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"--output {name} may not be written", "choose another place, or change its permissions")


def write_stream(data: bytes, stream: TextIO) -> None:
    """Write bytes to a text stream, all of them before it returns."""
    stream.flush()
    stream.buffer.write(data)
    stream.buffer.flush()


def write_file(data: bytes, path: Path) -> None:
    """Write a file aside and rename it, so that its reader sees the old one or the new one, whole."""
    if path.exists() and not path.is_file():  # a device or a named pipe: there is nothing to replace
        path.write_bytes(data)
        return
    from forecast_cli.artifact.atomic import replace_file

    replace_file(path.resolve(), data)  # the file behind a link is replaced, not the link


def _encode_parquet(columns: Columns) -> bytes:
    import tempfile

    from forecast_cli.ingest.panel_file import write_parquet

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "result.parquet")
        write_parquet(columns, path)
        return path.read_bytes()


def _to_plain(value: Any) -> Any:
    """Return what JSON knows in place of a NumPy scalar, a date or a path."""
    return value.item() if hasattr(value, "item") else str(value)
