"""Very many numbers as text, by DuckDB: several times as quickly as Python, in the same digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.ingest.scan.query import execute, fetch_columns
from forecast_cli.ingest.views.panel_file import open_duckdb

if TYPE_CHECKING:
    from forecast_cli.types import Floats


def print_numbers(numbers: Floats) -> list[str]:
    """Return the shortest text (n,) that reads back as each double, as `repr` writes it: `20.0`, `1e-05`, `nan`."""
    with open_duckdb() as connection:
        execute(connection, "SET threads = 1")  # the order of the rows; a NaN of an array is null to it
        connection.register("held", {"x": numbers})
        cells = fetch_columns(connection, "SELECT coalesce(CAST(x AS VARCHAR), 'nan') AS t FROM held")["t"]
    texts: list[str] = cells.tolist()
    return texts
