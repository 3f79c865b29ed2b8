"""The README is true: its commands run, and every command, flag and exit code stands in it."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from typer.main import get_command

from forecast_cli.cli import app
from forecast_cli.errors import ExitCode
from forecast_cli.models.forms import FORMS
from forecast_cli.models.layers import Activation, Framing, InputShape
from forecast_cli.models.notation import parse_network
from forecast_cli.models.presets import MANY_LESSONS, preset_names, write_preset
from forecast_cli.models.registry import model_names
from forecast_cli.models.shapes import summarize_network
from forecast_cli.types import Window
from tests.flags_reference import place_tables

REPOSITORY = Path(__file__).parents[1]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def find_blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def find_pictures(text):
    return re.findall(r'<img src="([^"]+)"[^>]* alt="[^"]+">', text)


def read_table(head):
    """Return the rows of the table with this head, cell by cell, as a reader sees them."""
    table = README.split(f"| {head} |\n")[1].split("\n\n")[0]
    rows = [re.split(r"(?<!\\)\|", line.strip("|")) for line in table.splitlines()[1:]]
    return [[cell.strip().replace("\\|", "|") for cell in row] for row in rows]


def list_commands():
    lines = [line for block in find_blocks("sh") for line in block.splitlines()]
    return [line.split("  #")[0].strip() for line in lines if "forecast" in line]


@pytest.fixture
def folder(tmp_path):
    """A folder as the tour finds it: a data.csv, newer rows, a filled-in form, samples, and `forecast` on the path."""
    table = (REPOSITORY / "sample_data" / "greenhouse.csv").read_text(encoding="utf-8").splitlines()
    few = [",".join(line.split(",")[k] for k in (0, 1, 3, 8)) for line in table]  # inside, outside, power
    header, *clean = [line for line in few if ",," not in line]

    def write(name, lines):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    write("data.csv", [header, *clean[:2500]])
    write("new.csv", [header, *clean[2500:3300]])
    write("newer.csv", [header, *clean[2500:3300]])
    last = datetime.fromisoformat(clean[2499].split(",")[0])
    day_ahead = [f"{last + timedelta(minutes=10 * step):%Y-%m-%dT%H:%M:%S},{step}" for step in range(1, 145)]
    write("plan.csv", [",".join(header.split(",")[:2]), *day_ahead])
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
    """One epoch of small steps teaches nothing but runs everything."""
    trains_long = line.startswith("forecast train") and "--epochs" not in line
    return f"{line} --epochs 1 --batch-size 32" if trains_long else line


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


def test_the_table_of_networks_is_that_of_the_presets():
    window = Window(720, 96)
    assert read_table("name | line") == [
        [f"`{name}`", f"`{write_preset(name, window, MANY_LESSONS)}`"] for name in preset_names()
    ]


def test_every_model_stands_in_the_readme():
    for name in model_names():
        assert f"`{name}`" in README


@pytest.mark.parametrize("head", ["framing | what it does", "layer | further arguments"])
def test_the_tables_of_the_notation_hold_every_framing_and_layer_with_its_arguments(head):
    is_framing = head.startswith("framing")
    names = {name for name, form in FORMS.items() if issubclass(form.make, Framing) == is_framing}
    rows = [" ".join(row) for row in read_table(head)]
    assert {name for row in read_table(head) for name in re.findall(r"`([A-Z]\w+)", row[0])} == names
    for name in names:
        place = next(i for i, row in enumerate(rows) if f"`{name}" in row)
        row = " ".join(rows[place - rows[place].count("the same, and") - (name == "GRU") : place + 1])
        for argument in fields(FORMS[name].make):
            assert re.search(rf"\b{argument.name}\b", row), (name, argument.name)


def test_the_activations_are_those_of_the_notation():
    (line,) = re.findall(r"^Activations: (.+)\.$", README, flags=re.MULTILINE)
    assert line.split(", ") == [f'`"{name}"`' for name in get_args(Activation)]


def test_the_costs_of_the_default_network_are_those_of_the_readme():
    window = Window(720, 96)
    rows = summarize_network(parse_network(write_preset("conv-birnn", window)), window, InputShape(7, 7))
    names = ("parameters", "recurrent_steps", "multiply_adds")
    totals = {name: sum(getattr(row, name) for row in rows) for name in names}
    text = "{parameters:,} parameters, {recurrent_steps} recurrent steps and {multiply_adds:,} multiply-adds"
    assert text.format(**totals) in README


def read_exit_codes():
    return [cells for cells in read_table("code | meaning | looks like | what to do") if cells[0].isdigit()]


def test_the_exit_codes_are_those_of_the_program():
    assert {code: meaning for code, meaning, *_ in read_exit_codes()} == {
        str(int(code)): code.meaning for code in ExitCode
    }


EXAMPLES = [
    (int(code), *re.findall(r"^`(forecast .+)`: (.+)$", looks)[0])
    for code, _, looks, _ in read_exit_codes()
    if looks.startswith("`forecast")
]


@pytest.mark.parametrize(("code", "command", "message"), EXAMPLES)
def test_an_exit_code_looks_as_the_readme_says(folder, code: int, command: str, message: str):
    for name in ("tensorflow", "keras"):  # hidden: code 6 is about it, and the others need none
        (folder / "hidden" / name).mkdir(parents=True)
        (folder / "hidden" / name / "__init__.py").write_text("raise ImportError")
    (folder / "taken").mkdir()
    (folder / "taken" / "notes.txt").touch()
    done = run_line(f"export PYTHONPATH=hidden:$PYTHONPATH; {command}", folder)
    assert done.returncode == code
    assert message in done.stderr


def test_each_failure_of_ours_has_an_example():
    assert [code for code, *_ in EXAMPLES] == [2, 3, 4, 5, 6, 7]


def test_the_tables_of_flags_are_those_of_the_program():
    assert place_tables(README) == README, "write them anew: python -m tests.flags_reference"


@pytest.mark.parametrize("page", ["README.md", "forecast_cli/README.md", "sample_data/README.md"])
def test_every_link_and_picture_of_a_page_leads_somewhere(page: str):
    file = REPOSITORY / page
    text = file.read_text(encoding="utf-8")
    anchors = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.+)$", text, re.M)}
    for link in (*re.findall(r"\]\(([^)\s]+)\)", text), *find_pictures(text)):
        place, _, anchor = link.partition("#")
        assert place.startswith("https://") or (file.parent / place).exists(), link
        assert place or anchor in anchors, link


def test_the_pictures_are_small_enough_to_be_looked_at_on_the_road():
    pictures = find_pictures(README)
    assert len(pictures) == 2
    assert sum((REPOSITORY / picture).stat().st_size for picture in pictures) < 500_000
