import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import ArtifactError
from forecast_cli.ingest.views.panel_file import read_panel_rows, read_parquet, write_panel, write_parquet
from forecast_cli.types import Panel
from tests.panels import make_panel

TABLE = """id,time,energy [kWh],temp
b,2025-01-01 00:00,123456789.12,1
b,2025-01-01 01:00,123456789.17,
b,2025-01-01 02:00,,7.25
b,2025-01-01 03:00,123456790.01,8
a,2025-01-01 01:00,,1
a,2025-01-01 02:00,5.1,2.5
a,2025-01-01 03:00,5.2,3
"""


@pytest.fixture
def panel(reader) -> Panel:
    return reader.load(TABLE)


def assert_same(one: Panel, other: Panel) -> None:
    np.testing.assert_array_equal(one.values, other.values)
    for name in ("indptr", "start", "observed", "offset"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert (one.series_ids, one.origin, one.freq, one.channels) == (
        other.series_ids,
        other.origin,
        other.freq,
        other.channels,
    )


def test_a_panel_comes_back_exactly(panel: Panel, tmp_path: Path) -> None:
    write_panel(panel, tmp_path / "panel.parquet")
    assert_same(read_panel_rows(tmp_path / "panel.parquet", panel), panel)


def test_the_file_holds_real_units(panel: Panel, tmp_path: Path) -> None:
    write_panel(panel, tmp_path / "panel.parquet")
    table = read_parquet(tmp_path / "panel.parquet")
    assert list(table) == ["series", "step", "timestamp", "value_0", "value_1", "observed_0", "observed_1"]
    assert table["value_0"][3] == pytest.approx(123456789.12, abs=1e-6)
    assert np.isnan(table["value_0"][0])
    assert table["timestamp"][0] == np.datetime64("2025-01-01T01:00")


def test_rows_before_the_first_kept_one_are_left_out(panel: Panel, tmp_path: Path) -> None:
    write_panel(panel, tmp_path / "panel.parquet", np.array([1, 5]))
    part = read_panel_rows(tmp_path / "panel.parquet", panel)
    assert part.indptr.tolist() == [0, 2, 4]
    assert (part.start - panel.start).tolist() == [1, 2]
    np.testing.assert_array_equal(part.values[2:], panel.values[5:])


def test_a_series_of_which_no_row_is_kept_stays_in_its_place(panel: Panel, tmp_path: Path) -> None:
    write_panel(panel, tmp_path / "panel.parquet", np.array([3, 3]))
    assert read_panel_rows(tmp_path / "panel.parquet", panel).indptr.tolist() == [0, 0, 4]


def test_without_time_the_timestamp_is_null(reader, tmp_path: Path) -> None:
    panel = reader.load("x\n1.5\n2.5\n9\n")
    write_panel(panel, tmp_path / "p.parquet")
    assert np.isnat(read_parquet(tmp_path / "p.parquet")["timestamp"]).all()
    assert_same(read_panel_rows(tmp_path / "p.parquet", panel), panel)


def test_another_shape_is_refused(panel: Panel, reader, tmp_path: Path) -> None:
    other = reader.load("x\n1.5\n2.5\n9\n")
    write_panel(other, tmp_path / "p.parquet")
    with pytest.raises(ArtifactError, match="not a panel of this model"):
        read_panel_rows(tmp_path / "p.parquet", panel)


@pytest.mark.parametrize("change", ["series", "step"])
def test_rows_out_of_order_are_refused(change: str, panel: Panel, tmp_path: Path) -> None:
    write_panel(panel, tmp_path / "p.parquet")
    table = read_parquet(tmp_path / "p.parquet")
    table[change] = table[change][::-1].copy() + 7
    write_parquet(table, tmp_path / "p.parquet")
    with pytest.raises(ArtifactError):
        read_panel_rows(tmp_path / "p.parquet", panel)


def test_damage_and_absence_are_artifact_errors(panel: Panel, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="there is no file"):
        read_panel_rows(tmp_path / "none.parquet", panel)
    write_panel(panel, tmp_path / "p.parquet")
    (tmp_path / "p.parquet").write_bytes((tmp_path / "p.parquet").read_bytes()[:-40])
    with pytest.raises(ArtifactError, match="damaged"):
        read_panel_rows(tmp_path / "p.parquet", panel)


def test_a_small_table_keeps_texts_numbers_and_holes(tmp_path: Path) -> None:
    folder = tmp_path / "odd [1]*'s"
    folder.mkdir()
    write_parquet({"name": ["x", None, "o'z"], "n": [1, 2, 3], "v": [0.1, None, np.inf]}, folder / "t.parquet")
    table = read_parquet(folder / "t.parquet")
    assert table["name"].tolist() == ["x", None, "o'z"]
    assert table["n"].tolist() == [1, 2, 3]
    np.testing.assert_array_equal(table["v"], [0.1, np.nan, np.inf])


def test_reading_a_panel_does_not_import_pandas(panel: Panel, tmp_path: Path) -> None:
    write_panel(panel, tmp_path / "p.parquet")
    code = (
        "import sys; from pathlib import Path; from forecast_cli.ingest.views.panel_file import read_parquet;"
        "assert 'duckdb' not in sys.modules; read_parquet(Path(sys.argv[1])); assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "p.parquet")], check=True)


def test_the_last_rows_of_each_series_can_be_read_alone(tmp_path):
    panel = make_panel(np.r_[np.arange(20.0), np.nan, np.nan], np.arange(3.0), [np.nan, np.nan], start=[5, 0, 9])
    write_panel(panel, tmp_path / "panel.parquet")
    tail = read_panel_rows(tmp_path / "panel.parquet", panel, 4)
    assert np.diff(tail.indptr).tolist() == [4, 3, 0]  # up to the last observed value; a series without any has no end
    assert tail.start.tolist()[:2] == [5 + 16, 0]
    assert (tail.values[:4, 0] + tail.offset[0, 0]).tolist() == [16, 17, 18, 19]
