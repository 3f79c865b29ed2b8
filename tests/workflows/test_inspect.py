from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import DataError
from forecast_cli.ingest.views.profile import count_runs, count_spikes, is_stuck, measure_repeats
from forecast_cli.requests import InspectRequest
from forecast_cli.results import ColumnProfile, Inspection
from forecast_cli.types import ReadingOptions
from forecast_cli.workflows.inspect import inspect
from tests.ingest.conftest import Recorder

ROWS = 400
RANDOM = np.random.default_rng(0)
NOISE = [f"{value:.3f}" for value in RANDOM.normal(20, 3, ROWS)]


def write(path: Path, **columns: list[str]) -> str:
    names = list(columns)
    lines = [",".join(names), *(",".join(row) for row in zip(*columns.values(), strict=True))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def hourly(n: int = ROWS) -> list[str]:
    instants = np.datetime64("2026-01-01T00:00:00") + np.arange(n) * np.timedelta64(1, "h")
    return [str(instant).replace("T", " ") for instant in instants]


def look(path: str, *flags: str, **options: object) -> Inspection:
    return inspect(InspectRequest((path,), ReadingOptions(**options), flags=flags), Recorder())  # type: ignore[arg-type]


def pick(found: Inspection, name: str) -> ColumnProfile:
    return next(each for each in found.columns if each.column == name)


@pytest.fixture
def plain(tmp_path: Path) -> str:
    return write(tmp_path / "plain.csv", time=hourly(), temp=NOISE)


def test_every_column_of_the_file_is_there_in_its_order_with_what_became_of_it(tmp_path: Path):
    names = [f"seen by {'abc'[(k * k) % 3]} at {k}" for k in range(ROWS)]
    path = write(tmp_path / "x.csv", note=names, temp=NOISE, time=hourly(), same=["5"] * ROWS, void=[""] * ROWS)
    found = look(path)
    assert [(each.column, each.kind) for each in found.columns] == [
        *(("note", "text"), ("temp", "number"), ("time", "time"), ("same", "number"), ("void", "empty")),
    ]
    assert [each.role for each in found.columns] == [
        *("left out: text", "target", "time", "left out: constant", "left out: no value"),
    ]
    temp = pick(found, "temp")
    numbers = np.array(NOISE, dtype=float)
    assert (temp.minimum, temp.median, temp.maximum) == (numbers.min(), np.median(numbers), numbers.max())
    assert (temp.n_values, temp.missing) == (ROWS, 0.0)


def test_a_share_missing_counts_empty_cells_and_sentinels(tmp_path: Path):
    cells = [*[""] * 10, *["-999"] * 30, *NOISE[40:]]
    found = look(write(tmp_path / "x.csv", time=hourly(), temp=cells))
    assert pick(found, "temp").missing == pytest.approx(0.1)
    assert "-999" in found.warnings[0]


def test_gaps_are_counted_by_their_length_and_those_too_long_to_fill_apart(tmp_path: Path):
    kept = [k for k in range(ROWS) if k not in {5, 9, 10, *range(50, 150)}]
    times = hourly()
    found = look(write(tmp_path / "x.csv", time=[times[k] for k in kept], temp=[NOISE[k] for k in kept]))
    assert found.gaps["lengths"] == {"1": 1, "2-24": 1, ">24": 1}
    assert (found.gaps["missing"], found.gaps["open"], found.gaps["longest"]) == (103, 100, 100)
    assert found.gaps["longest_words"] == "4.17 days"


def test_the_flaws_of_the_time_axis_are_counted(tmp_path: Path):
    times = hourly()
    times[100], times[101] = times[101], times[100]
    times[200] = times[200].replace(":00:00", ":00:03")
    path = write(tmp_path / "x.csv", time=[*times, times[7], times[8]], temp=[*NOISE, NOISE[7], "99"])
    time = look(path).time
    assert {name: time[name] for name in ("duplicates", "conflicts", "jittered", "off_grid")} == {
        **{"duplicates": 1, "conflicts": 1, "jittered": 1, "off_grid": 0},
    }
    assert time["out_of_order"] == 2
    assert time["jitter_seconds"] == 3.0
    assert (time["first"], time["step"], time["zone"]) == ("2026-01-01T00:00:00", "1h", None)


def test_a_file_that_begins_with_its_newest_row_is_told_as_such(tmp_path: Path):
    assert look(write(tmp_path / "x.csv", time=hourly()[::-1], temp=NOISE)).time["is_newest_first"]


def test_the_days_of_a_zone_are_all_one_day_apart(tmp_path: Path):
    days = [str(np.datetime64("2025-02-01") + k) for k in range(ROWS)]
    time = look(write(tmp_path / "x.csv", day=days, temp=NOISE), tz="Europe/Berlin").time
    assert time["distances"] == [{"distance": "1D", "share": 1.0}]
    assert (time["jittered"], time["zone"]) == (0, "Europe/Berlin")


def test_a_season_is_found(tmp_path: Path):
    wave = [f"{np.sin(2 * np.pi * k / 24) + 0.1 * RANDOM.normal():.3f}" for k in range(ROWS)]
    assert look(write(tmp_path / "x.csv", time=hourly(), temp=wave)).seasons == (24,)
    assert look(write(tmp_path / "x.csv", time=hourly(), temp=NOISE)).seasons == ()
    assert look(write(tmp_path / "x.csv", time=hourly(), temp=NOISE), season=12).seasons == (12,)


def test_the_suggested_command_repeats_the_flags_and_quotes_what_a_shell_would_read(tmp_path: Path):
    path = write(tmp_path / "it's here.csv", time=hourly(), temp=NOISE)
    found = look(path, "--target", "te*")
    assert shlex.split(found.command) == ["forecast", "train", path, "--target", "te*"]


def test_a_meter_is_found_by_its_rises_and_becomes_a_flag_only_where_that_is_sure(tmp_path: Path):
    meter = [f"{1000 + 0.3 * k + 0.05 * (k % 5):.2f}" for k in range(ROWS)]
    found = look(write(tmp_path / "x.csv", time=hourly(), energy=meter, temp=NOISE))
    assert pick(found, "energy").only_rises
    assert any(finding.flag == "--counter energy" for finding in found.findings)
    assert found.command.endswith(" --counter energy")
    short = look(write(tmp_path / "x.csv", time=hourly(50), energy=meter[:50], temp=NOISE[:50]))
    assert any(finding.flag == "--counter energy" for finding in short.findings)
    assert "--counter" not in short.command


def test_a_direction_is_found_by_its_name_or_unit_and_its_range(tmp_path: Path):
    around = [f"{(7 * k) % 360}" for k in range(ROWS)]
    columns = {"wind_dir": around, "angle [°]": around, "power": around, "temp [°C]": around}
    found = look(write(tmp_path / "x.csv", time=hourly(), **columns))
    assert [finding.flag for finding in found.findings] == ["--angle wind_dir", "--angle 'angle [°]'"]
    assert shlex.split(found.command)[3:] == ["--angle", "wind_dir", "--angle", "angle [°]"]
    half = [f"{(7 * k) % 200}" for k in range(ROWS)]
    assert "--angle" not in look(write(tmp_path / "x.csv", time=hourly(), wind_dir=half)).command


def test_what_was_asked_for_is_not_suggested_again(tmp_path: Path):
    around = [f"{(7 * k) % 360}" for k in range(ROWS)]
    found = look(write(tmp_path / "x.csv", time=hourly(), wind_dir=around, temp=NOISE), angles=("wind_dir",))
    assert found.findings == ()


def test_values_that_mostly_repeat_suggest_to_hold_them(tmp_path: Path):
    steps = [f"{(k // 5) % 13}" for k in range(ROWS)]
    found = look(write(tmp_path / "x.csv", time=hourly(), level=steps))
    assert [finding.flag for finding in found.findings] == ["--fill hold"]


def test_a_sensor_that_stands_still_for_once_is_told_and_nights_are_not(tmp_path: Path):
    stuck = [*NOISE[:100], *["20.5"] * 60, *NOISE[160:]]
    found = look(write(tmp_path / "x.csv", time=hourly(), temp=stuck))
    assert (pick(found, "temp").longest_run, pick(found, "temp").is_stuck) == (60, True)
    assert "temp stood still for 60 rows" in found.findings[0].text
    nights = ["0" if k % 24 < 12 else NOISE[k] for k in range(ROWS)]
    assert not pick(look(write(tmp_path / "x.csv", time=hourly(), sun=nights)), "sun").is_stuck
    showers = ["0.2" if k % 31 < 3 and not 100 < k < 300 else "0" for k in range(ROWS)]
    assert not pick(look(write(tmp_path / "x.csv", time=hourly(), rain=showers)), "rain").is_stuck


def test_values_far_outside_the_rest_are_counted(tmp_path: Path):
    spikes = [*NOISE[:100], "850.000", *NOISE[101:300], "-400.000", *NOISE[301:]]
    found = look(write(tmp_path / "x.csv", time=hourly(), temp=spikes))
    assert pick(found, "temp").spikes == 2
    assert "2 values lie far outside the rest of temp (-400 to 850)" in found.findings[0].text


def test_a_file_with_few_rows_on_its_grid_suggests_a_coarser_step(tmp_path: Path):
    kept = sorted(RANDOM.permutation(6000)[:3000])
    instants = np.datetime64("2026-01-01T00:00:00") + np.array(kept) * np.timedelta64(10, "m")
    times = [str(instant) for instant in instants]
    found = look(write(tmp_path / "x.csv", time=times, temp=[NOISE[k % ROWS] for k in kept]))
    assert found.findings[0].flag == "--freq 1h"  # the step that `train` notes, too


def test_at_most_five_findings_are_shown(tmp_path: Path):
    around = [f"{(7 * k) % 360}" for k in range(ROWS)]
    found = look(write(tmp_path / "x.csv", time=hourly(), **{f"wind_dir {k}": around for k in range(9)}))
    assert len(found.findings) == 5


def test_strict_ends_where_a_warning_would_be(tmp_path: Path):
    path = write(tmp_path / "x.csv", time=hourly(), temp=[*["-999"] * 30, *NOISE[30:]])
    with pytest.raises(DataError, match="-999"):
        inspect(InspectRequest((path,), strict=True), Recorder())


def test_remarks_are_kept_for_the_screen_and_not_said_twice(plain: str):
    heard = Recorder()
    inspect(InspectRequest((plain,)), heard)
    assert heard.notes == heard.warnings == []


def test_the_rules_of_a_profile():
    one = np.zeros(6, dtype=np.int64)
    assert list(count_runs(np.array([1.0, 1, 2, 2, 2, 3]), one)) == [2, 3, 1]
    assert list(count_runs(np.ones(6), np.array([0, 0, 1, 1, 1, 1]))) == [2, 4]
    assert not is_stuck(np.array([500]))  # constant: nothing to compare with
    assert is_stuck(np.array([1] * 50 + [13]))
    assert not is_stuck(np.array([1] * 50 + [12]))
    assert not is_stuck(np.array([1] * 50 + [20] * 10 + [60]))
    assert count_spikes(np.array([0.0, 1.0, 4.0, 4.1, -3.1]), 0.0, 1.0) == 2
    assert count_spikes(np.array([0.0, 0.0, 9.0]), 0.0, 0.0) == 0
    assert measure_repeats(np.array([0.0, 0, 5, 5, 9, 9]), one) == 0.5
