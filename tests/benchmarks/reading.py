"""How fast a clean table is read: `python -m tests.benchmarks.reading [ROWS]`.

A timestamp and 14 floats (1,000,000 rows: 130 MB), read by us into a checked panel, by DuckDB's bare read_csv into
NumPy with all its threads, and by pandas with parse_dates. Each in a process of its own, in turn; the least counts.
Seconds are those of the reading, without imports; memory is what the process took beyond its imports.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).parents[2]
ROUNDS = 3
COLUMNS = 14
BUDGET = 2.0  # times DuckDB
BUDGET_MB = 300  # beside three times the float32 panel


def main() -> None:
    """Print seconds and memory of each way to read the table, and the ratios that the budget is about."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        write_table(path, rows)
        rounds = [{name: measure(name, path) for name in READERS} for _ in range(ROUNDS)]
        size = path.stat().st_size
    print(f"{rows:,} rows, {COLUMNS + 1} columns, {size / 1e6:.0f} MB, {os.cpu_count()} processors\n")
    print(f"{'':24}{'s':>8}{'MB/s':>8}{'peak MB':>9}")
    best = {name: [min(each[name][k] for each in rounds) for k in (0, 1)] for name in READERS}
    for name, (seconds, peak) in best.items():
        print(f"{name:24}{seconds:8.2f}{size / 1e6 / seconds:8.0f}{peak:9.0f}")
    ours = best["forecast"]
    budget_mb = 3 * rows * COLUMNS * 4 / 2**20 + BUDGET_MB
    print(f"\nforecast / duckdb = {ours[0] / best['duckdb'][0]:.2f} (budget {BUDGET:.0f}), ", end="")
    print(f"forecast / pandas = {ours[0] / best['pandas'][0]:.2f} (budget 1), memory budget {budget_mb:.0f} MB")


def write_table(path: Path, rows: int, block: int = 100_000) -> None:
    """Write a clean table, a row a minute."""
    rng = np.random.default_rng(0)
    with path.open("w") as file:
        file.write(",".join(["timestamp", *(f"x{k}" for k in range(COLUMNS))]) + "\n")
        for first in range(0, rows, block):
            steps = np.arange(first, min(first + block, rows))
            stamps = np.datetime64("2020-01-01T00:00:00") + steps.astype("timedelta64[m]")
            values = rng.normal(20, 5, (steps.size, COLUMNS)).round(4).tolist()
            texts = (str(stamp).replace("T", " ") for stamp in stamps)
            file.writelines(f"{text},{','.join(map(repr, row))}\n" for text, row in zip(texts, values, strict=True))


def measure(name: str, path: Path) -> tuple[float, float]:
    """Return seconds and peak memory in MB of one way to read, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.reading", "--read", name, str(path)]
    process = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    seconds, peak = map(float, process.stdout.split())
    return seconds, peak


def read_with_forecast(path: str) -> None:
    """Read a table into a panel."""
    from forecast_cli.ingest.journal import Silence
    from forecast_cli.ingest.read import read_panel
    from forecast_cli.types import ReadingOptions

    read_panel([path], ReadingOptions(), Silence())


def read_with_duckdb(path: str) -> None:
    """Read a table into arrays."""
    import duckdb

    duckdb.connect().execute(f"SELECT * FROM read_csv('{path}')").fetchnumpy()


def read_with_pandas(path: str) -> None:
    """Read a table into a frame."""
    import pandas as pd

    pd.read_csv(path, parse_dates=["timestamp"])


READERS = {"forecast": read_with_forecast, "duckdb": read_with_duckdb, "pandas": read_with_pandas}


def read(name: str, path: str) -> None:
    """Print the seconds and the peak memory in MB that one way to read takes, imports aside."""
    import duckdb  # noqa: F401
    import pandas as pd  # noqa: F401

    import forecast_cli.ingest.read  # noqa: F401

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    READERS[name](path)
    seconds = time.perf_counter() - began
    print(seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read(*sys.argv[2:])
    else:
        main()
