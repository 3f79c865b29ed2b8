"""Any table of numbers and instants, however it is written, reads back as the same panel."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, example, given, settings

from forecast_cli.errors import DataError
from forecast_cli.ingest.read import read_panel
from forecast_cli.types import Columns, Panel, ReadingOptions
from tests.ingest.conftest import Recorder
from tests.ingest.tables import DAY_FIRST, Spelling, Table, spellings, tables, write

SHUFFLED = (0, 1, *range(4, 25), *range(26, 31))


def read(data: bytes, **options: object) -> Panel:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.csv")
        path.write_bytes(data)
        asked = ReadingOptions(columns=Columns(), max_gap=0, **options)  # type: ignore[arg-type]
        return read_panel([str(path)], asked, Recorder())[0]


def read_told(data: bytes, spelling: Spelling) -> Panel:
    """Return the panel; where day and month fit both ways the reader refuses, and is told."""
    try:
        return read(data)
    except DataError as error:
        if spelling.time not in DAY_FIRST or "can be read as" not in error.message:
            raise
    return read(data, day_first=DAY_FIRST[spelling.time])


def expect(table: Table) -> dict[str, np.ndarray]:
    """Return each column on its grid, by the name that it is read under."""
    grid = np.full((table.rows[-1] - table.rows[0] + 1, len(table.names)), np.nan)
    grid[np.array(table.rows) - table.rows[0]] = table.values
    return dict(zip(table.names, grid.T, strict=True))


def check(table: Table, spelling: Spelling) -> None:
    panel = read_told(write(table, spelling), spelling)
    columns = expect(table)
    names = [name.encode(spelling.encoding, errors="replace").decode(spelling.encoding) for name in table.names]
    known = [not np.isnan(column).all() for column in columns.values()]
    assert set(panel.channels) == {name for name, has in zip(names, known, strict=True) if has}
    shift = np.timedelta64(2, "h") if spelling.time == "offset" else np.timedelta64(0, "h")
    assert panel.origin == table.instants[0] - shift
    assert panel.freq == table.freq
    for name, column in zip(names, columns.values(), strict=True):
        if name not in panel.channels:
            continue
        c = panel.channels.index(name)
        assert np.array_equal(panel.observed[:, c], ~np.isnan(column)), name
        got = panel.values[:, c].astype(np.float64) + panel.offset[0, c]
        seen = panel.observed[:, c]
        spread = np.abs(column[seen]).max() + 1
        assert np.allclose(got[seen], column[seen], rtol=0, atol=1e-6 * spread), name


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), spellings())
@example(
    Table("1h", np.datetime64("2024-03-01T00:00:00"), tuple(range(30)), ("temp",), np.arange(30.0)[:, None] ** 2),
    Spelling(time="two columns", delimiter=";", decimal=",", end="\r\n", trailing=True, blanks=3),
)
@example(  # the only midnight comes to stand after a later hour of its date, before a later date
    Table("1h", np.datetime64("1997-05-19T23:00:00"), SHUFFLED, ("temp",), np.arange(28.0)[:, None] ** 2),
    Spelling(time="am and pm", order="shuffled"),
)
def test_a_table_reads_back_as_the_same_panel_however_it_is_written(table: Table, spelling: Spelling):
    check(table, spelling)
