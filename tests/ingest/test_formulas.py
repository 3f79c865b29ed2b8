import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.ingest.text.formulas import guard_formula, unguard_formula
from forecast_cli.reporting.tables import to_csv
from forecast_cli.types import Columns

SIGNS = "=+-@＝＋－＠\t\r\n\0"
texts = st.text() | st.builds(str.__add__, st.text("'" + SIGNS), st.text())


@given(texts)
def test_any_text_comes_back_as_it_was(text):
    assert unguard_formula(guard_formula(text)) == text


@given(texts)
def test_no_cell_begins_like_a_formula_unless_it_is_a_number(text):
    cell = guard_formula(text)
    assert not cell.startswith(tuple(SIGNS)) or not math.isnan(float(cell))


@pytest.mark.parametrize("number", ["-3", "+4.5", "-1e-05", "-.5", "-0", "+7."])
def test_a_number_is_never_touched(number):
    assert guard_formula(number) == number


@pytest.mark.parametrize("text", ["-temp", "=1+1", "-3+cmd|' /C calc'!A0", "@SUM(A1)", "--", "-3 ", "-1,5", "-٣"])
def test_what_merely_begins_like_a_number_is_guarded(text):
    assert guard_formula(text) == f"'{text}"


@given(st.lists(texts, min_size=1), st.lists(texts, min_size=1, max_size=5, unique=True))
def test_a_table_comes_back_from_csv_with_its_names_and_ids(ids, names):
    written = to_csv(dict.fromkeys(names, ids) | {"n": [-1.5] * len(ids)})
    header, *rows = csv.reader(io.StringIO(written, newline=""))
    read = [[unguard_formula(cell) for cell in row] for row in rows]
    assert [unguard_formula(cell) for cell in header][: len(names)] == names
    assert [row[0] for row in read] == ids
    assert all(row[-1] == "-1.5" for row in rows)


def test_names_and_ids_of_a_file_lose_one_apostrophe(reader):
    rows = [f"2025-01-{1 + k // 2:02d},'=x{k % 2},{k * k % 11 / 4},{k * k % 13 / 4}" for k in range(24)]
    table = "\n".join(["time,'@id,'-temp,''+two", *rows])
    panel, reading = reader.read(reader.write(table), columns=Columns(series_id="@id"))
    assert reading.header == ("time", "@id", "-temp", "'+two")
    assert panel.series_ids == ("=x0", "=x1")
    assert panel.channels == ("'+two", "-temp")


def test_parquet_holds_names_and_ids_as_they_are(reader):
    import pandas as pd

    stamps = pd.date_range("2025-01-01", periods=24, freq="h").repeat(2)
    frame = pd.DataFrame({"time": stamps, "id": ["'=a", "=b"] * 24, "'-temp": [k * k % 11 / 4 for k in range(48)]})
    frame.to_parquet(reader.folder / "data.parquet")
    panel, _ = reader.read(str(reader.folder / "data.parquet"), columns=Columns(series_id="id"))
    assert panel.series_ids == ("'=a", "=b")
    assert panel.channels == ("'-temp",)
