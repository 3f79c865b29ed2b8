from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from forecast_cli.output import write_file
from tests.cli.fakes import FORECAST_HEAD, REPOSITORY, write_command


def test_output_is_data_in_a_file_and_stdout_stays_empty(run, tmp_path):
    done = run("predict", "-o", "f.csv")
    assert done.stdout == ""
    assert (tmp_path / "f.csv").read_text() == run("predict").stdout
    assert [path.name for path in tmp_path.iterdir()] == ["f.csv"]


def test_output_of_a_dash_is_stdout(run, terminal):
    assert run("predict", "-o", "-").stdout.startswith(FORECAST_HEAD)
    assert FORECAST_HEAD in terminal(["predict", "-o", "-"])


def test_an_output_that_cannot_be_written_is_refused_before_the_work(run, tmp_path):
    (tmp_path / "folder").mkdir()
    for name in ("folder", "missing/f.csv"):
        done = run("predict", "-o", name)
        assert done.exit_code == 2
        assert "cutoff" not in done.stderr


def test_a_file_is_replaced_whole_through_a_link_and_a_device_is_written_to(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    write_file(b"new", tmp_path / "link.csv")
    assert (tmp_path / "real.csv").read_text() == "new"
    assert (tmp_path / "link.csv").is_symlink()
    write_file(b"gone", Path(os.devnull))
    assert not Path(os.devnull).is_file()


def test_a_file_that_cannot_be_finished_leaves_the_old_one_and_no_rest(tmp_path, monkeypatch):
    (tmp_path / "f.csv").write_text("old")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_file(b"new", tmp_path / "f.csv")
    assert (tmp_path / "f.csv").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["f.csv"]


def test_a_file_whose_pieces_stop_coming_leaves_the_old_one_and_no_rest(tmp_path):
    (tmp_path / "f.csv").write_text("old")

    def give_up() -> Iterator[bytes]:
        yield b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_file(give_up(), tmp_path / "f.csv")
    assert (tmp_path / "f.csv").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["f.csv"]
    write_file(iter([b"new ", b"one"]), tmp_path / "f.csv")
    assert (tmp_path / "f.csv").read_text() == "new one"


@pytest.mark.parametrize(
    ("sources", "output"),
    [
        (["new.csv"], "new.csv"),
        (["new.csv"], "./folder/../new.csv"),
        (["new.csv"], "link.csv"),
        (["other.csv", "*.csv"], "new.csv"),
        (["./**/new.csv"], "new.csv"),
    ],
)
def test_an_output_that_would_replace_data_is_refused_before_the_work(run, tmp_path, sources: list[str], output: str):
    (tmp_path / "folder").mkdir()
    (tmp_path / "new.csv").write_text("mine")
    (tmp_path / "other.csv").write_text("mine too")
    (tmp_path / "link.csv").symlink_to("new.csv")
    for command in (["train", "-f"], ["predict"], ["compare-baselines"], ["inspect"], ["ingest"]):
        done = run(*command, *sources, "-o", output)
        assert done.exit_code == 2
        assert "would replace the data" in done.stderr
        assert "reading" not in done.stderr
    assert (tmp_path / "new.csv").read_text() == "mine"


def test_an_output_that_would_replace_the_file_in_stdin_is_refused(process, tmp_path):
    (tmp_path / "new.csv").write_text("mine")
    with (tmp_path / "new.csv").open() as file:
        assert process(["predict", "-", "-o", "new.csv"], stdin=file).returncode == 2
    assert (tmp_path / "new.csv").read_text() == "mine"


def test_an_output_beside_the_data_replaces_an_older_result(run, tmp_path):
    for name in ("new.csv", "f.csv"):
        (tmp_path / name).write_text("mine")
    assert run("predict", "new.csv", "-o", "f.csv").exit_code == 0
    assert (tmp_path / "new.csv").read_text() == "mine"
    assert (tmp_path / "f.csv").read_text().startswith(FORECAST_HEAD)


def test_an_output_in_the_model_directory_is_refused(run, tmp_path):
    (tmp_path / "forecast-model").mkdir()
    (tmp_path / "forecast-model/manifest.json").write_text("{}")
    (tmp_path / "link.json").symlink_to("forecast-model/manifest.json")
    for name in ("forecast-model/manifest.json", "forecast-model/f.csv", "link.json"):
        done = run("predict", "-o", name)
        assert done.exit_code == 2
        assert "lies in the model directory" in done.stderr
    assert run("predict", "-m", "another", "-o", "forecast-model/f.csv").exit_code == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_names_the_place_of_the_result_and_what_to_do(run, tmp_path):
    filled = run("predict", "-o", "/dev/full")
    assert filled.exit_code == 5
    assert "error: --output /dev/full cannot be written: No space left on device\n" in filled.stderr
    assert "hint: make room, or choose another --output\n" in filled.stderr
    with Path("/dev/full").open("w") as full:
        env = os.environ | {"PYTHONPATH": str(REPOSITORY)}
        command, more = write_command(["predict"]), {"stdin": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        piped = subprocess.run(command, stdout=full, text=True, cwd=tmp_path, env=env, timeout=60, **more)
    assert piped.returncode == 5
    assert "error: stdout cannot be written" in piped.stderr
    assert "Traceback" not in piped.stderr
    assert "Exception ignored" not in piped.stderr
