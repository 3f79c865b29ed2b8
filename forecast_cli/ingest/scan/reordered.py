"""Files that were joined although their columns stand in another order: every row below would be read wrongly."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from forecast_cli.errors import DataError
from forecast_cli.ingest.text.records import parse_records

if TYPE_CHECKING:
    from forecast_cli.ingest.scan.pieces import Piece
    from forecast_cli.ingest.text.dialect import Dialect

_MOST = 20  # places that are looked at


def refuse_reordered(label: str, piece: Piece, dialect: Dialect) -> None:
    """Raise DataError where a line of a piece gives the names of the header in another order."""
    names = [cell.strip() for cell in dialect.header]
    longest = max(names, key=len, default="").encode()
    if len(names) < 2 or not longest:
        return
    for match in islice(re.finditer(re.escape(longest), piece.data), _MOST):
        line = _take_line(piece.data, match.start())
        records, _ = parse_records(line, dialect.delimiter)
        cells = [cell.strip() for cell in records[0]] if records else []
        if cells != names and sorted(cells) == sorted(names):
            number = piece.lines[0] + piece.data.count(b"\n", 0, match.start())
            raise DataError(
                f"line {number:,} of {label} names the columns in another order than its header",
                f"cut the file there and name both parts: split -l {number - 1} FILE",
            )


def _take_line(data: bytearray, place: int) -> str:
    begin = data.rfind(b"\n", 0, place) + 1
    end = data.find(b"\n", place)
    return data[begin : end if end >= 0 else len(data)].decode("utf-8", errors="replace").strip()
