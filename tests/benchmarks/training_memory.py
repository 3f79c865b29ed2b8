"""Peak memory of `forecast train` whatever the lookback: `python -m tests.benchmarks.training_memory [ROWS [COLUMNS]]`.

A table of 420,551 rows by 14 columns (as the Jena weather data have) is made, and trained on for one short epoch with
lookbacks of 720 and 2,880. The budget: 3 x the data as float32 + 600 MB above the bare import of TensorFlow, and within
10 % of each other.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.predicting import measure

ROWS, COLUMNS = 420_551, 14
LOOKBACKS = (720, 2_880)


def main() -> None:
    """Print the peak of each run beside the budget."""
    rows, columns = (int(given) for given in (sys.argv[1:] + [str(ROWS), str(COLUMNS)][len(sys.argv) - 1 :]))
    data_mb = rows * columns * 4 / 2**20
    with tempfile.TemporaryDirectory() as folder:
        write_table(Path(folder) / "data.csv", rows, columns)
        _, bare = measure(["-c", "import tensorflow"], folder)
        budget = 3 * data_mb + 600
        print(f"{rows:,} rows x {columns} columns: {data_mb:.0f} MB as float32; import tensorflow: {bare:.0f} MB")
        print(f"{'lookback':>9}{'s':>8}{'peak MB':>9}{'above import':>14}{'budget':>8}")
        peaks = []
        for lookback in LOOKBACKS:
            arguments = ["train", "data.csv", "--lookback", str(lookback), "--horizon", "144", "--epochs", "1"]
            command = ["-m", "forecast_cli", *arguments, "--force", "--quiet"]
            seconds, peak = measure(command, folder)
            peaks.append(peak)
            print(f"{lookback:9}{seconds:8.0f}{peak:9.0f}{peak - bare:14.0f}{budget:8.0f}")
        print(f"the larger peak is {max(peaks) / min(peaks) - 1:.1%} above the other (budget 10 %)")


def write_table(path: Path, rows: int, columns: int) -> None:
    """Write a table of daily waves in noise, every 10 minutes."""
    rng = np.random.default_rng(0)
    wave = np.sin(2 * np.pi * np.arange(rows) / 144)
    stamps = np.datetime_as_string(np.datetime64("2009-01-01T00:00") + np.arange(rows) * np.timedelta64(10, "m"))
    table = wave[:, None] * rng.uniform(1, 5, columns) + rng.normal(size=(rows, columns))
    with path.open("w") as file:
        file.write(",".join(["time", *(f"c{i}" for i in range(columns))]) + "\n")
        for stamp, row in zip(stamps, table, strict=True):
            file.write(stamp + "".join(f",{value:.3f}" for value in row) + "\n")


if __name__ == "__main__":
    main()
