"""Texts into records of cells, and what most records have in common."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Record = list[str]

SPACES = " "  # as a delimiter: runs of spaces between aligned columns
_RUN = re.compile(r"^ +| +(?=[\r\n]|$)|(?<= ) +", re.MULTILINE)


def squeeze_spaces(text: str) -> str:
    """Return the text with one space for a run of them, and none at either end of a line."""
    return _RUN.sub("", text)


def parse_records(text: str, delimiter: str) -> tuple[list[Record], list[int]]:
    """Return the records of a text, and the physical lines before each and before the end.

    Empty lines are no records. A line that cannot be parsed, for an endless field, ends the sample; the reader judges.
    """
    records: list[Record] = []
    starts: list[int] = []
    shown = squeeze_spaces(text) if delimiter == SPACES else text
    lines = csv.reader(io.StringIO(shown, newline=""), delimiter=delimiter, skipinitialspace=True)
    begun = 0
    with contextlib.suppress(csv.Error):
        for record in lines:
            if record:
                records.append(record)
                starts.append(begun)
            begun = lines.line_num
    return records, [*starts, begun]


def find_width(records: Iterable[Record]) -> int:
    """Return the number of cells that most records have; 0 for no records."""
    counts = Counter(len(record) for record in records)
    return counts.most_common(1)[0][0] if counts else 0


def take_bulk(records: Sequence[Record]) -> Sequence[Record]:
    """Return the later half of the records: below preamble, header and units, however short the table is."""
    return records[len(records) // 2 :]


def transpose(records: Sequence[Record], width: int, most: int) -> tuple[tuple[str, ...], ...]:
    """Return the cells by column, "" where a record is short; of evenly spaced records where there are above `most`."""
    step = max(-(-len(records) * width // max(most, 1)), 1)
    few = [record[:width] + [""] * (width - len(record)) for record in records[::step]]
    return tuple(zip(*few, strict=True)) if few else ((),) * width


def trim(record: Record) -> Record:
    """Return a record without its empty cells at the end."""
    end = max((k + 1 for k, cell in enumerate(record) if cell.strip()), default=0)
    return record[:end]


def count_filled(record: Record) -> int:
    """Return the number of cells with anything in them."""
    return sum(bool(cell.strip()) for cell in record)
