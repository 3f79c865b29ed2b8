"""Which columns are taken for what, by rule and by name."""

from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import DataError, UsageError
from forecast_cli.ingest.roles.columns import expand_pattern, parse_unit
from forecast_cli.types import Columns

N = 40
NOISE = np.random.default_rng(3).normal(20, 3, N).round(3).tolist()
COLUMNS = {
    "temp [°C]": NOISE,
    "flow, raw": [value * 2 for value in NOISE],
    "constant": [7.5] * N,
    "state": [k % 2 for k in range(N)],
    "mode": [k % 5 for k in range(N)],
    "counter": [100 + 3 * k for k in range(N)],
    "sparse": [value if k % 3 == 0 else "" for k, value in enumerate(NOISE)],
    "lat": NOISE,
    "comment": ["fine"] * N,
    "empty": [""] * N,
    "temp out": NOISE[::-1],
}


def write(columns: dict[str, list], stamps: bool = True) -> str:
    names = (["time"] if stamps else []) + [f'"{name}"' for name in columns]
    times = [f"2025-01-{1 + k // 24:02d} {k % 24:02d}:00" for k in range(N)]
    rows = [[*([times[k]] if stamps else []), *(str(column[k]) for column in columns.values())] for k in range(N)]
    return "\n".join([",".join(names), *map(",".join, rows)]) + "\n"


@pytest.fixture
def path(reader) -> str:
    return reader.write(write(COLUMNS))


def test_targets_by_rule_are_the_columns_that_measure_something(reader, path) -> None:
    panel, reading = reader.read(path)
    assert panel.channels == ("flow, raw", "temp [°C]", "temp out") == reading.options.columns.targets
    assert panel.n_targets == 3
    said = {decision.taken: decision.evidence for decision in reading.decisions if decision.what == "left out"}
    assert said["constant"] == "constant"
    assert said["state, mode"] == "at most five whole numbers"
    assert said["counter"] == "rising by a fixed amount"
    assert said["lat"] == "named like metadata"
    assert said["sparse"] == "observed on under half of the steps"
    assert reader.recorder.heard("left out comment: text")
    assert reader.recorder.heard("left out empty: without a single value")


@pytest.mark.parametrize("name", ["constant", "state", "counter", "lat", "sparse"])
def test_a_sole_numeric_column_is_a_target_whatever_it_looks_like(reader, name) -> None:
    assert reader.load(write({name: COLUMNS[name]})).channels == (name,)


def test_without_any_candidate_the_reasons_are_told(reader) -> None:
    with pytest.raises(DataError, match=r"constant: constant; state: at most five"):
        reader.load(write({name: COLUMNS[name] for name in ("constant", "state")}))


def test_named_targets_leave_all_else_out_in_one_note(reader, path) -> None:
    panel, _ = reader.read(path, columns=Columns(targets=("state", "temp*")))
    assert panel.targets == ("state", "temp [°C]", "temp out")
    assert sum("left out" in note for note in reader.recorder.notes) == 1


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (("flow, raw",), ("flow, raw",)),
        (("state,mode",), ("state", "mode")),
        (("temp [°C]",), ("temp [°C]",)),
        (("temp [*",), ("temp [°C]",)),
        (("s????",), ("state",)),
    ],
)
def test_names_come_whole_or_in_lists_or_with_wildcards(reader, path, patterns, names) -> None:
    assert reader.read(path, columns=Columns(targets=patterns))[0].targets == names


def test_past_covariates_follow_in_order_of_name(reader, path) -> None:
    asked = Columns(targets=("temp out",), past_covariates=("*",), ignored=("lat,counter",))
    panel, reading = reader.read(path, columns=asked)
    assert panel.n_targets == 1
    assert panel.channels[1:] == tuple(sorted(panel.channels[1:])) == reading.options.columns.past_covariates
    assert {"constant", "state", "flow, raw"} < set(panel.channels)
    assert not {"lat", "counter", "comment", "time", "temp out"} & set(panel.channels[1:])


def test_a_covariate_is_no_target_by_rule(reader, path) -> None:
    panel, _ = reader.read(path, columns=Columns(past_covariates=("temp out",)))
    assert panel.targets == ("flow, raw", "temp [°C]")
    assert panel.channels[2:] == ("temp out",)


def test_ignored_columns_are_gone(reader, path) -> None:
    assert reader.read(path, columns=Columns(ignored=("temp*",)))[0].channels == ("flow, raw",)


def test_a_name_that_is_not_there_is_an_error_that_suggests_one(reader, path) -> None:
    with pytest.raises(DataError, match="no column 'tmep out'") as caught:
        reader.read(path, columns=Columns(targets=("tmep out",)))
    assert "temp out" in caught.value.hint


def test_a_named_text_column_is_refused(reader, path) -> None:
    with pytest.raises(DataError, match=r"'comment' .* holds 'fine'"):
        reader.read(path, columns=Columns(targets=("comment",)))


def test_targets_that_are_all_ignored_are_a_usage_error(reader, path) -> None:
    with pytest.raises(UsageError, match="no target is left"):
        reader.read(path, columns=Columns(targets=("lat",), ignored=("lat",)))


def test_covariates_known_ahead_are_the_last_channels_in_order_of_name(reader, path) -> None:
    asked = Columns(targets=("temp out",), past_covariates=("*",), future_covariates=("state", "constant"))
    panel, reading = reader.read(path, columns=asked)
    assert panel.n_future == 2
    assert panel.channels[0] == "temp out"
    assert panel.channels[-2:] == ("constant", "state") == reading.options.columns.future_covariates
    assert not {"constant", "state"} & set(reading.options.columns.past_covariates)


def test_what_is_known_ahead_is_no_target_by_rule(reader, path) -> None:
    panel, _ = reader.read(path, columns=Columns(future_covariates=("temp out",)))
    assert panel.targets == ("flow, raw", "temp [°C]")
    assert (panel.channels[2:], panel.n_future) == (("temp out",), 1)


def test_a_name_that_is_spelled_out_wins_over_a_wildcard(reader, path) -> None:
    panel, _ = reader.read(path, columns=Columns(targets=("temp*",), future_covariates=("temp out",)))
    assert (panel.targets, panel.channels[1:]) == (("temp [°C]",), ("temp out",))


@pytest.mark.parametrize("role", ["past_covariates", "future_covariates"])
def test_a_text_column_that_is_named_as_a_covariate_is_refused(reader, path, role) -> None:
    with pytest.raises(DataError, match=r"'comment' .* holds 'fine'"):
        reader.read(path, columns=Columns(targets=("lat",), **{role: ("comment",)}))


def test_a_wildcard_for_targets_passes_over_texts(reader, path) -> None:
    panel, _ = reader.read(path, columns=Columns(targets=("co*",)))
    assert panel.targets == ("constant", "counter")
    with pytest.raises(DataError, match="comment holds no numbers"):
        reader.read(path, columns=Columns(targets=("comm*",)))


def test_rows_that_hold_only_what_is_known_ahead_are_kept_behind_the_last_target(reader) -> None:
    lines = [f"2025-01-{1 + k // 24:02d} {k % 24:02d}:00,{k if k < 30 else ''},{k % 7}" for k in range(40)]
    path = reader.write("\n".join(["time,load,tariff", *lines]))
    panel, _ = reader.read(path, columns=Columns(targets=("load",), future_covariates=("tariff",)))
    assert panel.indptr.tolist() == [0, 40]
    assert panel.observed.sum(axis=0).tolist() == [30, 40]


def test_a_line_break_in_a_name_may_be_written_as_a_space() -> None:
    assert expand_pattern("flow rate", ["flow\nrate", "p"], "f") == ("flow\nrate",)
    assert expand_pattern("flow rate", ["flow\nrate", "flow rate"], "f") == ("flow rate",)
    assert expand_pattern("flow *", ["flow\r\nrate", "p"], "f") == ("flow\r\nrate",)


@pytest.mark.parametrize("pattern", ["*", "temp*,flow*,constant,state,mode,counter,sparse,lat,empty"])
def test_an_ignore_that_takes_every_number_is_called_by_its_name(reader, path, pattern) -> None:
    with pytest.raises(UsageError, match="--ignore takes every column of numbers"):
        reader.read(path, columns=Columns(ignored=("flow, raw", pattern)))


def test_a_whole_name_wins_over_its_reading_as_a_list() -> None:
    assert expand_pattern("a,b", ["a", "b", "a,b"], "f") == ("a,b",)
    assert expand_pattern("a, b", ["a", "b", "a,b"], "f") == ("a", "b")


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("flow [m3/h]", "m3/h"),
        ("temp (°C)", "°C"),
        ("temp(°C)", "°C"),
        ("CO(GT)", ""),
        ("plain", ""),
        ("v[]", ""),
        ("Temp, °C (LGR S/N: 20481234, SEN S/N: 20481234, LBL: water)", "°C"),
        ("Coupler Attached (LGR S/N: 20481234, LBL: water)", ""),
    ],
)
def test_units_are_read_from_names(name, unit) -> None:
    assert parse_unit(name) == unit


# --- A model's columns in new data -------------------------------------------------------------------------------


TRAINED = Columns(timestamp=("time",), targets=("temp [°C]", "temp out"), past_covariates=("lat",))


def test_new_data_is_read_by_name_whatever_its_order(reader) -> None:
    turned = {name: COLUMNS[name] for name in ("lat", "temp out", "temp [°C]")} | {"new": NOISE}
    panel, _ = reader.read(reader.write(write(turned)), columns=TRAINED, only_series="site")
    assert panel.channels == ("temp [°C]", "temp out", "lat")
    assert panel.series_ids == ("site",)
    assert reader.recorder.heard("left out new")


def test_a_column_that_new_data_lacks_is_named(reader) -> None:
    with pytest.raises(DataError, match="no column 'lat'"):
        reader.read(reader.write(write({"temp [°C]": NOISE, "temp out": NOISE})), columns=TRAINED)


def test_a_table_that_lost_its_header_takes_the_training_names(reader, path) -> None:
    whole, reading = reader.read(path, columns=TRAINED)
    tail = "".join(Path(path).read_text(encoding="utf-8").splitlines(keepends=True)[11:])
    panel, _ = reader.read(
        reader.write(tail, "tail.csv"), columns=reading.options.columns, header=reading.header, only_series="data"
    )
    assert panel.channels == whole.channels
    np.testing.assert_allclose(panel.values + panel.offset, (whole.values + whole.offset)[10:], rtol=1e-6)
    assert reader.recorder.heard("has no header")


def test_a_lost_header_with_another_number_of_columns_is_an_error(reader) -> None:
    with pytest.raises(DataError, match="no column"):
        reader.read(
            reader.write("2025-01-01 00:00,1.5\n2025-01-01 01:00,2.5\n"), columns=TRAINED, header=("time", "a", "b")
        )


def test_a_dead_sensor_in_new_data_stays_a_channel(reader) -> None:
    columns = {"temp [°C]": NOISE, "temp out": [""] * N, "lat": NOISE}
    panel, _ = reader.read(reader.write(write(columns)), columns=TRAINED)
    assert panel.channels == ("temp [°C]", "temp out", "lat")
    assert not panel.observed[:, 1].any()
    assert np.isnan(panel.values[:, 1]).all()
    assert panel.offset[0, 1] == 0


@pytest.mark.parametrize(
    ("roles", "targets"),
    [
        (Columns(targets=("temp out",), past_covariates=("*",)), ("temp out",)),
        (Columns(targets=("*out",), future_covariates=("t*",)), ("temp out",)),
        (Columns(targets=("t*",)), ("temp [°C]", "temp out")),
    ],
    ids=["past", "future", "target"],
)
def test_a_wildcard_for_numbers_leaves_the_time_to_be_found(reader, path, roles, targets) -> None:
    panel, reading = reader.read(path, columns=roles)
    assert panel.origin == np.datetime64("2025-01-01")
    assert reading.options.columns.timestamp == ("time",)
    assert panel.targets == targets
    assert "time" not in panel.channels


@pytest.mark.parametrize(("first", "step"), [(1_735_689_600, 3600), (45_658, 0.25)], ids=["epoch", "spreadsheet"])
def test_a_wildcard_leaves_the_time_that_is_a_number_too(reader, first, step) -> None:
    rows = "\n".join(f"{first + k * step},{value},{2 * value}" for k, value in enumerate(NOISE))
    panel = reader.load(f"time,a,b\n{rows}\n", columns=Columns(targets=("a",), past_covariates=("*",)))
    assert panel.channels == ("a", "b")
    assert panel.origin == np.datetime64("2025-01-01")
