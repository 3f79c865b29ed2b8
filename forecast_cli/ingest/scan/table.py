"""Files as DuckDB reads them: columns c0, c1, ... whatever their names, typed as late as it can be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from forecast_cli.ingest.scan.query import blame, fetch_rows, quote
from forecast_cli.ingest.scan.sources import sample_pieces
from forecast_cli.ingest.text import numbers
from forecast_cli.ingest.text.dialect import Dialect, detect_dialect
from forecast_cli.ingest.text.names import name_columns

if TYPE_CHECKING:
    from collections.abc import Collection

    from duckdb import DuckDBPyConnection

    from forecast_cli.ingest.scan.parts import Ask
    from forecast_cli.ingest.scan.sources import Source
    from forecast_cli.types import ReadingOptions

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_NUMERIC = (*_WHOLE, *(f"U{name}" for name in _WHOLE), "FLOAT", "DOUBLE", "DECIMAL")
_JUDGED = 300  # sampled cells of a column, to tell whether it holds numbers
_SAMPLED = 2_000  # rows of a Parquet file that are looked at


@dataclass(frozen=True)
class Scan:
    """One file, ready to be read."""

    source: Source
    names: tuple[str, ...]  # of the columns, as people know them
    types: tuple[str, ...]  # as DuckDB knows them; VARCHAR throughout for text tables
    samples: tuple[tuple[str, ...], ...]  # per column: cells from several places
    relation: str  # SQL after FROM, its columns c0, c1, ...; "" for text tables, which are read piece by piece
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
        return self._are_numbers[k]

    @cached_property
    def _are_numbers(self) -> tuple[bool, ...]:
        """Whether a column may hold numbers, by column: most of some hundred sampled cells are."""
        return tuple(
            numbers.holds_numbers(cells[:: max(len(cells) // _JUDGED, 1)], form)
            if kind == "VARCHAR"
            else kind.startswith(_NUMERIC)
            for kind, cells, form in zip(self.types, self.samples, self.forms, strict=True)
        )

    def text(self, k: int) -> str:
        """Return the SQL of a column's cells as text."""
        return f"trim(CAST(c{k} AS VARCHAR))"

    def number(self, k: int) -> str:
        """Return the SQL of a column's cells as DOUBLE."""
        if self.types[k] != "VARCHAR":
            return f"CAST(c{k} AS DOUBLE)"
        return numbers.write_cast(f"c{k}", self.forms[k])

    def write_number(self, k: int) -> str:
        """Return the SQL that reads a column as DOUBLE: NaN where a cell is missing, null where it is no number."""
        if self.types[k] != "VARCHAR":
            return f"coalesce({self.number(k)}, CAST('NaN' AS DOUBLE))"
        return numbers.write_number(f"c{k}", self.forms[k])

    def write_query(self, ask: Ask, relation: str, plain: Collection[int] = ()) -> str:
        """Return the query for what is asked of every row, as r0, r1, ...; `plain` columns are read as they are."""
        cells = [f"c{k}" if k in plain else self.write_number(k) for k in ask.numbers]
        wanted = [*ask.times, *ask.offsets, *cells]
        return f"SELECT {', '.join(f'{sql} AS r{k}' for k, sql in enumerate(wanted))} FROM {relation}"


def open_scan(
    connection: DuckDBPyConnection, source: Source, options: ReadingOptions, before: Dialect | None = None
) -> Scan:
    """Return a file ready to be read: its columns, and how it is written; `before`: how another was, tried first."""
    if source.kind == "parquet":
        return _open_parquet(connection, source, options)
    dialect = detect_dialect(source.label, sample_pieces(source), options, before)
    types = ("VARCHAR",) * len(dialect.names)
    return Scan(source, dialect.names, types, dialect.samples, "", dialect, dialect.forms)


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
