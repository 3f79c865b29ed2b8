"""One file from its beginning to its end, into arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from forecast_cli.ingest.scan.desks import map_pieces, set_up_desks
from forecast_cli.ingest.scan.memory import check_room, measure_free_memory
from forecast_cli.ingest.scan.parts import Gathering, Part, take_part
from forecast_cli.ingest.scan.piece_reader import PieceReader
from forecast_cli.ingest.scan.pieces import choose_size, cut_pieces
from forecast_cli.ingest.scan.query import blame, fetch_columns, fetch_rows
from forecast_cli.ingest.scan.streams import open_stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

    from forecast_cli.ingest.scan.desks import Desk
    from forecast_cli.ingest.scan.parts import Ask
    from forecast_cli.ingest.scan.pieces import Piece
    from forecast_cli.ingest.scan.table import Scan
    from forecast_cli.ingest.text.dialect import Dialect
    from forecast_cli.types import Listener

T = TypeVar("T")

_PER_CELL = 17  # bytes of a cell of a Parquet file: as DuckDB holds it, as a float, and whether it is null
_LARGE = 2**22  # bytes of a file whose progress is worth telling


def read_rows(connection: DuckDBPyConnection, scan: Scan, ask: Ask, listener: Listener) -> Part:
    """Return all rows of a file, in its order.

    Raises DataError where it cannot be read, RefusedError where its columns do not fit into the memory that is free.
    """
    if scan.dialect is None:
        return _read_parquet(connection, scan, ask)
    reader, rows, free = PieceReader(scan, scan.dialect, ask), Gathering(), measure_free_memory()

    if scan.source.size >= _LARGE:
        listener.progress("reading", 0, scan.source.size, {})

    def hear(piece: Piece, part: Part) -> None:
        share = piece.done / max(scan.source.size, 1)
        rows.add(part, share)
        check_room(scan.source.label, int(rows.n_bytes / max(share, 0.001)), free)
        if scan.source.size >= _LARGE:
            listener.progress("reading", piece.done, scan.source.size, {})

    scan_pieces(connection, scan, scan.dialect, reader.read, hear)
    return rows.close(ask)


def _read_parquet(connection: DuckDBPyConnection, scan: Scan, ask: Ask) -> Part:
    """Return all rows of a Parquet file, which says beforehand how many there are."""
    with blame(scan.source):
        ((n_rows,),) = fetch_rows(connection, f"SELECT count(*) FROM {scan.relation}")
        check_room(scan.source.label, _PER_CELL * n_rows * (len(ask.numbers) + len(ask.times)), measure_free_memory())
        found = fetch_columns(connection, scan.write_query(ask, scan.relation))
    return take_part([found.pop(f"r{k}") for k in range(len(found))], ask)


def scan_pieces(
    connection: DuckDBPyConnection,
    scan: Scan,
    dialect: Dialect,
    work: Callable[[Desk, Piece], T],
    hear: Callable[[Piece, T], None],
) -> None:
    """Do some work on every piece of a text table and let `hear` have the results, in the order of the file."""
    size = choose_size(scan.source.size)
    count = -(-scan.source.size // size)
    with open_stream(scan.source, dialect.encoding) as stream:
        desks = set_up_desks(connection, scan.source.path.parent, count)
        map_pieces(cut_pieces(stream, dialect, size), work, desks, hear)
