"""What is no measurement becomes missing, and is announced: codes, infinities, cells that are no number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest.grid.sentinels import blank_out, find_impossible, find_sentinels
from forecast_cli.ingest.journal import list_names, say_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.grid.rows import Rows
    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.scan.load import Loaded
    from forecast_cli.types import Floats, ReadingOptions


def drop_texts(rows: Rows, tables: Sequence[Loaded], named: set[str], journal: Journal) -> Rows:
    """Return the rows without columns that turned out to be text; single cells that are no number are announced.

    Raises DataError where a named column holds more text than numbers.
    """
    texts = []
    for name, column in rows.columns.items():
        bad = sum(table.unreadable.get(name, 0) for table in tables)
        known = int(np.count_nonzero(~np.isnan(column))) if bad else column.size
        if bad and bad <= known:
            journal.warn(
                f"{say_count(bad, 'cell')} of {name} {'is' if bad == 1 else 'are'} no number: treated as missing"
            )
        elif bad and name in named:
            raise DataError(f"column {name!r} of {tables[0].scan.source.label} holds text", "name a numeric column")
        elif bad:
            texts.append(name)
    if texts:
        journal.leave_out(texts, "text")
        journal.note(f"left out {list_names(texts)}: text", "--series-id")
    return replace(rows, columns={name: column for name, column in rows.columns.items() if name not in texts})


def blank_codes(rows: Rows, options: ReadingOptions, journal: Journal) -> tuple[Rows, ReadingOptions]:
    """Return the rows with codes for a missing value as missing, and the options with the codes that were found.

    Those that were named, then those suspected. The named ones among cells of text were missing from the start; here
    they are found among numbers, too, as -200 is in a column of a Parquet file that holds -200.0. A code found in
    training is one in new data even where it stands there but once.
    """
    rows = _blank_named(rows, options, journal)
    return (rows, options) if options.keep_sentinels else _blank_suspected(rows, options, journal)


def _blank_named(rows: Rows, options: ReadingOptions, journal: Journal) -> Rows:
    codes = [code for code in map(_read_number, options.missing_values) if code is not None]
    if not codes:
        return rows
    columns, total = dict(rows.columns), 0
    for name, column in rows.columns.items():
        where = np.isin(column, codes)
        total += int(np.count_nonzero(where))
        columns[name] = blank_out(column, where) if where.any() else column
    journal.counts["named_missing"] += total
    if total:
        shown = ", ".join(f"{code:.10g}" for code in codes)
        journal.note(f"{say_count(total, 'cell', 'hold')} {shown}: missing, as --missing-value says", "--missing-value")
    return replace(rows, columns=columns)


def _read_number(text: str) -> float | None:
    """Return the number that a text is; None where it is none."""
    try:
        return float(text)
    except ValueError:
        return None


def _blank_suspected(rows: Rows, options: ReadingOptions, journal: Journal) -> tuple[Rows, ReadingOptions]:
    """Return the rows with suspected codes for a missing value (−200, −999, −9999, ...) as missing, each announced."""
    columns, found = dict(rows.columns), dict[float, list[str]]()
    for name, column in rows.columns.items():
        for code in _suspect(name, column, options):
            columns[name] = blank_out(columns[name], column == code)
            found.setdefault(code, []).append(name)
    for code, names in found.items():
        _report_code(code, names, sum(int(np.count_nonzero(rows.columns[name] == code)) for name in names), journal)
    pairs = {(name, code) for code, names in found.items() for name in names}
    return replace(rows, columns=columns), replace(options, sentinels=tuple(sorted({*options.sentinels, *pairs})))


def _report_code(code: float, names: list[str], cells: int, journal: Journal) -> None:
    """Keep and say that a code was taken for a missing value; a warning, since it may have been one."""
    journal.counts["sentinels"] += cells
    found, flag = f"far outside the rest of {list_names(names)}", "--keep-sentinels"
    journal.decide("missing", f"{code:.10g}", f"{say_count(cells, 'cell')} {found}", flag, said=False)
    journal.warn(f"{say_count(cells, 'cell', 'hold')} exactly {code:.10g}, {found}: treated as missing", flag)


def _suspect(name: str, column: Floats, options: ReadingOptions) -> list[float]:
    """Return the codes of a column: those known from training that it holds, and those that show themselves now.

    A meter may well stand at 99999 before it wraps.
    """
    known = [code for each, code in options.sentinels if each == name and np.any(column == code)]
    shown = [code for code, _ in find_sentinels(column) if code < 0 or name not in options.counters]
    return list(dict.fromkeys([*known, *shown]))


def blank_impossible(rows: Rows, journal: Journal) -> Rows:
    """Return the rows with infinities, and numbers beyond what float32 holds, as missing; announced in one line."""
    columns, names, total = dict(rows.columns), [], 0
    for name, column in rows.columns.items():
        where = find_impossible(column)
        count = int(np.count_nonzero(where))
        if count:
            columns[name] = blank_out(column, where)
            names.append(name)
            total += count
    journal.counts["impossible"] += total
    if names:
        verb = "is" if total == 1 else "are"
        journal.warn(
            f"{say_count(total, 'cell')} of {list_names(names)} {verb} infinite or beyond 1e38: treated as missing"
        )
    return replace(rows, columns=columns)
