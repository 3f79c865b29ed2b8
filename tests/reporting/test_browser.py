"""The page in a real browser; skipped where no Chromium is installed."""

import re
import shutil
import subprocess

import pytest

from forecast_cli.reporting.page.html import render_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--enable-logging=stderr"),
    *("--virtual-time-budget=4000", "--dump-dom"),
)
PROBE = """<script>
document.getElementById("pick-series").value = "1";
document.getElementById("pick-target").value = "1";
document.getElementById("pick-target").dispatchEvent(new Event("change"));
Plotly.toImage("plot-steps", { format: "png", width: 300, height: 200 })
  .then((url) => document.body.dataset.picture = url.slice(0, 14));
</script>"""


@pytest.fixture(scope="module")
def opened(report, tmp_path_factory):
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    folder = tmp_path_factory.mktemp("browser")
    page = folder / "report.html"
    page.write_text(render_html(report) + PROBE, encoding="utf-8")
    command = [CHROMIUM, *QUIET, f"--user-data-dir={folder / 'profile'}", page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


def test_every_plot_is_drawn_and_nothing_is_complained_of(opened):
    drawn = re.findall(r'class="[^"]*js-plotly-plot', opened.stdout)
    assert len(drawn) == 3
    assert "CONSOLE" not in opened.stderr


def test_the_buttons_are_ours_and_none_shares_the_data(opened):
    titles = set(re.findall(r'data-title="([^"]*)"', opened.stdout))
    assert titles == {"Zoom", "Pan", "Zoom in", "Zoom out", "Reset axes", "Download plot as a PNG"}


def test_the_picker_changes_the_plot_its_words_and_its_table(opened, report):
    words = re.search(r'<figcaption id="words-forecast"[^>]*>([^<]*)<', opened.stdout)[1]
    assert words.startswith(r"temp&lt;/script&gt;&lt;b&gt;\n2 of &lt;script&gt;alert(1)&lt;/script&gt;, 24 steps")
    table = re.search(r'<table id="table-forecast">.*?</table>', opened.stdout, re.DOTALL)[0]
    assert table.count("<tr>") == 1 + len(report.outlook.forecast.steps)


def test_a_plot_can_be_kept_as_a_picture_under_the_policy_of_the_page(opened):
    assert 'data-picture="data:image/png' in opened.stdout
