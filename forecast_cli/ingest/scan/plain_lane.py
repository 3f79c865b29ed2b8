"""The plain lane: pieces of text that are numbers and instants throughout, read by NumPy alone.

It takes a piece only where it proves every cell plain; then the rows are, bit for bit, those that DuckDB reads. Any
doubt sends the piece back: a quotation mark, a letter or an exponent in a number, a line with another number of cells.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.ingest.scan.csv_sql import is_plain
from forecast_cli.ingest.scan.parts import Flaws, Part, mark_filled
from forecast_cli.ingest.scan.plain_numbers import read_numbers
from forecast_cli.ingest.scan.plain_stamps import count_microseconds, plan_stamps, read_stamps
from forecast_cli.ingest.scan.plain_words import Bench, NotPlainError, find_cells, strip_returns
from forecast_cli.ingest.scan.rejects import gather_rejects
from forecast_cli.ingest.scan.repair import may_be_spoilt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forecast_cli.ingest.scan.parts import Ask
    from forecast_cli.ingest.scan.pieces import Piece
    from forecast_cli.ingest.scan.plain_stamps import Stamps
    from forecast_cli.ingest.scan.plain_words import Bytes, Words
    from forecast_cli.ingest.scan.table import Scan
    from forecast_cli.ingest.text.dialect import Dialect
    from forecast_cli.types import Floats, Integers

_BLOCK = 2**19  # bytes: its arrays stay near the processor, and one operation takes longer than a change of threads
_NO_DELIMITERS = "0123456789+-\r\n"
_RETURN = ord("\r")


@dataclass(frozen=True)
class PlainLane:
    """How the plain pieces of one file are read; several threads may share it."""

    dialect: Dialect
    columns: tuple[int, ...]  # of numbers
    stamps: tuple[tuple[int, Stamps], ...]  # the columns of instants, and how they are written
    n_offsets: int

    def read(self, piece: Piece) -> Part | None:
        """Return the rows of a piece; None where it is not plain."""
        if not _looks_plain(piece, has_times=bool(self.stamps)):
            return None
        try:
            return self._read(piece)
        except NotPlainError:
            return None

    def _read(self, piece: Piece) -> Part:
        n_rows, width, delimiter = len(piece.lines), len(self.dialect.names), ord(self.dialect.delimiter)
        has_returns = _has_returns(piece.data, n_rows)
        bench, begun = Bench(min(_BLOCK, len(piece.data))), 0
        numbers = np.empty((len(self.columns), n_rows))
        words = [np.empty((len(stamps.places), n_rows), dtype=np.uint64) for _, stamps in self.stamps]
        for text in _cut_blocks(piece.data):
            cells = find_cells(bench, bench.lay(text), delimiter, width)
            if has_returns:
                strip_returns(bench, cells)
            rows = slice(begun, begun + cells.shape[1])
            self._read_block(bench, cells, numbers[:, rows], [each[:, rows] for each in words])
            begun = rows.stop
        return self._gather(piece, words, numbers)

    def _read_block(self, bench: Bench, cells: Integers, numbers: Floats, words: list[Words]) -> None:
        for (k, stamps), each in zip(self.stamps, words, strict=True):
            read_stamps(bench, stamps, cells[k], cells[k + 1], each)
        first, last = self.columns[0], self.columns[-1]
        if self.columns == tuple(range(first, last + 1)):  # as most often: no copy
            before, ends = cells[first : last + 1], cells[first + 1 : last + 2]
        else:
            before, ends = cells[:-1][list(self.columns)], cells[1:][list(self.columns)]
        read_numbers(bench, before, ends, self.dialect.decimal, numbers)

    def _gather(self, piece: Piece, words: list[Words], numbers: Floats) -> Part:
        n_rows = numbers.shape[1]
        columns = list(numbers)
        return Part(
            n_rows=n_rows,
            times=[count_microseconds(stamps, each) for (_, stamps), each in zip(self.stamps, words, strict=True)],
            readable=[np.ones(n_rows, dtype=np.bool_) for _ in self.stamps],
            offsets=[np.zeros(n_rows, dtype=np.int16) for _ in range(self.n_offsets)],
            numbers=columns,
            filled=mark_filled(columns, n_rows),
            n_bad=(0,) * len(columns),
            flaws=Flaws(gather_rejects(piece.rejects), ((),) * len(self.stamps), unfinished=piece.unfinished),
        )


def plan_lane(scan: Scan, dialect: Dialect, ask: Ask) -> PlainLane | None:
    """Return how plain pieces of a file are read; None where what is asked of it is never plain."""
    stamps = [(k, plan) for k, layout in ask.layouts if (plan := plan_stamps(layout)) is not None]
    signs = dialect.delimiter
    is_possible = (
        sys.byteorder == "little"
        and len(stamps) == len(ask.times)
        and bool(ask.numbers)
        and all(is_plain(scan.forms[k]) and k not in ask.texts for k in ask.numbers)
        and dialect.decimal in (".", ",")
        and signs.isascii()
        and signs not in (*_NO_DELIMITERS, dialect.decimal)
    )
    return PlainLane(dialect, ask.numbers, tuple(stamps), len(ask.offsets)) if is_possible else None


def _looks_plain(piece: Piece, *, has_times: bool) -> bool:
    """Return whether a piece may be plain. A repeated header has no instant, but it may have numbers."""
    data = piece.data
    if not data or b'"' in data or b"\0" in data or not data.isascii():
        return False
    return has_times or not may_be_spoilt(piece)


def _has_returns(data: bytearray, n_rows: int) -> bool:
    """Return whether lines end with a carriage return; raises NotPlainError where there is one elsewhere."""
    if b"\r" not in data:
        return False
    if np.count_nonzero(np.frombuffer(data, dtype=np.uint8) == _RETURN) != n_rows:
        raise NotPlainError
    return True


def _cut_blocks(data: bytearray) -> Iterator[Bytes]:
    """Yield a text in blocks of whole lines; raises NotPlainError where a line is longer than a block."""
    text, begun = np.frombuffer(data, dtype=np.uint8), 0
    while begun < text.size:
        end = begun + _BLOCK
        if end < text.size:
            end = data.rfind(b"\n", begun, end) + 1
        if end <= begun:
            raise NotPlainError
        yield text[begun:end]
        begun = end
