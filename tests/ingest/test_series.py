"""Several series: by an id column, by file, by nothing but time."""

import numpy as np
import pytest

from forecast_cli.errors import DataError, UsageError
from forecast_cli.types import Columns


def write_series(ids, name="meter", rows=30, offset=0) -> str:
    lines = [
        f"{who},2025-01-{1 + (k + offset) // 24:02d} {(k + offset) % 24:02d}:00,{i * 100 + k * 7 % 11 + 0.5}"
        for k in range(rows)
        for i, who in enumerate(ids)
    ]
    return "\n".join([f"{name},time,load", *lines]) + "\n"


def write_one(first: int, rows: int) -> str:
    return write_series(["x"], rows=rows, offset=first).replace("x,", "").replace("meter,", "")


@pytest.mark.parametrize("ids", [("north", "south", "east"), ("007", "7", "12"), ("b 'q'", "a,c", "ä")])
def test_repeated_stamps_lead_to_the_id_column(reader, ids) -> None:
    quoted = [f'"{name}"' for name in ids]
    panel, reading = reader.read(reader.write(write_series(quoted)))
    assert panel.series_ids == tuple(sorted(ids))
    assert reading.options.columns.series_id == "meter"
    assert panel.channels == ("load",)
    assert panel.indptr.tolist() == [0, 30, 60, 90]
    np.testing.assert_allclose(panel.offset[:, 0], [100 * ids.index(name) + 0.5 for name in sorted(ids)])


@pytest.mark.parametrize("rows", [40, 9000])
def test_ids_that_begin_as_numbers_and_go_on_as_text_are_ids(reader, rows) -> None:
    stamps = [str(stamp) for stamp in np.datetime64("2025-01-01T00:00") + np.arange(rows)]
    lines = [f"{stamp},{k * 7 % 11 + 0.5},{name}" for name in ("007", "b") for k, stamp in enumerate(stamps)]
    panel = reader.load("\n".join(["time,load,pump", *lines]))
    assert panel.series_ids == ("007", "b")
    assert panel.channels == ("load",)


def test_a_text_column_that_tells_nothing_apart_is_no_id(reader) -> None:
    text = write_one(0, 30) + write_one(0, 30).partition("\n")[2].replace(".5", ".75")
    lines = [line + (",note" if k == 0 else ",same") for k, line in enumerate(text.splitlines())]
    panel, reading = reader.read(reader.write("\n".join(lines)))
    assert reading.options.columns.series_id is None
    assert panel.n_series == 1
    assert reading.counts["conflicts"] == 30


def test_a_named_id_column_is_taken_as_text(reader) -> None:
    panel, _ = reader.read(reader.write(write_series(["007", "12"])), columns=Columns(series_id="meter"))
    assert panel.series_ids == ("007", "12")


def test_the_id_column_is_not_called_left_out(reader) -> None:
    lines = write_series(["a", "b"]).splitlines()
    reader.load("\n".join([lines[0] + ",remark", *(line + ",fine" for line in lines[1:])]))
    assert reader.recorder.heard("left out remark: text")
    assert not reader.recorder.heard("left out meter")


def test_an_id_column_of_measurements_is_an_error_that_says_so(reader) -> None:
    text = "".join(f"2025-01-{k + 1:02d},{k * 1.37 + 0.1},{k % 7 + 0.5}\n" for k in range(28))
    with pytest.raises(DataError, match="nearly every value of 'a' is a series of its own"):
        reader.load("t,a,b\n" + text, columns=Columns(series_id="a"))


def test_several_series_for_a_model_of_one_are_refused_rather_than_averaged(reader) -> None:
    path = reader.write(write_series(["a", "b"]))
    asked = Columns(timestamp=("time",), targets=("load",))
    with pytest.raises(DataError, match="told apart by 'meter'; the model knows one"):
        reader.read(path, columns=asked, only_series="m1", freq="1h")


def write_turns(ids, minutes: int, column: str, rows: int = 120, jump: int = 0) -> str:
    stamps = np.datetime64("2025-01-01T00:00") + minutes * np.arange(rows).astype("timedelta64[m]")
    lines = [f"{stamp},{ids[(k + jump * (k // 7)) % len(ids)]},{k * 7 % 11 + 0.5}" for k, stamp in enumerate(stamps)]
    return "\n".join([f"time,{column},load", *lines]) + "\n"


@pytest.mark.parametrize("column", ["sensor", "pump"])
def test_series_whose_rows_take_turns_are_told_apart_by_their_text(reader, column) -> None:
    panel, reading = reader.read(reader.write(write_turns(["A", "B"], 30, column)))
    assert (panel.series_ids, panel.freq, reading.options.columns.series_id) == (("A", "B"), "1h", column)


def test_series_in_turn_are_found_whatever_the_order_of_the_rows(reader) -> None:
    head, *lines = write_turns(["A", "B", "C"], 20, "sensor").splitlines()
    panel = reader.load("\n".join([head, *sorted(lines, key=lambda line: line.split(",")[1])]))
    assert panel.series_ids == ("A", "B", "C")


@pytest.mark.parametrize(
    ("ids", "minutes", "jump"),
    [
        (["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], 1440, 0),  # the names of weekdays
        (["day", "night"], 720, 0),  # shifts
        (["open", "shut"], 30, 1),  # a state that changes often, but in no order
        (["open"] * 5 + ["shut"] * 5, 30, 0),  # and one that lasts
    ],
)
def test_a_text_that_tells_the_calendar_or_a_state_makes_no_series(reader, ids, minutes, jump) -> None:
    panel, reading = reader.read(reader.write(write_turns(ids, minutes, "day_name", jump=jump)))
    assert panel.n_series == 1
    assert reading.options.columns.series_id is None
    assert reader.recorder.heard("left out day_name: text")


def test_ids_without_time_are_series_of_rows(reader) -> None:
    lines = "\n".join(f"{'ab'[k % 2]},{k * 7 % 11 + 0.5}" for k in range(20))
    panel, _ = reader.read(reader.write("who,x\n" + lines), columns=Columns(series_id="who"))
    assert panel.series_ids == ("a", "b")
    assert panel.origin is None
    assert panel.start.tolist() == [0, 0]
    assert panel.indptr.tolist() == [0, 10, 20]


def test_series_may_start_at_different_times(reader) -> None:
    text = write_series(["a"], rows=10) + write_series(["b"], rows=10, offset=4).partition("\n")[2]
    panel = reader.load(text)
    assert panel.start.tolist() == [0, 4]


def test_a_series_is_called_like_its_file(reader) -> None:
    assert reader.load(write_one(0, 30), "boiler room.csv").series_ids == ("boiler room",)
    assert reader.load(write_one(0, 30), "x.csv", only_series="plant").series_ids == ("plant",)


def test_files_that_follow_each_other_are_one_series(reader) -> None:
    names = [reader.write(write_one(24, 24), "b.csv"), reader.write(write_one(0, 24), "a.csv")]
    panel, reading = reader.read(*names)
    assert panel.series_ids == ("a",)
    assert panel.values.shape == (48, 1)
    assert reading.sources == tuple(names)


def test_files_whose_spans_overlap_are_a_series_each(reader) -> None:
    reader.write(write_one(0, 30), "f/b.csv")
    reader.write(write_one(12, 30), "f/a.csv")
    panel, _ = reader.read(str(reader.folder / "f" / "*.csv"))
    assert panel.series_ids == ("a", "b")
    assert panel.start.tolist() == [12, 0]


def test_files_of_one_name_keep_their_folder(reader) -> None:
    names = [reader.write(write_one(0, 30), f"{folder}/log.csv") for folder in ("p", "q")]
    assert [name.split("/")[-2:] for name in reader.read(*names)[0].series_ids] == [["p", "log"], ["q", "log"]]


def test_a_file_that_is_named_twice_is_a_usage_error(reader) -> None:
    name = reader.write(write_one(0, 30))
    with pytest.raises(UsageError, match="twice"):
        reader.read(name, name)


def test_columns_that_not_every_file_has_are_left_out_with_a_warning(reader) -> None:
    one = reader.write(write_one(0, 30), "a.csv")
    more = write_one(5, 30).replace("\n", ",1.5\n").replace("load,1.5", "load,extra", 1)
    panel, _ = reader.read(one, reader.write(more, "b.csv"))
    assert panel.channels == ("load",)
    assert any("extra" in text for text in reader.recorder.warnings)


def test_ids_in_several_files_are_joined(reader) -> None:
    names = [
        reader.write(write_series(["a", "b"], rows=24), "1.csv"),
        reader.write(write_series(["b", "c"], rows=24, offset=24), "2.csv"),
    ]
    panel, _ = reader.read(*names)
    assert panel.series_ids == ("a", "b", "c")
    assert np.diff(panel.indptr).tolist() == [24, 48, 24]
    assert panel.start.tolist() == [0, 0, 24]


def test_an_absent_id_column_is_forgiven_only_for_a_model_of_one_series(reader) -> None:
    path = reader.write(write_one(0, 30))
    asked = Columns(timestamp=("time",), targets=("load",), series_id="meter")
    assert reader.read(path, columns=asked, only_series="m1")[0].series_ids == ("m1",)
    with pytest.raises(DataError, match="no column 'meter'"):
        reader.read(path, columns=asked)


def test_the_order_of_rows_and_columns_changes_nothing(reader) -> None:
    lines = write_series(["b", "a", "c"]).splitlines()
    rows = np.random.default_rng(1).permutation(lines[1:]).tolist()
    plain, mixed = reader.load("\n".join(lines)), reader.load("\n".join([lines[0], *rows]))
    for name in ("values", "observed", "indptr", "start", "offset"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(mixed, name))


@pytest.mark.parametrize("name", ["A", "z"])
def test_a_series_of_which_no_row_has_a_readable_time_is_left_out_aloud(reader, name) -> None:
    text = write_series(["b", "c"], rows=120)
    last = text.splitlines()[-1].split(",")
    odd = ",".join(name if cell == "c" else "bad" if "-" in cell else cell for cell in last)
    columns = Columns(series_id=text.splitlines()[0].split(",")[last.index("c")])
    panel = reader.load(text + odd + "\n", columns=columns)
    assert panel.series_ids == ("b", "c")
    np.testing.assert_array_equal(panel.values, reader.load(text, columns=columns).values)
    assert any(f"left out series {name}" in warning for warning in reader.recorder.warnings)
