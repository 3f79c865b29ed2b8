"""The sample files are what their README says, and the script beside them makes them."""

import csv
import subprocess
import sys
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "sample_data"
FILES = ["greenhouse.csv", "pumps.csv"]
SENTINEL = -999
TEN_MINUTES = timedelta(minutes=10)


class Table:
    """A sample file: its header, its rows as text, and its columns as numbers under their names without the unit."""

    def __init__(self, file):
        with (FOLDER / file).open(encoding="utf-8", newline="") as stream:
            self.header, *self.rows = csv.reader(stream)
        self.labels = 1 if file == "greenhouse.csv" else 2
        self.times = [datetime.fromisoformat(row[0]) for row in self.rows]
        cells = np.array([[float(cell or "nan") for cell in row[self.labels :]] for row in self.rows])
        self.raw = dict(zip([name.split(" [")[0] for name in self.header[self.labels :]], cells.T, strict=True))
        self.real = {name: np.where(column == SENTINEL, np.nan, column) for name, column in self.raw.items()}


@pytest.fixture(scope="module")
def greenhouse():
    return Table("greenhouse.csv")


@pytest.fixture(scope="module")
def pumps():
    return Table("pumps.csv")


def read_claims(file):
    """Return the rows of the README's two tables about a file: columns and defects."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8").split(f"## {file}\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:2] == "| "]
    return [row for row in rows if len(row) == 5][1:], {row[0]: row[1] for row in rows if len(row) == 3}


def list_by_pump(table):
    """Return the rows of each pump, each once, in order of time."""
    ids = np.array([row[1] for row in table.rows])
    stamps = np.array(table.times, dtype="datetime64[h]")
    firsts = {name: np.unique(stamps[ids == name], return_index=True)[1] for name in sorted(set(ids))}
    return {name: np.flatnonzero(ids == name)[first] for name, first in firsts.items()}


def fill_grid(table, name):
    """Return a column of the greenhouse on its full grid, NaN where there is no value."""
    grid = np.full(365 * 144, np.nan)
    grid[[(time - datetime(2025, 1, 1)) // TEN_MINUTES for time in table.times]] = table.real[name]
    return grid


# --- The files -----------------------------------------------------------------------------------------------------


def test_making_the_samples_again_gives_the_same_bytes(tmp_path):
    subprocess.run([sys.executable, "-B", FOLDER / "make_samples.py", tmp_path], check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    for file in FILES:
        assert (tmp_path / file).read_bytes() == (FOLDER / file).read_bytes()


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_under_6_mb_and_has_one_kind_of_line_end(file):
    text = (FOLDER / file).read_bytes()
    assert 1_000_000 < len(text) < 6_000_000
    assert text.endswith(b"\n")
    assert b"\r" not in text


@pytest.mark.parametrize("file", FILES)
def test_the_readme_lists_the_columns_with_their_units_and_ranges(file):
    table, (claims, _) = Table(file), read_claims(file)
    assert [f"{name} [{unit}]" for name, unit, *_ in claims] == table.header[table.labels :]
    for name, _, lowest, highest, _ in claims:
        assert np.nanmin(table.real[name]) == float(lowest), name
        assert np.nanmax(table.real[name]) == float(highest), name


def test_the_readme_counts_the_defects_of_the_greenhouse(greenhouse):
    gaps = [(after - before) // TEN_MINUTES - 1 for before, after in pairwise(greenhouse.times)]
    counted = {
        "single rows missing": sum(gap == 1 for gap in gaps),
        "rows missing in longer gaps": sum(gap for gap in gaps if gap > 1),
        "empty cells": sum(cell == "" for row in greenhouse.rows for cell in row),
        "sentinels in co2": np.sum(greenhouse.raw["co2"] == SENTINEL),
        "sentinels in soil_moisture": np.sum(greenhouse.raw["soil_moisture"] == SENTINEL),
        "rows in the file": len(greenhouse.rows),
    }
    assert read_claims("greenhouse.csv")[1] == {"defect": "count"} | {k: str(v) for k, v in counted.items()}


def test_the_readme_counts_the_defects_of_the_pumps(pumps):
    spans = [[pumps.times[i] for i in rows] for rows in list_by_pump(pumps).values()]
    hour, first, last = timedelta(hours=1), min(pumps.times), max(pumps.times)
    counted = {
        "hours missing": sum((span[-1] - span[0]) // hour + 1 - len(span) for span in spans),
        "duplicated rows": len(pumps.rows) - len(set(map(tuple, pumps.rows))),
        "rows out of order": sum(time < max_so_far for time, max_so_far in run_ahead(pumps.times)),
        "pumps that start later": sum(span[0] > first for span in spans),
        "pumps that end earlier": sum(span[-1] < last for span in spans),
        "rows in the file": len(pumps.rows),
    }
    assert read_claims("pumps.csv")[1] == {"defect": "count"} | {k: str(v) for k, v in counted.items()}


def run_ahead(times):
    """Yield each time with the latest that came before it."""
    latest = times[0]
    for time in times:
        yield time, latest
        latest = max(latest, time)


def test_missing_and_wrong_cells_stand_only_where_the_readme_says(greenhouse, pumps):
    for name, column in greenhouse.raw.items():
        assert np.isnan(column).any() == (name == "humidity"), name
        assert (column == SENTINEL).any() == (name in ("co2", "soil_moisture")), name
    assert all(np.isfinite(column).all() and (column >= 0).all() for column in pumps.raw.values())


# --- The greenhouse ------------------------------------------------------------------------------------------------


def test_the_greenhouse_is_logged_every_ten_minutes_of_2025(greenhouse):
    assert greenhouse.times[0] == datetime(2025, 1, 1)
    assert greenhouse.times[-1] == datetime(2025, 12, 31, 23, 50)
    assert all(before < after for before, after in pairwise(greenhouse.times))
    assert all(time.minute % 10 == 0 and time.second == 0 for time in greenhouse.times)


def test_shares_stay_between_0_and_100_percent(greenhouse):
    for name in ("humidity", "soil_moisture", "vent"):
        assert np.nanmin(greenhouse.real[name]) >= 0
        assert np.nanmax(greenhouse.real[name]) <= 100


def test_there_is_no_radiation_at_night_and_plenty_on_a_summer_noon(greenhouse):
    sun = fill_grid(greenhouse, "radiation").reshape(365, 24, 6)
    assert np.nanmax(sun[:, [22, 23, 0, 1, 2, 3]]) == 0
    assert np.nanmax(sun[:10, [17, 18, 6, 7]]) == 0  # the nights of January are longer
    assert np.nanmean(sun[152:243, 12]) > 3 * np.nanmean(sun[:31, 12])


def test_it_is_warmer_inside_than_outside_in_every_winter_month_and_almost_never_frost(greenhouse):
    gain = (fill_grid(greenhouse, "inside_temp") - fill_grid(greenhouse, "outside_temp")).reshape(365, 144)
    for days in (slice(0, 31), slice(31, 59), slice(334, 365)):
        assert np.nanmean(gain[days]) > 10
    assert np.nanmin(greenhouse.real["inside_temp"]) > 10 > 0 > np.nanmin(greenhouse.real["outside_temp"])


def test_sensors_follow_each_other_as_physics_asks(greenhouse):
    columns = {name: fill_grid(greenhouse, name) for name in greenhouse.real}
    known = np.isfinite(np.array(list(columns.values()))).all(axis=0)
    day = columns["radiation"] > 300
    dark = columns["radiation"] == 0
    assert columns["co2"][known & dark].mean() > columns["co2"][known & day].mean() + 50
    assert columns["vent"][known & day].mean() > 20 > 2 > columns["vent"][known & dark].mean()
    assert columns["humidity"][known & (columns["vent"] > 50)].mean() < columns["humidity"][known].mean() - 10
    cold = columns["outside_temp"] < 5
    assert columns["power"][known & cold].mean() > 4 * columns["power"][known & (columns["outside_temp"] > 15)].mean()


def test_the_soil_dries_between_waterings_and_faster_in_summer(greenhouse):
    soil = np.diff(fill_grid(greenhouse, "soil_moisture"))
    watered = np.flatnonzero(soil > 3)
    assert {(int(step) + 1) % 144 for step in watered} == {7 * 6, 14 * 6}
    dried = np.where(soil > 3, np.nan, soil)
    assert np.nanmean(dried[152 * 144 : 243 * 144]) < 2 * np.nanmean(dried[: 59 * 144]) < 0


@pytest.mark.parametrize("name", ["outside_temp", "inside_temp", "humidity", "co2", "power"])
def test_yesterday_tells_much_about_today_but_not_all(greenhouse, name):
    values = fill_grid(greenhouse, name)
    today, yesterday = values[144:], values[:-144]
    known = np.isfinite(today) & np.isfinite(yesterday)
    assert 0.6 < np.corrcoef(today[known], yesterday[known])[0, 1] < 0.95


# --- The pumps -----------------------------------------------------------------------------------------------------


def test_there_are_twelve_pumps_on_an_hourly_grid(pumps):
    assert list(list_by_pump(pumps)) == [f"P-{i:02d}" for i in range(1, 13)]
    assert all(time.minute == time.second == 0 for time in pumps.times)


def test_flow_and_power_stand_still_together_while_the_pressure_falls(pumps):
    flow, pressure, power = pumps.real["flow"], pumps.real["pressure"], pumps.real["power"]
    assert np.array_equal(flow == 0, power == 0)
    for rows in list_by_pump(pumps).values():
        stands = flow[rows] == 0
        assert 12 < stands.sum() < 40
        assert pressure[rows][stands].max() < pressure[rows][~stands].min()


def test_more_flow_takes_more_pressure_and_power_at_a_plausible_efficiency(pumps):
    for rows in list_by_pump(pumps).values():
        flow, pressure, power, _ = (column[rows] for column in pumps.real.values())
        runs = flow > 0
        assert np.corrcoef(flow[runs] ** 2, pressure[runs])[0, 1] > 0.9
        assert np.corrcoef(flow[runs], power[runs])[0, 1] > 0.9
        efficiency = flow[runs] * pressure[runs] / 36 / power[runs]
        assert 0.2 < efficiency.min() < efficiency.max() < 0.8


def test_wear_takes_efficiency_from_every_pump_until_its_overhaul(pumps):
    for rows in list_by_pump(pumps).values():
        flow, pressure, power, _ = (column[rows] for column in pumps.real.values())
        runs = flow > 0
        efficiency = flow[runs] * pressure[runs] / 36 / power[runs]
        curve = np.polyfit(flow[runs], efficiency, 3)
        surplus = np.full(len(flow), np.nan)  # what the efficiency has above the usual one at that flow
        surplus[runs] = efficiency - np.polyval(curve, flow[runs])
        begins, ends = find_longest_stop(flow)
        fresh, worn, restored = surplus[:200], surplus[begins - 200 : begins], surplus[ends : ends + 200]
        assert np.nanmean(worn) < min(np.nanmean(fresh), np.nanmean(restored)) - 0.005


def find_longest_stop(flow):
    """Return where the longest stretch without flow begins and ends."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flow == 0, [0]])))
    return max(zip(edges[::2], edges[1::2], strict=True), key=lambda stop: stop[1] - stop[0])


def test_demand_has_a_day_and_a_week(pumps):
    rows = [i for i, flow in enumerate(pumps.real["flow"]) if flow > 0 and pumps.rows[i][1] == "P-01"]
    flow = pumps.real["flow"]
    mean = {
        (weekend, hour): np.mean([flow[i] for i in rows if is_at(pumps.times[i], weekend, hour)])
        for weekend in (False, True)
        for hour in (3, 7, 10)
    }
    assert mean[False, 7] > 1.5 * mean[False, 3]
    assert mean[False, 7] > 1.1 * mean[True, 7]


def is_at(time, weekend, hour):
    """Return whether a time is in that hour of a weekend, or of another day."""
    return time.hour == hour and (time.weekday() >= 5) == weekend
