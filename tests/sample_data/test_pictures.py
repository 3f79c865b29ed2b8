"""The script that makes the pictures of the README, as far as it needs neither a terminal nor a browser."""

import importlib.util
import re
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "sample_data" / "make_pictures.py"


@pytest.fixture(scope="module")
def pictures():
    spec = importlib.util.spec_from_file_location("make_pictures", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_drawn_terminal_shows_every_character_once_and_colours_as_the_terminal_does(pictures):
    page = pictures.draw_terminal("\033[1;32m$\033[0m flow <m3/h> [/b] ⣿" + "x" * pictures.COLUMNS + "\n  end")
    body = page.split("<pre>")[1].removesuffix("</pre>\n").removesuffix("</pre>")
    text = re.sub(r"<[^>]+>", "", body)
    assert text.rstrip() == "$ flow &lt;m3/h&gt; [/b] ⣿" + "x" * pictures.COLUMNS + "\n  end"
    assert re.search(r'<span class="r\d+">\$</span>', body)


def test_the_commands_of_the_picture_are_those_of_the_program(pictures):
    from typer.main import get_command

    from forecast_cli.cli import app

    commands = get_command(app).commands
    for line in pictures.LINES:
        program, name, *flags = line.split()
        assert program == "forecast"
        assert {flag for parameter in commands[name].params for flag in parameter.opts} >= set(flags)
