"""Some threads that read pieces side by side, each with a connection and a file of its own.

DuckDB itself with several threads hands rows over out of the file's order now and then (2.0, whatever
preserve_insertion_order says), and where rows are the time the order is the data: so each has one, and whole pieces.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from forecast_cli.ingest.scan.query import execute
from forecast_cli.processors import count_processors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from forecast_cli.ingest.scan.pieces import Piece

T = TypeVar("T")

_MOST = 4  # threads: each holds a piece
_PATIENCE = 0.02  # seconds between two tries to interrupt


@dataclass(frozen=True)
class Desk:
    """Where one thread works."""

    connection: DuckDBPyConnection
    path: Path  # of the piece that it reads

    def put(self, data: bytes | bytearray) -> None:
        """Lay some text on the desk; to write over what was there is cheaper than a new file."""
        with self.path.open("r+b" if self.path.exists() else "wb", buffering=0) as file:
            begun = 0
            while begun < len(data):
                begun += file.write(memoryview(data)[begun:]) or 0
            file.truncate()


def set_up_desks(connection: DuckDBPyConnection, workspace: Path, count: int) -> list[Desk]:
    """Return so many desks, or as many as there are processors; the first one has the connection itself."""
    count = max(min(count, _MOST, count_processors()), 1)
    desks = [Desk(connection if k == 0 else connection.cursor(), workspace / f"piece{k}") for k in range(count)]
    for desk in desks:
        execute(desk.connection, "SET TimeZone = 'UTC'")  # of this connection only
    return desks


def map_pieces(
    pieces: Iterator[Piece], work: Callable[[Desk, Piece], T], desks: Sequence[Desk], hear: Callable[[Piece, T], None]
) -> None:
    """Do the work on every piece and let `hear` have what comes of it, in the order of the pieces.

    Few pieces are held at a time. With one desk all is done in this thread.
    """
    if len(desks) == 1:
        for piece in pieces:
            hear(piece, work(desks[0], piece))
        return
    free: SimpleQueue[Desk] = SimpleQueue()
    for desk in desks:
        free.put(desk)
    begun: deque[tuple[Piece, Future[T]]] = deque()
    with ThreadPoolExecutor(len(desks), thread_name_prefix="piece") as pool:
        try:
            for piece in pieces:
                begun.append((piece, pool.submit(_work_at_free_desk, free, work, piece)))
                if len(begun) > len(desks):
                    _finish(begun, hear)
            while begun:
                _finish(begun, hear)
        finally:  # also where a signal or an error ends it
            _interrupt([future for _, future in begun], desks)


def _work_at_free_desk(free: SimpleQueue[Desk], work: Callable[[Desk, Piece], T], piece: Piece) -> T:
    desk = free.get()
    try:
        return work(desk, piece)
    finally:
        free.put(desk)


def _finish(begun: deque[tuple[Piece, Future[T]]], hear: Callable[[Piece, T], None]) -> None:
    piece, future = begun[0]
    result = future.result()
    begun.popleft()
    hear(piece, result)


def _interrupt(futures: Sequence[Future[T]], desks: Sequence[Desk]) -> None:
    """Stop what is being done, however often it takes: a query that has not begun yet hears nothing."""
    for future in futures:
        future.cancel()
    while wait(futures, timeout=_PATIENCE).not_done:
        for desk in desks:
            desk.connection.interrupt()
