"""The page for Python users is true: its snippets run as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import forecast_cli
from forecast_cli.types import Silence
from tests.program.conftest import forecast, make_rows, write_csv

PACKAGE = Path(forecast_cli.__file__).parent
PAGE = (PACKAGE / "README.md").read_text(encoding="utf-8")


def find_snippet(kind):
    (snippet,) = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    return snippet


@pytest.fixture
def hidden(tmp_path):
    """A folder that hides TensorFlow, which a closed form does not need: without it `dense` is not trained either."""
    for name in ("tensorflow", "keras"):
        (tmp_path / "hidden" / name).mkdir(parents=True)
        (tmp_path / "hidden" / name / "__init__.py").write_text(f"raise ImportError('no module named {name} here')")
    return tmp_path / "hidden"


@pytest.fixture
def extended(tmp_path):
    """A folder with data.csv and a copy of the package that was extended as the page says."""
    copy = shutil.copytree(PACKAGE, tmp_path / "forecast_cli", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "models" / "median.py").write_text(find_snippet("python model"))
    line, entry = find_snippet("python registry").splitlines()
    registry = (copy / "models" / "registry.py").read_text()
    assert registry.count("        Linear.name:") == 1
    registry = registry.replace("        Linear.name:", f"{entry}\n        Linear.name:")
    registry = registry.replace("from forecast_cli.models.linear", f"{line}\nfrom forecast_cli.models.linear")
    (copy / "models" / "registry.py").write_text(registry)
    write_csv(tmp_path / "data.csv", make_rows(last=900))
    return tmp_path


def test_the_snippet_for_python_users_trains_and_prints_a_forecast_of_what_it_asked_for(tmp_path, hidden):
    write_csv(tmp_path / "data.csv", make_rows(last=900), header="time,inside_temp [°C],flow [m3/h]")
    env = {**os.environ, "PYTHONPATH": f"{hidden}:{PACKAGE.parent}"}
    command = [sys.executable, "-c", find_snippet("python")]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "forecast-model" / "manifest.json").is_file()
    assert re.search(r"^\d linear \d", done.stdout, flags=re.MULTILINE)
    assert done.stdout.splitlines()[-1].startswith("3  inside_temp [°C]  2025-02-07T15:00:00")
    assert done.stderr == ""


def test_silence_keeps_quiet(capsys):
    Silence().note("a remark", "--flag", warning=True)
    Silence().progress("train", 1, 2, {"loss": 0.5})
    assert capsys.readouterr() == ("", "")


def test_the_model_of_the_page_has_no_more_than_twenty_lines_of_code():
    lines = find_snippet("python model").splitlines() + find_snippet("python registry").splitlines()
    assert len([line for line in lines if line.strip()]) <= 20


def test_the_model_of_the_page_is_ranked_and_forecasts_the_median(extended, hidden):
    env = {"PYTHONPATH": f"{hidden}:{extended}"}
    flags = ("--model", "median", "--lookback", 48, "--horizon", 6)
    trained = forecast("train", "data.csv", *flags, cwd=extended, env=env)
    assert trained.code == 0, trained.err
    assert {"median", "naive", "linear"} <= {row["model"] for row in trained.table}
    predicted = forecast("predict", cwd=extended, env=env)
    last = np.array([row.split(",")[1:] for row in make_rows(last=900)[-48:]], dtype=float)
    medians = dict(zip(("temperature [°C]", "flow [m3/h]"), np.median(last, axis=0), strict=True))
    assert len(predicted.table) == 2 * 6
    for row in predicted.table:
        assert float(row["forecast"]) == pytest.approx(medians[row["target"]], abs=1e-3)
