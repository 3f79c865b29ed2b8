"""Findings and the end of the second set, in all three reports; neither where there is none."""

import dataclasses

import pytest

from forecast_cli.reporting.markdown import render_markdown
from forecast_cli.reporting.page.html import render_html
from forecast_cli.reporting.report_json import report_to_json
from forecast_cli.results import Finding

FINDINGS = (Finding("flow | x: <b>no better</b> beyond step 18", "--lookback 336"), Finding("the data change"))


@pytest.fixture(scope="module")
def found(report):
    return dataclasses.replace(report, findings=FINDINGS, refitted_until="2026-03-09T09:00:00")


def test_markdown_has_a_row_for_each_finding_with_its_flag(report, found):
    text = render_markdown(found)
    assert r"| flow \| x: \<b\>no better\</b\> beyond step 18 | --lookback 336 |" in text
    assert "| the data change | – |" in text
    assert "2026-03-09T09:00:00" in text
    assert "Findings" not in render_markdown(dataclasses.replace(report, findings=()))


def test_the_page_has_a_section_of_findings_as_text(report, found):
    page = render_html(found)
    assert "<h2>Findings</h2>" in page
    assert "flow | x: &lt;b&gt;no better&lt;/b&gt; beyond step 18" in page
    assert "--lookback 336" in page
    assert "2026-03-09T09:00:00" in page
    assert "Findings" not in render_html(dataclasses.replace(report, findings=()))


def test_the_json_holds_them_as_objects(report, found):
    assert report_to_json(found)["findings"] == [{"text": each.text, "flag": each.flag} for each in FINDINGS]
    assert report_to_json(found)["refitted_until"] == "2026-03-09T09:00:00"
    bare = report_to_json(dataclasses.replace(report, findings=()))
    assert (bare["findings"], bare["refitted_until"]) == ([], "")
