import dataclasses
import json
import re
from html.parser import HTMLParser
from itertools import pairwise

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
            assert (attributes.get(name) or "data:").startswith(("data:", "#"))


def test_every_link_leads_to_a_place_on_the_page(page):
    places = {attributes.get("id") for _, attributes in page.elements}
    links = [link["href"] for link in page.find("a")]
    assert len(links) > 10
    assert {link.removeprefix("#") for link in links} <= places


def test_every_id_stands_once(page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


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
    many_trials = dataclasses.replace(wide_report, trials=wide_report.trials * 6)
    assert len(render_html(many_trials).encode()) < 6_000_000


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
    assert plots["outlooks"]["series"] == list(report.series_ids)
    assert plots["steps"]["saved"] == "blend"


def test_the_sections_stand_in_the_order_of_the_questions(page, report):
    assert [section["id"] for section in page.find("section")] == [
        *("forecast", "ranking", "errors", "coverage", "trials", "residuals", "learning", "data"),
        *("explanation", "network", "reproduce"),
    ]
    assert report.verdict.sentence in "".join(page.text)


def test_headings_go_down_one_level_at_a_time_from_a_single_first_one(page):
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_picker_has_a_label(page):
    labels = "".join(f"<{tag}>" for tag, _ in page.elements if tag in {"label", "select", "input"})
    assert re.fullmatch("(<label>(<select>|<input>))+", labels)


def test_the_saved_model_is_marked_in_words(page):
    assert [row.get("class") for row in page.find("tr")].count("saved") == 1
    assert page.text.count("saved") == 1


def test_every_plot_has_a_text_alternative(page):
    plots = [a for a in page.find("div") if (a.get("id") or "").startswith("plot-")]
    assert len(plots) == 13
    assert all(plot["role"] == "img" and len(plot["aria-label"]) > 40 for plot in plots)


def test_the_page_suits_phones_and_the_dark(html, page):
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.find("meta")
    assert "prefers-color-scheme: dark" in html


def test_what_a_report_lacks_takes_no_room(report):
    nothing = {"epochs": (), "trials": (), "residuals": None, "layers": (), "coverage": {}, "rivals": ()}
    page = Page(render_html(dataclasses.replace(report, **nothing, presence=None, findings=())))
    ids = [section["id"] for section in page.find("section")]
    assert ids == ["forecast", "ranking", "errors", "data", "explanation", "reproduce"]
    assert all(link["href"].removeprefix("#") in [*ids, "main"] for link in page.find("a"))


def test_without_an_explanation_the_page_says_how_to_get_one(html, report):
    assert "forecast report --explain" not in html
    assert "forecast report --explain" in render_html(dataclasses.replace(report, explanation=None))


def test_what_was_cut_is_told_on_the_page(html, wide_report):
    assert "To keep this page small" not in html
    assert "To keep this page small" in render_html(wide_report)


def test_a_file_name_that_is_no_utf_8_can_be_written(report):
    command = "forecast train " + b"\xff.csv".decode(errors="surrogateescape")
    assert b"\\udcff.csv" in render_html(dataclasses.replace(report, command=command)).encode()


def test_an_arrow_leads_from_layer_to_layer_and_not_from_one_part_of_a_blend_to_the_next(report):
    for blend, expected in ((report.blend, [None, *["next"] * 4, None]), ({}, [None, *["next"] * 5])):
        page = render_html(dataclasses.replace(report, blend=blend))
        layers = Page(page[page.index('<ol class="layers">') : page.index("</ol>")])
        assert [item.get("class") for item in layers.find("li")] == expected
