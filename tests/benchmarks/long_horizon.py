"""The long-horizon protocol, from the file to the table, beside what was published.

    python -m tests.benchmarks.long_horizon ETTh1.csv --split 8640,2880,2880 --horizons 96,192,336,720 --seeds 0,1,2
    python -m tests.benchmarks.long_horizon ETTm1.txt --split 34560,11520,11520

The files are those of the ETDataset; nothing of them is kept here. Everything goes through the whole program with one
set of defaults, all columns as targets: errors are those of its ranking, on values standardised by the training part,
averaged over every test window, step and column.
"""

from __future__ import annotations

import argparse
import csv
import io
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

PAPERS = (
    "SegRNN L720",
    "PatchTST L720 (re-run)",
    "CycleNet L336 (5 seeds)",
    "FITS (no MAE given)",
    "TiDE",
    "repeat last",
)
# MSE, MAE by split and horizon, in the order of PAPERS: only tables that do not drop the last batch of test windows
PUBLISHED: dict[str, dict[int, tuple[tuple[float, float | None], ...]]] = {
    "8640,2880,2880": {
        96: ((0.351, 0.392), (0.375, 0.404), (0.374, 0.396), (0.375, None), (0.375, 0.398), (1.295, 0.713)),
        192: ((0.392, 0.414), (0.418, 0.430), (0.407, 0.415), (0.407, None), (0.412, 0.422), (1.325, 0.733)),
        336: ((0.423, 0.433), (0.462, 0.460), (0.431, 0.431), (0.430, None), (0.435, 0.433), (1.330, 0.746)),
        720: ((0.466, 0.472), (0.495, 0.497), (0.451, 0.464), (0.427, None), (0.454, 0.465), (1.335, 0.755)),
    },
    "34560,11520,11520": {
        96: ((0.293, 0.354), (0.300, 0.354), (0.300, 0.348), (0.309, None), (0.306, 0.349), (1.214, 0.665)),
        192: ((0.328, 0.378), (0.339, 0.377), (0.335, 0.368), (0.338, None), (0.335, 0.366), (1.261, 0.690)),
        336: ((0.357, 0.399), (0.368, 0.400), (0.368, 0.387), (0.366, None), (0.364, 0.384), (1.283, 0.707)),
        720: ((0.410, 0.430), (0.420, 0.424), (0.418, 0.415), (0.414, None), (0.413, 0.413), (1.319, 0.729)),
    },
}
# The 24 h repeat on ETTh1, computed from the file by other means: ours must agree to three digits
SEASONAL_REPEAT = {96: (0.512, 0.433), 192: (0.581, 0.469), 336: (0.650, 0.501), 720: (0.655, 0.514)}


@dataclass(frozen=True)
class Run:
    """One training of the whole program, and one forecast from it."""

    rows: dict[str, dict[str, str]]  # the ranking, by model
    train_seconds: float
    predict_seconds: float


def main() -> None:
    """Print a table for each horizon: our models, then the published ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--split", default="8640,2880,2880")
    parser.add_argument("--horizons", default="96,192,336,720")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--flags", default="", help="further flags of forecast train, to compare settings")
    asked = parser.parse_args()
    for horizon in map(int, asked.horizons.split(",")):
        flags = ["--split", asked.split, "--horizon", str(horizon), *asked.flags.split()]
        runs = [run(asked.file.resolve(), [*flags, "--seed", seed]) for seed in asked.seeds.split(",")]
        show(runs, horizon, asked.split)


def run(file: Path, flags: list[str]) -> Run:
    """Return what training and predicting with these flags came to; both are whole processes."""
    with tempfile.TemporaryDirectory() as folder:
        train_seconds, ranking = clock(["train", str(file), "--quiet", *flags], folder)
        predict_seconds, _ = clock(["predict", "--quiet"], folder)
    return Run({row["model"]: row for row in csv.DictReader(io.StringIO(ranking))}, train_seconds, predict_seconds)


def clock(arguments: list[str], folder: str) -> tuple[float, str]:
    """Return the seconds and the standard output of one `forecast` command."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "forecast_cli", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    return time.perf_counter() - began, done.stdout


def show(runs: list[Run], horizon: int, split: str) -> None:
    """Print the table of one horizon: means over the seeds, and from the lowest to the highest where they differ."""
    n_windows = next(iter(runs[0].rows.values()))["n_windows"]
    print(
        f"\nhorizon {horizon}: {n_windows} test windows, {len(runs)} seeds; whole program: train "
        f"{spread([run.train_seconds for run in runs], '.0f')} s, predict "
        f"{spread([run.predict_seconds for run in runs], '.2f')} s"
    )
    print(f"{'model':26}{'MSE':>22}{'MAE':>22}{'fit s':>14}{'parameters':>12}")
    gathered: dict[str, list[dict[str, str]]] = defaultdict(list)
    for each in runs:
        for model, row in each.rows.items():
            gathered[model].append(row)
    for model, rows in gathered.items():
        mse, mae = ([float(row[key]) for row in rows] for key in ("mse_scaled", "mae_scaled"))
        fit = [float(row["fit_seconds"]) for row in rows]
        print(
            f"{model:26}{spread(mse, '.4f'):>22}{spread(mae, '.4f'):>22}{spread(fit, '.0f'):>14}"
            f"{rows[0]['parameters']:>12}"
        )
    for name, (mse, mae) in zip(PAPERS, PUBLISHED.get(split, {}).get(horizon, ()), strict=False):
        print(f"{name:26}{mse:>22.3f}{'' if mae is None else format(mae, '.3f'):>22}{'published':>14}")
    if split in PUBLISHED and split.startswith("8640"):
        check(runs[0].rows["seasonal-naive"], SEASONAL_REPEAT[horizon])


def spread(values: list[float], form: str) -> str:
    """Return the mean and, of several, the range: `0.3612 (.3601-.3620)`."""
    mean = format(statistics.fmean(values), form)
    low, high = (format(value, form).removeprefix("0") for value in (min(values), max(values)))
    return mean if low == high else f"{mean} ({low}-{high})"


def check(row: dict[str, str], expected: tuple[float, float]) -> None:
    """Say whether the seasonal repeat comes out at the figures that prove the protocol."""
    found = round(float(row["mse_scaled"]), 3), round(float(row["mae_scaled"]), 3)
    print(f"seasonal-naive {found}: {'as computed from the file' if found == expected else f'EXPECTED {expected}'}")


if __name__ == "__main__":
    main()
