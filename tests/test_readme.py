"""The README is true: its commands run, and every command, flag and exit code stands in it."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from forecast_cli.cli import app
from forecast_cli.errors import ExitCode

REPOSITORY = Path(__file__).parents[1]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def find_blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def list_commands():
    lines = [line for block in find_blocks("sh") for line in block.splitlines()]
    return [line.split("  #")[0].strip() for line in lines if "forecast" in line]


@pytest.fixture
def folder(tmp_path):
    """A folder as the tour finds it: a data.csv, newer rows, the samples (shortened), and `forecast` on the path."""
    table = (REPOSITORY / "sample_data" / "greenhouse.csv").read_text(encoding="utf-8").splitlines()
    few = [",".join(line.split(",")[k] for k in (0, 1, 3, 8)) for line in table]  # inside, outside, power
    header, *clean = [line for line in few if ",," not in line]

    def write(name, lines):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    write("data.csv", [header, *clean[:2500]])
    write("new.csv", [header, *clean[2500:3300]])
    write("newer.csv", [header, *clean[2500:3300]])
    pumps = (REPOSITORY / "sample_data" / "pumps.csv").read_text(encoding="utf-8").splitlines()
    write("sample_data/pumps.csv", [pumps[0], *(row for row in pumps[1:] if ",P-01," in row)])
    write("bin/forecast", ["#!/bin/sh", f'exec {sys.executable} -m forecast_cli "$@"'])
    (tmp_path / "bin" / "forecast").chmod(stat.S_IRWXU)
    return tmp_path


def run_line(line, folder):
    env = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def shorten(line):
    """One epoch teaches nothing but runs everything."""
    trains_long = line.startswith("forecast train") and "--epochs" not in line
    return f"{line} --epochs 1" if trains_long else line


def test_the_commands_of_the_tour_run_in_their_order(folder):
    commands = list_commands()
    assert len(commands) >= 15
    for command in commands:
        done = run_line(shorten(command), folder)
        assert done.returncode == 0, f"{command}\n{done.stderr}"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_setup_line_trains_on_the_whole_sample_and_predicts_a_day_of_every_sensor(folder):
    (setup,) = find_blocks("sh setup")
    shutil.copy(REPOSITORY / "sample_data" / "greenhouse.csv", folder / "sample_data" / "greenhouse.csv")
    commands = [part.strip().removeprefix(".venv/bin/") for part in setup.split("&&")][2:]
    assert commands == ["forecast train sample_data/greenhouse.csv", "forecast predict"]
    trained, predicted = (run_line(command, folder) for command in commands)
    assert trained.returncode == 0, trained.stderr
    assert len(predicted.stdout.splitlines()) == 1 + 8 * 144


def test_each_setup_line_makes_its_own_virtual_environment():
    for kind in ("sh setup", "sh tests"):
        (line,) = find_blocks(kind)
        assert line.startswith("python3 -m venv ")
        assert len(line.splitlines()) == 1


def test_every_command_and_flag_stands_in_the_readme():
    for name, command in get_command(app).commands.items():
        assert f"forecast {name}" in README
        for parameter in command.params:
            for flag in parameter.opts:
                assert not flag.startswith("--") or flag in README, f"{name} {flag}"


def test_every_flag_in_the_readme_is_one_of_ours():
    known = {flag for command in get_command(app).commands.values() for each in command.params for flag in each.opts}
    asked = {flag for line in list_commands() for flag in re.findall(r"(?<![\w-])--[a-z-]+", line)}
    assert asked <= known


def test_the_exit_codes_are_those_of_the_program():
    table = dict(re.findall(r"^\| (\d+) \| (.+) \|$", README, flags=re.MULTILINE))
    assert table == {str(int(code)): code.meaning for code in ExitCode}
