"""`forecast inspect` as a shell sees it."""

import json
import shlex

import pytest

from tests.program.conftest import HEADER, forecast, make_rows, write_csv


@pytest.fixture
def folder(tmp_path):
    write_csv(tmp_path / "data.csv", make_rows(0, 600))
    return tmp_path


def test_a_row_per_column_on_stdout_and_the_suggested_line_at_the_end_of_stderr(folder):
    ending = forecast("inspect", "data.csv", cwd=folder)
    assert ending.code == 0, ending.err
    assert [row["column"] for row in ending.table] == HEADER.split(",")
    assert [row["role"] for row in ending.table] == ["time", "target", "target"]
    assert ending.err.splitlines()[-1] == "forecast train data.csv"


def test_stdin_gives_the_same_as_the_file_but_for_its_name(folder):
    text = (folder / "data.csv").read_text(encoding="utf-8")
    for form in ("csv", "json"):
        named = forecast("inspect", "data.csv", "--format", form, cwd=folder)
        piped = forecast("inspect", "-", "--format", form, cwd=folder, stdin=text)
        assert piped.code == 0, piped.err
        same = (
            named.out.replace('"data.csv"', '"stdin"').replace("train data.csv", "train -").replace('"data"', '"stdin"')
        )
        assert piped.out == same


def test_the_suggested_command_repeats_the_flags_as_a_shell_and_the_reader_take_them(folder):
    document = json.loads(forecast("inspect", "data.csv", "--target", "flow*", "--format", "json", cwd=folder).out)
    words = shlex.split(document["command"])
    assert words == ["forecast", "train", "data.csv", "--target", "flow*"]
    ending = forecast("ingest", *words[2:], cwd=folder)
    assert ending.out.splitlines()[0] == "time,flow [m3/h]", ending.err


def test_a_file_that_cannot_be_read_ends_as_in_training(tmp_path):
    (tmp_path / "words.csv").write_text("name,colour\nann,red\nbob,blue\n")
    ending = forecast("inspect", "words.csv", cwd=tmp_path)
    assert (ending.code, ending.out) == (3, "")
    assert "words.csv" in ending.err
    assert forecast("inspect", "nowhere.csv", cwd=tmp_path).code == 3


def test_nothing_is_written_into_the_folder(folder):
    assert forecast("inspect", "data.csv", cwd=folder).code == 0
    assert [path.name for path in folder.iterdir()] == ["data.csv"]
