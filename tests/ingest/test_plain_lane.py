"""What the plain lane reads is bit for bit what DuckDB reads, and whatever is not plain is left to DuckDB."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast_cli.errors import ForecastError
from forecast_cli.ingest import read
from forecast_cli.ingest.scan import piece_reader, scanning
from forecast_cli.ingest.scan.plain_lane import PlainLane
from forecast_cli.types import Columns, ReadingOptions
from tests.ingest.conftest import Recorder

HEADER = "time,a,b,note"
ROWS = [f"2025-01-{1 + k // 24:02d} {k % 24:02d}:00:00,{20 + (k * 7) % 11 / 4},{k * 1000 - 9},ok" for k in range(90)]


def load(path: str, *, lane: bool, size: int | None = None, **options: object) -> tuple[object, ...]:
    """Return all that is read of a file, as bytes and texts, and which pieces were plain; or what was raised."""
    recorder, loaded, plain = Recorder(), [], []

    def note_plain(self, piece, plainly=PlainLane.read):
        part = plainly(self, piece)
        plain.append(part is not None)
        return part

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PlainLane, "read", note_plain)
        patch.setattr(read, "load_table", lambda *given, load=read.load_table: loaded.append(load(*given)) or loaded[0])
        if size is not None:
            patch.setattr(scanning, "choose_size", lambda _: size)
        if not lane:
            patch.setattr(piece_reader, "plan_lane", lambda *_: None)
        try:
            panel, reading = read.read_panel([path], ReadingOptions(**options), recorder)  # type: ignore[arg-type]
        except ForecastError as error:
            return plain, type(error), str(error), error.hint
    (table,) = loaded
    readings = [(name, each[1].tobytes(), each[2].tobytes()) for name, each in table.readings.items()]
    columns = [(name, column.tobytes()) for name, column in table.columns.items()]
    offsets = None if table.offsets is None else (table.offsets.dtype, table.offsets.tobytes())
    found = (readings, columns, offsets, table.unreadable, table.rejects, table.filled.tobytes(), table.unread)
    told = (panel.values.tobytes(), panel.observed.tobytes(), repr(reading), recorder.notes, recorder.warnings)
    return plain, *found, *told


def compare(path: str, **options: object) -> list[bool]:
    """Check that a file is the same with the plain lane and without; return which of its pieces were plain."""
    plain, *found = load(path, lane=True, **options)
    none, *known = load(path, lane=False, **options)
    assert found == known
    assert none == []
    return plain


def spoil(k: int, line: str) -> str:
    return "\n".join([HEADER, *ROWS[:k], line, *ROWS[k + 1 :]]) + "\n"


numbers = st.one_of(
    st.floats(-1e5, 1e5, allow_nan=False).map(lambda x: f"{x:.4f}"),
    st.decimals(-999, 999, places=2).map(str),
    st.integers(-(10**9), 10**9).map(str),
    st.sampled_from(["", "0", "-0.0", "5.", ".5", "-.25", "007"]),
)


@st.composite
def plain_tables(draw: st.DrawFn) -> tuple[str, str]:
    """Return the text of a plain table, and its decimal sign."""
    delimiter, decimal = draw(st.sampled_from([(",", "."), (";", "."), (";", ","), ("\t", "."), ("|", ",")]))
    layout = draw(st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%d.%m.%Y %H:%M"]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    n_rows, width = draw(st.integers(30, 60)), draw(st.integers(1, 5))
    cells = draw(st.lists(numbers, min_size=n_rows * width, max_size=n_rows * width))
    stamps = np.datetime64("2024-03-25") + np.arange(n_rows) * np.timedelta64(1, "h")
    lines = [delimiter.join(["time", *(f"x{k}" for k in range(width))])]
    for k, stamp in enumerate(stamps):
        row = cells[k * width : (k + 1) * width]
        lines.append(delimiter.join([stamp.item().strftime(layout), *(cell.replace(".", decimal) for cell in row)]))
    return end.join(lines) + draw(st.sampled_from(["", end])), decimal


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plain_tables(), st.sampled_from([None, 200, 700]))
def test_a_plain_table_reads_bit_for_bit_as_through_duckdb(reader, table, size) -> None:
    text, decimal = table
    compare(reader.write(text), size=size, decimal=decimal)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(("delimiter", "decimal"), [(",", "."), (";", "."), ("\t", "."), ("|", "."), (";", ",")])
@pytest.mark.parametrize("size", [None, 400])
def test_plain_tables_take_the_plain_lane(reader, end, delimiter, decimal, size) -> None:
    text = end.join([HEADER, *ROWS]).replace(",", delimiter).replace(".", decimal) + end
    plain = compare(reader.write(text), size=size)
    assert plain
    assert all(plain)


@pytest.mark.parametrize(
    "line",
    [
        *("2025-01-02 00:00:00,1e3,5,ok", "2025-01-02 00:00:00,NA,5,ok", "2025-01-02 00:00:00,n/a ,5,ok"),
        *("2025-01-02 00:00:00, 2.5,5,ok", "2025-01-02 00:00:00,+2.5,5,ok", '2025-01-02 00:00:00,"2.5",5,ok'),
        *("2025-01-02 00:00:00,-,5,ok", "2025-01-02 00:00:00,.,5,ok", "2025-01-02 00:00:00,1.2.3,5,ok"),
        *(
            "2025-01-02 00:00:00,2-5,5,ok",
            "2025-01-02 00:00:00,inf,5,ok",
            "2025-01-02 00:00:00,0.12345678901234567,5,ok",
        ),
        *("2025-01-02 00:00:00,9007199254740993,5,ok", "2025-01-02 00:00:00,2.5,5", "2025-01-02 00:00:00,2.5,5,ok,9"),
        *("2025-01-02 00:00,2.5,5,ok", "2025-01-02T00:00:00,2.5,5,ok", "soon,2.5,5,ok"),
        *("2025-02-30 00:00:00,2.5,5,ok", "2025-01-01 24:00:00,2.5,5,ok", ",2.5,5,ok", "", ",,,", "  ", HEADER),
        *("2025-01-02 00:00:00,2.5,5,o\0k", "2025-01-02 00:00:00,2.5,5,gr\u00fcn", '2025-01-02 00:00:00,2.5,5,5" pipe'),
        *("2025-01-02 00:00:00,2.5,5,ok\r", "2025-01-02 00:00:00,2.5,5,o\rk", "2025-01-02 00:00:00,1_000,5,ok"),
    ],
)
@pytest.mark.parametrize("size", [None, 1000])
def test_what_is_not_plain_is_left_to_duckdb(reader, line, size) -> None:
    plain = compare(reader.write(spoil(24, line)), size=size, max_rejects=0.2)
    assert plain.count(False) == 1
    if size is not None:
        assert True in plain  # the other pieces still are


def test_a_column_with_a_zone_in_it_is_left_to_duckdb(reader) -> None:
    assert compare(reader.write(spoil(24, "2025-01-02 00:00:00Z,2.5,5,ok"))) == []


def test_a_file_of_other_pieces_is_not_tried_for_long(reader) -> None:
    text = "\n".join([HEADER, *(row.replace(",ok", ',"ok"') for row in ROWS)]) + "\n"
    assert compare(reader.write(text), size=300) == [False, False]


def test_an_unfinished_last_line_is_left_out_as_ever(reader) -> None:
    text = "\n".join([HEADER, *ROWS]) + "\n2025-01-04 18:00:00,2"
    assert compare(reader.write(text)) == [True]


def test_a_last_line_without_an_end_is_a_row(reader) -> None:
    path = reader.write("\n".join([HEADER, *ROWS]))
    assert compare(path) == [True]
    assert reader.read(path)[1].counts["rows_read"] == len(ROWS)


@pytest.mark.parametrize("targets", [("b",), ("a",), ("b", "a")])
def test_only_the_columns_that_are_asked_for_need_be_plain(reader, targets) -> None:
    rows = [row.replace(",ok", f",{'x' * (k % 9)}") for k, row in enumerate(ROWS)]
    path = reader.write("\n".join([HEADER, *rows]) + "\n")
    assert compare(path, columns=Columns(targets=targets)) == [True]


def test_a_header_of_numbers_is_not_taken_for_a_row_where_rows_are_the_time(reader) -> None:
    rows = [f"{k % 7}.5,{k % 5}" for k in range(60)]
    text = "\n".join(["2020,2021", *rows[:30], "2020,2021", *rows[30:]]) + "\n"
    compare(reader.write(text), freq="row")


def test_codes_for_a_missing_value_that_are_numbers_are_missing(reader) -> None:
    path = reader.write(spoil(24, "2025-01-02 00:00:00,-999,5,ok"))
    assert compare(path, missing_values=("-999",)) == [True]
    assert reader.read(path, missing_values=("-999",))[1].counts["named_missing"] == 1


def test_a_line_longer_than_a_block_is_left_to_duckdb(reader, monkeypatch) -> None:
    monkeypatch.setattr("forecast_cli.ingest.scan.plain_lane._BLOCK", 60)
    path = reader.write(spoil(24, f"2025-01-02 00:00:00,2.5,5,{'o' * 60}k"))
    assert compare(path) == [False]
    assert compare(reader.write("\n".join([HEADER, *ROWS]) + "\n", "other.csv")) == [True]
