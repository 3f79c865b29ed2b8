"""Ways to write the same table, all read as the same panel."""

import gzip
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast_cli.errors import DataError, UsageError
from forecast_cli.ingest.text.dialect import detect_dialect
from forecast_cli.types import Columns, ReadingOptions

CASES = Path(__file__).parent.parent / "cases"
DIALECTS = [
    (delimiter, decimal, stamp, end)
    for delimiter, decimal in ((",", "."), (";", ","), (";", "."), ("\t", "."), ("\t", ","), ("|", "."))
    for stamp, end in (("%Y-%m-%dT%H:%M:%S", "\n"), ("%d.%m.%Y %H:%M", "\r\n"), ("%Y-%m-%d %H:%M:%SZ", "\n"))
]


def read_case(reader, name: str, **options):
    return reader.read(str(CASES / name), **options)[0]


def restore(panel) -> np.ndarray:
    """Return the values in real units."""
    return panel.values + np.repeat(panel.offset, np.diff(panel.indptr), axis=0)


def write_table(rows: list[tuple[float, float]], dialect) -> str:
    delimiter, decimal, form, end = dialect
    stamps = np.datetime64("2024-02-27T00:00") + np.arange(len(rows)) * np.timedelta64(1, "h")
    lines = [delimiter.join(["stamp", "flow [m3/h]", "temp"])]
    for stamp, row in zip(stamps.astype(object), rows, strict=True):
        lines.append(delimiter.join([stamp.strftime(form), *(repr(v).replace(".", decimal) for v in row)]))
    return end.join(lines) + end


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.floats(-100, 1e6, width=32), st.floats(0.125, 50, width=32)), min_size=40, max_size=60, unique=True
    ),
    st.sampled_from(DIALECTS),
)
def test_numbers_and_instants_survive_every_dialect(reader, rows, dialect) -> None:
    panel = reader.load(write_table(rows, dialect), columns=Columns(targets=("flow [m3/h]", "temp")))
    assert panel.channels == ("flow [m3/h]", "temp")
    assert panel.units == ("m3/h", "")
    assert (panel.freq, panel.origin) == ("1h", np.datetime64("2024-02-27T00:00"))
    assert panel.tz == ("Z" if dialect[2].endswith("Z") else None)
    table = np.array(rows)
    assert panel.observed.all()
    np.testing.assert_array_equal(panel.offset[0], table[0])
    np.testing.assert_array_equal(panel.values, (table - table[0]).astype(np.float32))


def test_a_trailing_delimiter_and_blank_rows_shift_nothing(reader) -> None:
    panel = read_case(reader, "trailing_delimiter.csv")
    assert panel.channels == ("CO(GT)", "T")
    assert panel.origin == np.datetime64("2004-03-10T18:00")
    np.testing.assert_allclose(restore(panel)[:2], [[2.6, 13.6], [2.0, 13.3]], atol=1e-6)
    assert panel.values.shape[0] == 78
    assert panel.observed[:, 0].sum() == 4


def test_a_delimiter_that_trails_the_rows_only_shifts_nothing(reader) -> None:
    panel = read_case(reader, "trailing_delimiter_in_rows_only.csv")
    assert panel.channels == ("a", "b")
    np.testing.assert_allclose(restore(panel)[:, 1], [2.5, 2.75, 2.25])


def test_hostile_names_stay_as_they_are(reader) -> None:
    panel = read_case(reader, "hostile_names.csv")
    assert panel.channels == ("a,b", "flow\n[m3/h]", 'say "hi"')
    assert panel.units == ("", "m3/h", "")
    np.testing.assert_allclose(restore(panel)[0], [3.5, 1.5, 2.5])


@pytest.mark.parametrize("name", ["mixed_line_ends.csv", "blank_lines_first.csv", "latin1.csv"])
def test_odd_line_ends_and_encodings_lose_no_row(reader, name) -> None:
    panel = read_case(reader, name)
    assert panel.freq == "1D"
    np.testing.assert_allclose(restore(panel)[:3, 0], [1.5, 2.5, 0.5])


def test_a_unit_is_read_through_latin_1(reader) -> None:
    assert read_case(reader, "latin1.csv").units == ("°C",)
    assert reader.recorder.heard("latin-1")


def test_a_quotation_mark_that_never_closes_is_named_with_its_line(reader) -> None:
    with pytest.raises(DataError, match="line 3: a quotation mark"):
        read_case(reader, "open_quote.csv")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16-le", "utf-16-be"])
def test_byte_order_marks_belong_to_no_name(reader, hourly, encoding) -> None:
    text = hourly(30) if encoding == "utf-8-sig" else "\ufeff" + hourly(30)
    panel, reading = reader.read(reader.write(text.encode(encoding)))
    assert reading.header == ("time", "temp")
    assert panel.values.shape == (30, 1)


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_other_line_ends_are_line_ends(reader, hourly, end) -> None:
    assert reader.load(hourly(30).replace("\n", end)).values.shape == (30, 1)


def test_gzip_is_known_by_its_content(reader, hourly) -> None:
    plain, packed = reader.load(hourly(48)), reader.load(gzip.compress(hourly(48).encode()), "packed.csv")
    np.testing.assert_array_equal(plain.values, packed.values)


def test_parquet_is_read_like_the_csv_it_came_from(reader, hourly, tmp_path) -> None:
    import duckdb

    source = reader.write(hourly(48))
    target = tmp_path / "table.bin"
    duckdb.execute(f"COPY (SELECT * FROM read_csv('{source}')) TO '{target}' (FORMAT parquet)")
    plain, other = reader.read(source)[0], reader.read(str(target))[0]
    assert (plain.origin, plain.freq, plain.channels) == (other.origin, other.freq, other.channels)
    np.testing.assert_array_equal(plain.values, other.values)


def test_a_file_without_a_header_keeps_its_first_row(reader) -> None:
    panel, reading = reader.read(reader.write("1.5,2.5\n1.25,2.25\n1.75,2.75\n"))
    assert reading.header == ("column_1", "column_2")
    assert panel.values.shape == (3, 2)
    assert (panel.origin, panel.freq) == (None, "1row")
    assert reader.recorder.heard("row numbers")


def test_numbers_may_be_names_above_stamps(reader) -> None:
    panel = reader.load("date,1,2\n2025-01-01,1.5,2\n2025-01-02,2.5,2.5\n2025-01-03,0.5,7\n")
    assert panel.channels == ("1", "2")


def test_doubled_and_missing_names_are_told_apart(reader) -> None:
    _, reading = reader.read(reader.write("t,x,x,\n2025-01-01,1.5,2,3.5\n2025-01-02,2.5,2.5,1\n2025-01-03,0.5,7,2\n"))
    assert reading.header == ("t", "x", "x_2", "column_4")


def test_delimiter_and_decimal_can_be_named(reader) -> None:
    panel = reader.load("12,5\n13,25\n11,75\n", decimal=",")
    np.testing.assert_allclose(restore(panel)[:, 0], [12.5, 13.25, 11.75])
    with pytest.raises(UsageError, match="no delimiter"):
        reader.load("1,2\n", delimiter="::")


@pytest.mark.parametrize("code", ["NA", "null", "--", "", "NaN", "#N/A", "n/a", "inf", "-Infinity", "1e400"])
def test_codes_and_infinities_are_missing(reader, code) -> None:
    values = ["1.5", "2.5", code, "3.5", "0.5"]
    panel = reader.load("t,x\n" + "".join(f"2025-01-0{k + 1},{v}\n" for k, v in enumerate(values)))
    assert panel.observed[:, 0].tolist() == [True, True, False, True, True]
    np.testing.assert_allclose(restore(panel)[:, 0], [1.5, 2.5, 3.0, 3.5, 0.5])


def test_a_cell_that_is_no_number_costs_that_cell_and_is_announced(reader) -> None:
    rows = "".join(f"2025-01-{k + 1:02d},{k % 3 + 0.5},{'error' if k == 4 else k % 7 + 0.25}\n" for k in range(28))
    panel = reader.load("t,x,y\n" + rows)
    assert panel.observed.sum(axis=0).tolist() == [28, 27]
    assert any("1 cell of y is no number" in text for text in reader.recorder.warnings)


def test_numbers_beyond_float32_are_missing_with_a_warning(reader) -> None:
    panel = reader.load("t,x\n2025-01-01,1.5\n2025-01-02,1e300\n2025-01-03,2.5\n2025-01-04,-1e300\n2025-01-05,1\n")
    assert np.isfinite(panel.values).all()
    assert panel.observed.sum() == 3
    assert any("1e38" in text for text in reader.recorder.warnings)


def test_cents_survive_on_a_large_meter(reader) -> None:
    panel = reader.load("t,x\n2025-01-01,123456789.12\n2025-01-02,123456789.17\n2025-01-03,123456790.50\n")
    np.testing.assert_allclose(restore(panel)[:, 0], [123456789.12, 123456789.17, 123456790.50], atol=1e-6, rtol=0)


def test_few_broken_lines_are_counted_and_said(reader, hourly) -> None:
    text = hourly(240).replace("2025-01-03 00:00:00,", "2025-01-03 00:00:00,1,2,")
    panel, reading = reader.read(reader.write(text))
    assert reading.counts["rows_rejected"] == 1
    assert not panel.observed[48, 0]
    assert any("line 50" in warning for warning in reader.recorder.warnings)


def test_many_broken_lines_are_an_error_with_the_first_line(reader, hourly) -> None:
    text = hourly(50).replace("2025-01-02 00:00:00,", "2025-01-02 00:00:00,1,2,")
    with pytest.raises(DataError, match="line 26"):
        reader.load(text)


def test_rows_keep_the_order_of_a_large_file_without_time(reader) -> None:
    values = np.arange(120_000) * 7 % 99_991
    panel = reader.load("x,y\n" + "".join(f"{v},{v / 4}\n" for v in values.tolist()))
    np.testing.assert_array_equal(restore(panel)[:, 0], values)


def test_names_that_the_header_gives_twice_are_noted_once(reader) -> None:
    rows = "".join(f"2025-01-{k + 1:02d},{k * 7 % 11 + 0.5},{k * 5 % 11 + 0.5},1\n" for k in range(20))
    panel = reader.load("t,x,x,x\n" + rows)
    assert panel.channels == ("x", "x_2")
    assert sum("several columns are called x" in note for note in reader.recorder.notes) == 1


@pytest.mark.parametrize("columns", [Columns(), Columns(timestamp=("t",), targets=("x",))])
def test_a_header_without_rows_holds_no_row_whatever_was_named(reader, columns) -> None:
    with pytest.raises(DataError, match=r"data\.csv holds no row"):
        reader.load("t,x\n", columns=columns)


def test_five_thousand_columns_are_read_in_seconds(reader) -> None:
    names = [f"x{k}" for k in range(5_000)]
    rows = [f"2025-01-{d + 1:02d}," + ",".join(str(k * (d + 3) % 11 + 0.5) for k in range(5_000)) for d in range(8)]
    path = reader.write("\n".join([",".join(["t", *names]), *rows]) + "\n")
    begun = time.process_time()
    assert reader.read(path)[0].values.shape[0] == 8
    assert time.process_time() - begun < 20  # once quadratic in the columns: 50 s


@pytest.mark.parametrize("name", ["semicolon", ";"])
def test_a_delimiter_that_is_not_there_is_refused_with_the_one_that_fits(reader, hourly, name) -> None:
    with pytest.raises(UsageError, match="no semicolon between its cells") as caught:
        reader.load(hourly(30), delimiter=name)
    assert "comma fits" in caught.value.hint


def test_what_was_taken_is_kept_with_its_evidence_and_flag(reader) -> None:
    _, reading = reader.read(str(CASES / "trailing_delimiter.csv"))
    taken = {decision.what: decision for decision in reading.decisions}
    assert (taken["delimiter"].taken, taken["delimiter"].flag) == ("semicolon", "--delimiter")
    assert taken["delimiter"].evidence.endswith("sampled lines have 6 cells")
    assert (taken["decimal"].taken, taken["decimal"].flag) == (",", "--decimal")
    assert "have a comma, 0 a point" in taken["decimal"].evidence
    assert taken["header"].taken == "line 1"


def test_a_file_written_in_another_way_than_the_first_is_said(reader) -> None:
    rows = [f"2025-01-{k + 1:02d}{{}}{k % 7}{{}}5" for k in range(20)]
    first = reader.write("time,x\n" + "".join(row.format(",", ".") + "\n" for row in rows[:10]), "a.csv")
    second = reader.write("time;x\n" + "".join(row.format(";", ",") + "\n" for row in rows[10:]), "b.csv")
    panel, _ = reader.read(first, second)
    np.testing.assert_allclose(restore(panel)[:, 0], [k % 7 + 0.5 for k in range(20)])
    assert reader.recorder.heard("b.csv: delimiter semicolon  decimal ,")


ROWS = "".join(f"2025-01-01 {hour:02d}:00;{hour},5;7\n" for hour in range(24))


@pytest.mark.parametrize(
    "rows",
    [ROWS, ROWS.replace(";", "\t"), ROWS.replace(",", ".").replace(";", ","), ROWS + "end of table\n"],
    ids=["alike", "by tabs", "by commas", "with a remark"],
)
def test_a_file_with_the_header_of_another_is_read_as_it_would_be_alone(rows) -> None:
    first = detect_dialect("a", [f"time;x;y\n{ROWS}".encode()], ReadingOptions())
    other = [f"time;x;y\n{rows}".encode()]
    assert detect_dialect("b", other, ReadingOptions(), first) == detect_dialect("b", other, ReadingOptions())
