"""Files as DuckDB reads them: columns c0, c1, ... whatever their names, one pass, typed as late as it can be.

A CSV's cells are read as text and cast in the same pass, so that a cell that is no number costs that cell and not its
line. On 1 million rows × 15 columns that is as quick as DuckDB's own typed reading.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest import numbers
from forecast_cli.ingest.dialect import Dialect, detect_dialect
from forecast_cli.ingest.names import name_columns
from forecast_cli.ingest.query import blame, execute, fetch_columns, fetch_rows, quote
from forecast_cli.ingest.records import SPACES
from forecast_cli.ingest.sources import sample_pieces, transcode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from forecast_cli.ingest.sources import Source
    from forecast_cli.types import Floats, Integers, ReadingOptions

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_NUMERIC = (*_WHOLE, *(f"U{name}" for name in _WHOLE), "FLOAT", "DOUBLE", "DECIMAL")
_SAMPLED = 2_000  # rows of a Parquet file that are looked at


@dataclass(frozen=True)
class Scan:
    """One file, ready to be read."""

    source: Source
    names: tuple[str, ...]  # of the columns, as people know them
    types: tuple[str, ...]  # as DuckDB knows them; VARCHAR throughout for text tables
    samples: tuple[tuple[str, ...], ...]  # per column: cells from several places
    relation: str  # SQL after FROM; its columns are c0, c1, ...
    dialect: Dialect | None  # None: Parquet
    forms: tuple[numbers.NumberForm, ...]  # per column: how numbers are written, where they are texts

    @property
    def decimal(self) -> str:
        """The decimal sign."""
        return self.dialect.decimal if self.dialect else "."

    def is_instant(self, k: int) -> bool:
        """Return whether the file itself says that a column holds instants."""
        return self.types[k].startswith(("TIMESTAMP", "DATE"))

    def is_number(self, k: int) -> bool:
        """Return whether a column may hold numbers: by type, or no other kind prevails in the sample."""
        if self.types[k] == "VARCHAR":
            return numbers.holds_numbers(self.samples[k], self.forms[k])
        return self.types[k].startswith(_NUMERIC)

    def text(self, k: int) -> str:
        """Return the SQL of a column's cells as text."""
        return f"trim(CAST(c{k} AS VARCHAR))"

    def number(self, k: int) -> str:
        """Return the SQL of a column's cells as DOUBLE."""
        if self.types[k] != "VARCHAR":
            return f"CAST(c{k} AS DOUBLE)"
        return numbers.write_cast(f"c{k}", self.forms[k])


@contextmanager
def connect(workspace: Path) -> Iterator[DuckDBPyConnection]:
    """Yield a private DuckDB that fetches nothing, spills into our folder only, and keeps clocks in UTC."""
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        execute(connection, "SET autoinstall_known_extensions = false")
        execute(connection, "SET autoload_known_extensions = false")
        execute(connection, "SET disabled_filesystems = 'HTTPFileSystem'")
        execute(connection, f"SET temp_directory = {quote(str(workspace / 'spill'))}")
        execute(connection, "SET TimeZone = 'UTC'")
        # It compares every expression with every other: quadratic in the columns, and ours have nothing in common.
        execute(connection, "SET disabled_optimizers = 'common_subexpressions'")
        # Two threads hand rows over out of the file's order now and then (DuckDB 2.0, whatever
        # preserve_insertion_order says), and where rows are the time the order is the data.
        execute(connection, "SET threads = 1")
        yield connection
    finally:
        connection.close()


def open_scan(connection: DuckDBPyConnection, source: Source, options: ReadingOptions) -> Scan:
    """Return a file ready to be read: its columns, and how it is written."""
    if source.kind == "parquet":
        return _open_parquet(connection, source, options)
    dialect = detect_dialect(source.label, sample_pieces(source), options)
    if dialect.encoding != "utf-8" or dialect.delimiter == SPACES:
        source = transcode(source, dialect.encoding, squeezes=dialect.delimiter == SPACES)
    types = ("VARCHAR",) * len(dialect.names)
    relation = _write_csv_relation(source, dialect)
    return Scan(source, dialect.names, types, dialect.samples, relation, dialect, dialect.forms)


def _open_parquet(connection: DuckDBPyConnection, source: Source, options: ReadingOptions) -> Scan:
    bare = f"read_parquet({quote(str(source.path))})"
    with blame(source):
        described = fetch_rows(connection, f"DESCRIBE SELECT * FROM {bare}")
    names = name_columns([row[0] for row in described], len(described))
    relation = f"{bare} AS t({', '.join(f'c{k}' for k in range(len(names)))})"
    cells = ", ".join(f"coalesce(CAST(c{k} AS VARCHAR), '')" for k in range(len(names)))
    with blame(source):
        rows = fetch_rows(connection, f"SELECT {cells} FROM {relation} LIMIT {_SAMPLED}")
    samples = tuple(zip(*rows, strict=True)) if rows else ((),) * len(names)
    forms = tuple(numbers.choose_form(cells, missing=options.missing_values) for cells in samples)
    return Scan(source, names, tuple(row[1] for row in described), samples, relation, None, forms)


def _write_csv_relation(source: Source, dialect: Dialect) -> str:
    columns = ", ".join(f"'c{k}': 'VARCHAR'" for k in range(len(dialect.names)))
    settings = {
        "columns": f"{{{columns}}}",
        "auto_detect": "false",
        "delim": quote(dialect.delimiter),
        "quote": "'\"'",
        "escape": "'\"'",
        "header": "false",
        "skip": str(dialect.skip - sum(len(cell.splitlines()) - 1 for cell in dialect.header if cell)),  # records
        "encoding": "'utf-8'",
        "compression": "'gzip'" if source.kind == "gzip" else "'none'",
        "ignore_errors": "true",
        "store_rejects": "true",
        "rejects_table": "'rejects'",
        "rejects_scan": "'reject_scans'",
        "strict_mode": "false" if dialect.mixes_ends else "true",  # strict parsing takes one kind of line end only
        "null_padding": "true" if dialect.pads else "false",
        "parallel": "true",  # the other scanner keeps no account of a quotation mark that never closes
    }
    return f"read_csv({quote(str(source.path))}, {', '.join(f'{key} = {value}' for key, value in settings.items())})"


@dataclass(frozen=True)
class Rejects:
    """The lines that the reader could not make a row of."""

    count: int = 0
    first: str = ""  # "line 17: Expected Number of Columns: 3 Found: 2"


def read_expressions(
    connection: DuckDBPyConnection, scan: Scan, expressions: Sequence[str]
) -> tuple[list[Any], Rejects]:
    """Return an array per SQL expression, masked where null, in the order of the file; and the lines left out."""
    listed = ", ".join(f"{sql} AS r{k}" for k, sql in enumerate(expressions))
    with blame(scan.source):
        _drop_rejects(connection)
        arrays = fetch_columns(connection, f"SELECT {listed} FROM {scan.relation}")
        return [arrays.pop(f"r{k}") for k in range(len(expressions))], _count_rejects(connection, scan)


def has_rows(connection: DuckDBPyConnection, scan: Scan) -> bool:
    """Return whether a file holds a row below its header; looks into the file only where the samples are empty."""
    if any(scan.samples):
        return True
    with blame(scan.source):
        _drop_rejects(connection)
        return bool(fetch_rows(connection, f"SELECT 1 FROM {scan.relation} LIMIT 1"))


def _drop_rejects(connection: DuckDBPyConnection) -> None:
    execute(connection, "DROP TABLE IF EXISTS rejects")
    execute(connection, "DROP TABLE IF EXISTS reject_scans")


def _count_rejects(connection: DuckDBPyConnection, scan: Scan) -> Rejects:
    if scan.dialect is None:
        return Rejects()
    query = "SELECT line, error_message, error_type, csv_line FROM rejects ORDER BY line"
    rows = fetch_rows(connection, query)
    rows = [row for row in rows if row[3] is None or row[3].strip("\x1a\r\n ")]  # the end mark of old DOS files
    if not rows:
        return Rejects()
    for line, _, kind, text in rows:
        if kind == "UNQUOTED VALUE" and text is not None and "\n" in text.strip():
            raise DataError(
                f"{scan.source.label}, line {line}: a quotation mark is opened and never closed",
                "close it, or remove the mark",
            )
    return Rejects(len({row[0] for row in rows}), f"line {rows[0][0]}: {rows[0][1]}")


def write_number(scan: Scan, k: int) -> str:
    """Return the SQL that reads a column as DOUBLE: NaN where a cell is missing, null where it is no number."""
    if scan.types[k] != "VARCHAR":
        return f"coalesce({scan.number(k)}, CAST('NaN' AS DOUBLE))"
    return numbers.write_number(f"c{k}", scan.forms[k])


def take_numbers(cells: Any) -> tuple[Floats, int]:
    """Return a column as floats, NaN where there is no value, and how many cells were no number."""
    if not isinstance(cells, np.ma.MaskedArray):
        return cells, 0
    bad = int(np.count_nonzero(np.ma.getmaskarray(cells)))
    return cells.filled(np.nan), bad


def read_codes(
    connection: DuckDBPyConnection, scan: Scan, k: int, limit: int
) -> tuple[Integers, tuple[str, ...]] | None:
    """Return a column as codes (−1 where empty) into its sorted distinct texts; None if there are above `limit`."""
    query = f"SELECT DISTINCT {scan.text(k)} FROM {scan.relation} LIMIT {limit + 2}"
    with blame(scan.source):
        _drop_rejects(connection)
        found = sorted(row[0] for row in fetch_rows(connection, query) if row[0])
        if len(found) > limit:
            return None
        execute(connection, "DROP TYPE IF EXISTS ids")
        execute(connection, f"CREATE TYPE ids AS ENUM ({', '.join(map(quote, found or ['']))})")
    (codes,), _ = read_expressions(connection, scan, [f"CAST(enum_code(TRY_CAST({scan.text(k)} AS ids)) AS BIGINT)"])
    return np.ma.filled(codes, -1), tuple(found)
