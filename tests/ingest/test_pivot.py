"""A row per tag and value becomes a column per tag."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.errors import DataError, UsageError
from forecast_cli.ingest.grid.rows import Rows
from forecast_cli.ingest.grid.widen import make_long, widen
from forecast_cli.types import Columns

HOUR = 3_600_000_000
NAN = np.nan
CASES = Path(__file__).parents[1] / "cases"


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 5), st.integers(-1, 3), st.integers(0, 4)), min_size=1, max_size=60
    )
)
def test_widening_agrees_with_a_plain_dictionary(cells) -> None:
    series, hours, tags, values = (np.array(column, dtype=np.int64) for column in zip(*cells, strict=True))
    rows = Rows(("a", "b", "c"), series, hours * HOUR, {})
    long, repeats = make_long(rows, tags, values.astype(float), ("p", "q", "r", "s"))
    wide, _ = widen(long, ("p", "q", "r", "s"), "1D")  # days are not snapped to: instants stay
    expected: dict[tuple[int, int, int], list[int]] = {}
    for s, h, t, v in cells:
        known = expected.setdefault((s, h, t), [])
        if t >= 0 and (not known or known[-1] != v):
            known.append(v)
    expected = {key: known for key, known in expected.items() if known}
    found: dict[tuple[int, int, int], list[int]] = {}
    for k, name in enumerate(("p", "q", "r", "s")):
        column = wide.columns[name]
        for row in np.flatnonzero(~np.isnan(column)):
            found.setdefault((int(wide.series[row]), int(wide.stamps[row]) // HOUR, k), []).append(int(column[row]))
    assert found == expected
    assert repeats == sum(t >= 0 for _, _, t, _ in cells) - sum(map(len, expected.values()))


def write_tags(n=48, tags=("flow", "level"), first="tag", more="", base=1000) -> str:
    """Return an hourly export: a row per tag, `more` being further columns of every row."""
    lines = []
    for k in range(n):
        stamp = np.datetime64("2025-01-01T00:00") + k * np.timedelta64(1, "h")
        lines += [f"{stamp},{tag},{base**j + k * 7 % 11 / 4}{more}" for j, tag in enumerate(tags)]
    return "\n".join([f"time,{first},value" + ("," + "abc"[: more.count(",")] if more else ""), *lines]) + "\n"


def test_each_tag_becomes_a_column_named_by_its_text(reader) -> None:
    panel, reading = reader.read(reader.write(write_tags(tags=("TI-101.PV", "level [m]"))), pivot="tag")
    assert panel.targets == ("TI-101.PV", "level [m]")
    assert panel.values.shape == (48, 2)
    assert panel.observed.all()
    real = panel.values + panel.offset[0]
    np.testing.assert_allclose(real[:, 1] - real[:, 0], 999)
    assert (reading.options.pivot, reading.options.pivot_value) == ("tag", "value")
    assert reading.options.columns.targets == panel.targets


def test_new_data_are_read_like_the_training_data_even_where_a_tag_was_silent(reader) -> None:
    panel, reading = reader.read(reader.write(write_tags()), pivot="ta?")
    text = "".join(line for line in write_tags().splitlines(keepends=True) if "level" not in line)
    options = {"pivot": reading.options.pivot, "pivot_value": "value", "header": reading.header, "freq": "1h"}
    again, _ = reader.read(reader.write(text, "new.csv"), columns=reading.options.columns, **options)
    assert again.channels == panel.channels
    assert again.observed.mean(axis=0).tolist() == [1, 0]


def test_targets_and_covariates_are_chosen_among_the_tags(reader) -> None:
    text = write_tags(tags=("flow", "level", "temp_in", "temp_out"))
    columns = Columns(targets=("temp_*",), past_covariates=("flow",))
    panel = reader.load(text, columns=columns, pivot="tag")
    assert panel.channels == ("temp_in", "temp_out", "flow")
    assert reader.recorder.heard("left out level: not named")
    panel = reader.load(text, columns=Columns(ignored=("temp_*",)), pivot="tag")
    assert panel.channels == ("flow", "level")
    with pytest.raises(DataError, match=r"tag of .* has no column 'presure'"):
        reader.load(text, columns=Columns(targets=("presure",)), pivot="tag")


def test_the_column_of_values_is_the_sole_one_of_numbers_or_the_one_called_so_or_named(reader) -> None:
    assert reader.load(write_tags(more=",good"), pivot="tag").targets == ("flow", "level")
    assert reader.load(write_tags(more=",192"), pivot="tag").targets == ("flow", "level")
    text = write_tags(more=",192").replace("value", "x")
    with pytest.raises(DataError, match="several columns of numbers: x, a") as caught:
        reader.load(text, pivot="tag")
    assert "--target 'x'" in caught.value.hint
    assert reader.load(text, columns=Columns(targets=("x",)), pivot="tag").targets == ("flow", "level")


def test_a_pivot_needs_one_column_of_tags_and_a_time(reader) -> None:
    with pytest.raises(DataError, match="no column 'tga'"):
        reader.load(write_tags(), pivot="tga")
    with pytest.raises(UsageError, match="names 2 columns"):
        reader.load(write_tags(), pivot="t*")
    with pytest.raises(DataError, match="no column of numbers beside it"):
        reader.load("time,tag,value\n2025-01-01,a,open\n2025-01-02,b,shut\n", pivot="tag")
    with pytest.raises(DataError, match="no column with the time"):
        reader.load("tag,value\na,1\nb,2\na,3\nb,5\n", pivot="tag")


def test_series_exist_beside_tags(reader) -> None:
    plants = [write_tags(24).splitlines(), write_tags(24, tags=("level", "flow")).splitlines()]
    lines = [f"{line},{name}" for name, rows in zip("ab", plants, strict=True) for line in rows[1:]]
    panel = reader.load("\n".join([plants[0][0] + ",plant", *lines]), columns=Columns(series_id="plant"), pivot="tag")
    assert panel.series_ids == ("a", "b")
    assert panel.targets == ("flow", "level")
    np.testing.assert_allclose(panel.offset, [[1, 1000], [1000, 1]])


def test_tags_written_at_instants_of_their_own_meet_on_the_grid(reader) -> None:
    lines, base = [], np.datetime64("2025-01-01T00:00:00")
    for k in range(90):
        for j in range(5):
            lines.append(f"{base + np.timedelta64(60 * k + 3 * j + (k % 9 == j), 's')},T{j},{j * 10 + k % 7}")
    panel = reader.load("\n".join(["time,tag,value", *lines]), pivot="tag")
    assert panel.freq == "1min"
    assert panel.values.shape == (90, 5)
    assert panel.observed.all()


def test_the_values_of_a_step_are_aggregated_by_tag_and_repeated_ones_count(reader) -> None:
    lines, base = [], np.datetime64("2025-01-01T00:00:00")
    for k in range(180):
        lines += [f"{base + np.timedelta64(1200 * k + j, 's')},T{j},{0.5}" for j in range(4)]
    text = "\n".join(["time,tag,value", *lines])
    panel = reader.load(text, pivot="tag", freq="1h", aggregate=(("T1", "sum"),), columns=Columns(targets=("T*",)))
    assert (panel.values[0] + panel.offset[0]).tolist() == [0.5, 1.5, 0.5, 0.5]


def test_exact_repetitions_are_dropped_and_conflicts_said(reader) -> None:
    text = write_tags() + "2025-01-01T05:00,flow,9\n2025-01-01T05:00,level,1000.5\n"
    panel, reading = reader.read(reader.write(text), pivot="tag")
    assert reader.recorder.heard("repeats an instant with other values: averaged")
    assert reading.counts["duplicates"] == 1  # the level at 5 o'clock was 1000.5 before
    assert panel.values[5, 0] + panel.offset[0, 0] == pytest.approx((9 + 1.5) / 2)


def test_an_export_read_without_the_flag_is_told_of_it(reader) -> None:
    reader.load(write_tags())
    assert reader.recorder.heard("--pivot 'tag' makes a column of each")


@pytest.mark.parametrize(("base", "said"), [(100_000, True), (1, False)])
def test_values_of_wildly_different_scales_are_taken_for_tags_and_sensors_of_one_kind_are_not(
    reader, base, said
) -> None:
    reader.load(write_tags(tags=("a", "b"), first="room", base=base))
    assert reader.recorder.heard("--pivot") == said


def test_rows_without_a_tag_are_left_out_and_counted(reader) -> None:
    panel = reader.load(write_tags() + "2025-01-01T05:00,,9\n", pivot="tag")
    assert panel.targets == ("flow", "level")
    assert reader.recorder.heard("left out 1 row without a tag")


def test_thousands_of_texts_are_no_tags(reader) -> None:
    lines = [f"2025-01-01T{k // 600 % 24:02d}:{k // 10 % 60:02d}:{k % 10:02d},t{k},{k % 7}" for k in range(5_001)]
    with pytest.raises(DataError, match="too many to be tags"):
        reader.load("\n".join(["time,tag,value", *lines]), pivot="tag")


def test_a_historian_export_with_its_own_instants_a_gap_and_a_meter(reader) -> None:
    options = {"pivot": "Punkt", "counters": ("FQ*",)}
    panel, reading = reader.read(str(CASES / "historian_export.csv"), columns=Columns(targets=("Wert",)), **options)
    assert (panel.channels, panel.freq) == (("FQ-1.PV", "PT-7.PV", "TI-3.PV"), "1min")
    real = np.where(panel.observed, panel.values + panel.offset[0], NAN)
    np.testing.assert_allclose(real[:, 0], [NAN, 1, 1, 2, 0.5], atol=1e-4)  # over 100,000
    np.testing.assert_allclose(real[:, 1], [1013.2, 1013, 1012.9, 1013.4, 1013.1], atol=1e-4)
    np.testing.assert_allclose(real[:, 2], [21.5, 21.7, NAN, 21.4, 21.9], atol=1e-4)
    assert reading.counts["duplicates"] == 1


def test_tags_without_a_single_value_are_a_data_error_with_any_freq(reader) -> None:
    lines = [line.rsplit(",", 1)[0] + "," for line in write_tags().splitlines()[1:]]
    text = "\n".join(["time,tag,value", *lines]) + "\n"
    for freq in (None, "1h"):
        with pytest.raises(DataError, match="--pivot tag"):
            reader.load(text, pivot="tag", freq=freq, columns=Columns(targets=("value",)))


def test_a_series_whose_tags_have_no_value_is_left_out_aloud(reader) -> None:
    lines = [f"{line},s" for line in write_tags().splitlines()[1:]]
    lines += [f"{line.rsplit(',', 2)[0]},,r" for line in lines]
    text = "\n".join(["time,tag,value,site", *lines]) + "\n"
    panel = reader.load(text, pivot="tag", columns=Columns(series_id="site"))
    assert panel.series_ids == ("s",)
    assert any("left out series r" in warning for warning in reader.recorder.warnings)


def test_a_model_knows_a_tag_that_is_called_as_the_column_of_values(reader) -> None:
    tags = write_tags(tags=("value", "flow"))
    _, reading = reader.read(reader.write(tags), pivot="tag")
    assert reading.options.columns.targets == ("flow", "value")
    again = {"header": reading.header, "pivot_value": reading.options.pivot_value, "pivot": "tag"}
    assert reader.load(tags, columns=reading.options.columns, **again).targets == ("flow", "value")
