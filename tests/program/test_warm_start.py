"""`forecast train --from`, `--time-limit`: a network that learns on, and one that is stopped."""

import json

import pytest

from tests.program.conftest import ROWS, forecast, make_rows, write_csv


@pytest.fixture
def folder(trained, copy_of):
    """A folder with a trained network in forecast-model, and newer rows in new.csv."""
    folder = copy_of(trained)
    write_csv(folder / "new.csv", make_rows(ROWS - 600, ROWS + 500))
    return folder


def read_card(directory):
    manifest = json.loads((directory / "manifest.json").read_text())
    return json.loads((directory / manifest["files"]["model.json"]["file"]).read_text())


def test_a_network_learns_on_from_new_rows_and_forecasts_after_their_end(folder):
    old = read_card(folder / "forecast-model")
    args = ("train", "new.csv", "--from", "forecast-model", "--force", "--epochs", 1, "--time-limit", "10min")
    ending = forecast(*args, cwd=folder)
    assert ending.code == 0, ending.err
    assert "goes on from forecast-model (conv-birnn) for 1 epoch at most" in ending.err
    assert {"conv-birnn", "dense", "seasonal-naive"} <= {row["model"] for row in ending.table}
    new = read_card(folder / "forecast-model")
    assert new["config"]["window"] == old["config"]["window"]
    assert [each["data_hash"] for each in new["ancestors"]] == [old["data_hash"]]
    assert new["command"].startswith("forecast train new.csv --from forecast-model")
    predicted = forecast("predict", cwd=folder)
    assert predicted.code == 0, predicted.err
    assert predicted.table[0]["cutoff"] == "2025-03-25T07:00:00"  # the last of the new rows


def test_what_cannot_be_gone_on_from_is_refused_before_training(folder, linear):
    go_on = ("train", "new.csv", "--from", "forecast-model", "-m", "new-model")
    for flags in (("--horizon", 48), ("--layers", "GRU(8)"), ("--target", "flow*"), ("--lookback", "auto")):
        ending = forecast(*go_on, *flags, cwd=folder)
        assert ending.code == 2, ending.err
        assert flags[0] in ending.err
        assert "--from" in ending.err
    rows = [line.rsplit(",", 1)[0] for line in make_rows(ROWS, ROWS + 500)]
    write_csv(folder / "narrow.csv", rows, header="time,temperature [°C]")
    narrow = forecast("train", "narrow.csv", *go_on[2:], cwd=folder)
    assert narrow.code == 3
    assert "flow [m3/h]" in narrow.err
    assert forecast("train", "new.csv", "--from", "nowhere", "-m", "new-model", cwd=folder).code == 4
    closed = forecast("train", "new.csv", "--from", linear / "forecast-model", "-m", "new-model", cwd=folder)
    assert closed.code == 2
    assert "closed form" in closed.err
    kept = forecast("train", "new.csv", "--from", "forecast-model", cwd=folder)
    assert kept.code == 5
    assert "--force" in kept.err
    assert not (folder / "new-model").exists()


def test_a_time_limit_ends_training_with_a_model_and_says_so(tmp_path):
    write_csv(tmp_path / "data.csv", make_rows())
    args = ("--layers", "PerChannel | GRU(8)", "--lookback", 48, "--epochs", 100_000, "--patience", 100_000)
    ending = forecast("train", "data.csv", *args, "--time-limit", "8s", cwd=tmp_path)
    assert ending.code == 0, ending.err
    for name in ("dense", "layers"):
        assert f"{name}: stopped by the time limit in epoch" in ending.err
    assert "(--time-limit)" in ending.err
    seconds = {row["model"]: float(row["fit_seconds"]) for row in ending.table}
    assert seconds["dense"] < seconds["layers"]
    assert forecast("predict", cwd=tmp_path).code == 0
