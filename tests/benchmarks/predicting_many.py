"""What `forecast predict` of very many series costs: `python -m tests.benchmarks.predicting_many [SERIES]`.

A network is trained on 50 hourly series, for one epoch. Then the next 96 steps of SERIES others (10,000), 400 rows each
in one Parquet file, are forecast into a CSV file: whole processes, in turn; the least counts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.predicting import measure

ROUNDS = 3
BUDGET = 5.0  # seconds on two processors
TRAINED, ROWS_TRAINED = 50, 1_500
ROWS = 400
LOOKBACK, HORIZON = 336, 96
NETWORK = ("--model", "conv-birnn")  # alone: a blend might leave it out after one epoch


def main() -> None:
    """Print seconds and peak memory of the prediction, and how it stands to the budget."""
    n_series = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        write_series(Path(folder, "train.parquet"), "known", TRAINED, ROWS_TRAINED)
        write_series(Path(folder, "many.parquet"), "other", n_series, ROWS)
        sizes = ["--lookback", str(LOOKBACK), "--horizon", str(HORIZON), "--epochs", "1"]
        train = ["-m", "forecast_cli", "train", "train.parquet", *sizes, *NETWORK, "--quiet", "-o", os.devnull]
        subprocess.run([sys.executable, *train], cwd=folder, check=True)
        predict = ["-m", "forecast_cli", "predict", "many.parquet", "--quiet", "-o", "forecast.csv"]
        rounds = [measure(predict, folder) for _ in range(ROUNDS)]
        n_lines = Path(folder, "forecast.csv").read_bytes().count(b"\n") - 1
    seconds, peak = (min(each[k] for each in rounds) for k in (0, 1))
    print(f"{n_series:,} series of {ROWS} rows, {n_lines:,} lines of forecast, {os.cpu_count()} processors\n")
    print(f"{'whole process':28}{'s':>8}{'peak MB':>9}")
    print(f"{'forecast predict':28}{seconds:8.2f}{peak:9.0f}")
    print(f"\npredict / budget of {BUDGET:.0f} s = {seconds / BUDGET:.2f}")


def write_series(path: Path, name: str, n_series: int, n_rows: int) -> None:
    """Write days of noisy hours, each series with a level and an amplitude of its own."""
    import duckdb

    rng = np.random.default_rng(n_series)
    hours = np.arange(n_rows)
    level, height = rng.normal(20, 5, (n_series, 1)), rng.uniform(1, 5, (n_series, 1))
    values = level + height * np.sin(2 * np.pi * hours / 24) + rng.normal(0, 0.5, (n_series, n_rows))
    columns = {"s": np.repeat(np.arange(n_series), n_rows), "h": np.tile(hours, n_series), "v": values.round(3).ravel()}
    query = (
        f"SELECT format('{name}_{{:05d}}', s) AS series_id, TIMESTAMP '2026-01-01' + to_hours(h) AS timestamp, "
        f"v AS value FROM columns"
    )
    connection = duckdb.connect()
    connection.register("columns", columns)
    connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")


if __name__ == "__main__":
    main()
