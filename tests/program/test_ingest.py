"""`forecast ingest` as a shell sees it: what is trained on its output is the same model."""

import json
import os
import shlex
import subprocess
import sys

from tests.program.conftest import forecast, make_rows, write_csv


def make_dirty(folder):
    """Write hourly rows with a gap, a repetition, a value that is missing, in disorder, as a German logger would."""
    lines = [line.replace(",", ";").replace(".", ",") for line in make_rows(0, 500)]
    lines[50] = ";".join([lines[50].split(";")[0], "-999", "-999"])
    lines[51] = ";".join([lines[51].split(";")[0], "-999", "-999"])
    lines = [*lines[:100], *lines[108:300], lines[299], *lines[400:], *lines[300:400]]
    write_csv(folder / "dirty.csv", lines, header="time;temperature [°C];flow [m3/h]")


def find_hash(model_dir):
    """Return the hash of the panel that a model learnt from."""
    (card,) = model_dir.glob("model-*.json")
    return json.loads(card.read_text(encoding="utf-8"))["data_hash"]


def test_training_on_the_clean_copy_gives_the_same_model(tmp_path):
    make_dirty(tmp_path)
    (tmp_path / "clean").mkdir()
    ending = forecast("ingest", "dirty.csv", "--max-gap", "4h", "-o", "clean/dirty.csv", cwd=tmp_path)
    assert (ending.code, ending.out) == (0, ""), ending.err
    line = ending.err.splitlines()[-1]
    assert line == "go on with: forecast train clean/dirty.csv --max-gap 4h"
    again = shlex.split(line.removeprefix("go on with: forecast "))
    first = forecast("train", "dirty.csv", "--max-gap", "4h", "--model", "linear", "-m", "one", cwd=tmp_path)
    second = forecast(*again, "--model", "linear", "-m", "two", cwd=tmp_path)
    assert (first.code, second.code) == (0, 0), first.err + second.err
    assert find_hash(tmp_path / "one") == find_hash(tmp_path / "two")


def test_the_clean_table_goes_through_a_pipe_into_the_next_command(tmp_path):
    make_dirty(tmp_path)
    clean = forecast("ingest", "dirty.csv", cwd=tmp_path)
    assert clean.out.splitlines()[0] == "time,temperature [°C],flow [m3/h]"
    assert clean.err.splitlines()[-1] == "go on with: forecast train -"
    seen = forecast("inspect", "-", cwd=tmp_path, stdin=clean.out)
    assert seen.code == 0, seen.err
    assert [row["missing"] for row in seen.table][1:] != ["0.0", "0.0"]


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path):
    rows = [
        f"2026-01-{1 + k // 86400:02}T{k // 3600 % 24:02}:{k // 60 % 60:02}:{k % 60:02},{k % 7}" for k in range(250_000)
    ]
    write_csv(tmp_path / "long.csv", rows, header="time,v")
    child = subprocess.Popen(
        [sys.executable, "-m", "forecast_cli", "ingest", "long.csv", "-q"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ),
    )
    assert child.stdout is not None
    assert child.stderr is not None
    assert child.stdout.readline() == b"time,v\n"
    child.stdout.close()
    said = child.stderr.read()
    child.stderr.close()
    assert (child.wait(timeout=60), said) == (141, b"")


def test_a_clean_copy_never_lands_on_the_data(tmp_path):
    make_dirty(tmp_path)
    before = (tmp_path / "dirty.csv").read_bytes()
    assert forecast("ingest", "dirty.csv", "-o", "dirty.csv", cwd=tmp_path).code == 2
    assert (tmp_path / "dirty.csv").read_bytes() == before
    assert forecast("ingest", "nowhere.csv", "-o", "clean.csv", cwd=tmp_path).code == 3
    assert [path.name for path in tmp_path.iterdir()] == ["dirty.csv"]
