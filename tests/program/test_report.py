"""`forecast report`: the reports of a model directory, made again."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.program.conftest import forecast

FILES = ("report.html", "report.md", "report.json")


def strip_seconds(report):
    """Return the figures of a report without those that a clock gave."""
    return {**report, "ranking": [{**row, "fit_seconds": None} for row in report["ranking"]]}


def same(one, other):
    """Tell whether two JSON documents are alike, numbers to within float noise."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-4, abs=1e-5)
    return one == other


def test_the_report_of_a_network_is_that_of_its_training_and_needs_no_tensorflow(trained, copy_of, no_tensorflow):
    folder = copy_of(trained)
    directory = folder / "forecast-model"
    before = json.loads((directory / "report.json").read_text())
    for name in FILES:
        (directory / name).unlink()
    ending = forecast("report", cwd=folder, env=no_tensorflow)
    assert (ending.code, ending.out) == (0, "forecast-model/report.html\n"), ending.err
    after = json.loads((directory / "report.json").read_text())
    assert after.keys() == before.keys()
    for key in before:
        assert same(strip_seconds(before)[key], strip_seconds(after)[key]), key
    assert before["ranking"] == after["ranking"]
    assert before["epochs"] == after["epochs"] != []
    assert before["findings"] == after["findings"]
    assert "<html" in (directory / "report.html").read_text()
    assert (directory / "report.md").read_text().startswith("# Forecast report")


def test_an_explanation_of_a_network_tells_which_part_of_the_lookback_it_uses(trained, tmp_path):
    target = tmp_path / "why.json"
    ending = forecast("report", "--explain", "-o", target, cwd=trained)
    assert (ending.code, ending.out) == (0, f"{target}\n"), ending.err
    found = json.loads(target.read_text())["explanation"]
    assert found["n_cutoffs"] > 100
    assert len(found["lookback"]) == 10
    assert max(part["rise"] for part in found["lookback"]) > 1


@pytest.mark.parametrize(
    ("name", "beginning"), [("r.html", "<!doctype html"), ("r.md", "# Forecast report"), ("r.JSON", "{")]
)
def test_the_name_of_the_file_says_which_report_it_takes(linear, tmp_path, name, beginning):
    before = (linear / "forecast-model" / "report.html").read_bytes()
    ending = forecast("report", "-m", linear / "forecast-model", "-o", name, cwd=tmp_path)
    assert (ending.code, ending.out) == (0, f"{name}\n"), ending.err
    assert (tmp_path / name).read_text().lower().startswith(beginning.lower())
    assert (linear / "forecast-model" / "report.html").read_bytes() == before


def test_stdout_takes_the_report_itself_as_markdown_or_json(linear):
    text = forecast("report", "-o", "-", cwd=linear)
    assert text.out.startswith("# Forecast report: linear")
    document = json.loads(forecast("report", "-o", "-", "--format", "json", cwd=linear).out)
    assert same(document, json.loads((linear / "forecast-model" / "report.json").read_text()))


def test_format_tells_all_paths(linear, copy_of):
    folder = copy_of(linear)
    table = forecast("report", "--format", "csv", cwd=folder).table
    assert table == [{"report": name, "path": f"forecast-model/{name}"} for name in FILES]
    rows = json.loads(forecast("report", "--format", "json", cwd=folder).out)
    assert [row["path"] for row in rows] == [f"forecast-model/{name}" for name in FILES]


def test_a_file_of_another_kind_is_a_usage_error(linear, tmp_path):
    ending = forecast("report", "-m", linear / "forecast-model", "-o", "report.pdf", cwd=tmp_path)
    assert ending.code == 2
    assert ".html, .md or .json" in ending.err


def test_a_report_is_not_put_into_the_model_directory_under_another_name(linear):
    ending = forecast("report", "-o", "forecast-model/other.html", cwd=linear)
    assert ending.code == 2
    assert not (linear / "forecast-model" / "other.html").exists()


def test_a_directory_that_is_no_model_is_told_from_one_that_keeps_no_data(tmp_path, linear, copy_of):
    assert forecast("report", cwd=tmp_path).code == 4
    folder = copy_of(linear)
    (folder / "forecast-model" / "manifest.json").write_text("{}")
    assert forecast("report", cwd=folder).code == 4
    shutil.rmtree(folder / "forecast-model")
    flags = ("--model", "naive", "--lookback", 60, "--keep-data", 0)
    assert forecast("train", "data.csv", *flags, cwd=folder).code == 0
    ending = forecast("report", cwd=folder)
    assert ending.code == 3
    assert "--keep-data" in ending.err
    assert (folder / "forecast-model" / "report.html").exists()
