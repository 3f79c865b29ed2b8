"""What `forecast predict` costs beside importing TensorFlow: `python -m tests.benchmarks.predicting [CSV]`.

Whole processes of one interpreter, in turn; the least counts. CSV (default: the greenhouse) is trained on first.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
ROUNDS = 7
BUDGET = 0.25  # of `python -c "import tensorflow"`
BUDGET_MB = 200


def main() -> None:
    """Print seconds and peak memory of each process, and the ratio that the budget is about."""
    file = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else REPOSITORY / "sample_data" / "greenhouse.csv"
    with tempfile.TemporaryDirectory() as folder:
        train = ["train", str(file), "--epochs", "1", "--quiet", "-o", os.devnull]
        subprocess.run([sys.executable, "-m", "forecast_cli", *train], cwd=folder, check=True)
        programs = {
            "python -c pass": ["-c", "pass"],
            "import tensorflow": ["-c", "import tensorflow"],
            "forecast predict": ["-m", "forecast_cli", "predict", "--quiet"],
            "forecast compare-baselines": ["-m", "forecast_cli", "compare-baselines", "--quiet"],
        }
        rounds = [{name: measure(arguments, folder) for name, arguments in programs.items()} for _ in range(ROUNDS)]
    print(f"{'whole process':28}{'s':>8}{'peak MB':>9}")
    for name in programs:
        seconds, peak = (min(each[name][k] for each in rounds) for k in (0, 1))
        print(f"{name:28}{seconds:8.2f}{peak:9.0f}")
    best = {name: min(each[name][0] for each in rounds) for name in programs}
    ratio = best["forecast predict"] / best["import tensorflow"]
    print(f"\npredict / import tensorflow = {ratio:.2f} (budget {BUDGET}), memory budget {BUDGET_MB} MB")


def measure(arguments: list[str], folder: str) -> tuple[float, float]:
    """Return the seconds and the peak memory in MB of one process."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(process.stderr.read().decode())
    return time.perf_counter() - began, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
