"""Lines that spoil a piece, taken out before it is read again: each is no row, and said to be none.

Only a piece that cannot be read as it is comes here.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast_cli.ingest.scan.pieces import count_cells, is_record
from forecast_cli.ingest.scan.rejects import NUL_BYTES, OPEN_QUOTE, Rejected, reject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forecast_cli.ingest.scan.pieces import Piece
    from forecast_cli.ingest.text.dialect import Dialect

_EMPTY = b" \t\r\n\x1a\x00"  # nothing but these: an empty line, or the end mark of old DOS files
_RETURNS = re.compile(rb"\r+\n")
_REACH = 100  # lines after a quotation mark, in which it may close
_CLOSERS = 3  # of them with an odd number of marks, that are tried


@dataclass(frozen=True)
class Repaired:
    """The lines of a piece that may be rows."""

    data: bytes
    numbers: Sequence[int]  # of the lines, in the user's file
    rejects: tuple[Rejected, ...]
    repeated: int  # lines that repeat the header


def repair_piece(piece: Piece, dialect: Dialect) -> Repaired:
    """Return a piece without the lines that are no rows whatever they are read as, in UTF-8 with one kind of line end.

    These are left out without a word: empty lines, the header and what stands around it, said again. A line with NUL
    bytes is rejected, since what was lost there is unknown, and one with an open quotation mark.
    """
    data, numbers = _normalise(bytes(piece.data), piece.lines)
    lines = _split(data)
    if not _is_suspicious(data, lines, piece, dialect):
        return Repaired(data, numbers, (), 0)
    rejects: dict[int, Rejected] = {}
    spare = _find_spare(lines, piece, dialect)
    for k in _find_containing(lines, b"\0"):
        if k not in spare:
            rejects[k] = reject(numbers[k], lines[k], NUL_BYTES)
    for k in find_open_quotes([b"" if j in spare or j in rejects else line for j, line in enumerate(lines)], dialect):
        rejects[k] = reject(numbers[k], lines[k], OPEN_QUOTE)
    kept = [k for k in range(len(lines)) if k not in spare and k not in rejects]
    data = b"".join(_widen(lines[k], dialect) + b"\n" for k in kept)
    repeated = sum(bool(piece.top.header) and lines[k] == piece.top.header for k in spare)
    return Repaired(data, [numbers[k] for k in kept], tuple(rejects.values()), repeated)


def may_be_spoilt(piece: Piece) -> bool:
    """Return whether lines of a piece may be no rows though they have as many cells."""
    data, top = piece.data, piece.top
    return b"\0" in data or b'"' in data or any(line in data for line in {*top.others, top.header} - {b""})


def find_open_quotes(lines: Sequence[bytes], dialect: Dialect) -> list[int]:
    """Return the lines with a quotation mark that opens a cell and closes neither there nor in the next lines."""
    odd = [k for k, line in enumerate(lines) if line.count(b'"') % 2]
    found, after = [], 0
    for place, k in enumerate(odd):
        if k < after or count_cells(lines[k], dialect) is not None:
            continue  # the end of a cell with line breaks, or a mark within a cell, as in 5" pipe
        near = [j for j in odd[place + 1 : place + 1 + _CLOSERS] if j <= k + _REACH]
        end = next((j for j in near if _is_row(lines[k : j + 1], dialect)), None)
        if end is None:
            found.append(k)
        else:
            after = end + 1
    return found


def list_starts(data: bytes, dialect: Dialect) -> Iterator[int]:
    """Yield the line, from 0, where each record of a text begins; empty lines are no records."""
    text = io.StringIO(data.decode("utf-8", errors="replace").replace("\0", " "), newline="")
    reader = csv.reader(text, delimiter=dialect.delimiter)
    begun = 0
    try:
        for record in reader:
            if record:
                yield begun
            begun = reader.line_num
    except csv.Error:  # an endless cell: what follows has no number
        return


def _normalise(data: bytes, numbers: Sequence[int]) -> tuple[bytes, Sequence[int]]:
    """Return a text as UTF-8 with one kind of line end, and the number of each of its lines.

    A carriage return alone ends a row, but no line that an editor would count.
    """
    data = data if data.isascii() else data.decode("utf-8", errors="replace").encode()
    if b"\r" in data:
        data = _RETURNS.sub(b"\n", data)
    if b"\r" in data:
        numbers = [n for n, line in zip(numbers, _split(data), strict=False) for _ in range(1 + line.count(b"\r"))]
        data = data.replace(b"\r", b"\n")
    return data, numbers


def _split(data: bytes) -> list[bytes]:
    return data.removesuffix(b"\n").split(b"\n") if data else []


def _is_suspicious(data: bytes, lines: Sequence[bytes], piece: Piece, dialect: Dialect) -> bool:
    """Return whether a text may hold lines to take out: a glance at all of it, since most texts hold none."""
    begins = [b"\n", b" ", b"\t", b"\x1a", dialect.delimiter.encode()]
    known = piece.top.others | {piece.top.header} - {b""}
    return (
        b"\0" in data
        or data.startswith(tuple(begins))
        or any(b"\n" + sign in data for sign in begins)
        or any(line in data for line in known)
        or (b'"' in data and any(line.count(b'"') % 2 for line in lines))
    )


def _find_spare(lines: Sequence[bytes], piece: Piece, dialect: Dialect) -> set[int]:
    """Return the lines that are no rows and no loss. In a table of one column an empty line is a missing value."""
    known = {piece.top.header, *piece.top.others} - {b""}
    empty = _EMPTY.replace(dialect.delimiter.encode(), b"")
    may_be_empty = len(dialect.names) == 1
    return {
        k for k, line in enumerate(lines) if line in known or (not line.strip(empty) and (line or not may_be_empty))
    }


def _find_containing(lines: Sequence[bytes], sign: bytes) -> list[int]:
    return [k for k, line in enumerate(lines) if sign in line]


def _is_row(lines: Sequence[bytes], dialect: Dialect) -> bool:
    return is_record(b"\n".join(lines), dialect)


def _widen(line: bytes, dialect: Dialect) -> bytes:
    """Return a row of nothing but delimiters with as many of them as a row has."""
    sign = dialect.delimiter.encode()
    return sign * (len(dialect.names) - 1) if sign in line and not line.strip(sign + b" \t") else line
