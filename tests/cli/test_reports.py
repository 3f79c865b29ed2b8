"""How `forecast report` tells where the reports lie, and how one goes elsewhere."""

from __future__ import annotations

import json

import pytest


def test_the_page_alone_is_told_so_that_a_browser_can_be_given_it(run):
    done = run("report", "-m", "here")
    assert (done.exit_code, done.stdout) == (0, "here/report.html\n")


def test_format_tells_all_of_them(run):
    assert run("report", "--format", "csv").stdout.splitlines()[-1] == "report.json,forecast-model/report.json"
    assert [row["report"] for row in json.loads(run("report", "--format", "json").stdout)] == [
        "report.html",
        "report.md",
        "report.json",
    ]


def test_a_file_takes_the_report_that_its_name_asks_for_and_is_told(run, tmp_path):
    assert run("report", "-o", "why.md").stdout == "why.md\n"
    assert (tmp_path / "why.md").read_text() == "a report in md\n"


@pytest.mark.parametrize(("format", "form"), [((), "md"), (("--format", "json"), "json"), (("--format", "csv"), "md")])
def test_stdout_takes_one_report_and_nothing_else(run, format, form):
    assert run("report", "-o", "-", *format).stdout == f"a report in {form}\n"


def test_a_name_that_says_nothing_is_refused_before_any_work(run, tmp_path):
    done = run("report", "-o", "report", report=pytest.fail)
    assert done.exit_code == 2
    assert "end it in .html, .md or .json" in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_help_says_where_the_reports_go(run):
    assert "report.html, report.md and report.json" in " ".join(run("report", "--help").stdout.split())
