"""A listener that remembers, and short ways to write a file and to read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from forecast_cli.ingest.read import read_panel
from forecast_cli.types import Columns, Panel, Reading, ReadingOptions


@dataclass
class Recorder:
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    stages: list[tuple[str, int, int]] = field(default_factory=list)

    def note(self, text: str, flag: str = "", *, warning: bool = False) -> None:
        assert "\n" not in text
        (self.warnings if warning else self.notes).append(text)

    def progress(self, stage: str, done: int, total: int, facts: Mapping[str, float]) -> None:
        self.stages.append((stage, done, total))

    def heard(self, phrase: str) -> bool:
        return any(phrase in text for text in self.notes + self.warnings)


@dataclass
class Reader:
    folder: Path
    recorder: Recorder

    def write(self, content: str | bytes, name: str = "data.csv") -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def read(self, *sources: str, columns: Columns | None = None, **options: object) -> tuple[Panel, Reading]:
        asked = ReadingOptions(columns=columns or Columns(), **options)  # type: ignore[arg-type]
        return read_panel(sources, asked, self.recorder)

    def load(
        self, content: str | bytes, name: str = "data.csv", columns: Columns | None = None, **options: object
    ) -> Panel:
        return self.read(self.write(content, name), columns=columns, **options)[0]


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path, Recorder())


@pytest.fixture
def hourly() -> Callable[[int], str]:
    """A clean hourly table of one sensor."""

    def write(rows: int) -> str:
        lines = [f"2025-01-{1 + k // 24:02d} {k % 24:02d}:00:00,{20 + (k * 7) % 11 / 4}" for k in range(rows)]
        return "\n".join(["time,temp", *lines]) + "\n"

    return write
