"""How a text table is written: encoding, delimiter, decimal sign, header and number of columns.

Judged here and not by DuckDB's sniffer, because a trailing delimiter must not shift columns, a decimal comma is no
delimiter, and every choice is to be explained. Samples come from several places of the file.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast_cli.errors import DataError, UsageError
from forecast_cli.ingest.cells import classify_cell, classify_column
from forecast_cli.ingest.sources import HEAD

if TYPE_CHECKING:
    from collections.abc import Sequence

_DELIMITERS = (",", ";", "\t", "|")
_NAMED = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_COMMA = re.compile(r"[+-]?\d+,\d+")
_POINT = re.compile(r"[+-]?\d*\.\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")

Record = list[str]


@dataclass(frozen=True)
class Dialect:
    """How a text table is written."""

    encoding: str  # as DuckDB says it: utf-8, utf-16, latin-1
    delimiter: str
    decimal: str
    skip: int  # empty lines before the first record
    has_header: bool
    names: tuple[str, ...]  # one per column, unique, none empty
    pads: bool  # rows are shorter than the header
    mixes_ends: bool  # lines end in CRLF here and in LF there
    samples: tuple[tuple[str, ...], ...]  # per column: cells from several places
    repeated: tuple[str, ...] = ()  # names that the header gives to several columns


def detect_dialect(label: str, pieces: Sequence[bytes], delimiter: str | None, decimal: str | None) -> Dialect:
    """Return how the table is written that these pieces were cut from, the head first.

    Raises DataError where the bytes are no text or hold no row.
    """
    encoding = _detect_encoding(label, pieces)
    texts = _cut_texts(pieces, encoding)
    head = texts[0]
    if not head.strip():
        raise DataError(f"{label} holds no row", "name a file with rows in it")
    chosen = _read_delimiter(delimiter) or _detect_delimiter(head, decimal)
    records = [record for text in texts for record in _parse(text, chosen)]
    first, body = records[0], records[1:]
    width = _count_columns(first, body)
    columns = _transpose([*body, first], width)
    sign = _read_decimal(decimal) or _detect_decimal([c for column in columns for c in column], chosen)
    has_header = detect_header(first, _transpose(body, width), sign)
    rows = body if has_header else records
    return Dialect(
        encoding,
        chosen,
        sign,
        _count_lines(head[: len(head) - len(head.lstrip("\r\n"))]),
        has_header,
        name_columns(first if has_header else [], width),
        bool(rows) and max(len(row) for row in rows) < width,
        0 < b"".join(pieces).count(b"\r\n") < b"".join(pieces).count(b"\n"),
        _transpose(rows, width),
        _find_repeated(first) if has_header else (),
    )


def detect_header(first: Record, columns: Sequence[tuple[str, ...]], decimal: str) -> bool:
    """Return whether the first record names the columns: where a column holds numbers or stamps, it holds text."""
    for cell, column in zip(first, columns, strict=False):
        below = classify_column(column, decimal)
        above = classify_cell(cell, decimal)
        if below in ("number", "stamp") and above == "text":
            return True
        if below == "stamp" and above == "number":
            return True
    kinds = [classify_cell(cell, decimal) for cell in first]
    return "number" not in kinds and "stamp" not in kinds


def name_columns(first: Sequence[str], width: int) -> tuple[str, ...]:
    """Return unique names: `column_3` where there is none, `flow_2` for a second `flow`."""
    names: dict[str, None] = {}
    for k in range(width):
        given = first[k].strip() if k < len(first) else ""
        name, count = given or f"column_{k + 1}", 1
        while name in names:
            count += 1
            name = f"{given or f'column_{k + 1}'}_{count}"
        names[name] = None
    return tuple(names)


def _find_repeated(first: Sequence[str]) -> tuple[str, ...]:
    counts = Counter(name.strip() for name in first)
    return tuple(name for name, count in counts.items() if name and count > 1)


def _detect_encoding(label: str, pieces: Sequence[bytes]) -> str:
    if pieces[0][:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    data = b"".join(pieces)
    controls = sum(data.count(byte) for byte in range(32) if byte not in b"\t\n\r\x0c\x1a\x1b") / max(len(data), 1)
    is_utf8 = _is_utf8(pieces[0]) and all(_is_utf8(_drop_tail(piece)) for piece in pieces[1:])
    if controls > (0.3 if is_utf8 else 0.02):
        raise DataError(f"{label} is no text table", "CSV, TSV, their gzip, and Parquet are read")
    return "utf-8" if is_utf8 else "latin-1"


def _is_utf8(piece: bytes) -> bool:
    """Return whether a piece is UTF-8, a character cut at its end aside."""
    try:
        piece.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(piece) - 3 and error.reason == "unexpected end of data"
    return True


def _drop_tail(piece: bytes) -> bytes:
    """Return a piece without the rest of a character that was cut at its beginning."""
    return piece[:3].lstrip(bytes(range(0x80, 0xC0))) + piece[3:]


def _count_lines(text: str) -> int:
    return text.count("\n") or text.count("\r")


def _cut_texts(pieces: Sequence[bytes], encoding: str) -> list[str]:
    """Return the pieces as text of whole lines; only the first starts where a line starts."""
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    head = pieces[0].decode(codec, errors="replace")
    later = [piece.decode(encoding, errors="replace") for piece in pieces[1:] if encoding != "utf-16"]
    is_cut = len(pieces) > 1 or len(pieces[0]) == HEAD  # gzip has one piece only
    texts = [_drop_last_line(head) if is_cut else head]
    return texts + [_drop_last_line(text.partition("\n")[2]) for text in later]


def _drop_last_line(text: str) -> str:
    cut = max(text.rfind("\n"), text.rfind("\r"))
    return text[: cut + 1] if cut >= 0 else text


def _parse(text: str, delimiter: str) -> list[Record]:
    """Return the records of a text, the empty lines left out; up to the first that cannot be parsed."""
    records: list[Record] = []
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    with contextlib.suppress(csv.Error):  # an endless field: the sample ends there, DuckDB judges the line
        records.extend(record for record in lines if record)
    return records or [[text.strip()]]


def _detect_delimiter(head: str, decimal: str | None) -> str:
    allowed = [d for d in _DELIMITERS if d != _read_decimal(decimal)]
    return max(allowed, key=lambda d: (_score_delimiter(_parse(head, d)), -allowed.index(d)))


def _score_delimiter(records: list[Record]) -> tuple[float, int]:
    """Return how well a delimiter fits: rows of one width times cells that mean something; then the width."""
    body = records[1:] or records
    width = Counter(len(record) for record in body).most_common(1)[0][0]
    steady = sum(len(record) == width for record in body) / len(body)
    if len(_trim(records[0])) != len(_trim(body[0])) and len(records[0]) != width:
        steady /= 2  # the header has another number of names
    cells = [cell for record in body[:200] for cell in record]
    sound = sum(classify_cell(c, ",") != "text" or classify_cell(c) != "text" for c in cells) / max(len(cells), 1)
    return round(steady * (0.2 + sound), 1), width


def _trim(record: Record) -> Record:
    """Return a record without its empty cells at the end."""
    end = max((k + 1 for k, cell in enumerate(record) if cell.strip()), default=0)
    return record[:end]


def _count_columns(first: Record, body: list[Record]) -> int:
    """Return the number of columns: most rows' own, or the header's where it names more."""
    if not body:
        return len(first)
    usual = Counter(len(record) for record in body).most_common(1)[0][0]
    return max(usual, len(_trim(first)))


def _transpose(records: list[Record], width: int) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row[k] if k < len(row) else "" for row in records) for k in range(width))


def _detect_decimal(cells: list[str], delimiter: str) -> str:
    commas = [cell for cell in map(str.strip, cells) if _COMMA.fullmatch(cell)]
    points = sum(_POINT.fullmatch(cell.strip()) is not None for cell in cells)
    if delimiter == "," and all(_THOUSANDS.fullmatch(cell) for cell in commas):
        return "."
    return "," if len(commas) > points else "."


def _read_delimiter(text: str | None) -> str | None:
    if text is None:
        return None
    sign = _NAMED.get(text.lower(), text)
    if len(sign) != 1 or sign in '"\r\n':
        raise UsageError(f"{text!r} is no delimiter", "give one character, or tab, comma, semicolon, pipe")
    return sign


def _read_decimal(text: str | None) -> str | None:
    if text is None:
        return None
    sign = {"comma": ",", "point": ".", "dot": "."}.get(text.lower(), text)
    if sign not in (",", "."):
        raise UsageError(f"{text!r} is no decimal sign", "give , or .")
    return sign
