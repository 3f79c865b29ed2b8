"""Is the saved model to be trusted, data set by data set: `python -m tests.benchmarks.evidence DATA ...`.

Each DATA (a file or a glob, in quotation marks with the flags it needs: "speed.csv --freq 20min") is trained on with no
other flag. The table shows every model with MASE and skill on the test part, the coverage of the saved one's intervals
at 80 and 95 %, and the verdict; below it stands on how many of the data sets the saved model is best, or within 1 % of
the best in MAE, and by how many points the coverage is off on average.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NEAR = 1.01  # times the best MAE
LEVELS = (80, 95)


@dataclass(frozen=True)
class Result:
    """What one data set came to."""

    name: str
    seconds: float
    saved: str
    verdict: dict[str, Any]
    ranking: list[dict[str, Any]]  # by MAE

    @property
    def excess(self) -> float:
        """MAE of the saved model over that of the best one."""
        return float(self.find_saved()["mae_scaled"] / self.ranking[0]["mae_scaled"])

    def find_saved(self) -> dict[str, Any]:
        """Return the row of the saved model."""
        return next(row for row in self.ranking if row["model"] == self.saved)


def main() -> None:
    """Print the table and what it comes to."""
    head = f"{'data set':40}{'model':16}{'MASE':>8}{'skill':>8}{'MAE':>8}{'cov 80':>8}{'cov 95':>8}  verdict"
    print(head, flush=True)
    results = []
    for source in sys.argv[1:]:
        result = measure(source)
        if result is not None:
            results.append(result)
            show(result)
    near = sum(result.excess <= NEAR for result in results)
    print(f"\nsaved model best or within 1 % of the best: {near} of {len(results)} data sets")
    for level in LEVELS:
        known = [cover for each in results if (cover := each.find_saved()[f"coverage_{level}"]) is not None]
        off = sum(cover - level for cover in known) / max(len(known), 1)
        print(f"coverage at {level} %: off by {off:+.1f} points on average, over {len(known)} data sets")


def measure(source: str) -> Result | None:
    """Return what training on DATA and comparing came to; None, after saying why, where it cannot be trained on."""
    data, *flags = shlex.split(source)
    name = " ".join(["/".join(Path(data).parts[-2:]) if "*" in data else Path(data).name, *flags])
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        trained = run(["train", str(Path(data).absolute()), *flags, "--quiet", "-o", "ranking.csv"], folder)
        seconds = time.perf_counter() - began
        if trained.returncode:
            print(f"{name:40}exit {trained.returncode}: {trained.stderr.strip().splitlines()[-1]}", flush=True)
            return None
        compared = run(["compare-baselines", "--quiet", "--format", "json"], folder)
        found = json.loads(compared.stdout)
    return Result(name, seconds, found["verdict"]["model"], found["verdict"], found["ranking"])


def run(arguments: list[str], folder: str) -> subprocess.CompletedProcess[str]:
    """Return `forecast` with these arguments, run to its end."""
    command = [sys.executable, "-m", "forecast_cli", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def show(result: Result) -> None:
    """Print a row per model; the saved one is marked."""
    for k, row in enumerate(result.ranking):
        label = result.name if k == 0 else f"  {result.seconds:.0f} s" if k == 1 else ""
        mark, is_saved = "*" if row["model"] == result.saved else " ", row["model"] == result.saved
        cells = [row["mase"], row["skill"], row["mae_scaled"], *(row[f"coverage_{level}"] for level in LEVELS)]
        texts = "".join(
            f"{'' if cell is None else format(cell, '.3f' if i < 3 else '.1f'):>8}" for i, cell in enumerate(cells)
        )
        print(
            f"{label:40}{mark + row['model']:16}{texts}  {result.verdict['sentence'] if is_saved else ''}", flush=True
        )


if __name__ == "__main__":
    main()
