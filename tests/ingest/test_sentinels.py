"""Codes for a missing value: found where they are exact, repeated and isolated; never real data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.ingest.grid.sentinels import RARE, USUAL, find_sentinels
from forecast_cli.types import Columns

RNG = np.random.default_rng(0)
ROOM = np.round(RNG.normal(20, 3, 500), 1)
KINDS = {
    "whole numbers": lambda rng, wide: rng.integers(-wide, wide + 1, 400),
    "normal": lambda rng, wide: np.round(rng.normal(0, wide / 3, 400)),
    "cumulated": lambda rng, wide: np.round(np.cumsum(rng.normal(0, wide / 20, 400))),
    "skewed": lambda rng, wide: np.round(rng.exponential(wide / 3, 400)),
    "two levels": lambda rng, wide: (
        np.where(rng.random(400) < 0.5, 0, rng.integers(0, wide + 1)) + rng.integers(0, 3, 400)
    ),
    "steps": lambda rng, wide: rng.integers(0, 6, 400) * (wide // 5),
}


@settings(max_examples=300)
@given(
    st.sampled_from(sorted(KINDS)),
    st.integers(0, 10_000),
    st.sampled_from([200, 998, 1_000, 10_000, 40_000, 70_000, 100_000]),
    st.sampled_from([0, 1, -1]),
)
def test_plain_random_columns_are_left_alone(kind, seed, wide, shift) -> None:
    column = KINDS[kind](np.random.default_rng(seed), wide).astype(float) + shift * wide
    assert find_sentinels(column) == []


@pytest.mark.parametrize("code", [code for code in (*USUAL, *RARE) if abs(code) >= 99])
def test_a_repeated_code_far_from_room_temperatures_is_found_as_double_and_as_float32(code) -> None:
    for written in (code, float(np.float32(code))):
        column = ROOM.copy()
        column[[5, 80, 81]] = written
        assert find_sentinels(column) == [(written, 3)]


@pytest.mark.parametrize("code", [-9999.0, 65535.0])
def test_a_single_one_may_be_a_spike_and_is_left_alone(code) -> None:
    assert find_sentinels(np.append(ROOM, code)) == []


def test_codes_at_both_ends_are_found_together() -> None:
    column = np.r_[ROOM, [-999.0] * 3, [9999.0] * 2, [-9999.0] * 4]
    assert dict(find_sentinels(column)) == {-999.0: 3, 9999.0: 2, -9999.0: 4}


def test_people_counted_up_to_999_are_real() -> None:
    assert find_sentinels(np.r_[np.arange(0, 950, 7.0), 999.0, 999.0]) == []
    assert find_sentinels(np.r_[np.arange(0, 50_000, 500.0), 65535.0, 65535.0]) == []


def test_codes_are_announced_and_kept_when_asked_for(reader) -> None:
    values = [k * 7 % 11 + 0.5 for k in range(24)]
    values[5] = values[9] = 9999.9
    text = "time,x\n" + "".join(f"2025-01-01 {hour:02d}:00,{value}\n" for hour, value in enumerate(values))
    panel, reading = reader.read(reader.write(text))
    assert np.flatnonzero(~panel.observed[:, 0]).tolist() == [5, 9]
    assert reading.counts["sentinels"] == 2
    assert reader.recorder.heard("2 cells hold exactly 9999.9, far outside the rest of x: treated as missing")
    (decision,) = [each for each in reading.decisions if each.what == "missing"]
    assert (decision.taken, decision.flag) == ("9999.9", "--keep-sentinels")
    assert reader.load(text, keep_sentinels=True).observed.all()


def test_a_named_code_is_missing_whatever_stands_around_it(reader) -> None:
    text = "time,x,y\n" + "".join(f"2025-01-01 {k:02d}:00,{k % 5 - 2}.5,{k * 3 % 7 - 1}\n" for k in range(24))
    panel = reader.load(text, columns=Columns(targets=("x", "y")), missing_values=("-1", "0.5", "ERR"))
    assert not panel.observed[:, 0][[k for k in range(24) if k % 5 == 2]].any()
    assert not panel.observed[:, 1][[k for k in range(24) if k * 3 % 7 == 0]].any()
    assert panel.observed.sum() == 48 - 5 - 4


def test_a_named_code_is_found_among_the_numbers_of_a_parquet_file(reader, tmp_path) -> None:
    from forecast_cli.ingest.views.panel_file import write_parquet

    stamps = np.datetime64("2025-01-01T00:00:00", "us") + np.arange(24) * np.timedelta64(1, "h")
    values = np.arange(24) * 5 % 7 - 3.25
    values[[3, 4]] = -200
    write_parquet({"time": stamps, "x": values}, tmp_path / "x.parquet")
    panel, _ = reader.read(str(tmp_path / "x.parquet"), missing_values=("-200",), keep_sentinels=True)
    assert np.flatnonzero(~panel.observed[:, 0]).tolist() == [3, 4]
    assert reader.recorder.heard("2 cells hold -200: missing, as --missing-value says")


def write_rooms(values) -> str:
    return "time,x\n" + "".join(
        f"2025-01-{1 + k // 24:02d} {k % 24:02d}:00,{value}\n" for k, value in enumerate(values)
    )


def test_a_code_of_the_training_data_is_known_again_where_it_stands_but_once(reader) -> None:
    values = [k * 7 % 11 + 0.5 for k in range(24)]
    _, reading = reader.read(reader.write(write_rooms([*values, -200, 3.5, -200])))
    assert reading.options.sentinels == (("x", -200.0),)
    new = reader.write(write_rooms([*values, -200, 4.5]), "new.csv")
    assert reader.read(new, sentinels=reading.options.sentinels)[0].observed[:, 0].tolist() == [True] * 24 + [
        False,
        True,
    ]
    assert reader.read(new)[0].observed.all()


def test_a_meter_may_stand_at_99999_before_it_wraps(reader) -> None:
    values = [99998, 99999, 99999, 0, 2, 3, 5, 8, 9, 11]
    panel = reader.load(write_rooms(values), counters=("x",))
    assert (panel.values[1:, 0] + panel.offset[0, 0]).tolist() == [1, 0, 1, 2, 1, 2, 3, 1, 2]
