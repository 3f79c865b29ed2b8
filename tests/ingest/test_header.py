"""Where the table begins: what stands above it, what names its columns, what stands below the names."""

import contextlib
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import DataError, RefusedError
from forecast_cli.ingest.text.dialect import detect_dialect
from forecast_cli.ingest.text.names import name_columns
from forecast_cli.types import Columns, ReadingOptions
from tests.ingest.test_dialects import restore

CASES = Path(__file__).parent.parent / "cases"


def load_all(reader, text: str, **options):
    return reader.read(reader.write(text), **options)


def test_key_values_comments_and_blank_lines_above_the_header_are_left_out_and_said(reader) -> None:
    panel, reading = reader.read(str(CASES / "preamble_key_values.csv"))
    assert reading.header == ("Zeit", "Vorlauf", "Rücklauf")
    assert dict(zip(panel.channels, panel.units, strict=True)) == {"Rücklauf": "°C", "Vorlauf": "°C"}
    np.testing.assert_allclose(restore(panel), [[41.25, 55.5], [40.5, 54.75], [42.25, 56]])
    assert reader.recorder.heard("left out 5 lines above the header")
    assert reader.recorder.heard("took 1 line below the header as the units (°C)")


def test_four_header_lines_of_a_campbell_logger_are_environment_names_units_and_processes(reader) -> None:
    panel, reading = reader.read(str(CASES / "campbell_toa5.dat"), columns=Columns(targets=("AirTC_Avg", "RH")))
    assert reading.header == ("TIMESTAMP", "RECORD", "AirTC_Avg", "RH", "WS_ms_S_WVT", "Rain_mm_Tot")
    assert panel.units == ("Deg C", "%")
    assert (panel.freq, panel.values.shape) == ("1h", (8, 2))
    assert panel.observed.sum(axis=0).tolist() == [8, 7]
    np.testing.assert_allclose(restore(panel)[:2, 0], [1.5, 2.5])


def test_padding_of_a_spreadsheet_above_and_below_the_table_is_no_row(reader) -> None:
    panel, reading = reader.read(str(CASES / "padded_above.csv"), columns=Columns(targets=("flow", "level")))
    assert reading.header[:3] == ("date", "flow", "level")
    np.testing.assert_allclose(restore(panel), [[1.5, 20], [2.5, 21], [0.5, 22]])


def test_aggregates_below_the_names_tell_repeated_names_apart(reader) -> None:
    panel, reading = reader.read(str(CASES / "aggregates_below.csv"))
    assert reading.header == ("date", "temp Avg", "temp Min", "temp Max", "rain")
    np.testing.assert_allclose(restore(panel)[0], [0, 1.5, 4.5, 0.25])


def test_a_header_behind_a_comment_sign_names_the_columns(reader) -> None:
    panel, reading = reader.read(str(CASES / "comment_header.csv"))
    assert reading.header == ("time", "level")
    np.testing.assert_allclose(restore(panel)[:, 0], [150.5, 151.25, 149.75])


def test_a_table_without_names_below_a_preamble_keeps_its_first_row(reader) -> None:
    panel, reading = reader.read(
        str(CASES / "no_header_below_preamble.csv"), columns=Columns(targets=("column_2", "column_3"))
    )
    assert reading.header == ("column_1", "column_2", "column_3")
    np.testing.assert_allclose(restore(panel), [[1.5, 20], [2.5, 21], [0.5, 22]])
    assert reader.recorder.heard("left out 1 line above the first row of numbers")


def test_names_of_r_stand_above_their_own_columns(reader) -> None:
    panel, reading = reader.read(str(CASES / "row_numbers_of_r.csv"))
    assert reading.header == ("row", "time", "x")
    np.testing.assert_allclose(restore(panel)[:, 0], [1.5, 2.5, 0.5])


def test_aligned_columns_are_parted_by_runs_of_spaces(reader) -> None:
    panel, reading = reader.read(str(CASES / "aligned_by_spaces.txt"), columns=Columns(targets=("level", "flow")))
    assert reading.header == ("date", "time", "level", "flow")
    assert panel.freq == "1h"
    np.testing.assert_allclose(restore(panel), [[1.5, 20], [12.5, 121], [0.5, 3]])


def test_a_stamp_that_spaces_cut_in_two_shifts_no_name(reader) -> None:
    _, reading = load_all(reader, "stamp level\n" + "".join(f"2025-01-01 0{k}:00  {k % 3}.5\n" for k in range(8)))
    assert reading.header == ("stamp", "stamp of day", "level")


@pytest.mark.parametrize(
    "above", ["", "Logger 1\n", "Site;North\nSerial;12345\n", "\n\n# made by hand\n\n", "a;b;c;d;e\n"]
)
@pytest.mark.parametrize("below", ["", "[s];[bar]\n", ";l/s\n", "yyyy-mm-dd;m3/h\n"])
def test_whatever_stands_around_the_names_no_row_is_lost(reader, above, below) -> None:
    rows = "".join(f"2025-01-{k + 1:02d};{k * 7 % 11},5\n" for k in range(12))
    panel, reading = load_all(reader, above + "date;flow\n" + below + rows)
    assert reading.header == ("date", "flow")
    assert panel.observed.sum() == 12
    np.testing.assert_allclose(restore(panel)[:, 0], [k * 7 % 11 + 0.5 for k in range(12)])


def test_a_first_row_with_a_broken_cell_is_a_row(reader) -> None:
    panel, _ = load_all(reader, "x,y\nERR,0.5\n1.5,2.5\n2.5,4.5\n0.5,1.5\n")
    assert panel.channels == ("x", "y")
    assert panel.observed.tolist() == [[False, True], [True, True], [True, True], [True, True]]


def test_a_first_row_that_is_a_number_above_text_is_no_unit(reader) -> None:
    panel, _ = load_all(reader, 'a,b\n1.5,"ha ""ha"" ha"\n3.25,4\n2.5,x\n')
    np.testing.assert_allclose(restore(panel)[:, 0], [1.5, 3.25, 2.5])


def test_a_unit_in_the_name_wins_over_the_row_of_units(reader) -> None:
    rows = "".join(f"2025-01-{k + 1:02d},{k * 7 % 11}.5,{k * 5 % 7}.5\n" for k in range(12))
    panel, _ = load_all(reader, "date,flow [l/s],level\n,m3/h,cm\n" + rows)
    assert panel.units == ("l/s", "cm")


def test_a_header_longer_than_the_sampled_head_is_read_whole(reader) -> None:
    names = [f"{'sensor' * 10}{k}" for k in range(2_000)]
    rows = [f"2025-01-{d + 1:02d}," + ",".join(str(k * (d + 3) % 11 + 0.5) for k in range(2_000)) for d in range(5)]
    _, reading = load_all(
        reader, "\n".join([",".join(["t", *names]), *rows]) + "\n", columns=Columns(targets=(names[7],))
    )
    assert reading.header == ("t", *names)


def test_line_breaks_within_quoted_names_are_counted_as_lines(reader) -> None:
    text = 'Logger\n"time","flow\nof the ""first""\npump"\n,l/s\n2025-01-01,1.5\n2025-01-02,2.5\n2025-01-03,0.5\n'
    panel, reading = load_all(reader, text)
    assert reading.header == ("time", 'flow\nof the "first"\npump')
    np.testing.assert_allclose(restore(panel)[:, 0], [1.5, 2.5, 0.5])


def test_a_hundred_thousand_equal_names_are_told_apart() -> None:
    names = name_columns(["x", "x_2", *["x"] * 100_000], 100_002)  # once quadratic: an hour
    assert len(set(names)) == 100_002
    assert names[:3] == ("x", "x_2", "x_3")


@pytest.mark.parametrize("text", ["a line of words\n" * 50, "#\n#\n#\n", ";;;\n;;;\n", '"\n', "a\n", ",\n" * 30])
def test_what_is_no_table_is_refused_with_a_hint(reader, text) -> None:
    with pytest.raises(DataError) as caught:
        reader.load(text)
    assert caught.value.hint


def test_a_header_that_comes_again_is_no_row(reader) -> None:
    panel, reading = reader.read(str(CASES / "header_again.csv"), columns=Columns(targets=("x", "y")))
    np.testing.assert_allclose(restore(panel), [[1.5, 20], [2.5, 21], [0.5, 22], [3.5, 23]])
    assert reading.counts["rows_rejected"] == 0
    assert not reader.recorder.heard("no number")


@pytest.mark.parametrize(
    "line",
    [
        b"," * 3_000_000,
        b"1" * 60_000 + b"x;",
        b"1." * 60_000 + b"x;",
        b"'1'111" * 40_000,
        b'"' * 999_999,
        b" 1" * 4_000,
    ],
    ids=["delimiters", "digits", "points", "groups", "quotes", "spaces"],
)
def test_an_endless_line_is_judged_at_once(line) -> None:
    with contextlib.suppress(DataError, RefusedError):  # that it ends is the point: each once took minutes
        assert detect_dialect("f", [(line + b"\n") * 3], ReadingOptions()).names


def test_a_table_of_too_many_columns_is_refused_before_it_is_read(reader) -> None:
    with pytest.raises(RefusedError, match=r"20,001 columns; at most 10,000"):
        reader.load(("2025-01-01" + ",1.5" * 20_000 + "\n") * 3)


def test_a_rule_drawn_below_the_names_is_no_name(reader) -> None:
    rows = "".join(f"| 2025-01-{k + 1:02d} | {k % 7}.5 |\n" for k in range(12))
    _, reading = load_all(reader, "| time | flow |\n|:---|---:|\n" + rows)
    assert reading.header == ("column_1", "time", "flow", "column_4")
