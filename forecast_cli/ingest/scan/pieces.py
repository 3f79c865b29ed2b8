"""A text cut into pieces of whole lines: small enough for some of them to be held, large enough to be read at once.

A piece ends where a record ends, never inside a quoted line break.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest.scan.rejects import TOO_LONG, Rejected, reject
from forecast_cli.ingest.text.records import SPACES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forecast_cli.ingest.scan.streams import TextStream
    from forecast_cli.ingest.text.dialect import Dialect

PIECE = 2**23  # bytes
LONGEST = 2**24  # bytes of a line
_ENDLESS = 2**28  # bytes without a line end, after which a file is no table
_END = ord("\n")
_LINE_END = re.compile(rb"\r\n?|\n")
_RUN_OF_SPACES = re.compile(rb"^ +| +(?=[\r\n]|$)|(?<= ) +", re.MULTILINE)
_LOOKED_BACK = 200  # lines before the end of a piece, to find where a record ends


@dataclass(frozen=True)
class Top:
    """The lines above the first row, without their ends: what they say again further down is no row."""

    header: bytes
    others: frozenset[bytes]


@dataclass(frozen=True)
class Piece:
    """Some whole lines of a file."""

    number: int  # from 0
    lines: range  # of the file, from 1
    data: bytearray
    done: int  # bytes of the file that were used up with it
    top: Top
    rejects: tuple[Rejected, ...] = ()  # lines before it that are not in it: too long
    unfinished: int = 0  # 1 where the file ended within a line, which is not in it


def choose_size(file_size: int) -> int:
    """Return the bytes of a piece of a file of this size: a few pieces of a smaller one, since several threads read."""
    return min(PIECE, max(file_size // 4, 2**20))


def cut_pieces(stream: TextStream, dialect: Dialect, size: int) -> Iterator[Piece]:
    """Yield the rows of a text, piece by piece and at least one; the lines above the first row are left out.

    Raises DataError where there is no line end for a very long time.
    """
    data, top = _read_top(stream, dialect, size)
    line, number, at_end = dialect.skip + 1, 0, stream.is_read
    rejects: tuple[Rejected, ...] = ()
    before = b""  # the line before
    while True:
        cut = find_last_end(data, before, dialect) if at_end else find_cut(data, dialect)
        rest, is_cut_off = bytes(data[cut:]), at_end and cut < len(data)
        if not at_end and cut == 0 and len(data) > LONGEST:
            rejects = (*rejects, reject(line, data, TOO_LONG))
            rest, line = _skip_line(stream, len(data), size), line + 1
        elif cut or at_end:
            del data[cut:]
            whole = _squeeze(data, dialect)
            lines = range(line, line + count_ends(whole) + (not whole.endswith(b"\n")))
            yield Piece(number, lines, whole, stream.tell(), top, rejects, int(is_cut_off))
            line, number, rejects = lines.stop, number + 1, ()
            before = bytes(whole[whole.rfind(b"\n", 0, -1) + 1 :])
        if at_end:
            return
        data = stream.read(size, rest)
        at_end = stream.is_read or len(data) == len(rest)


def count_ends(data: bytearray) -> int:
    """Return the number of line ends of a text; several times as quickly as `bytearray.count`."""
    return int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8) == _END))


def find_cut(data: bytearray, dialect: Dialect) -> int:
    """Return where the last record of some text ends whose end is surely in it; 0 where none does.

    Where there are quotation marks, a line end may be inside a cell: the line before a cut is to be a whole record, and
    the marks before it are to be even in number, unless marks are strewn about singly.
    """
    last = cut = data.rfind(b"\n") + 1
    if b'"' not in data:
        return last
    marks, single = data.count(b'"', 0, last), 0
    for _ in range(_LOOKED_BACK):
        if cut == 0:
            break
        start = data.rfind(b"\n", 0, cut - 1) + 1
        if is_record(data[start:cut], dialect):
            if marks % 2 == 0:
                return cut
            single = single or cut
        marks -= data.count(b'"', start, cut)
        cut = start
    return single or (last if len(data) > LONGEST else 0)


def find_last_end(data: bytearray, before: bytes, dialect: Dialect) -> int:
    """Return where the text at the end of a file ends: before its last line where that is not finished.

    Such a line has no end and fewer cells than the line before it, or a quotation mark that is still open. One that was
    cut within its last cell cannot be told from a whole one. `before`: the line before the text.
    """
    start = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
    last = data[start:]
    if not last.strip(b"\0 \t\r\n\x1a"):
        return len(data)
    above = bytes(data[max(start - LONGEST, 0) : start]).rstrip(b"\r\n")
    before = above[max(above.rfind(b"\n"), above.rfind(b"\r")) + 1 :] or before
    wanted = count_cells(before, dialect) or len(dialect.names)
    found = count_cells(last, dialect)
    return len(data) if found is not None and found >= wanted else start


def is_record(line: bytes | bytearray, dialect: Dialect) -> bool:
    """Return whether a line alone is a row of the table, and not a part of a cell with line breaks."""
    width = len(dialect.names)
    found = count_cells(line, dialect)
    return found is not None and (found == width or (dialect.pads and width > found > 1))


def count_cells(line: bytes | bytearray, dialect: Dialect) -> int | None:
    """Return the number of cells of a line, 0 for an empty one; None where a quotation mark stays open."""
    text = line.decode("utf-8", errors="replace").rstrip("\r\n").replace("\0", " ")
    if dialect.delimiter == SPACES:
        text = " ".join(text.split(" "))
    try:
        return next((len(record) for record in csv.reader([text], delimiter=dialect.delimiter, strict=True)), 0)
    except csv.Error:
        return None


def _read_top(stream: TextStream, dialect: Dialect, size: int) -> tuple[bytearray, Top]:
    """Return what was read of the rows so far, and the lines above them."""
    data, seen = stream.read(size), 0
    while (ends := _find_ends(data, dialect.skip)) is None and len(data) > seen:
        seen = len(data)
        _check_endless(stream, seen)
        data = stream.read(size, bytes(data))
    ends = ends or [len(data)]
    lines = [bytes(_squeeze(data[a:b].rstrip(b"\r\n"), dialect)) for a, b in zip([0, *ends[:-1]], ends, strict=True)]
    has_line = bool(dialect.header) and len(lines) > dialect.preamble
    header = lines[dialect.preamble] if has_line else b""
    others = frozenset(line for line in lines if line != header and re.search(rb"[A-Za-z]", line))
    del data[: ends[-1]]
    return data, Top(header, others)


def _find_ends(data: bytearray, count: int) -> list[int] | None:
    """Return where the first lines end, a list of `count`; None where there are fewer."""
    found = [match.end() for match in islice(_LINE_END.finditer(data), count)]
    return (found or [0]) if len(found) == count else None


def _squeeze(data: bytearray, dialect: Dialect) -> bytearray:
    """Return some text as it is to be read: where spaces part the cells, one for a run of them."""
    return bytearray(_RUN_OF_SPACES.sub(b"", data)) if dialect.delimiter == SPACES else data


def _skip_line(stream: TextStream, seen: int, size: int) -> bytes:
    """Return what follows a line that is too long, b"" at the end of the file."""
    while more := stream.read(size):
        seen += len(more)
        if (end := more.find(b"\n") + 1) > 0:
            return bytes(more[end:])
        _check_endless(stream, seen)
    return b""


def _check_endless(stream: TextStream, seen: int) -> None:
    if seen > _ENDLESS:
        raise DataError(f"{stream.label} has no line end in {seen >> 20} MB", "name a table of text, a row a line")
