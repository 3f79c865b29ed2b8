"""What the reports of a model cost: `python -m tests.benchmarks.report`.

A linear model of the greenhouse (8 targets, a year of ten minutes) and one of 40 made series of 2 targets, hourly.
Told are the seconds from the end of scoring to three finished reports, as at the end of `train`, on the clock and of
a processor, which is what the budget asks for where others are at work, too; the sizes of the reports; what `forecast
report` takes in all, scoring included; and after how many seconds headless Chromium, where there is one, has drawn the
first plot of the page (of 1.5 at most).
"""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from forecast_cli.requests import ReportRequest, TrainRequest
from forecast_cli.types import Columns, ReadingOptions, Silence, Training
from forecast_cli.workflows.report import report
from forecast_cli.workflows.train import train

GREENHOUSE = Path(__file__).parents[2] / "sample_data" / "greenhouse.csv"
BUDGET = 3.0  # seconds of writing
SERIES, HOURS = 40, 4_000


@dataclass
class Watch(Silence):
    """Hears when the making of reports began and ended."""

    times: list[tuple[float, float]] = field(default_factory=list)  # on the clock, of a processor

    def progress(self, stage: str, done: int, total: int, facts: Mapping[str, float]) -> None:
        """Keep the time of each part."""
        if stage == "report":
            self.times.append((time.perf_counter(), time.process_time()))

    @property
    def seconds(self) -> tuple[float, float]:
        """From the first part to the last."""
        first, last = self.times[0], self.times[-1]
        return last[0] - first[0], last[1] - first[1]


def main() -> None:
    """Print seconds and sizes, and how the seconds stand to the budget."""
    sizes = f"{'html kB':>9}{'json kB':>9}{'md kB':>7}"
    print(f"{'data':24}{'write s':>9}{'CPU s':>7}{'of budget':>11}{'report s':>10}{sizes}{'plot s':>8}")
    with tempfile.TemporaryDirectory() as folder:
        made = write_series(Path(folder, "made.csv"))
        print(measure("greenhouse, 8 targets", GREENHOUSE, Columns(), Path(folder, "greenhouse")))
        print(measure(f"{SERIES} series, 2 targets", made, Columns(series_id="meter"), Path(folder, "made")))


def measure(name: str, source: Path, columns: Columns, directory: Path) -> str:
    """Return a line of the table."""
    reading = ReadingOptions(columns)
    training = Training(epochs=1)  # of the dense baseline, which is beside the point
    watch = Watch()
    train(TrainRequest((str(source),), directory, reading, model="linear", training=training), watch)
    began = time.perf_counter()
    report(ReportRequest(directory), Silence())
    whole = time.perf_counter() - began
    sizes = [(directory / f"report.{form}").stat().st_size / 1000 for form in ("html", "json", "md")]
    seconds, of_processor = watch.seconds
    told = f"{sizes[0]:9,.0f}{sizes[1]:9,.0f}{sizes[2]:7,.0f}{time_first_plot(directory / 'report.html'):8.2f}"
    return f"{name:24}{seconds:9.2f}{of_processor:7.2f}{of_processor / BUDGET:11.2f}{whole:10.1f}{told}"


def time_first_plot(page: Path) -> float:
    """Return the seconds from the start of loading to the first plot, Plotly's script read; NaN without Chromium."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        return math.nan
    flags = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={page.parent / 'profile'}", "--dump-dom")
    shown = subprocess.run([browser, *flags, page.as_uri()], capture_output=True, text=True, check=True).stdout
    return float(re.findall(r'data-first-plot="(\d+)"', shown)[0]) / 1000


def write_series(path: Path) -> Path:
    """Write days of noisy hours of two targets, each meter with a level of its own."""
    rng, hours = np.random.default_rng(0), np.arange(HOURS)
    stamps = (np.datetime64("2026-01-01T00:00") + hours * np.timedelta64(1, "h")).astype(str)
    lines = ["time,meter,load,flow"]
    for k in range(SERIES):
        wave = 5 * np.sin(2 * np.pi * hours / 24)
        load, flow = (k + wave + rng.normal(0, 1, HOURS) for _ in range(2))
        lines += [f"{s},m{k:02},{a:.3f},{b:.3f}" for s, a, b in zip(stamps, load, flow, strict=True)]
    path.write_text("\n".join(lines) + "\n")
    return path


if __name__ == "__main__":
    main()
