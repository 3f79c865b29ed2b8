"""What is no measurement becomes missing, and is announced: codes, infinities, cells that are no number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest.journal import list_names, say_count
from forecast_cli.ingest.sentinels import blank_out, find_impossible, find_sentinels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.load import Loaded
    from forecast_cli.ingest.rows import Rows


def drop_texts(rows: Rows, tables: Sequence[Loaded], named: set[str], journal: Journal) -> Rows:
    """Return the rows without columns that turned out to be text; single cells that are no number are announced.

    Raises DataError where a named column holds more text than numbers.
    """
    texts = []
    for name, column in rows.columns.items():
        bad = sum(table.unreadable.get(name, 0) for table in tables)
        known = int(np.count_nonzero(~np.isnan(column)))
        if bad <= known and bad:
            journal.warn(
                f"{say_count(bad, 'cell')} of {name} {'is' if bad == 1 else 'are'} no number: treated as missing"
            )
        elif bad and name in named:
            raise DataError(f"column {name!r} of {tables[0].scan.source.label} holds text", "name a numeric column")
        elif bad:
            texts.append(name)
    if texts:
        journal.note(f"left out {list_names(texts)}: text", "--series-id")
    return replace(rows, columns={name: column for name, column in rows.columns.items() if name not in texts})


def blank_sentinels(rows: Rows, journal: Journal) -> Rows:
    """Return the rows with suspected codes for a missing value (−200, −999, −9999) as missing, each announced."""
    columns, found = dict(rows.columns), dict[float, list[str]]()
    for name, column in rows.columns.items():
        for code, count in find_sentinels(column):
            columns[name] = blank_out(columns[name], column == code)
            found.setdefault(code, []).append(name)
            journal.counts["sentinels"] += count
    for code, names in found.items():
        cells = sum(int(np.count_nonzero(rows.columns[name] == code)) for name in names)
        journal.warn(
            f"{say_count(cells, 'cell')} of {list_names(names)} hold exactly {code:g}, far outside the rest: "
            "treated as missing"
        )
    return replace(rows, columns=columns)


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
