from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from forecast_cli.cli import app
from tests.cli.fakes import NAMES, REPOSITORY, make_modules, write_command

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the app in this process, in an empty folder: `run("predict", "-q", predict=fake)`."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str, **workflows: Callable[..., Any]) -> Result:
        for name, module in make_modules(**workflows).items():
            monkeypatch.setitem(sys.modules, name, module)
        return CliRunner().invoke(app, list(arguments))

    return invoke


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """Return the request that a command makes of its flags: `ask("train", "x.csv", "--horizon", "4")`."""
    monkeypatch.chdir(tmp_path)
    heard: list[Any] = []

    class Heard(Exception):
        pass

    def listen(request: Any, listener: Any) -> None:
        heard.append(request)
        raise Heard

    def invoke(*arguments: str) -> Any:
        for name, module in make_modules(**dict.fromkeys(NAMES, listen)).items():
            monkeypatch.setitem(sys.modules, name, module)
        result = CliRunner().invoke(app, list(arguments))
        assert heard, result.output
        return heard.pop()

    return invoke


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the console script in a process of its own, with nothing in stdin unless told."""

    def start(arguments: list[str], *fakes: str, **more: Any) -> subprocess.CompletedProcess[str]:
        more = {"stdin": subprocess.DEVNULL} | more if "input" not in more else more
        env = os.environ | {"PYTHONPATH": str(REPOSITORY)} | more.pop("env", {})
        return subprocess.run(
            write_command(arguments, *fakes), capture_output=True, text=True, cwd=tmp_path, env=env, timeout=60, **more
        )

    return start


@pytest.fixture
def terminal(tmp_path: Path) -> Callable[..., str]:
    """Run the console script on a terminal of 80 columns, and return all that appears on it."""

    def start(arguments: list[str], *fakes: str, env: dict[str, str] | None = None, columns: int = 80) -> str:
        ours, theirs = pty.openpty()
        import fcntl
        import struct
        import termios

        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
        surroundings = kept | {"PYTHONPATH": str(REPOSITORY), "TERM": "xterm-256color"} | (env or {})
        child = subprocess.Popen(
            write_command(arguments, *fakes), stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, env=surroundings
        )
        os.close(theirs)
        return read_all(ours, child)

    return start


def read_all(descriptor: int, child: subprocess.Popen[bytes]) -> str:
    """Return what the child writes to the terminal until it ends."""
    pieces = []
    while True:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # Linux says so when the last writer has closed the terminal
            break
        if not piece:
            break
        pieces.append(piece)
    child.wait(timeout=60)
    os.close(descriptor)
    return b"".join(pieces).decode()
