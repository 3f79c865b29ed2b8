"""What is drawn for people: tables that fit their terminal, facts with their labels, and the bar of a stage.

With the console one of the two rooms that import Rich, and only when something is drawn, so that `--help` starts at
once. Text of the user is never markup, and is stripped of control characters.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TextIO, TypeAlias

from forecast_cli.output import Columns, measure_width
from forecast_cli.wording import clean, format_cell

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.progress import Progress, TaskID
    from rich.table import Table


class Drawing(NamedTuple):
    """A table to draw, and the columns that may be left out, group by group, where it is too wide."""

    columns: Columns
    spare: tuple[tuple[str, ...], ...] = ()


class Facts(NamedTuple):
    """Labels and what is said of each, one below the other."""

    facts: Mapping[str, str]


class Command(NamedTuple):
    """A line to paste: it is never broken."""

    line: str


Part: TypeAlias = Drawing | Facts | Command | str


def draw_parts(parts: Sequence[Part], stream: TextIO, color: bool) -> str:
    """Return tables and lines as text for a stream; Rich does not write it, for it hides a closed pipe."""
    file = io.StringIO()
    rich = make_rich(stream, file, color)
    for part in parts:
        if isinstance(part, Drawing):
            table, missing = fit_table(part, rich)
            rich.print(table)
            part = f"not shown: {', '.join(missing)}" if missing else ""
        if isinstance(part, Facts):
            rich.print(make_facts(part.facts))
        elif isinstance(part, Command):
            rich.print(clean(part.line), soft_wrap=True)
        elif part:
            rich.print(clean(part))
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


def make_rich(stream: TextIO, file: TextIO, color: bool) -> RichConsole:
    """Return a Rich console that writes to `file` and looks as fits `stream`."""
    from rich.console import Console as RichConsole

    terminal = stream.isatty()
    return RichConsole(
        file=file,
        force_terminal=terminal,
        width=None if terminal and os.isatty(0) else measure_width(stream),  # Rich measures what 0 is connected to
        no_color=True if not color else None,  # None: as NO_COLOR says
        markup=False,
        highlight=False,
        emoji=False,
    )


# --- Tables ----------------------------------------------------------------------------------------------------


def make_table(columns: Columns) -> Table:
    """Return a Rich table: numbers to the right and never broken, text as text and never as markup."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name, cells in columns.items():
        is_text = all(isinstance(cell, str) for cell in cells)
        head = Text(clean(name))
        table.add_column(
            head, justify="left" if is_text else "right", no_wrap=not is_text or name == "timestamp", overflow="fold"
        )
    for row in zip(*columns.values(), strict=True):
        table.add_row(*(Text(format_cell(cell)) for cell in row))
    return table


def make_facts(facts: Mapping[str, str]) -> Table:
    """Return labels in bold and their texts, each wrapped in its own column."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in facts.items():
        grid.add_row(Text(clean(label), style="bold"), Text(clean(text, keep_lines=True)))
    return grid


def fit_table(drawing: Drawing, rich: RichConsole) -> tuple[Table | str, list[str]]:
    """Return the table without its empty columns and, until it fits, without spare ones; and the names of those."""
    kept = {name: cells for name, cells in drawing.columns.items() if any(format_cell(cell) for cell in cells)}
    missing: list[str] = []
    for spare in drawing.spare:
        if rich.measure(make_table(kept), options=rich.options.update(width=1000)).maximum <= rich.width:
            break
        missing += [name for name in spare if name in kept]
        kept = {name: cells for name, cells in kept.items() if name not in spare}
    return make_table(kept) if kept else "", missing


# --- The bar of a stage ----------------------------------------------------------------------------------------


class Bar:
    """How far one stage has come, on a terminal."""

    def __init__(self, stage: str, rich: RichConsole) -> None:
        self.stage = stage
        self._progress, self._task = _start_progress(stage, rich)

    def move(self, done: int, total: int, facts: str) -> None:
        """Show how far the stage is, with figures beside it; at its end the bar is gone."""
        self._progress.update(self._task, completed=done, total=total, facts=facts)
        if done >= total:
            self.stop()

    def stop(self) -> None:
        """Take the bar away; a second time does nothing."""
        self._progress.stop()


def _start_progress(stage: str, rich: RichConsole) -> tuple[Progress, TaskID]:
    from rich.progress import BarColumn, Progress, TextColumn

    words = [TextColumn(f"{{task.{word}}}", markup=False) for word in ("description", "fields[facts]")]
    progress = Progress(
        *(words[0], BarColumn(bar_width=12), words[1]),
        console=rich,
        transient=True,
        redirect_stdout=False,  # else Rich shows what libraries print, in the middle of the bar
        redirect_stderr=False,
    )
    progress.start()
    return progress, progress.add_task(stage, facts="")
