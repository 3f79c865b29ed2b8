import dataclasses
import json
from html.parser import HTMLParser

import pytest

from forecast_cli.reporting.page.html import render_html


class Page(HTMLParser):
    """What a browser would read: elements with their attributes, headings, text outside of scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.scripts: list[str] = []
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self._inside = tag
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        (self.scripts if self._inside == "script" else self.text).append(data)

    def handle_endtag(self, tag):
        self._inside = ""

    def find(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def html(report):
    return render_html(report)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_the_page_names_no_other_place(page):
    for _, attributes in page.elements:
        for name in ("src", "href", "srcset", "action", "poster", "data", "background"):
            assert (attributes.get(name) or "data:").startswith("data:")


def test_the_page_forbids_every_request(page):
    policies = [m["content"] for m in page.find("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    rules = dict(rule.strip().split(" ", 1) for rule in policies[0].split(";"))
    assert rules == {
        "default-src": "'none'",
        "script-src": "'unsafe-inline'",
        "style-src": "'unsafe-inline'",
        "img-src": "data: blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_no_button_offers_to_send_the_data_away(html):
    own_script = html[html.rindex("<script>") :]
    assert 'plotlyServerURL: ""' in own_script
    assert "modeBarButtons: [BUTTONS]" in own_script
    assert "sendChartToCloud" not in own_script


def test_a_page_is_under_six_megabytes_however_wide_the_data(html, wide_report):
    assert len(html.encode()) < 6_000_000
    assert len(render_html(wide_report).encode()) < 6_000_000


def test_plotly_is_embedded_once(html):
    assert html.count("plotly.js v") == 1


def test_names_from_the_data_are_text(page, report):
    assert [tag for tag, _ in page.elements if tag == "b"] == []
    assert len(page.scripts) == 3  # the data, Plotly, ours
    text = "".join(page.text)
    assert "<script>alert(1)</script>" in text
    assert r"temp</script><b>\n2" in text
    assert report.targets[0] in text


def test_the_embedded_data_is_json_that_cannot_end_its_element(page, html, report):
    start = html.index('id="plots">') + len('id="plots">')
    raw = html[start : html.index("</script>", start)]
    assert "<" not in raw
    plots = json.loads(raw)
    assert plots["forecast"]["names"] == list(report.series_ids)
    assert plots["steps"]["saved"] == "blend"


def test_the_sections_stand_in_the_order_of_the_questions(html, page, report):
    titles = [
        report.verdict.sentence,
        "<h2>Ranking",
        "<h2>The last test forecast",
        "<h2>Error per step",
        "<h2>Learning curve",
        "<h2>Error of each target",
        "<h2>Coverage",
        "<h2>What was read",
        "<h2>Settings",
        "<h2>How to reproduce",
    ]
    places = [html.index(title) for title in titles]
    assert places == sorted(places)


def test_the_saved_model_is_marked_in_words(page):
    assert [row.get("class") for row in page.find("tr")].count("saved") == 1
    assert page.text.count("saved") == 1


def test_every_plot_has_a_text_alternative(page):
    plots = [a for a in page.find("div") if (a.get("id") or "").startswith("plot-")]
    assert len(plots) == 4
    assert all(plot["role"] == "img" and len(plot["aria-label"]) > 40 for plot in plots)


def test_the_page_suits_phones_and_the_dark(html, page):
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.find("meta")
    assert "prefers-color-scheme: dark" in html


def test_a_closed_form_has_no_learning_curve(report):
    html = render_html(dataclasses.replace(report, epochs=()))
    assert "<h2>Learning curve" not in html


def test_series_left_out_are_told(report, wide_report):
    assert "To keep this page small" not in render_html(report)
    assert "it holds the first 12 of 40 series" in render_html(wide_report)
