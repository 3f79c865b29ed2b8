"""The page in a real browser; skipped where no Chromium is installed."""

import dataclasses
import html
import json
import re
import shutil
import socket
import struct
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.reporting.page.html import render_html
from tests.reporting.conftest import SERIES, W

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--enable-logging=stderr"),
    *("--window-size=1300,1000", "--dump-dom"),
)
DARK = "--blink-settings=preferredColorScheme=0"
PROBE = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")
FRAME = """<body><iframe src="{page}" width="{width}" height="844"></iframe><script>
addEventListener("message", (event) => {{
  document.documentElement.dataset.probe = JSON.stringify(event.data);
  new Image().src = "http://done.invalid/";
}});
</script><img src="http://wait.invalid/">"""
"""A window is never as narrow as a phone, a frame is. The browser prints what it holds once all has been loaded: the
picture that it waits for is there when the probe is done."""
TELL = """<script>setTimeout(() => {
  if (typeof setPrinted === "function") setPrinted(true); // which draws all plots
  const course = document.getElementById("plot-course");
  parent.postMessage({
    drawn: document.querySelectorAll(".js-plotly-plot").length,
    course: course && course.data && [course.data[0].x, course.data[0].y],
  }, "*");
}, 500);</script>"""
PLOTS = 13
ITS_OWN = ("wait.invalid", "done.invalid", "google.com", "googleapis.com")  # of the frame, and of the browser


class Proxy:
    """The only way out of the browser: it notes who was asked for, and answers nothing."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self._waiting: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.flag = f"--proxy-server=127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self._door.accept()
            except OSError:  # closed
                return
            place = caller.recv(4096).decode("latin-1").split(" ")[1]
            host = place.removeprefix("http://").split("/")[0].split(":")[0]
            self._waiting.append(caller)
            if host != "wait.invalid":
                self._answer(len(self._waiting) if host == "done.invalid" else -1)
            if not host.endswith(ITS_OWN):
                self.reached.append(host)

    def _answer(self, which: int) -> None:
        """Let go of the last caller, or of all."""
        for _ in range(len(self._waiting) if which > 0 else 1):
            with self._waiting.pop() as caller:
                caller.sendall(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


class Opened:
    """What the probe found in a page, what the console said, and whom the browser wanted to reach."""

    def __init__(self, page, *flags, width=1280):
        frame = page.with_name(f"frame_{width}_{page.name}")
        frame.write_text(FRAME.format(page=page.name, width=width), encoding="utf-8")
        proxy = Proxy()
        command = [CHROMIUM, *QUIET, *flags, proxy.flag, f"--user-data-dir={page.parent / 'profile'}", frame.as_uri()]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        proxy.close()
        self.reached = proxy.reached
        self.console = re.findall("CONSOLE.*", run.stderr)
        left = re.search(r'<html[^>]* data-probe="([^"]*)"', run.stdout)
        self.found = json.loads(html.unescape(left[1])) if left else None


@pytest.fixture(scope="module")
def folder(report, tmp_path_factory):
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    folder = tmp_path_factory.mktemp("browser")
    (folder / "report.html").write_text(render_html(report) + f"<script>{PROBE}</script>", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def light(folder):
    return Opened(folder / "report.html")


@pytest.fixture(scope="module")
def dark(folder):
    return Opened(folder / "report.html", DARK)


@pytest.fixture(scope="module")
def phone(folder):
    return Opened(folder / "report.html", width=390)


def test_every_plot_is_drawn_once_it_comes_near_and_nothing_is_complained_of(light):
    assert light.console == []
    assert light.found["drawnAtOnce"][0] == "forecast"
    assert len(light.found["drawnAtOnce"]) < PLOTS
    assert light.found["drawn"] == PLOTS
    print(f"first plot after {light.found['first']} ms")


def test_no_request_leaves_the_page(light):
    assert light.reached == []
    assert light.found["requests"] == []
    assert light.found["violations"] == []


@pytest.mark.parametrize("has_policy", [True, False])
def test_the_policy_stops_what_would_ask_and_without_it_we_would_notice(folder, has_policy):
    page = folder / f"asks_{has_policy}.html"
    policy = re.search("<meta http-equiv.*", (folder / "report.html").read_text(encoding="utf-8"))[0]
    asks = '<img src="http://elsewhere.invalid/pixel.png">'
    page.write_text((policy if has_policy else "") + asks + TELL, encoding="utf-8")
    opened = Opened(page)
    assert ("elsewhere.invalid" in opened.reached) is not has_policy
    assert any("Content Security Policy" in line for line in opened.console) is has_policy


def test_the_buttons_are_ours_and_none_shares_the_data(light):
    assert set(light.found["titles"]) == {"Zoom", "Pan", "Zoom in", "Zoom out", "Reset axes", "Download plot as a PNG"}


def test_a_plot_can_be_kept_as_a_picture_under_the_policy_of_the_page(light):
    assert light.found["picture"] == "data:image/png"


def test_the_words_tell_what_a_plot_shows(light):
    told = light.found["forecast"]
    assert told["words"] == told["label"]
    assert told["words"] == (
        "flow | x [/m] of meter_1, 24 steps after 2026-03-04T23:00:00: the forecast lies between 12 and 28 m3/h."
    )
    assert light.found["trials"]["words"].endswith("the truth lies between 11.72 and 28.48 m3/h.")


def test_the_numbers_that_travelled_packed_are_those_of_the_report(light, report):
    headings, *rows = light.found["trials"]["rows"]
    trial = report.trials[-1]
    assert headings == ["Time", "Truth", "Forecast", "Lower 80 %", "Upper 80 %", "Lower 95 %", "Upper 95 %"]
    assert [row[0] for row in rows] == list(trial.forecast.timestamps[0])
    for name, values in (("Truth", trial.truth), ("Forecast", trial.forecast.point)):
        shown = [float(row[headings.index(name)]) for row in rows]
        assert shown == pytest.approx(values[0, :, 0].tolist(), abs=0.006)  # four digits of 11 to 29
    assert [float(row[3]) for row in rows] == pytest.approx(trial.forecast.lower[0, 0, :, 0].tolist(), abs=0.006)


def test_what_is_picked_in_one_section_is_picked_in_all(light, report):
    hostile = r"temp</script><b>\n2 of <script>alert(1)</script>, 24 steps after "
    assert light.found["pickers"] == ["1"] * 6
    assert light.found["picked"]["forecast"]["words"].startswith(hostile + "2026-03-04T23:00:00")
    assert light.found["picked"]["trials"]["words"].startswith(hostile + report.trials[0].forecast.cutoff[1])


def test_a_level_without_calibration_draws_no_band(light):
    assert light.found["forecast"]["names"] == ["95 % interval", "80 % interval", "history", "forecast"]
    assert light.found["picked"]["forecast"]["names"] == ["80 % interval", "history", "forecast"]


def test_the_slider_passes_over_cutoffs_that_a_series_does_not_have(light, report):
    assert light.found["later"] == report.trials[2].forecast.cutoff[1]
    assert light.found["earliestIsOpen"]


def test_the_heat_map_turns_from_bias_to_error(light):
    assert "mean absolute error" in light.found["heat"]


def test_on_paper_every_plot_is_as_wide_as_the_paper(light):
    assert light.found["printed"] == [680] * PLOTS


@pytest.mark.parametrize("scheme", ["light", "dark", "phone"])
def test_every_text_stands_out_from_its_ground(scheme, request):
    contrasts = request.getfixturevalue(scheme).found["contrasts"]
    assert len(contrasts) > 200
    assert [(ratio, text) for ratio, text in contrasts if ratio < 4.5] == []


def test_nothing_is_wider_than_a_phone(phone):
    assert phone.found["width"] == 390
    assert phone.found["scrollWidth"] <= 390
    assert phone.found["wide"] == []
    assert phone.console == []


@pytest.mark.parametrize(("width", "height"), [(1280, 9_000), (390, 13_000)])
def test_the_page_is_kept_as_a_picture_for_a_person_to_look_at(folder, report, width, height):
    """Pytest keeps the folders of its last three runs: `browser*/page-1280.png` and `page-390.png` lie there."""
    frame, picture = folder / f"frame-{width}.html", folder / f"page-{width}.png"
    (folder / "plain.html").write_text(render_html(report), encoding="utf-8")
    frame.write_text(
        f'<body style="margin:0"><iframe src="plain.html" width="{width}" height="{height}" frameborder="0">'
    )
    flags = [*QUIET, f"--user-data-dir={folder / str(width)}", "--virtual-time-budget=8000", "--hide-scrollbars"]
    command = [str(CHROMIUM), *flags, f"--window-size={max(width, 500)},{height}", f"--screenshot={picture}"]
    subprocess.run([*command, frame.as_uri()], check=True, capture_output=True, timeout=120)
    print(picture)
    assert struct.unpack(">4x4sII", picture.read_bytes()[8:24]) == (b"IHDR", max(width, 500), height)
    assert picture.stat().st_size > 100_000  # a page without plots is smaller


def test_a_report_of_the_barest_kind_opens_without_complaint(folder, report):
    scores = dataclasses.replace(report.scores, intervals=None)
    nothing = {"epochs": (), "trials": (), "residuals": None, "layers": (), "coverage": {}, "rivals": ()}
    bare = dataclasses.replace(report, **nothing, scores=scores, presence=None, findings=(), explanation=None)
    opened = open_page(folder / "bare.html", bare)
    assert opened.console == []
    assert opened.found["drawn"] == 2  # the forecast, and the error per step


def test_rows_in_place_of_time_and_one_step_ahead_are_drawn(folder, report):
    rows = tuple(str(k) for k in range(W))
    outlooks = [_count_rows(outlook, rows) for outlook in (report.outlook, *report.trials)]
    scores = dataclasses.replace(report.scores, absolute=report.scores.absolute[..., :1], intervals=None)
    residuals = dataclasses.replace(
        report.residuals, timestamps=(rows,) * len(SERIES), mean_by_hour=None, mae_by_hour=None
    )
    counted = dataclasses.replace(report, outlook=outlooks[0], trials=tuple(outlooks[1:]), scores=scores)
    opened = open_page(folder / "rows.html", dataclasses.replace(counted, residuals=residuals))
    assert opened.console == []
    assert opened.found["drawn"] == PLOTS - 2  # no heat map, no coverage


def test_a_spike_in_a_long_course_is_drawn_where_it_was(folder, report):
    values = np.zeros((1, 20_000, 2), np.float32)
    values[0, 12_345, 0] = 7.0
    instants = np.datetime64("2026-01-01T00:00:00") + np.arange(20_000) * np.timedelta64(1, "h")
    stamps = tuple(f"{instant}+01:00" for instant in instants)
    long = dataclasses.replace(report.residuals, first_step=values, series_ids=SERIES[:1], timestamps=(stamps,))
    x, y = open_page(folder / "long.html", dataclasses.replace(report, residuals=long)).found["course"]
    assert len(y) <= 1_500
    assert (x[0], x[-1]) == (str(instants[0]), str(instants[-1]))
    assert x[int(np.argmax(y))] == str(instants[12_345])


def open_page(page, report):
    page.write_text(render_html(report) + TELL, encoding="utf-8")
    return Opened(page)


def _count_rows(outlook, rows):
    """Return the same outlook with row numbers, its first step alone."""
    forecast, n = outlook.forecast, len(outlook.forecast.series_ids)
    one = dataclasses.replace(
        forecast,
        cutoff=(rows[-1],) * n,
        timestamps=((str(len(rows)),),) * n,
        steps=(1,),
        point=forecast.point[:, :1],
        lower=forecast.lower[:, :, :1],
        upper=forecast.upper[:, :, :1],
    )
    return dataclasses.replace(outlook, recent_timestamps=(rows,) * n, forecast=one, truth=outlook.truth[:, :1])
