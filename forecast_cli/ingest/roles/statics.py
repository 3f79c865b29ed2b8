"""Static covariates: what does not change within a series, such as its site, as one text per series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.ingest.scan.codes import Codes, read_codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from forecast_cli.ingest.grid.rows import Rows
    from forecast_cli.ingest.scan.load import Loaded
    from forecast_cli.types import Flags, Integers

Statics: TypeAlias = Mapping[str, Mapping[str, str]]  # column -> series id -> text
Cells: TypeAlias = Mapping[str, Codes]  # by column


def read_statics(connection: DuckDBPyConnection, table: Loaded, keep: Flags, names: Sequence[str]) -> Cells:
    """Return the cells of static columns in the rows of a file that are kept."""
    cells = {}
    for name in names:
        codes, texts = _read_texts(connection, table, name)
        cells[name] = (codes[keep], texts)
    return cells


def settle_statics(parts: Sequence[Rows], cells: Sequence[Cells]) -> Statics:
    """Return the one text of each column and series over all files; series without any are not in it.

    Raises DataError where a series has two.
    """
    found: dict[str, dict[str, str]] = {name: {} for each in cells for name in each}
    for part, columns in zip(parts, cells, strict=True):
        for name, (codes, texts) in columns.items():
            for series, text in _list_pairs(part, codes, texts):
                before = found[name].setdefault(series, text)
                if before != text:
                    raise DataError(
                        f"series {series} has two values of {name!r}: {before!r} and {text!r}",
                        "a static covariate is the same in all rows of a series; leave it out, or repair the rows",
                    )
    return found


def list_texts(statics: Statics, series_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return each column as one text per series, "" where it has none."""
    return {name: tuple(texts.get(series, "") for series in series_ids) for name, texts in statics.items()}


def _list_pairs(part: Rows, codes: Integers, texts: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return each series with each of its texts, once."""
    known = codes >= 0
    pairs = np.unique(part.series[known] * len(texts) + codes[known])
    return [(part.series_ids[int(pair) // len(texts)], texts[int(pair) % len(texts)]) for pair in pairs]


def _read_texts(connection: DuckDBPyConnection, table: Loaded, name: str) -> Codes:
    found = read_codes(connection, table, table.scan.names.index(name), table.n_rows + 1)
    if found is None:
        raise DataError(f"{table.scan.source.label} cannot be read twice", "give a file")  # more texts than rows
    return found
