"""Several files: one series that goes on, a series each, or what the names of the files say."""

import os

import pytest

from forecast_cli.door import check_series_id
from forecast_cli.errors import DataError, UsageError
from forecast_cli.types import Columns
from tests.ingest.test_series import write_one, write_series, write_turns

BY_NAME = Columns(series_id=r"file:meter_(\d+)")


def write_meters(reader, *names: str, step: int = 0) -> list[str]:
    """Return files of 30 hours, each beginning `step` hours after the one before."""
    return [reader.write(write_one(k * step, 30), name) for k, name in enumerate(names)]


def test_files_that_follow_each_other_can_be_a_series_each(reader) -> None:
    files = write_meters(reader, "a.csv", "b.csv", step=30)
    panel, reading = reader.read(*files, one_series=False)
    assert panel.series_ids == ("a", "b")
    assert reading.options.one_series is False


def test_files_that_overlap_can_be_one_series(reader) -> None:
    files = write_meters(reader, "b.csv", "a.csv", step=12)
    panel, reading = reader.read(*files, one_series=True)
    assert (panel.series_ids, panel.indptr.tolist()) == (("b",), [0, 42])  # called like the earliest
    assert reading.options.one_series is True
    assert reading.counts["conflicts"] > 0


def test_what_files_are_to_each_other_is_kept_for_new_data(reader) -> None:
    apart = reader.read(*write_meters(reader, "a.csv", "b.csv", step=12))[1]
    goes_on = reader.read(*write_meters(reader, "a.csv", "b.csv", step=30))[1]
    alone = reader.read(*write_meters(reader, "a.csv"))[1]
    assert [reading.options.one_series for reading in (apart, goes_on, alone)] == [False, True, None]
    assert reader.recorder.heard("2 files whose spans overlap, a series each")


def test_the_id_is_what_a_pattern_finds_in_the_name_of_the_file(reader) -> None:
    files = write_meters(reader, "x/meter_7.csv", "y/meter_12 (copy).csv")
    panel, reading = reader.read(*files, columns=BY_NAME)
    assert panel.series_ids == ("12", "7")
    assert reading.options.file_ids == r"file:meter_(\d+)"
    assert reading.options.columns.series_id is None


def test_without_a_group_the_whole_match_is_the_id(reader) -> None:
    panel, _ = reader.read(*write_meters(reader, "meter_7.csv", "meter_8.csv"), columns=Columns(series_id=r"file:r_\d"))
    assert panel.series_ids == ("r_7", "r_8")


def test_one_file_takes_its_id_from_its_name_too(reader) -> None:
    assert reader.load(write_one(0, 30), "meter_9.csv", columns=BY_NAME).series_ids == ("9",)


def test_files_of_the_same_id_go_on_from_each_other(reader) -> None:
    files = write_meters(reader, "meter_1_b.csv", "meter_1_a.csv", "meter_2.csv", step=20)
    panel, _ = reader.read(*files, columns=BY_NAME)
    assert panel.series_ids == ("1", "2")
    assert panel.indptr.tolist() == [0, 50, 80]


def test_the_folder_is_no_part_of_the_name(reader) -> None:
    with pytest.raises(DataError, match="does not hold"):
        reader.read(*write_meters(reader, "meter_1/log.csv"), columns=BY_NAME)


def test_a_file_that_the_pattern_does_not_fit_is_named(reader) -> None:
    with pytest.raises(DataError, match=r"other\.csv does not hold"):
        reader.read(*write_meters(reader, "meter_1.csv", "other.csv"), columns=BY_NAME)


@pytest.mark.parametrize("pattern", ["file:(", "file:", r"file:a{99999999999999999999}"])
def test_a_pattern_that_is_none_is_a_usage_error_before_a_file_is_opened(pattern) -> None:
    with pytest.raises(UsageError, match="--series-id"):
        check_series_id(pattern)


def test_a_name_of_a_column_passes_the_door() -> None:
    assert check_series_id("meter (") is None
    assert check_series_id(None) is None


def test_a_column_called_like_a_pattern_is_the_column(reader) -> None:
    text = write_series(["a", "b"], name="file:x")
    assert reader.load(text, columns=Columns(series_id="file:x")).series_ids == ("a", "b")


def test_ids_of_a_column_stand_behind_the_id_of_their_file(reader) -> None:
    files = [reader.write(write_series(["p", "q"]), f"meter_{k}.csv") for k in (1, 2)]
    panel, reading = reader.read(*files, columns=BY_NAME)
    assert panel.series_ids == ("1/p", "1/q", "2/p", "2/q")
    assert (reading.options.columns.series_id, reading.options.file_ids) == ("meter", BY_NAME.series_id)
    again, _ = reader.read(*files[:1], columns=reading.options.columns, file_ids=reading.options.file_ids)
    assert again.series_ids == ("1/p", "1/q")


def test_the_same_ids_in_files_of_their_own_are_other_series(reader) -> None:
    files = [reader.write(write_series(["p", "q"]), f"{name}.csv") for name in "ab"]
    assert reader.read(*files, one_series=False)[0].series_ids == ("a/p", "a/q", "b/p", "b/q")
    assert reader.read(*files, one_series=True)[0].series_ids == ("p", "q")


# --- A model of one series ---------------------------------------------------------------------------------------


ONE = Columns(timestamp=("time",), targets=("load",))


def test_a_model_of_one_series_takes_files_of_any_names_that_repeat_each_other(reader) -> None:
    whole = write_one(0, 40).splitlines(keepends=True)
    files = [reader.write("".join(whole[:31]), "monday.csv"), reader.write("".join([whole[0], *whole[20:]]), "log.csv")]
    panel, reading = reader.read(*files, columns=ONE, only_series="pump", freq="1h")
    assert (panel.series_ids, panel.indptr.tolist()) == (("pump",), [0, 40])
    assert reading.counts["conflicts"] == 0


def test_files_of_several_series_for_a_model_of_one_are_refused(reader) -> None:
    files = write_meters(reader, "a.csv", "b.csv", step=2)
    with pytest.raises(DataError, match="hold several series"):
        reader.read(*files, columns=ONE, only_series="pump", freq="1h")


def test_series_in_turn_for_a_model_of_one_are_refused(reader) -> None:
    path = reader.write(write_turns(["A", "B"], 30, "sensor"))
    with pytest.raises(DataError, match="told apart by 'sensor'; the model knows one"):
        reader.read(path, columns=ONE, only_series="pump", freq="1h")


def test_a_text_in_turn_that_may_be_a_state_is_a_warning(reader) -> None:
    path = reader.write(write_turns(["open", "shut"], 30, "valve"))
    panel, _ = reader.read(path, columns=ONE, only_series="pump", freq="30min")
    assert panel.series_ids == ("pump",)
    assert any("valve take turns" in text for text in reader.recorder.warnings)


# --- What is said of a series once -------------------------------------------------------------------------------


def write_sites(**sites: str) -> str:
    """Return a table of series with their sites: `a="north"`, or `a="north;south"` for the first and later rows."""
    lines = []
    for k in range(12):
        for name, site in sites.items():
            first, _, later = site.partition(";")
            lines.append(
                f"{name},2025-01-01 {k:02d}:00,{k * 7 % 11 + 0.5},{(first if k < 6 else later) if later else first}"
            )
    return "\n".join(["meter,time,load,site", *lines])


SITES = Columns(static_covariates=("site",))


def test_a_static_covariate_is_one_text_per_series_and_no_channel(reader) -> None:
    panel = reader.load(write_sites(b="north", a="7"), columns=SITES)
    assert panel.statics == {"site": ("7", "north")}
    assert panel.channels == ("load",)
    assert not reader.recorder.heard("left out site")


def test_a_series_with_two_values_of_a_static_covariate_is_refused(reader) -> None:
    with pytest.raises(DataError, match="series b has two values of 'site': 'north' and 'south'"):
        reader.load(write_sites(a="x", b="north;south"), columns=SITES)


def test_a_cell_that_is_empty_says_nothing_of_a_series(reader) -> None:
    panel = reader.load(write_sites(a="x; ", b=""), columns=SITES)
    assert panel.statics == {"site": ("x", "")}


def test_static_covariates_are_gathered_over_files(reader) -> None:
    files = [reader.write(write_sites(a="x"), "1.csv"), reader.write(write_sites(b="y"), "2.csv")]
    assert reader.read(*files, columns=SITES)[0].series_ids == ("1", "2")  # no instant repeats: files, not ids
    asked = Columns(static_covariates=("site",), series_id="meter")
    assert reader.read(*files, columns=asked)[0].statics == {"site": ("x", "y")}


def test_data_of_a_trained_model_may_lack_a_static_covariate(reader) -> None:
    asked = Columns(timestamp=("time",), targets=("load",), series_id="meter", static_covariates=("site",))
    path = reader.write(write_series(["a", "b"]))
    with pytest.raises(DataError, match="no column 'site'"):
        reader.read(path, columns=asked)
    assert reader.read(path, columns=asked, header=("meter", "time", "load", "site"))[0].statics == {}


def test_a_file_whose_name_is_no_text_gives_its_series_an_id_that_is_one(reader, hourly) -> None:
    for name in (b"meter_\xff.csv", b"meter_\xfe.csv"):
        reader.write(hourly(30), os.fsdecode(name))
    panel, _ = reader.read(str(reader.folder / "*.csv"), one_series=False)
    assert panel.series_ids == (r"meter_\xfe", r"meter_\xff")
    panel, _ = reader.read(str(reader.folder / "*.csv"), columns=Columns(series_id="file:meter_(.*).csv"))
    assert panel.series_ids == (r"\xfe", r"\xff")
