"""How a text table is written: encoding, delimiter, decimal sign, header and number of columns.

Judged here and not by DuckDB's sniffer, because a trailing delimiter must not shift columns, a decimal comma is no
delimiter, and every choice is to be explained. Samples come from several places of the file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forecast_cli.errors import DataError, RefusedError
from forecast_cli.ingest.scan.sources import HEAD
from forecast_cli.ingest.text.decimals import detect_signs, recall_signs
from forecast_cli.ingest.text.delimiter import detect_delimiter, judge_again, read_delimiter
from forecast_cli.ingest.text.encoding import decode_pieces, detect_encoding
from forecast_cli.ingest.text.formulas import unguard_formula
from forecast_cli.ingest.text.header import find_top, judge_column
from forecast_cli.ingest.text.levels import join_levels
from forecast_cli.ingest.text.names import align_names, find_repeated, name_columns, splits_decimals, tell_apart
from forecast_cli.ingest.text.numbers import choose_form
from forecast_cli.ingest.text.records import count_filled, find_width, parse_records, take_bulk, transpose, trim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.text.decimals import Signs
    from forecast_cli.ingest.text.delimiter import Fit
    from forecast_cli.ingest.text.header import Top
    from forecast_cli.ingest.text.numbers import NumberForm
    from forecast_cli.ingest.text.records import Record
    from forecast_cli.types import ReadingOptions

_MOST_COLUMNS = 10_000
_MOST_CELLS = 300_000  # that are kept as samples
_MOST_JUDGED = 8_000  # that are looked at to find the header and the signs


@dataclass(frozen=True)
class Dialect:
    """How a text table is written."""

    encoding: str  # a codec of Python: utf-8 (with a byte order mark or without), utf-16, cp1252, cp949
    delimiter: str  # a space stands for runs of them
    decimal: str
    thousands: str  # "" where none was seen; " " stands for every kind of space
    skip: int  # physical lines before the first row of data: preamble, header, units
    preamble: int  # physical lines before the header, the blank ones included
    header: tuple[str, ...]  # the cells that name the columns, as they are written; empty where none do
    names: tuple[str, ...]  # one per column, unique, none empty
    units: tuple[str, ...]  # one per column, "" where unknown
    pads: bool  # rows are shorter than the header
    samples: tuple[tuple[str, ...], ...]  # per column: cells from several places
    forms: tuple[NumberForm, ...]  # per column: how its numbers are written
    levels: int = 1  # lines that name the columns together
    below: int = 0  # lines between the names and the rows, the blank ones aside
    repeated: tuple[str, ...] = ()  # names that the header gives to several columns
    fit: str = ""  # what speaks for the delimiter
    signs: Signs | None = None  # what speaks for the decimal sign

    @property
    def has_header(self) -> bool:
        """Whether a line names the columns."""
        return bool(self.header)


@dataclass(frozen=True)
class Sample:
    """Lines of a table as records, cut with the delimiter that fits."""

    head: list[Record]
    starts: list[int]  # physical lines before each record of the head, and before what follows it
    later: list[Record]

    @property
    def records(self) -> list[Record]:
        """All of them."""
        return [*self.head, *self.later]


def detect_dialect(
    label: str, pieces: Sequence[bytes], options: ReadingOptions, before: Dialect | None = None
) -> Dialect:
    """Return how the table is written that these pieces were cut from, the head first.

    `before`: how another file was written, whose delimiter is tried first where the headers are equal. Raises DataError
    where the bytes are no text or hold no row, UsageError where a flag contradicts them, RefusedError where a table is
    so wide that it would take minutes.
    """
    encoding = detect_encoding(label, pieces, options.encoding)
    is_whole = len(pieces) == 1 and len(pieces[0]) % HEAD != 0  # gzip has one piece only
    texts = decode_pieces(pieces, encoding, is_whole=is_whole)
    if not texts[0].strip():
        raise DataError(f"{label} holds no row", "name a file with rows in it")
    fit = _choose_delimiter(label, texts, options, before)
    sample = _cut_sample(texts, fit.delimiter)
    _check_width(label, max(map(len, sample.records)))
    width = find_width(take_bulk(sample.records))
    full = [record for record in sample.records if len(record) == width]
    signs = _choose_signs(transpose(full, width, _MOST_JUDGED), fit.delimiter, options)
    columns = transpose(take_bulk(full), width, _MOST_JUDGED)
    kinds = [judge_column(cells, _choose_form(cells, signs, options)) for cells in columns]
    found = _describe(sample, find_top(sample.head, kinds), fit, signs, options)
    if fit.delimiter == "," and options.delimiter is None and splits_decimals(found.header, found.samples):
        raise DataError(
            f"{label} parts its cells by commas and seems to write decimal commas, too: the header names "
            f"{len(found.header)} columns, the rows have {len(found.names)} cells",
            "write it with semicolons between the cells; if they are columns of their own, name --delimiter ,",
        )
    return replace(found, encoding=encoding)


def _check_width(label: str, width: int) -> None:
    if width > _MOST_COLUMNS:
        raise RefusedError(
            f"{label} has {width:,} columns; at most {_MOST_COLUMNS:,} are read",
            "a row per time and sensor is read with --series-id, or --pivot",
        )


def _choose_delimiter(label: str, texts: Sequence[str], options: ReadingOptions, before: Dialect | None) -> Fit:
    if options.delimiter is not None:
        return read_delimiter(label, texts, options.delimiter)
    again = judge_again(texts, before.delimiter) if before and _begins_alike(texts[0], before) else None
    return again or detect_delimiter(texts, options.decimal)


def _begins_alike(head: str, before: Dialect) -> bool:
    first = parse_records(head.lstrip().partition("\n")[0], before.delimiter)[0]
    return before.has_header and first[:1] == [list(before.header)]


def _choose_signs(columns: Sequence[Sequence[str]], delimiter: str, options: ReadingOptions) -> Signs:
    known = recall_signs(columns, delimiter, options.signs) if options.decimal is None else None
    return known or detect_signs(columns, delimiter, options.decimal)


def _cut_sample(texts: Sequence[str], delimiter: str) -> Sample:
    head, starts = parse_records(texts[0], delimiter)
    later = [record for text in texts[1:] for record in parse_records(text, delimiter)[0]]
    return Sample(head, starts, later) if head else Sample([[texts[0].strip()]], [0, 1], later)


def _choose_form(cells: Sequence[str], signs: Signs, options: ReadingOptions) -> NumberForm:
    return choose_form(cells, signs.decimal, signs.thousands, options.missing_values)


def _describe(sample: Sample, top: Top, fit: Fit, signs: Signs, options: ReadingOptions) -> Dialect:
    """Return the dialect but for what only the bytes tell: encoding and line ends."""
    header = [] if top.names is None else sample.head[top.names]
    named = header if top.above is None else join_levels(sample.head[top.above], header)
    rows = [row for row in (*sample.head[top.first :], *sample.later) if count_filled(row) and row != header]
    width = max(find_width(rows), len(trim(header)) or 1)
    samples = transpose(rows, width, _MOST_CELLS)
    named = [unguard_formula(cell.strip()) for cell in named]
    given = align_names(tell_apart(named, top.aggregates), samples, fit.delimiter) if rows else tuple(named)
    width = max(width if rows else 0, len(trim(list(given or ()))), 1)
    samples = transpose(rows, width, _MOST_CELLS)
    forms = tuple(_choose_form(cells[:_MOST_JUDGED], signs, options) for cells in samples)
    units = [*top.units[:width], *[""] * (width - len(top.units))]
    skip = sample.starts[top.first]
    return Dialect(
        encoding="utf-8",
        delimiter=fit.delimiter,
        decimal=signs.decimal,
        thousands=signs.thousands,
        skip=skip,
        preamble=skip if not given or top.names is None else sample.starts[top.names],
        header=tuple(header) if given else (),
        names=name_columns(given or (), width),
        units=tuple(unit or form.unit for unit, form in zip(units, forms, strict=True)),
        pads=bool(rows) and max(map(len, rows)) < width,
        samples=samples,
        forms=forms,
        levels=1 if top.above is None else 2,
        below=0 if top.names is None else top.first - top.names - 1,
        repeated=find_repeated(given or ()),
        fit=f"{fit.steady:,} of {fit.lines:,} sampled lines have {fit.width:,} cells",
        signs=signs,
    )
