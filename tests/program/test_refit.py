"""`forecast train --refit`: what the shell sees of the second set; without TensorFlow."""

import csv
import io
import json

import pytest

from tests.program.conftest import LOOKBACK, ROWS, forecast, make_rows, write_csv

UNTIL = "2025-03-04T11:00:00"  # the last row


@pytest.fixture(scope="module")
def refitted(tmp_path_factory, no_tensorflow):
    """A folder with data.csv and a refitted linear model of it, and how training ended; do not change it."""
    folder = tmp_path_factory.mktemp("refitted")
    write_csv(folder / "data.csv", make_rows())
    args = ("train", "data.csv", "--model", "linear", "--lookback", LOOKBACK, "--refit")
    ending = forecast(*args, cwd=folder, env=no_tensorflow)
    assert ending.code == 0, ending.err
    return folder, ending


def without_seconds(rows):
    return [{name: cell for name, cell in row.items() if name != "fit_seconds"} for row in rows]


def test_the_scores_are_those_of_a_run_without_it_and_both_ends_are_said(refitted, linear):
    folder, ending = refitted
    before = list(csv.DictReader(io.StringIO((linear / "ranking.csv").read_text())))
    assert without_seconds(ending.table) == without_seconds(before)
    assert "fits linear again, on all" in ending.err
    assert f"predict runs what was fitted again, until {UNTIL} (--refit)" in ending.err
    assert "learnt until 2025-02-19T23:00:00" in ending.err
    report = json.loads((folder / "forecast-model" / "report.json").read_text())
    assert (report["learnt_until"], report["refitted_until"]) == ("2025-02-19T23:00:00", UNTIL)
    assert UNTIL in (folder / "forecast-model" / "report.md").read_text()


def test_predict_runs_the_second_set_and_compare_baselines_the_first(refitted, linear):
    folder, _ = refitted
    first, second = (forecast("predict", cwd=each) for each in (linear, folder))
    assert f"refitted until {UNTIL}" in second.err
    assert "refitted" not in first.err
    assert [row["timestamp"] for row in first.table] == [row["timestamp"] for row in second.table]
    assert [row["forecast"] for row in first.table] != [row["forecast"] for row in second.table]
    ranked = [forecast("compare-baselines", cwd=each) for each in (linear, folder)]
    assert without_seconds(ranked[0].table) == without_seconds(ranked[1].table)


def test_the_summary_tells_until_when_each_set_learnt(refitted, linear):
    folder, _ = refitted
    facts = [json.loads(forecast("summary", "--format", "json", cwd=each).out)["facts"] for each in (linear, folder)]
    assert [each["learnt until"] for each in facts] == ["2025-02-19T23:00:00"] * 2
    assert [each["refitted until"] for each in facts] == ["never", UNTIL]


def test_on_new_data_only_what_lies_after_the_last_learnt_row_is_scored(refitted, linear, tmp_path):
    folder, _ = refitted
    new = write_csv(tmp_path / "data.csv", make_rows(ROWS - 200, ROWS + 300))
    held_out, second = (
        forecast("compare-baselines", new, "--format", "json", "-m", each / "forecast-model", cwd=tmp_path)
        for each in (linear, folder)
    )
    windows = [json.loads(each.out)["windows"] for each in (held_out, second)]
    assert windows[1]["first_cutoff"] == UNTIL  # its first target is the first new row
    assert windows[0]["first_cutoff"] < UNTIL
    assert windows[0]["last_cutoff"] == windows[1]["last_cutoff"]
    assert f"linear: fitted again, until {UNTIL}; the others learnt until 2025-02-19T23:00:00" in second.err
    assert "again" not in held_out.err
    known = forecast("compare-baselines", "data.csv", cwd=folder)
    assert known.code == 3
    assert UNTIL in known.err


def test_what_there_is_to_find_is_said_with_the_flag_to_try_and_kept_in_the_reports(linear):
    messages = (linear / "messages.txt").read_text()
    report = json.loads((linear / "forecast-model" / "report.json").read_text())
    assert report["findings"][-1]["flag"] == "--refit"
    assert len(report["findings"]) <= 5
    page, text = ((linear / "forecast-model" / name).read_text() for name in ("report.html", "report.md"))
    for finding in report["findings"]:
        assert f"{finding['text']} ({finding['flag']})" in messages
        assert finding["flag"] in page
        assert finding["flag"] in text
