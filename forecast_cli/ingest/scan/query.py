"""The one place where DuckDB runs: a signal stops it like any Python, and a full disk is told as one."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from forecast_cli.errors import DataError
from forecast_cli.ingest.scan.memory import measure_free_memory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from forecast_cli.ingest.scan.sources import Source

_SHARE = 4  # a quarter of the free memory for DuckDB, beyond which it spills
_LEAST = 2**29
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def connect(workspace: Path) -> Iterator[DuckDBPyConnection]:
    """Yield a private DuckDB that fetches nothing, spills into our folder only, and keeps clocks in UTC."""
    import duckdb

    connection = duckdb.connect(":memory:")
    free = measure_free_memory()
    try:
        execute(connection, "SET autoinstall_known_extensions = false")
        execute(connection, "SET autoload_known_extensions = false")
        execute(connection, "SET disabled_filesystems = 'HTTPFileSystem'")
        execute(connection, f"SET temp_directory = {quote(str(workspace / 'spill'))}")
        execute(connection, f"SET memory_limit = '{max(free // _SHARE, _LEAST) if free else _LEAST} bytes'")
        execute(connection, "SET TimeZone = 'UTC'")
        # It compares every expression with every other: quadratic in the columns, and ours have nothing in common.
        execute(connection, "SET disabled_optimizers = 'common_subexpressions'")
        execute(connection, "SET threads = 1")  # more hand rows over out of order: see desks.py
        yield connection
    finally:
        connection.close()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Yield; inside, an interrupted query raises KeyboardInterrupt and a full disk an OSError with ENOSPC.

    DuckDB hides both: a signal handler that raised as RuntimeError, and the errno of a failed write in a text.
    """
    import duckdb

    try:
        yield
    except (RuntimeError, duckdb.InterruptException) as error:
        if not isinstance(error, duckdb.InterruptException) and "interrupted" not in str(error):
            raise
        raise KeyboardInterrupt from error
    except duckdb.OutOfMemoryException as error:
        raise MemoryError(str(error)) from error
    except duckdb.IOException as error:
        if not any(os.strerror(code) in str(error) for code in _FULL):
            raise
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error


def execute(connection: DuckDBPyConnection, sql: str) -> None:
    """Run a statement that has no result to fetch."""
    with translate_errors():
        connection.execute(sql)


def fetch_columns(connection: DuckDBPyConnection, sql: str) -> dict[str, Any]:
    """Return the result of a query, an array per column, masked where null."""
    with translate_errors():
        return dict(connection.execute(sql).fetchnumpy())


def fetch_rows(connection: DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    """Return the result of a query as rows."""
    with translate_errors():
        return list(connection.execute(sql).fetchall())


@contextmanager
def blame(source: Source) -> Iterator[None]:
    """Yield; what DuckDB objects to inside becomes a DataError that names the file as the user does."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0].replace(str(source.path), source.label)
        raise DataError(f"{source.label} cannot be read: {reason}", "check that the file is whole") from error


def quote(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
