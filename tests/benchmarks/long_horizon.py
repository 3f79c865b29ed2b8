"""The long-horizon protocol, from the file to the table: `python -m tests.benchmarks.long_horizon ETTh1.csv`.

The file is ETTh1.csv of the ETDataset (or another with a `--split` of its own); nothing of it is kept here. Everything
goes through the whole program with its defaults: look-back 720, all columns as targets.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PUBLISHED = {  # MSE, MAE on standardised values: ETTh1 by horizon, from the papers' own tables
    96: {
        "SegRNN": (0.351, 0.392),
        "PatchTST (re-run)": (0.375, 0.404),
        "CycleNet": (0.374, 0.396),
        "TiDE": (0.375, 0.398),
    },
    192: {
        "SegRNN": (0.392, 0.414),
        "PatchTST (re-run)": (0.418, 0.430),
        "CycleNet": (0.407, 0.415),
        "TiDE": (0.412, 0.422),
    },
    336: {
        "SegRNN": (0.423, 0.433),
        "PatchTST (re-run)": (0.462, 0.460),
        "CycleNet": (0.431, 0.431),
        "TiDE": (0.435, 0.433),
    },
    720: {
        "SegRNN": (0.466, 0.472),
        "PatchTST (re-run)": (0.495, 0.497),
        "CycleNet": (0.451, 0.464),
        "TiDE": (0.454, 0.465),
    },
}
CHECKS = {"naive": (1.294, 0.713), "seasonal-naive": (0.512, 0.433)}  # computed from the file: they prove the protocol


def main() -> None:
    """Print our rows beside the published ones, one table per horizon."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--split", default="8640,2880,2880")
    parser.add_argument("--horizons", default="96")
    parser.add_argument("--seed", default="0")
    asked = parser.parse_args()
    for horizon in map(int, asked.horizons.split(",")):
        rows, seconds, n_windows = run(asked.file, asked.split, horizon, asked.seed)
        print(f"\nhorizon {horizon}: {n_windows} test windows, {seconds:.0f} s for the whole of `forecast train`")
        print(f"{'model':24}{'MSE':>8}{'MAE':>8}{'fit s':>9}{'parameters':>12}")
        for model, mse, mae, fit, parameters in rows:
            print(f"{model:24}{mse:8.4f}{mae:8.4f}{fit:>9}{parameters:>12}")
        for name, (mse, mae) in PUBLISHED.get(horizon, {}).items():
            print(f"{name + ' (published)':24}{mse:8.3f}{mae:8.3f}")
        if horizon == 96 and asked.split == "8640,2880,2880":
            check({model: (round(mse, 3), round(mae, 3)) for model, mse, mae, *_ in rows})


def run(file: Path, split: str, horizon: int, seed: str) -> tuple[list[tuple], float, str]:
    """Return the rows of the ranking, the seconds of the whole program, and how many windows were scored."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "forecast_cli", "train", str(file.resolve()), "--split", split, "--quiet"]
        command += ["--horizon", str(horizon), "--lookback", "720", "--seed", seed]
        began = time.perf_counter()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
    if done.returncode:
        sys.exit(done.stderr)
    table = list(csv.DictReader(io.StringIO(done.stdout)))
    rows = [
        (
            row["model"],
            float(row["mse_scaled"]),
            float(row["mae_scaled"]),
            f"{float(row['fit_seconds']):.1f}",
            row["parameters"],
        )
        for row in table
    ]
    return rows, seconds, table[0]["n_windows"]


def check(rows: dict[str, tuple[float, float]]) -> None:
    """Say whether the baselines come out at the figures that prove the protocol."""
    for model, expected in CHECKS.items():
        verdict = "as computed from the file" if rows[model] == expected else f"EXPECTED {json.dumps(expected)}"
        print(f"{model}: {rows[model]} {verdict}")


if __name__ == "__main__":
    main()
