"""The floors of the house: a room imports only from lower ones, never sideways between folders."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "forecast_cli"
FLOORS = (
    {"__init__", "types", "errors", "requests", "results", "frequency", "processors", "report", "stages", "zones"},
    {"ingest", "prepare"},
    {"models"},
    {"evaluation", "artifact"},
    {"reporting"},
    {"workflows"},
    {"output", "wording"},
    {"drawing", "bar"},
    {"layouts", "voice"},
    {"console"},
    {"values", "flags", "groups", "door", "cli"},
    {"__main__"},
)
FOLDERS = {"ingest", "prepare", "models", "evaluation", "artifact", "reporting", "workflows"}
ROOMS = {  # who may import a library
    "duckdb": ("ingest/",),
    "keras": ("models/networks/",),
    "tensorflow": ("models/networks/",),
    "tf2onnx": ("models/networks/",),
    "plotly": ("reporting/",),
    "sklearn": ("models/",),
    "jinja2": ("reporting/",),
    "plotext": ("reporting/terminal/",),
    "rich": ("voice.py", "drawing.py", "bar.py"),
}
FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def read_imports(text: str) -> Iterator[tuple[str, int]]:
    """Yield every imported module, wherever the import stands, with the dots of a relative one."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module or ''}.{alias.name}".strip("."), node.level) for alias in node.names)


def find_floor(room: str) -> int:
    """Return the floor of a room, a folder or a module by its name."""
    return next(number for number, floor in enumerate(FLOORS) if room in floor)


def name_room(file: str) -> str:
    """Return the folder of a file, or the module where it lies in no folder."""
    return file.split("/")[0].removesuffix(".py")


def list_faults(file: str, text: str) -> list[str]:
    """Return what is wrong with the imports of a file, one line each."""
    room, faults = name_room(file), []
    for module, level in read_imports(text):
        parts = module.split(".")
        if level:
            faults.append(f"{file} imports {'.' * level}{module}: relative")
        elif parts[0] != "forecast_cli":
            rooms = ROOMS.get(parts[0], ("",))
            faults += [] if file.startswith(rooms) else [f"{file} imports {module}: only {rooms} may"]
        else:
            faults += [f"{file} imports {module}: {fault}" for fault in judge(room, parts)]
    return faults


def judge(room: str, parts: list[str]) -> list[str]:
    """Return why a room may not import a module of ours, if so."""
    known = {name for floor in FLOORS for name in floor}
    other = parts[1] if len(parts) > 1 and parts[1] in known else "__init__"
    if find_floor(other) > find_floor(room):
        return ["upward"]
    if other != room and {other, room} <= FOLDERS and find_floor(other) == find_floor(room):
        return ["sideways"]
    return []


@pytest.mark.parametrize("file", FILES)
def test_a_room_imports_only_from_lower_floors(file: str):
    assert list_faults(file, (PACKAGE / file).read_text()) == []


def test_every_room_has_a_floor():
    assert {name_room(file) for file in FILES} <= {name for floor in FLOORS for name in floor}


@pytest.mark.parametrize(
    ("file", "line", "fault"),
    [
        ("ingest/read.py", "from forecast_cli.workflows.train import train", "upward"),
        ("ingest/read.py", "from forecast_cli.prepare.windows import gather_batch", "sideways"),
        ("types.py", "import forecast_cli.console", "upward"),
        ("types.py", "from forecast_cli import console", "upward"),
        ("ingest/read.py", "from . import rows", "relative"),
        ("models/shapes.py", "def f():\n    import keras.layers", "only"),
        ("workflows/train.py", "from rich import print", "only"),
        ("cli.py", "import duckdb", "only"),
    ],
)
def test_a_wrong_import_is_found(file: str, line: str, fault: str):
    assert [fault in found for found in list_faults(file, line)] == [True]
