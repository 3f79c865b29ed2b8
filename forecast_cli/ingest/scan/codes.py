"""A column of text as codes into its distinct texts, read piece by piece as the rows were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest.scan.csv_sql import write_careful_relation, write_quick_relation
from forecast_cli.ingest.scan.query import blame, fetch_columns, fetch_rows, quote
from forecast_cli.ingest.scan.repair import repair_piece
from forecast_cli.ingest.scan.scanning import scan_pieces
from forecast_cli.ingest.text.formulas import unguard_formula

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from forecast_cli.ingest.scan.desks import Desk
    from forecast_cli.ingest.scan.load import Loaded
    from forecast_cli.ingest.scan.pieces import Piece
    from forecast_cli.ingest.text.dialect import Dialect
    from forecast_cli.types import Integers

Codes: TypeAlias = tuple["Integers", tuple[str, ...]]  # of the rows of a file (-1: empty), and what they stand for


class _TooManyTexts(Exception):
    """More distinct texts than were asked for."""


def read_codes(connection: DuckDBPyConnection, table: Loaded, k: int, limit: int) -> Codes | None:
    """Return a column as codes (−1 where empty) into its sorted distinct texts; None if there are above `limit`."""
    scan, dialect = table.scan, table.scan.dialect
    book = CodeBook({}, [], limit)
    try:
        if dialect is None:
            with blame(scan.source):
                book.add(_encode(connection, scan.text(k), scan.relation))
        else:
            reader = CodeReader(table, dialect, scan.text(k))
            scan_pieces(connection, scan, dialect, reader.read, lambda _, codes: book.add(codes))
    except _TooManyTexts:
        return None
    codes, texts = book.close()
    if codes.size != table.n_rows:
        raise DataError(f"{scan.source.label} changed while it was read", "read it when nothing writes into it")
    return codes, texts


@dataclass(frozen=True)
class CodeReader:
    """Reads the texts of pieces of one file; several threads may share it."""

    table: Loaded
    dialect: Dialect
    text: str  # SQL

    def read(self, desk: Desk, piece: Piece) -> Codes:
        """Return the codes of a piece; the same lines are rows as when it was read for its numbers."""
        is_flawed = piece.number in self.table.repaired
        data = repair_piece(piece, self.dialect).data if is_flawed else piece.data
        desk.put(data)
        if is_flawed:
            relation = write_careful_relation(desk.path, len(data), self.dialect, keeps_rejects=False)
        else:
            relation = write_quick_relation(desk.path, data, self.dialect, {})
        with blame(self.table.scan.source):
            codes, texts = _encode(desk.connection, self.text, relation)
        return codes, tuple(map(unguard_formula, texts))


@dataclass(frozen=True, eq=False)
class CodeBook:
    """The codes of all rows so far."""

    numbers: dict[str, int]  # text -> code
    parts: list[Integers]
    limit: int

    def add(self, codes: Codes) -> None:
        """Take the next rows in."""
        part, texts = codes
        numbers = [self.numbers.setdefault(text, len(self.numbers)) for text in texts]
        if len(self.numbers) > self.limit:
            raise _TooManyTexts
        self.parts.append(np.array([*numbers, -1], dtype=np.int64)[part])

    def close(self) -> Codes:
        """Return the codes into the sorted texts."""
        texts = sorted(self.numbers)
        places = np.empty(len(texts) + 1, dtype=np.int64)
        places[[self.numbers[text] for text in texts]] = np.arange(len(texts))
        places[-1] = -1
        return places[np.concatenate(self.parts)], tuple(texts)


def _encode(connection: DuckDBPyConnection, text: str, relation: str) -> Codes:
    """Return the codes of the rows of a relation, -1 where empty."""
    found = sorted(row[0] for row in fetch_rows(connection, f"SELECT DISTINCT {text} FROM {relation}") if row[0])
    kind = f"ENUM ({', '.join(map(quote, found or ['']))})"
    query = f"SELECT CAST(enum_code(TRY_CAST(nullif({text}, '') AS {kind})) AS BIGINT) AS r0 FROM {relation}"
    return np.ma.filled(fetch_columns(connection, query)["r0"], -1), tuple(found)
