"""The whole program, as a shell sees it."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

START = np.datetime64("2025-01-01T00:00")
ROWS = 1500
LOOKBACK = 60
BRIEFLY = ("--lookback", LOOKBACK, "--epochs", 3, "--batch-size", 32)  # an epoch has 200 steps: small ones suffice


@dataclass(frozen=True)
class Ending:
    """How a run of `forecast` ended."""

    code: int
    out: str
    err: str

    @property
    def table(self):
        """The CSV on stdout as a list of dicts."""
        return list(csv.DictReader(io.StringIO(self.out)))


def forecast(*args, cwd, stdin=None, env=None, timeout=240):
    """Run `forecast ARGS` in a folder; stdin is text for a pipe, None for no input."""
    done = subprocess.run(
        [sys.executable, "-m", "forecast_cli", *map(str, args)],
        cwd=cwd,
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        env={**os.environ, "COLUMNS": "100", **(env or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Ending(done.returncode, done.stdout, done.stderr)


def make_rows(first=0, last=ROWS, seed=0):
    """Return CSV lines of two sensors with a daily cycle, hourly: rows first ... last - 1.

    The flow swings more in some weeks than in others: no model has that law, so a blend of several is best.
    """
    t = np.arange(ROWS + 500)
    rng = np.random.default_rng(seed)
    temperature = 15 + 5 * np.sin(2 * np.pi * t / 24) + rng.normal(0, 0.5, len(t))
    swing = 1 + 0.5 * np.sin(2 * np.pi * t / 110)
    flow = 100 + 20 * swing * np.cos(2 * np.pi * t / 24) + rng.normal(0, 3, len(t))
    stamps = START + t * np.timedelta64(1, "h")
    return [f"{stamps[i]},{temperature[i]:.3f},{flow[i]:.2f}" for i in range(first, last)]


HEADER = "time,temperature [°C],flow [m3/h]"


def write_csv(path, lines, header=HEADER):
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Path:
    """A folder with data.csv and a network trained on it for three short epochs; do not change it."""
    folder = tmp_path_factory.mktemp("trained")
    write_csv(folder / "data.csv", make_rows())
    ending = forecast("train", "data.csv", *BRIEFLY, cwd=folder)
    assert ending.code == 0, ending.err
    (folder / "ranking.csv").write_text(ending.out)
    (folder / "messages.txt").write_text(ending.err)
    return folder


@pytest.fixture(scope="session")
def no_tensorflow(tmp_path_factory):
    """An environment in which TensorFlow cannot be imported."""
    folder = tmp_path_factory.mktemp("hidden")
    for name in ("tensorflow", "keras"):
        (folder / f"{name}.py").write_text(f"raise ImportError('no module named {name} here')")
    return {"PYTHONPATH": str(folder)}


@pytest.fixture(scope="session")
def linear(tmp_path_factory, no_tensorflow) -> Path:
    """A folder with data.csv and a linear model of it, trained without TensorFlow; do not change it."""
    folder = tmp_path_factory.mktemp("linear")
    write_csv(folder / "data.csv", make_rows())
    ending = forecast("train", "data.csv", "--model", "linear", "--lookback", LOOKBACK, cwd=folder, env=no_tensorflow)
    assert ending.code == 0, ending.err
    (folder / "ranking.csv").write_text(ending.out)
    (folder / "messages.txt").write_text(ending.err)
    return folder


@pytest.fixture
def copy_of(tmp_path):
    """Return a function that gives a copy of a folder, to be changed at will."""

    def copy(folder: Path) -> Path:
        return shutil.copytree(folder, tmp_path / "copy")

    return copy
