"""Covariates known ahead, static ones and the identity of a series: from a file through a network to a forecast."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from tests.program.conftest import forecast, write_csv

LINE = "PerChannel | SubtractLast | Future(8) | StaticEmbedding(2) | SeriesEmbedding(2) | Observed | GRU(4)"
START, HOURS, AHEAD = np.datetime64("2025-01-01T00:00"), 600, 12
SITES = {"a": "north", "b": "south", "c": "north"}


def stamp(hour):
    return str(START + np.timedelta64(hour, "h"))


def tariff(hour):
    """A price that history does not tell."""
    return int(np.random.default_rng(hour).integers(1, 9))


def make_rows(first, last, ahead=0, sites=SITES):
    """Return the hours first ... last - 1 of each meter, whose load is three times the tariff, and what follows."""
    return [
        f"{stamp(hour)},{meter},{3 * tariff(hour) + k if hour < last else ''},{tariff(hour)},{site}"
        for hour in range(first, last + ahead)
        for k, (meter, site) in enumerate(sites.items())
    ]


def write_table(path, *args, **asked):
    return write_csv(path, make_rows(*args, **asked), "time,meter,load,tariff,site")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A folder with a network that reads everything; do not change it."""
    folder = tmp_path_factory.mktemp("shop")
    write_table(folder / "data.csv", 0, HOURS, AHEAD)
    flags = ["--target", "load", "--series-id", "meter", "--future-covariate", "tariff", "--static-covariate", "site"]
    shape = ["--lookback", 12, "--horizon", AHEAD, "--layers", LINE, "--epochs", 6, "--learning-rate", 0.02]
    ending = forecast("train", "data.csv", *flags, *shape, cwd=folder)
    assert ending.code == 0, ending.err
    (folder / "messages.txt").write_text(ending.err)
    return folder


def ask(shop, *args):
    return forecast("predict", "-m", shop / "forecast-model", *args, cwd=shop)


def collect(ending):
    """Return the forecasts as {meter: [...]}."""
    assert ending.code == 0, ending.err
    found = {}
    for row in ending.table:
        found.setdefault(row["series_id"], []).append(float(row["forecast"]))
    return found


def test_the_forecast_follows_the_tariff_that_is_known_ahead(shop):
    expected = np.array([3 * tariff(hour) for hour in range(HOURS, HOURS + AHEAD)])
    for meter, found in collect(ask(shop)).items():
        assert np.corrcoef(found, expected)[0, 1] > 0.9, meter


def test_the_ranking_says_that_the_tariff_was_taken_as_known(shop):
    assert "true values of tariff" in (shop / "messages.txt").read_text()


def test_trailing_rows_a_file_and_a_form_that_was_filled_in_say_the_same(shop, tmp_path):
    new = write_table(tmp_path / "new.csv", 700, 730)
    expected = collect(ask(shop, write_table(tmp_path / "whole.csv", 700, 730, AHEAD)))
    later = [",".join(line.split(",")[k] for k in (0, 1, 3)) for line in make_rows(730, 730, AHEAD)]
    assert (
        collect(ask(shop, new, "--future", write_csv(tmp_path / "future.csv", later, "time,meter,tariff"))) == expected
    )
    form = ask(shop, new, "--future-template")
    assert form.code == 0, form.err
    assert form.table[0] == {"time": stamp(730) + ":00", "meter": "a", "tariff": ""}
    hours = [int((np.datetime64(row["time"]) - START) / np.timedelta64(1, "h")) for row in form.table]
    with (tmp_path / "form.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(form.table[0]))
        writer.writeheader()
        writer.writerows({**row, "tariff": tariff(hour)} for row, hour in zip(form.table, hours, strict=True))
    assert collect(ask(shop, new, "--future", tmp_path / "form.csv")) == expected


def test_a_missing_tariff_ends_with_3_and_names_the_instant(shop, tmp_path):
    ending = ask(shop, write_table(tmp_path / "new.csv", 700, 730, 5))
    assert ending.code == 3
    assert f"tariff of series a is not known at {stamp(735)}" in " ".join(ending.err.split())
    assert "--future-template" in ending.err


def test_a_meter_never_seen_is_forecast_with_the_mean_of_all(shop, tmp_path):
    path = write_table(tmp_path / "new.csv", 700, 730, AHEAD, sites={"a": "north", "x": "elsewhere"})
    ending = ask(shop, path)
    found = collect(ending)
    expected = [3 * tariff(hour) for hour in range(730, 730 + AHEAD)]
    assert np.corrcoef(found["x"], expected)[0, 1] > 0.9
    assert "1 series not in training" in ending.err


def test_compare_baselines_scores_it_on_the_stored_panel_and_on_new_rows(shop, tmp_path):
    ending = forecast("compare-baselines", "-m", shop / "forecast-model", cwd=shop)
    assert ending.code == 0, ending.err
    mae = {row["model"]: float(row["mae_scaled"]) for row in ending.table}
    assert mae["layers"] < 0.5 * min(value for name, value in mae.items() if name != "layers")
    ending = forecast(
        "compare-baselines", write_table(tmp_path / "later.csv", 600, 660), "-m", shop / "forecast-model", cwd=shop
    )
    assert ending.code == 0, ending.err
