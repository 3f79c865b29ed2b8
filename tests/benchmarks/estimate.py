"""Is the time that `forecast train` promises the time that it takes: `python -m tests.benchmarks.estimate DATA ...`.

Each DATA is trained on with no early stop, so that every epoch it counted with is run. Both networks are held against
what was said of them once their pace was known; within a factor of two is wanted.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

EPOCHS = 6
SAID = re.compile(r"^(?P<model>\S+): about (?P<count>[\d.]+) (?P<unit>s|min|h) for", re.MULTILINE)
SECONDS = {"s": 1, "min": 60, "h": 3_600}


def main() -> None:
    """Print what was said and what came of it, a row per data set and network."""
    print(f"{'data':34}{'network':14}{'said s':>9}{'took s':>9}{'ratio':>7}")
    for source in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            for model in ("conv-birnn", "dense"):
                said, took = measure(Path(source), model, Path(folder))
                told = f"{said:9.0f}{took:9.0f}{took / said:7.2f}" if said else f"{'-':>9}{took:9.0f}"
                print(f"{Path(source).name:34}{model:14}{told}", flush=True)


def measure(source: Path, model: str, folder: Path) -> tuple[float | None, float]:
    """Return the seconds that were said for a network, None where that was over too soon, and those of its epochs."""
    flags = ["--model", model, "--epochs", str(EPOCHS), "--patience", "99", "--force", "-o", "ranking.csv"]
    command = [sys.executable, "-m", "forecast_cli", "train", str(source.absolute()), *flags]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    said = next((found for found in SAID.finditer(done.stderr) if found["model"] == model), None)
    epochs = (folder / "forecast-model" / "training.csv").read_text().splitlines()
    place = epochs[0].split(",").index("seconds")
    took = sum(float(row.split(",")[place]) for row in epochs[1:])
    return None if said is None else float(said["count"]) * SECONDS[said["unit"]], took


if __name__ == "__main__":
    main()
