import dataclasses
import math
import re

from forecast_cli.reporting.facts import (
    cut_table,
    list_errors,
    list_inputs,
    list_layers,
    list_lookback,
    list_rivals,
    list_step_coverage,
    sort_worst,
)
from forecast_cli.reporting.markdown import render_markdown
from forecast_cli.reporting.page.html import render_html
from forecast_cli.reporting.report_json import report_to_json
from forecast_cli.reporting.settings import list_settings
from forecast_cli.results import TargetError

REMARK = "200 of 321 rows; report.json holds all of them."


def make_error(target: str, mae: float, baseline_mae: float) -> TargetError:
    return TargetError(target, "", mae, "naive", baseline_mae)


def test_the_worst_target_is_the_one_with_the_largest_share_of_the_baselines_error():
    errors = (
        make_error("unknown", math.nan, 1.0),
        make_error("half", 100.0, 200.0),
        make_error("both right", 0.0, 0.0),
        make_error("double", 2.0, 1.0),
        make_error("baseline right", 0.1, 0.0),
    )
    assert [error.target for error in sort_worst(errors)] == [
        *("baseline right", "double", "both right", "half", "unknown")
    ]


def test_a_table_of_two_hundred_rows_is_whole_and_a_longer_one_is_cut_and_says_so():
    rows = [[str(k)] for k in range(201)]
    assert cut_table((["n"], rows[:200])) == ((["n"], rows[:200]), "")
    assert cut_table((["n"], rows)) == ((["n"], rows[:200]), "200 of 201 rows; report.json holds all of them.")


def test_a_cell_of_thousands_of_names_is_cut_and_says_so_by_dots():
    (_, rows), _ = cut_table((["names"], [["x" * 1_000], ["x" * 1_001]]))
    assert rows == [["x" * 1_000], ["x" * 1_000 + " …"]]


def test_of_many_targets_the_reports_show_the_worst_and_json_keeps_all(wide_report):
    errors = tuple(make_error(f"pipe {k}", 1.0 + k, 1.0) for k in range(321))
    report = dataclasses.replace(wide_report, errors=errors)
    assert [row[0] for row in list_errors(report)[1][:2]] == ["pipe 320", "pipe 319"]
    page, text = render_html(report), render_markdown(report)
    for shown, cell in ((page, r">pipe \d+</td>"), (text, r"^\| pipe \d+ \|")):
        assert len(re.findall(cell, shown, re.MULTILINE)) == 200
        assert shown.count(REMARK) == 1
    assert [error["target"] for error in report_to_json(report)["errors"]] == [f"pipe {k}" for k in range(321)]


def test_a_short_report_speaks_of_no_cut(report):
    assert "report.json holds all" not in render_html(report)
    assert "report.json holds all" not in render_markdown(report)


def test_a_blend_without_the_trained_network_is_not_called_a_closed_form(wide_report):
    config = dataclasses.replace(wide_report.config, model="blend", layers=None)
    told = {
        words: dict(list_settings(dataclasses.replace(wide_report, config=config, blend=parts))[1])["Layers"]
        for words, parts in {"blend": {"dense": 0.4, "linear": 0.6}, "alone": {}}.items()
    }
    assert told == {"blend": "those of its parts", "alone": "none (a closed form)"}


def test_a_gain_stands_beside_its_interval_and_what_that_says(report):
    headings, rows = list_rivals(report)
    assert headings[:4] == ["Against", "Gain in MAE", "95 % interval", "Outcome"]
    assert [row[:4] for row in rows] == [
        ["segrnn", "2.5 %", "-1.0 % to 5.0 %", "no clear difference"],
        ["seasonal-naive", "12.2 %", "9.0 % to 15.5 %", "better"],
    ]
    assert [row[-1] for row in rows] == ["0.200", "under 0.001"]


def test_too_few_windows_have_neither_interval_nor_p_value(report):
    short = dataclasses.replace(report.rivals[0], outcome="too few windows", gain_interval=None, dm_p_value=None)
    row = list_rivals(dataclasses.replace(report, rivals=(short,)))[1][0]
    assert (row[2], row[3], row[-1]) == ("–", "too few windows to tell", "–")


def test_a_layer_shows_its_shape_and_its_parameters(report):
    assert list_layers(report)[1][3] == ['segrnn: Dense(256, "relu")', "256", "24,832", "–"]
    assert list_layers(report)[1][4][1] == "24 × 2"


def test_without_an_explanation_there_is_nothing_to_list(report):
    assert list_inputs(report)[1][1] == ["tariff", "known ahead", "-0.2 %"]
    assert list_lookback(report)[1][0] == ["95 to 48", "0.5 %"]
    bare = dataclasses.replace(report, explanation=None)
    assert (list_inputs(bare)[1], list_lookback(bare)[1]) == ([], [])


def test_each_step_has_its_coverage_beside_each_level(report):
    headings, rows = list_step_coverage(report)
    assert headings == ["Step", "80 %", "95 %"]
    assert (len(rows), rows[0]) == (24, ["1", "75.0 %", "–"])


def test_a_training_without_a_time_limit_says_none(report):
    assert dict(list_settings(report)[1])["Training: time limit"] == "none"
