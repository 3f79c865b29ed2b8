"""Where the time of `forecast train` goes, stage by stage: `python -m tests.benchmarks.stages [CSV] [EPOCHS]`.

The workflow runs in this process, and a listener notes when each stage was first and last heard of.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from forecast_cli.requests import TrainRequest
from forecast_cli.types import Training
from forecast_cli.workflows.train import train

REPOSITORY = Path(__file__).parents[2]


class Stopwatch:
    """A listener that gives the time since the last word to the stage that speaks."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.last = time.perf_counter()

    def note(self, text: str, flag: str = "", *, warning: bool = False) -> None:
        """Count up to a note as reading and planning, until the first model is fitted."""
        if not any(stage.startswith("fit") for stage in self.seconds):
            self.count("read and plan")

    def progress(self, stage: str, done: int, total: int, facts: Mapping[str, float]) -> None:
        """Count up to a word of a stage as that stage."""
        self.count(stage)

    def count(self, stage: str) -> None:
        """Give the time since the last word to a stage."""
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self.last
        self.last = now


def main() -> None:
    """Print a row per stage."""
    file = sys.argv[1] if len(sys.argv) > 1 else str(REPOSITORY / "sample_data" / "greenhouse.csv")
    epochs = int(sys.argv[2]) if len(sys.argv) > 2 else Training().epochs
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        watch = Stopwatch()
        train(TrainRequest((file,), Path(folder) / "model", training=Training(epochs=epochs)), watch)
        watch.count("intervals, report, save")
    total = time.perf_counter() - began
    print(f"{'stage':28}{'s':>8}{'%':>7}")
    for stage, seconds in watch.seconds.items():
        print(f"{stage:28}{seconds:8.2f}{100 * seconds / total:7.1f}")
    print(f"{'total':28}{total:8.2f}{100.0:7.1f}")


if __name__ == "__main__":
    main()
