"""How long `forecast --help` takes beside a bare Typer app: `python -m tests.benchmarks.startup`.

Whole processes of the same interpreter, in turn, so that a busy machine slows both alike; the least of each counts.
"""

from __future__ import annotations

import subprocess
import sys
import time

ROUNDS = 15
BUDGET = 1.3  # forecast --help against the bare app
BARE = """
import typer
app = typer.Typer()
@app.command()
def first(count: int = 1): "One."
@app.command()
def second(count: int = 1): "Two."
app()
"""
PROGRAMS = {
    "python -c pass": ["-c", "pass"],
    "bare Typer app --help": ["-c", BARE, "--help"],
    "forecast --version": ["-m", "forecast_cli", "--version"],
    "forecast --help": ["-m", "forecast_cli", "--help"],
    "forecast train --help": ["-m", "forecast_cli", "train", "--help"],
}


def measure(arguments: list[str]) -> float:
    """Return the seconds that one process takes."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure_all(rounds: int = ROUNDS) -> dict[str, float]:
    """Return the least seconds of each program."""
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(rounds):
        for name, arguments in PROGRAMS.items():
            times[name].append(measure(arguments))
    return {name: min(each) for name, each in times.items()}


def main() -> None:
    """Print the table, and whether the budget is kept."""
    least = measure_all()
    bare = least["bare Typer app --help"]
    for name, seconds in least.items():
        print(f"{name:24} {seconds * 1000:7.0f} ms {seconds / bare:6.2f} x")
    ratio = least["forecast --help"] / bare
    print(f"forecast --help takes {ratio:.2f} x the bare app; the budget is {BUDGET} x")
    sys.exit(ratio > BUDGET)


if __name__ == "__main__":
    main()
